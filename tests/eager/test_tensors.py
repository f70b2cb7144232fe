"""Tensors and variables with values: operators, tensor functions, and what they do not take."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graphc import Variable
from graphc.eager import EagerTensor, ops, random
from tests.differential.harness import keras

X = np.array([[1.5, -2.0, 0.25], [3.0, 4.0, -0.5]], "float32")
Y = np.array([2.0, -1.0, 0.5], "float32")


OPERATORS: list[Any] = [
    lambda x, y: x + y,
    lambda x, _y: 1 - x,
    lambda _x, y: y * 2.5,
    lambda x, _y: 2 / x,
    lambda x, y: x // y,
    lambda x, _y: x % 2,
    lambda _x, y: 2.0**y,
    lambda x, y: x @ y,
    lambda x, _y: -x,
    lambda x, _y: abs(x),
    lambda x, _y: x[0, 1:],
    lambda x, _y: x[..., None],
    lambda x, y: (x < y) | (y >= 1),
]


@pytest.mark.parametrize("place", range(len(OPERATORS)))
def test_operators_do_what_keras_does(place: int) -> None:
    function = OPERATORS[place]
    ours = function(EagerTensor(X), Variable(Y))
    theirs = np.asarray(function(keras.ops.convert_to_tensor(X), keras.ops.convert_to_tensor(Y)))
    assert (ours.dtype, ours.shape) == (theirs.dtype.name, theirs.shape)
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)


@pytest.mark.parametrize("dtype", ["float16", "float64", "int32", "uint8", "bool"])
@pytest.mark.parametrize("number", [2, 2.5, True])
def test_numbers_take_the_dtype_that_they_take_in_functions(dtype: str, number: Any) -> None:
    x = EagerTensor(np.ones(3, dtype))
    assert (x + number).dtype == ops.add(x, number).dtype == ops.add(number, x).dtype
    np.testing.assert_array_equal(x * number, ops.multiply(x, number))


def test_arrays_stand_for_tensors() -> None:
    x = EagerTensor(X)
    for made in (X * x, x * X, ops.multiply(X, x), Variable(X) * X):
        assert isinstance(made, EagerTensor)
        np.testing.assert_array_equal(made, X * X)


def test_functions_take_lists_and_their_arguments_by_name() -> None:
    x = EagerTensor(X)
    assert ops.stack([x, X], axis=0).shape == (2, 2, 3)
    assert ops.sum(x, axis=[0, 1], keepdims=True).shape == (1, 1)
    assert ops.shape(x) == (2, 3)
    assert ops.zeros((2, 2), dtype=np.float16).dtype == "float16"
    first, second = ops.split(x, [1], axis=1)
    assert (first.shape, second.shape) == ((2, 1), (2, 2))
    np.testing.assert_array_equal(ops.einsum("ij,kj->ik", x, X), X @ X.T)


def test_what_functions_do_not_take_is_said_by_their_names() -> None:
    x = EagerTensor(X)
    with pytest.raises(ValueError, match=r"^matmul needs"):
        x @ x
    with pytest.raises(ValueError, match=r"^mean needs `keepdims` to be"):
        ops.mean(x, keepdims="no")
    with pytest.raises(ValueError, match=r"^square takes 1 arguments"):
        ops.square(x, x)
    with pytest.raises(AttributeError, match="no tensor function squar; did you mean"):
        ops.squar  # noqa: B018 - the look-up is what fails


def test_variables_keep_shape_and_dtype() -> None:
    w = Variable([1.0, 2.0], name="w")
    assert (w.dtype, w.shape) == ("float32", (2,))
    w.assign_add([1, 1]).assign_sub(np.array([0.5, 0.5]))
    np.testing.assert_array_equal(w, [1.5, 2.5])
    assert w.dtype == "float32"
    with pytest.raises(ValueError, match=r"w needs a value of shape \[2\], got \[3\]"):
        w.assign([1, 2, 3])
    given = np.ones(2, "float32")
    kept = Variable(given)
    given[:] = 7
    np.testing.assert_array_equal(kept, [1, 1])
    kept.numpy()[:] = 7
    np.testing.assert_array_equal(kept, [1, 1])


def test_random_numbers_come_from_seeds() -> None:
    np.testing.assert_array_equal(random.normal((4,), seed=1), random.normal((4,), seed=1))
    random.set_seed(5)
    first = random.uniform((4,), 2, 3)
    random.set_seed(5)
    np.testing.assert_array_equal(first, random.uniform((4,), 2, 3))
    assert 2 <= float(ops.min(first)) <= float(ops.max(first)) <= 3


def test_places_are_taken_out_by_numbers() -> None:
    array = np.arange(6, dtype="float32").reshape(2, 3)
    x = Variable(array)
    for key in (0, -1, (1, 2), (0, None), (..., 1), (slice(None), 0), np.int64(1)):
        np.testing.assert_array_equal(np.asarray(x[key]), array[key])
    with pytest.raises(ValueError, match="an index from -2 to 1 along axis 0, got 7"):
        x[7]


def test_numbers_that_no_tensor_holds() -> None:
    with pytest.raises(ValueError, match="int32, which cannot hold 1099511627776"):
        Variable(2**40)
    with pytest.raises(TypeError, match="a tensor needs numbers, got None"):
        Variable(1.0).assign(None)


def test_a_function_that_is_not_there() -> None:
    with pytest.raises(AttributeError, match=r"there is no tensor function qqqqqq\Z"):
        ops.qqqqqq  # noqa: B018


def test_a_variable_of_whole_numbers_loses_nothing_in_silence() -> None:
    count = Variable(3)
    for lost in (1.5, 4.0, np.float32(2), np.int64(2**40)):
        with pytest.raises(ValueError, match="int32 cannot hold"):
            count.assign(lost)
    with pytest.raises(ValueError, match="int32 cannot hold"):
        count.assign_add(0.5)
    with pytest.raises(ValueError, match="uint8 cannot hold"):
        Variable([1, -2], dtype="uint8")
    assert int(count.assign(np.int64(7))) == 7
    assert int(count.assign_sub(2)) == 5
    assert float(Variable(1.0).assign(2)) == 2.0
