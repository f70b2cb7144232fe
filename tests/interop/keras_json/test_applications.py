"""Every model of keras.applications: the layers of Keras, and a text that a person recognises."""

from __future__ import annotations

import inspect
import warnings
from pathlib import Path

import pytest

from graphc.record import replace
from tests.differential.graphs.keras_side import session
from tests.differential.graphs.rows import Facts, Row, facts, keras_facts
from tests.differential.harness import keras
from tests.interop.keras_json.compare import compare, imported

NAMES = [name for name, each in vars(keras.applications).items() if inspect.isfunction(each)]
SAMPLES = Path(__file__).parents[3] / "samples"

# How many lines the text may have, for the models that tests have the time for.
FAST = {
    "ResNet50": 45,
    "VGG16": 30,
    "MobileNet": 45,
    "MobileNetV2": 60,
    "DenseNet121": 50,
    "EfficientNetB0": 100,
    "ConvNeXtTiny": 95,
    "Xception": 70,
}


def text_of(name: str) -> str:
    with session(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = getattr(keras.applications, name)(weights=None)
    text, ours = imported(model)
    theirs = keras_facts(model)
    compare(text, _without_scales(facts(ours)), _without_scales(theirs))
    return text


def _without_scales(found: Facts) -> Facts:
    """Facts in which a scale that is no public layer of Keras is one row, on both sides.

    LayerScale is a block of a weight and a product here, CustomScaleLayer a sum and a product.
    """
    rows: list[Row] = []
    products: dict[str, str] = {}
    weights: dict[str, int] = {}
    for each in found.rows:
        row = each
        name, _, part = row.name.rpartition(".")
        if row.type == "Weight" and part == "gamma":
            weights[name] = row.parameters
            continue
        if row.type == "Multiply" and name in weights:
            kept = tuple(each[:1] for each in row.calls)
            count = weights[name]
            row = replace(row, name=name, type="LayerScale", parameters=count)
            row = replace(row, trainable_parameters=count, calls=kept)
        elif row.type == "Multiply" and any("conv" in source for (source, *_) in row.calls):
            ((products[row.name], *_),) = row.calls
            continue
        elif row.type == "CustomScaleLayer":
            row = replace(row, type="Add")
        rows.append(row)
    real = {row.name for row in rows}
    renamed = [
        replace(row, calls=tuple(tuple(_original(s, real, products) for s in c) for c in row.calls))
        for row in rows
    ]
    return replace(found, rows=tuple(sorted(renamed, key=lambda row: row.name)))


def _original(source: str, real: set[str], products: dict[str, str]) -> str:
    if source in products:
        return products[source]
    name = source.rpartition(".")[0]
    return name if source not in real and name in real else source


@pytest.mark.parametrize("name", FAST)
def test_application(name: str) -> None:
    assert len(text_of(name).splitlines()) <= FAST[name]


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(NAMES) - set(FAST)))
def test_other_applications(name: str) -> None:
    text_of(name)


def test_resnet_is_as_long_as_a_person_writes_it() -> None:
    sample = (SAMPLES / "resnet50.net").read_text()
    assert len(text_of("ResNet50").splitlines()) <= len(sample.splitlines())


def test_all_applications_are_tested() -> None:
    assert len(NAMES) >= 38
    assert set(FAST) <= set(NAMES)
