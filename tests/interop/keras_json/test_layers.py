"""Every layer with the configurations of the differential tests, in a model, imported.

The cases are those of `tests/differential`: its tests are run with a check that imports.
"""

from __future__ import annotations

import importlib
import warnings
from pathlib import Path
from typing import Any

import pytest

from tests.differential import harness
from tests.differential.graphs.keras_side import session
from tests.differential.harness import L, T, check_layer, keras
from tests.interop.keras_json.compare import check_import

FOLDER = Path(harness.__file__).parent
MODULES = [
    path.stem for path in sorted(FOLDER.glob("test_*.py")) if "check_layer(" in path.read_text()
]


def has_mask(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(map(has_mask, value))
    return isinstance(value, T) and value.masked


def tensors(value: Any, made: list[Any]) -> Any:
    if isinstance(value, (list, tuple)):
        return type(value)(tensors(item, made) for item in value)
    if not isinstance(value, T):
        return value
    made.append(keras.Input(value.dims, dtype=value.dtype))
    return made[-1]


def check(layer: L, *inputs: Any, **call: Any) -> None:
    """Import a model of one layer; what Keras does not take is not looked at."""
    if has_mask([*inputs, *call.values()]):
        return
    with warnings.catch_warnings(), session():
        warnings.simplefilter("ignore")
        made: list[Any] = []
        try:
            given = tensors(list(inputs), made)
            named = {name: tensors(value, made) for name, value in call.items()}
            model = keras.Model(made, layer.theirs()(*given, **named))
        except Exception:  # noqa: BLE001 - Keras rejects with whatever it stumbles over
            return
        try:
            check_layer(layer, *inputs, **call)
        except AssertionError:
            return  # a case in which we differ from Keras, of a test that says so
        check_import(model)


def cases(module: Any) -> list[tuple[Any, ...]]:
    """The cases in the tables of a module: layers with their inputs."""
    found = []
    for name in dir(module):
        for mark in getattr(getattr(module, name), "pytestmark", ()):
            if mark.name == "parametrize" and name.startswith("test_"):
                for row in mark.args[1]:
                    values = getattr(row, "values", row)
                    values = values if isinstance(values, (list, tuple)) else [values]
                    case = values[0] if len(values) == 1 else tuple(values)
                    if isinstance(case, tuple) and case and isinstance(case[0], L):
                        found.append(case)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", MODULES)
def test_layers(name: str) -> None:
    for layer, *inputs in cases(importlib.import_module(f"tests.differential.{name}")):
        if all(isinstance(each, (T, list, tuple)) for each in inputs):
            check(layer, *inputs)


@pytest.mark.parametrize("factor", [0.1, (0.1, 0.2), 0.0])
def test_factors_that_keras_saves_and_does_not_take(factor: Any) -> None:
    with session():
        x = keras.Input((8, 8, 3))
        layer = keras.layers.RandomShear(factor, y_factor=0.3)
        text = check_import(keras.Model(x, layer(x)))
    shown = str(list(factor) if isinstance(factor, tuple) else factor)
    assert (
        "RandomShear(y_factor=0.3" if not factor else f"RandomShear({shown}, y_factor=0.3"
    ) in text


def test_there_are_cases() -> None:
    assert (
        sum(len(cases(importlib.import_module(f"tests.differential.{n}"))) for n in MODULES) > 800
    )
