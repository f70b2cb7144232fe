"""Arrays among arguments: long ones are constants of the file, and a text takes so many numbers."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from graphc.diagnostics.fault import Fault
from graphc.interop.keras_json.arrays import MOST_NUMBERS
from tests.differential.graphs.keras_side import session
from tests.differential.harness import keras
from tests.emit.built import emitted, run
from tests.interop.keras_json.compare import check_import, configuration, imported

L, ops, Input, Model = keras.layers, keras.ops, keras.Input, keras.Model


def users(values: Any) -> list[Any]:
    """Models that hold values of a shape [rows, columns]: in a call, and in a layer."""
    rows, columns = np.shape(values)
    x = Input((rows, columns))
    start = keras.initializers.Constant(values)
    return [
        Model(x, x + values),
        keras.Sequential([Input((rows,)), L.Dense(columns, kernel_initializer=start)]),
    ]


def check_round_trip(model: Any) -> str:
    text = check_import(model)
    for flat in (False, True):
        _, program = emitted(text, flat=flat)
        with session():
            built = run(program)
        same = configuration(built) == configuration(model)
        assert same, text[:2000]  # not the configurations, which pytest would compare for minutes
    return text


DTYPES = ["float16", "float32", "float64", "int8", "uint8", "int32", "int64", "bool"]


@pytest.mark.parametrize("dtype", DTYPES)
def test_arrays_of_numpy_and_tensors_are_told_apart(dtype: str) -> None:
    values = np.array([[1, 0, 3]], dtype)
    with session():
        x, i = Input((3,), name="x"), Input((3,), dtype="int32", name="i")
        tensor = ops.convert_to_tensor(values.tolist(), dtype=dtype)
        made = [
            *(x + values, ops.multiply(values, i), ops.where(i > values, x, values[0])),
            *(x + tensor, ops.multiply(tensor, i), ops.where(i > tensor, x, tensor[0])),
            *(L.Concatenate(axis=0)([x, x * tensor[0, 2], values]), L.Concatenate(0)([x, tensor])),
            ops.take(x, values[0, :2].astype(int), axis=1),
        ]
        model = Model([x, i], made)
    text = check_round_trip(model)
    stated = dtype not in ("float32", "int32", "bool")
    assert "array([" in text
    assert (f'dtype="{dtype}"' in text) == stated


@pytest.mark.parametrize(
    "make", [list, np.array, ops.convert_to_tensor, lambda listed: range(*listed)]
)
def test_lists_are_told_from_tensors_where_keras_takes_both(make: Any) -> None:
    is_range = isinstance(make([0, 2]), range)
    with session():
        x = Input((20,), name="x")
        places = list(make([0, 16])) if is_range else make([0, 2])
        made = [ops.take(x, places, axis=1), ops.take(x, indices=places), ops.isin(x, places)]
        if not is_range:
            made.append(ops.scatter_update(x, make([[0, 1], [0, 2]]), make([1.0, 2.0])))
        model = Model(x, made)
    text = check_round_trip(model)
    assert ("range(16)" in text) == is_range
    ours, _ = emitted(text)
    document = json.dumps(ours.keras_json())
    with session():
        loaded = configuration(keras.models.model_from_json(document))
    assert loaded == configuration(model)


@pytest.mark.parametrize("dtype", DTYPES)
def test_arrays_that_configure_layers(dtype: str) -> None:
    values = np.array([1, 0, 3], dtype)
    with session():
        x, y = Input((3,), name="x"), Input((3,), name="y")
        made = []
        for given in (values, ops.convert_to_tensor(values.tolist(), dtype=dtype), [1, 0.5, 3]):
            start = keras.initializers.Constant(given)
            made += [L.Dense(3, bias_initializer=start)(x), L.Rescaling(given, offset=given)(y)]
        made.append(L.Normalization(mean=values.astype("float32"), variance=values + 1)(x))
        model = Model([x, y], made)
    text = check_round_trip(model)
    assert "Constant(array([1" in text or dtype == "bool"
    ours, _ = emitted(text)
    loaded = keras.models.model_from_json(json.dumps(ours.keras_json()))
    assert configuration(loaded) == configuration(model)


def test_arrays_that_configure_repeated_layers() -> None:
    with session():
        x = y = Input((3,), name="x")
        for number in range(5):
            start = keras.initializers.Constant(np.array([1.0, 2.0, 3.0]) * number)
            y = L.Dense(3, bias_initializer=start, activation="relu")(y)
        model = Model(x, y)
    assert len(check_round_trip(model).splitlines()) < 16


def test_arrays_first_in_operators() -> None:
    """Python would ask NumPy, and JAX, which know nothing of Keras' tensors."""
    ours, program = emitted("""
model net {
    input x: [2]
    a = array([1.0, 2.0])
    b = convert_to_tensor([3.0, 4.0])
    output a - x, b / x, a < x, exp(b) * x
}
""")
    with session():
        made = run(program)(np.array([[1.0, 4.0]], "float32"))
    for one, other in zip(
        made, [[0, -2], [3, 1], [False, True], np.exp([3, 4]) * [1, 4]], strict=True
    ):
        np.testing.assert_allclose(one[0], other, rtol=1e-6)
    assert [row.name for row in ours.summary().rows if row.type == "Array"] == []


