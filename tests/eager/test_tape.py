"""Gradient tapes: their gradients beside JAX's, and what TensorFlow's tapes are asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import pytest

from graphc import GradientTape, Variable
from graphc.eager import EagerTensor, ops
from tests.differential.harness import keras

random = np.random.default_rng(23)
Function = Callable[..., Any]


def array(*shape: int) -> Any:
    return random.normal(size=shape).astype("float32")


FUNCTIONS: dict[str, tuple[Function, tuple[Any, ...]]] = {
    "a line": (lambda k, w, x: k.mean(k.square(w * x + 2.0 - 3 * x)), (array(), array(5))),
    "a layer": (
        lambda k, x, w, b: k.sum(k.tanh(k.matmul(x, w) + b) ** 3),
        (array(4, 3), array(3, 2), array(2)),
    ),
    "one tensor twice": (lambda k, x: k.sum(x * x + x / (1 + x * x)), (array(3, 2),)),
    "softmax": (
        lambda k, x: k.sum(k.log_softmax(x, axis=-1) * k.softmax(x * 2, axis=0)),
        (array(4, 3),),
    ),
    "pieces": (
        lambda k, x, y: k.sum(k.concatenate([x[:, 1:], y[::2]], axis=1) ** 2) + k.max(x),
        (array(2, 3), array(4, 5)),
    ),
    "places": (lambda k, x: k.sum(k.sin(x[0])) + x[1, 2] * x[-1][0], (array(2, 3),)),
    "choices": (lambda k, x: k.sum(k.where(x > 0, k.exp(x), k.sin(x))), (array(6),)),
    "a convolution": (
        lambda k, x, w: k.sum(k.conv(x, w, strides=2, padding="same") ** 2),
        (array(2, 7, 7, 3), array(3, 3, 3, 4)),
    ),
    "several results": (
        lambda k, x: k.sum(k.split(x, 2, axis=0)[1] ** 2) + k.sum(k.top_k(x, 2)[0]),
        (array(4, 3),),
    ),
    "a loop": (lambda k, x: k.sum(k.cumprod(x, axis=0) ** 2), (array(4, 2),)),
    "what is stopped": (lambda k, x: k.sum(x * k.stop_gradient(x * x)), (array(4),)),
    "bends at 0": (
        lambda k, x: k.sum(
            k.relu(x)
            + 2 * k.relu6(x)
            + 3 * k.elu(x)
            + 5 * k.celu(x, 2.0)
            + 7 * k.softplus(x)
            + 11 * k.logaddexp(x, 0.0)
            + 13 * k.logaddexp(x, x)
            + 17 * k.selu(x)
            + 19 * k.maximum(x, x * 3)
        ),
        (np.array([-1.0, 0.0, 2.0], "float32"),),
    ),
    "a determinant": (lambda k, x: k.det(k.matmul(x, k.transpose(x)) + k.eye(3)), (array(3, 3),)),
}


def gradients(function: Function, *arrays: Any) -> list[Any]:
    variables = [Variable(x) for x in arrays]
    with GradientTape() as tape:
        target = function(ops, *variables)
    made: list[Any] = tape.gradient(target, variables)
    return made


@pytest.mark.parametrize("name", FUNCTIONS)
def test_gradients_are_those_of_jax(name: str) -> None:
    function, arrays = FUNCTIONS[name]
    ours = gradients(function, *arrays)
    places = tuple(range(len(arrays)))
    theirs = jax.jit(jax.grad(lambda *xs: function(keras.ops, *xs), places))(*arrays)
    for mine, right in zip(ours, theirs, strict=True):
        assert mine.dtype == "float32"
        np.testing.assert_allclose(mine, right, rtol=1e-4, atol=1e-4 * max(1, abs(right).max()))


@pytest.mark.parametrize("name", ["a line", "a layer", "one tensor twice", "softmax", "a loop"])
def test_tapes_around_tapes_give_second_derivatives(name: str) -> None:
    function, arrays = FUNCTIONS[name]
    variables = [Variable(x) for x in arrays]
    with GradientTape() as outer:
        with GradientTape() as inner:
            target = function(ops, *variables)
        first = inner.gradient(target, variables)
        total = sum(ops.sum(each**2) for each in first)
    ours = outer.gradient(total, variables)
    places = tuple(range(len(arrays)))

    def slope(*xs: Any) -> Any:
        made = jax.grad(lambda *ys: function(keras.ops, *ys), places)(*xs)
        return sum((each**2).sum() for each in made)

    for mine, right in zip(ours, jax.jit(jax.grad(slope, places))(*arrays), strict=True):
        np.testing.assert_allclose(mine, right, rtol=1e-3, atol=1e-4 * max(1, abs(right).max()))


def test_a_third_derivative() -> None:
    x = Variable(2.0)
    with GradientTape() as third, GradientTape() as second:
        with GradientTape() as first:
            y = x**4
        slope = first.gradient(y, x)
        bend = second.gradient(slope, x)
    assert float(third.gradient(bend, x)) == pytest.approx(48)


def test_constants_count_when_they_are_watched() -> None:
    x, c = EagerTensor(array(3)), EagerTensor(array(3))
    with GradientTape() as tape:
        tape.watch(x)
        y = x * c
    of_x, of_c = tape.gradient(y, [x, c])
    np.testing.assert_array_equal(of_x, c)
    assert of_c is None


def test_variables_count_unless_they_are_not_trainable_or_not_to_be_watched() -> None:
    w, fixed = Variable(3.0), Variable(2.0, trainable=False)
    with GradientTape() as tape:
        y = w * fixed
    assert tape.watched_variables() == (w,)
    assert [None if g is None else float(g) for g in tape.gradient(y, [w, fixed])] == [2, None]
    with GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(fixed)
        y = w * fixed
    assert [None if g is None else float(g) for g in tape.gradient(y, [w, fixed])] == [None, 3]


def test_a_variable_counts_with_all_values_that_it_had() -> None:
    w = Variable(3.0)
    with GradientTape() as tape:
        y = w * w
        w.assign(5.0)
        y = y * w
    assert float(tape.gradient(y, w)) == 2 * 3 * 5 + 9


def test_intermediate_tensors_are_sources_too() -> None:
    x = Variable(3.0)
    with GradientTape(persistent=True) as tape:
        y = x * x
        z = y * y
    assert float(tape.gradient(z, y)) == 18
    assert float(tape.gradient(z, x)) == 108
    assert [float(g) for g in tape.gradient([z, y], [x, y])] == [114, 19]


def test_a_tape_is_used_once_unless_it_is_persistent() -> None:
    x = Variable(3.0)
    with GradientTape() as tape:
        y = x * x
    tape.gradient(y, x)
    with pytest.raises(RuntimeError, match="persistent=True"):
        tape.gradient(y, x)


def test_what_is_not_connected_has_no_gradient_or_zeros() -> None:
    x, other = Variable(array(2, 3)), Variable(array(4))
    with GradientTape(persistent=True) as tape:
        y = ops.sum(x)
        whole = ops.cast(ops.sum(other), "int32")
    assert tape.gradient(y, other) is None
    assert tape.gradient(whole, other) is None
    assert tape.gradient(ops.sum(x), other) is None  # was made after the tape
    zeros = tape.gradient(y, {"other": other}, unconnected_gradients="zero")["other"]
    np.testing.assert_array_equal(zeros, np.zeros(4))
    assert zeros.shape == (4,)
    with pytest.raises(ValueError, match='"none" or "zero"'):
        tape.gradient(y, other, unconnected_gradients="zeros")


def test_output_gradients_weigh_the_elements_of_a_target() -> None:
    x, factor = Variable(array(3)), array(3)
    with GradientTape(persistent=True) as tape:
        y = x * x
    np.testing.assert_allclose(tape.gradient(y, x), 2 * x.numpy(), rtol=1e-6)
    weighed = tape.gradient(y, x, output_gradients=factor)
    np.testing.assert_allclose(weighed, 2 * x.numpy() * factor, rtol=1e-6)
    with pytest.raises(ValueError, match=r"needs an output gradient of shape \[3\], got \[2\]"):
        tape.gradient(y, x, output_gradients=array(2))


def test_nothing_is_recorded_while_a_tape_is_stopped() -> None:
    x = Variable(3.0)
    with GradientTape() as tape:
        y = x * x
        with tape.stop_recording():
            z = x * x
        z = z * y
    assert float(tape.gradient(z, x)) == 6 * 9


def test_sources_are_tensors_and_variables() -> None:
    x = Variable(3.0)
    with GradientTape(persistent=True) as tape:
        y = x * x
    for source in (3.0, np.ones(2), "x", [x, None]):
        with pytest.raises(TypeError, match="a tape needs tensors and variables, got"):
            tape.gradient(y, source)


def test_what_is_not_a_number_of_either_side_is_a_result_like_others() -> None:
    x = Variable(0.0)
    with GradientTape() as tape:
        y = ops.log(x) * 1.0
    assert float(y) == -np.inf
    assert float(tape.gradient(y, x)) == np.inf
