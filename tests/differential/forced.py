"""Random numbers forced on both sides, so that what is drawn can be compared value by value."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from graphc.declare.trace import trace_layer
from graphc.ir.types import TensorType
from graphc.runtime.execute import Compiled
from tests.differential.harness import L, keras

Draw = Callable[[int, tuple[int, ...]], Any]


def uniforms(place: int, shape: tuple[int, ...]) -> Any:
    """What is drawn in a place, between 0 and 1: numbers that 24 bits hold."""
    whole = np.random.default_rng([place, 77]).integers(0, 2**24, shape)
    return (whole + 0.5) * 2.0**-24


class _Stream:
    """Stands for NumPy's generator where a program draws bits."""

    def __init__(self, place: int) -> None:
        self.place = place

    def integers(self, low: int, high: int, shape: tuple[int, ...], dtype: Any) -> Any:
        return (uniforms(self.place, shape) * 2**24).astype(np.uint32) << np.uint32(8)


def force(compiled: Compiled) -> None:
    """Let a program draw the forced numbers: its layers have the seed 0, and places above that."""
    assert None not in compiled._seeds
    compiled._streams[:] = [_Stream(seed >> 32) for seed in compiled._seeds if seed is not None]


@contextmanager
def forced_keras(monkeypatch: pytest.MonkeyPatch, places: Sequence[int] = ()) -> Iterator[None]:
    """Let Keras draw them: first those of the first place, and so on."""
    waiting = iter(places or range(1000))

    def dropout(inputs: Any, rate: float, noise_shape: Any = None, seed: Any = None) -> Any:
        shape = inputs.shape if noise_shape is None else noise_shape
        kept = uniforms(next(waiting), tuple(shape)).astype("float32") >= rate
        if rate >= 1:
            return keras.ops.zeros_like(inputs)
        return keras.ops.where(kept, inputs / (1 - rate), keras.ops.zeros_like(inputs))

    def uniform(
        shape: Any, minval: float = 0, maxval: float = 1, dtype: Any = None, seed: Any = None
    ) -> Any:
        drawn = uniforms(next(waiting), tuple(shape)).astype("float32")
        made = drawn * np.float32(maxval - minval) + np.float32(minval)
        return keras.ops.convert_to_tensor(made, dtype or "float32")

    def randint(
        shape: Any, minval: int, maxval: int, dtype: Any = "int32", seed: Any = None
    ) -> Any:
        whole = np.floor(uniforms(next(waiting), tuple(shape)) * (maxval - minval) + minval)
        return keras.ops.convert_to_tensor(whole.astype(dtype))

    def shuffle(x: Any, axis: int = 0, seed: Any = None) -> Any:
        order = np.argsort(uniforms(next(waiting), (x.shape[axis],)))
        return keras.ops.take(x, order, axis)

    # In place of these, both sides draw uniform numbers: tests of `ops.random` look at the rest.
    def beta(shape: Any, alpha: Any, beta: Any, dtype: Any = None, seed: Any = None) -> Any:
        return uniform(shape, dtype=dtype)

    def gamma(shape: Any, alpha: Any, dtype: Any = None, seed: Any = None) -> Any:
        return uniform(shape, dtype=dtype)

    with monkeypatch.context() as patch:
        for function in (dropout, uniform, randint, shuffle, beta, gamma):
            patch.setattr(keras.src.backend.random, function.__name__, function)
        yield


def check_in_training(
    layer: L, images: Any, monkeypatch: pytest.MonkeyPatch, places: Sequence[int] = ()
) -> Any:
    """Hold what a layer makes of images in training to Keras', and give it."""
    theirs = layer.theirs()
    theirs.build(images.shape)
    with warnings.catch_warnings(), forced_keras(monkeypatch, places):
        warnings.simplefilter("ignore")
        expected = np.asarray(theirs(images, training=True))
    trace = trace_layer(layer.ours(), {"data": TensorType(images.shape, "float32")}, training=True)
    program = Compiled(trace.inputs, trace.outputs)
    force(program)
    (got,) = program(images)
    assert (got.dtype, got.shape) == (expected.dtype, expected.shape)
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-4 * images.max())
    return got
