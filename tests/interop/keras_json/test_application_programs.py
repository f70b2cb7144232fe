"""Every model of keras.applications: imported, emitted and built again, it has Keras' own configuration."""

from __future__ import annotations

from typing import Any

import pytest

from tests.differential.graphs.keras_side import session
from tests.emit.built import emitted, run
from tests.interop.keras_json.compare import configuration, imported
from tests.interop.keras_json.test_applications import NAMES, keras

FAST = ["MobileNet", "VGG16", "MobileNetV3Small", "ConvNeXtTiny"]


def application(name: str) -> Any:
    with session():
        return getattr(keras.applications, name)(weights=None)


def check(model: Any, *, fold: bool) -> None:
    text, _ = imported(model, fold=fold)
    _, program = emitted(text)
    with session():
        built = run(program)
    ours, theirs = configuration(built), configuration(model)
    for mine, layer in zip(ours.pop("layers"), theirs.pop("layers"), strict=True):
        assert mine == layer
    assert ours == theirs


@pytest.mark.parametrize("name", FAST)
def test_application(name: str) -> None:
    check(application(name), fold=True)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(NAMES))
def test_all_applications(name: str) -> None:
    model = application(name)
    check(model, fold=True)
    check(model, fold=False)
