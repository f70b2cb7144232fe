"""Arrays among arguments: refused where they are too large for a text."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graphc.diagnostics.fault import Fault
from tests.differential.harness import keras
from tests.interop.keras_json.compare import imported

L, Input, Model = keras.layers, keras.Input, keras.Model


def large(values: Any) -> list[Any]:
    x = Input((100, 300))
    start = keras.initializers.Constant(values)
    return [
        Model(x, x + values),
        keras.Sequential([Input((100,)), L.Dense(300, kernel_initializer=start)]),
    ]


@pytest.mark.parametrize("place", [0, 1])
def test_too_many_numbers(place: int) -> None:
    values = np.random.default_rng(0).random((100, 300)).astype("float32")
    with pytest.raises(Fault, match="is an array of 30,000 numbers, and a text takes") as error:
        imported(large(values)[place])
    assert error.value.code.id == "E0904"
    assert "file of weights" in str(error.value.help)


def test_too_many_numbers_in_a_list() -> None:
    start = keras.initializers.Constant(np.zeros((100, 300)).tolist())
    with pytest.raises(Fault, match=r"config\.value is an array of 30,000"):
        imported(keras.Sequential([Input((100,)), L.Dense(300, kernel_initializer=start)]))
