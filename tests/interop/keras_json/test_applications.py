"""Every model of keras.applications: the layers of Keras, and a text that a person recognises."""

from __future__ import annotations

import inspect
import warnings
from pathlib import Path

import pytest

from tests.differential.graphs.keras_side import session
from tests.differential.graphs.rows import facts, keras_facts
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
    "ConvNeXtTiny": 75,
    "Xception": 65,
}
SLOW = {
    "InceptionV3": 75,
    "InceptionResNetV2": 90,
    "NASNetMobile": 215,
    "NASNetLarge": 200,
    "MobileNetV3Large": 125,
    "EfficientNetV2B0": 105,
}


def text_of(name: str) -> str:
    with session(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = getattr(keras.applications, name)(weights=None)
    text, ours = imported(model)
    compare(text, facts(ours), keras_facts(model))
    return text


@pytest.mark.parametrize("name", FAST)
def test_application(name: str) -> None:
    assert len(text_of(name).splitlines()) <= FAST[name]


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(NAMES) - set(FAST)))
def test_other_applications(name: str) -> None:
    text = text_of(name)
    assert name not in SLOW or len(text.splitlines()) <= SLOW[name]


def test_resnet_is_as_long_as_a_person_writes_it() -> None:
    sample = (SAMPLES / "resnet50.net").read_text()
    assert len(text_of("ResNet50").splitlines()) <= len(sample.splitlines())


def test_all_applications_are_tested() -> None:
    assert len(NAMES) >= 38
    assert set(FAST) <= set(NAMES)
