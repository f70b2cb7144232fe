"""How weights start: Keras' initializers in NumPy.

The numbers are not those of any backend of Keras, which differ from each other too; their
distributions are. Each weight has a stream of its own, drawn from the seed and its name, so that a
layer more or less changes no other weight.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.random import Generator

from graphc.analysis.weight_keys import keyed_weights
from graphc.declare.scope import WeightSpec
from graphc.ir.dtypes import is_float
from graphc.ir.graph import ModelGraph
from graphc.runtime.deferred import Deferred
from graphc.runtime.dtypes import numpy_dtype
from graphc.runtime.windows import window
from graphc.training import initializers as kinds
from graphc.training.initializers import Initializer

Shape: TypeAlias = tuple[int, ...]
Array: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]
I = TypeVar("I", bound=Initializer)  # noqa: E741 - an initializer
_WITHIN_TWO = 0.87962566103423978
"""The standard deviation of a normal distribution cut off at two of them."""


def init_weights(model: ModelGraph, seed: int = 0) -> dict[str, Any]:
    """Fresh weights of a model by their paths, in Keras' order: the same ones for one seed."""
    return {key: np.asarray(weight) for key, weight in fresh_weights(model, seed).items()}


def fresh_weights(model: ModelGraph, seed: int = 0) -> dict[str, Deferred]:
    """The same, each made when NumPy asks for it."""
    return {key: _fresh(weight.spec, seed, key) for key, weight in keyed_weights(model).items()}


def _fresh(spec: WeightSpec, seed: int, key: str) -> Deferred:
    def make() -> Any:
        return initial(spec.initializer, spec.shape, spec.dtype, stream(seed, key))

    return Deferred(spec.shape, numpy_dtype(spec.dtype), make)


def stream(seed: int, name: str) -> Generator:
    """The random numbers of one weight."""
    return np.random.default_rng([seed % 2**64, zlib.crc32(name.encode())])


def initial(initializer: Initializer | None, shape: Shape, dtype: str, random: Generator) -> Any:
    """An array as an initializer makes it; without one, as Keras makes weights by default.

    An initializer with a seed gives the same numbers wherever it stands.
    """
    if initializer is None:
        initializer = kinds.GlorotUniform() if is_float(dtype) else kinds.Zeros()
    own_seed = getattr(initializer, "seed", None)
    if own_seed is not None:
        random = np.random.default_rng(own_seed % 2**64)
    with np.errstate(all="ignore"):  # a window of zeros, scaled, is NaN for Keras too
        values = _MAKERS[type(initializer)](initializer, shape, random)
    return np.asarray(values, dtype=numpy_dtype(dtype))


_MAKERS: dict[type[Initializer], Callable[[Any, Shape, Generator], Any]] = {}

Maker: TypeAlias = Callable[[I, Shape, Generator], Any]


def _makes(*types: type[Initializer]) -> Callable[[Maker[I]], Maker[I]]:
    """Register a function as the maker of initial values for these initializers."""

    def register(function: Maker[I]) -> Maker[I]:
        _MAKERS.update(dict.fromkeys(types, function))
        return function

    return register


@_makes(kinds.Zeros)
def _zeros(initializer: kinds.Zeros, shape: Shape, random: Generator) -> Array:
    return np.zeros(shape)


@_makes(kinds.Ones)
def _ones(initializer: kinds.Ones, shape: Shape, random: Generator) -> Array:
    return np.ones(shape)


@_makes(kinds.Constant)
def _constant(initializer: kinds.Constant, shape: Shape, random: Generator) -> Array:
    return np.full(shape, np.asarray(initializer.value, float))


@_makes(kinds.RandomNormal)
def _normal(initializer: kinds.RandomNormal, shape: Shape, random: Generator) -> Array:
    return random.normal(initializer.mean, initializer.stddev, shape)


@_makes(kinds.TruncatedNormal)
def _truncated(initializer: kinds.TruncatedNormal, shape: Shape, random: Generator) -> Array:
    return initializer.mean + initializer.stddev * _within_two(shape, random)


@_makes(kinds.RandomUniform)
def _uniform(initializer: kinds.RandomUniform, shape: Shape, random: Generator) -> Array:
    return random.uniform(initializer.minval, initializer.maxval, shape)


@_makes(kinds.Identity)
def _identity(initializer: kinds.Identity, shape: Shape, random: Generator) -> Array:
    rows, columns = shape
    made: Array = initializer.gain * np.eye(rows, columns)
    return made