def test_numpys_arrays_of_64_bits_are_32_beside_tensors() -> None:
    """So Keras says on JAX; a tensor that is told to be one is one."""
    ours, _ = emitted("""
model net {
    input x: [2]
    output x + array([1.0, 2.0], dtype="float64"), x + convert_to_tensor([1.0, 2.0], dtype="float64")
}
""")
    assert [type.dtype for type in ours.outputs.values()] == ["float32", "float64"]


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize(
    "shape", [(30, 40), pytest.param((200, 200), marks=pytest.mark.slow)], ids=["1200", "40000"]
)
def test_long_arrays_are_constants(shape: tuple[int, int], place: int) -> None:
    values = np.random.default_rng(0).normal(size=shape).astype("float32")
    with session():
        model = users(values)[place]
    text = check_round_trip(model)
    constant, rest = text.split("\n\n", 1)
    assert constant.startswith("const table = [")
    assert rest.count("table") == 1


def test_what_is_equal_is_one_constant_and_what_is_not_another() -> None:
    """As texts: 1 is no 1.0, and True neither."""
    numbers = np.arange(64) % 2
    with session():
        x = Input((64,), name="x")
        whole, table = Input((64,), dtype="int32", name="whole"), Input((64,), name="table")
        flags = Input((64,), dtype="bool", name="flags")
        model = Model(
            [x, table, whole, flags],
            [
                ops.multiply(ops.add(x, numbers / 1), numbers / 1),
                ops.add(table, -numbers / 4),
                ops.add(whole, numbers),
                ops.logical_and(flags, numbers > 0),
            ],
        )
    text = check_round_trip(model)
    assert [line for line in text.splitlines() if line.startswith("const")] == [
        f"const table_{number} = [" for number in (2, 3, 4, 5)
    ]


def test_short_arrays_stay_where_they_are() -> None:
    with session():
        values = np.random.default_rng(0).normal(size=(5, 10)).astype("float32")
        model = users(values)[0]
    assert "const" not in check_round_trip(model)


@pytest.mark.parametrize("place", [0, 1])
def test_too_many_numbers(place: int) -> None:
    values = np.zeros((1, MOST_NUMBERS + 1), "float32")
    with pytest.raises(Fault, match=r"is an array of 1,000,001 numbers, and a text takes") as error:
        imported(users(values)[place])
    assert error.value.code.id == "E0904"
    assert "file of weights" in str(error.value.help)


def test_too_many_numbers_in_a_list() -> None:
    start = keras.initializers.Constant(np.zeros((2, MOST_NUMBERS)).tolist())
    with pytest.raises(Fault, match=r"config\.value is an array of 2,000,000"):
        imported(keras.Sequential([Input((2,)), L.Dense(MOST_NUMBERS, kernel_initializer=start)]))