@_makes(kinds.Orthogonal)
def _orthogonal(initializer: kinds.Orthogonal, shape: Shape, random: Generator) -> Array:
    rows, columns = math.prod(shape[:-1]), shape[-1]
    q, r = np.linalg.qr(random.normal(size=(max(rows, columns), min(rows, columns))))
    # The signs of r's diagonal are arbitrary: without them q is uniform among such matrices.
    q = q * np.sign(np.diag(r))
    made: Array = initializer.gain * (q.T if rows < columns else q).reshape(shape)
    return made


@_makes(kinds.UnitForgetBias)
def _unit_forget(initializer: kinds.UnitForgetBias, shape: Shape, random: Generator) -> Array:
    make = _MAKERS[type(initializer.bias_initializer)]
    units, inner = initializer.units, initializer.bias_initializer
    parts = [make(inner, (units,), random), np.ones(units), make(inner, (2 * units,), random)]
    return np.concatenate(parts)


@_makes(kinds.STFT)
def _stft(initializer: kinds.STFT, shape: Shape, random: Generator) -> Array:
    length, _, bins = shape
    # Keras calculates in float32, and so do angles of many turns.
    steps = np.arange(length, dtype=np.float32)[:, None, None]
    frequencies = np.arange(bins, dtype=np.float32) / np.float32(max(2 * (bins - 1), 1))
    angles = np.float32(-2) * steps * frequencies * np.float32(np.pi)
    wave = np.cos(angles) if initializer.side == "real" else np.sin(angles)
    if initializer.window is None:
        return wave.astype(np.float64)
    weights = window(initializer.window, length, periodic=initializer.periodic)
    scales = {"density": np.sqrt(np.sum(weights**2)), "spectrum": np.sum(np.abs(weights))}
    made: Array = wave * weights[:, None, None] / scales.get(initializer.scaling or "", 1.0)
    return made


@_makes(kinds.VarianceScaling)
def _variance(initializer: kinds.VarianceScaling, shape: Shape, random: Generator) -> Array:
    return _scaled(
        initializer, shape, random, initializer.scale, initializer.mode, initializer.distribution
    )


_SCALED = {
    kinds.GlorotUniform: (1.0, "fan_avg", "uniform"),
    kinds.GlorotNormal: (1.0, "fan_avg", "truncated_normal"),
    kinds.HeUniform: (2.0, "fan_in", "uniform"),
    kinds.HeNormal: (2.0, "fan_in", "truncated_normal"),
    kinds.LecunUniform: (1.0, "fan_in", "uniform"),
    kinds.LecunNormal: (1.0, "fan_in", "truncated_normal"),
}


@_makes(*_SCALED)
def _named_variance(initializer: kinds.Scaled, shape: Shape, random: Generator) -> Array:
    return _scaled(initializer, shape, random, *_SCALED[type(initializer)])


def _scaled(
    initializer: Any, shape: Shape, random: Generator, scale: float, mode: str, distribution: str
) -> Array:
    fan_in, fan_out = fans(shape, initializer.input_axes, initializer.output_axes)
    by_mode = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}
    variance = scale / max(1.0, by_mode[mode])
    if distribution == "uniform":
        limit = math.sqrt(3 * variance)
        return random.uniform(-limit, limit, shape)
    if distribution == "untruncated_normal":
        return random.normal(0, math.sqrt(variance), shape)
    return math.sqrt(variance) / _WITHIN_TWO * _within_two(shape, random)


def fans(shape: Shape, input_axes: Any = None, output_axes: Any = None) -> tuple[int, int]:
    """How many numbers go into each output of a weight, and how many outputs each input has."""
    if input_axes is not None and output_axes is not None:
        ins, outs = (a if isinstance(a, tuple) else (a,) for a in (input_axes, output_axes))
        return math.prod(shape[a] for a in ins), math.prod(shape[a] for a in outs)
    if not shape:
        return 1, 1
    if len(shape) == 1:
        return shape[0], shape[0]
    window_size = math.prod(shape[:-2])
    return window_size * shape[-2], window_size * shape[-1]


def _within_two(shape: Shape, random: Generator) -> Array:
    """Normally distributed numbers, drawn again where they are beyond two."""
    values = random.normal(size=shape)
    while (beyond := np.abs(values) > 2).any():
        values = np.where(beyond, random.normal(size=shape), values)
    return values
