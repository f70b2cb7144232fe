"""Layers that disturb or penalize in training, and hand on their input otherwise."""

from __future__ import annotations

from math import inf, sqrt
from typing import Any

from graphc.declare.arg import Arg
from graphc.declare.layer import Layer
from graphc.declare.rules import (
    DType,
    Each,
    Integer,
    Number,
    OneOf,
    OnlyNone,
    Optional,
    Positive,
    Text,
)
from graphc.declare.scope import Scope
from graphc.diagnostics.codes import SHAPE_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.shapes import merge_dims
from graphc.ir.tensor import Tensor
from graphc.ir.types import Shape
from graphc.layers.spatial import DATA_FORMAT, grid
from graphc.ops.activation import SELU_ALPHA, SELU_SCALE
from graphc.ops.arithmetic import where
from graphc.ops.convert import cast
from graphc.ops.random import normal, uniform
from graphc.training.regularizers import L1L2

RATE = Number(0, 1)
SEED = Optional(Integer())
_NOISE_SHAPE = Optional(Each(Optional(Positive())))


class Disturbance(Layer, abstract=True):
    """What hands on its input except in training."""

    category = "regularization"
    supports_masking = True
    trains_by_default = False

    def call(self, scope: Scope, inputs: Tensor) -> Tensor:
        """Any shape."""
        x = cast(inputs, self.compute_dtype)
        return self.disturb(scope, x) if scope.training else x

    def disturb(self, scope: Scope, x: Tensor) -> Tensor:
        """What training makes of the input."""
        return x


def noise_dims(noise_shape: Any, x: Tensor) -> Shape:
    """The shape that noise is drawn in: that of x, where nothing else is said of an axis.

    Of a shorter one, None is the size of the axis counted from the front, as in Keras.
    """
    if noise_shape is None:
        return x.shape
    dims = tuple(
        dim if given is None else given for given, dim in zip(noise_shape, x.shape, strict=False)
    )
    is_over = len(noise_shape) <= x.rank and all(
        size == 1 or merge_dims(size, dim) is not None
        for size, dim in zip(reversed(dims), reversed(x.shape), strict=False)
    )
    if not is_over:
        shown = ", ".join(str(size) for size in noise_shape)
        raise Fault(
            SHAPE_MISMATCH,
            f"needs `noise_shape` to broadcast to {x.type}, got [{shown}]",
            arguments=("noise_shape",),
        )
    return dims


def nth_seed(seed: int | None, place: int) -> int | None:
    """The seed of what a layer draws in a certain place, so that two draws differ."""
    return None if seed is None else seed + (place << 32)


def dropout(x: Tensor, rate: float, shape: Shape, seed: int | None) -> Tensor:
    """x with a share of 0s, and the rest scaled to keep the mean."""
    if rate == 0:
        return x
    if rate == 1:
        return x * 0
    return where(uniform(shape, seed) >= rate, x / (1 - rate), 0)


class Dropout(Disturbance):
    """Drop a share of the inputs in training (Srivastava et al., 2014)."""

    rate: float = Arg(RATE)
    noise_shape: Any = Arg(_NOISE_SHAPE, default=None)
    seed: int | None = Arg(SEED, default=None)

    def disturb(self, scope: Scope, x: Tensor) -> Tensor:
        """Zeros for a share of the elements."""
        return dropout(x, self.rate, noise_dims(self.noise_shape, x), self.seed)


class AlphaDropout(Disturbance):
    """Drop inputs in training, keeping their mean and variance (arxiv.org/abs/1706.02515)."""

    rate: float = Arg(RATE)
    noise_shape: Any = Arg(_NOISE_SHAPE, default=None)
    seed: int | None = Arg(SEED, default=None)

    def disturb(self, scope: Scope, x: Tensor) -> Tensor:
        """What selu makes of minus infinity for a share of the elements, all scaled and shifted."""
        if self.rate == 0:
            return x
        if self.rate == 1:
            return x * 0
        low = -SELU_ALPHA * SELU_SCALE
        scale = 1 / sqrt((1 - self.rate) * (1 + self.rate * low**2))
        is_kept = uniform(noise_dims(self.noise_shape, x), self.seed) >= self.rate
        return where(is_kept, x, low) * scale - scale * low * self.rate


class GaussianDropout(Disturbance):
    """Multiply by noise around 1 in training (Srivastava et al., 2014)."""

    rate: float = Arg(RATE)
    seed: int | None = Arg(SEED, default=None)

    def disturb(self, scope: Scope, x: Tensor) -> Tensor:
        """Products with numbers of mean 1, whose variance is that of dropout."""
        if self.rate == 0:
            return x
        deviation = sqrt(self.rate / (1 - self.rate)) if self.rate < 1 else inf
        return x * (cast(normal(x.shape, self.seed), x.dtype) * deviation + 1)


class GaussianNoise(Disturbance):
    """Add noise around 0 in training."""

    stddev: float = Arg(RATE)
    seed: int | None = Arg(SEED, default=None)

    def disturb(self, scope: Scope, x: Tensor) -> Tensor:
        """Sums with numbers of mean 0."""
        return x + cast(normal(x.shape, self.seed), x.dtype) * self.stddev


class _SpatialDropout(Disturbance, abstract=True):
    """What drops whole channels in training (Tompson et al., arxiv.org/abs/1411.4280)."""

    rate: float = Arg(RATE)
    seed: int | None = Arg(SEED, default=None)
    # Without annotations: to mypy, they come first, where Layer declares them.
    name = Arg(Optional(Text()), default=None)
    dtype = Arg(Optional(DType(policies=True)), default=None)
    # Keras' spatial dropouts take neither of the two.
    trainable: bool = Arg(OneOf((True,)), default=True, kw_only=True)
    activity_regularizer = Arg(OnlyNone("it penalizes nothing"), default=None, kw_only=True)

    def disturb(self, scope: Scope, x: Tensor) -> Tensor:
        """Zeros for a share of the channels of each example."""
        channel = 1 if getattr(self, "data_format", None) == "channels_first" else x.rank - 1
        shape = tuple(dim if axis in (0, channel) else 1 for axis, dim in enumerate(x.shape))
        return dropout(x, self.rate, shape, self.seed)


class SpatialDropout1D(_SpatialDropout):
    """Drop whole channels of sequences in training."""

    needs = {"inputs": grid(1)}


class SpatialDropout2D(_SpatialDropout):
    """Drop whole channels of images in training."""

    data_format: str | None = Arg(DATA_FORMAT, default=None)

    argument_order = ("rate", "data_format", "seed", "name", "dtype")
    needs = {"inputs": grid(2)}


class SpatialDropout3D(_SpatialDropout):
    """Drop whole channels of volumes in training."""

    data_format: str | None = Arg(DATA_FORMAT, default=None)

    argument_order = ("rate", "data_format", "seed", "name", "dtype")
    needs = {"inputs": grid(3)}


class ActivityRegularization(Disturbance):
    """Penalize large inputs: l1 * sum(|x|) + l2 * sum(x²)."""

    l1: float = Arg(Number(0), default=0.0)
    l2: float = Arg(Number(0), default=0.0)
    activity_regularizer = Arg(OnlyNone("l1 and l2 say it"), default=None, kw_only=True)

    @property
    def output_regularizer(self) -> L1L2:
        """What the two numbers say."""
        return L1L2.from_values({"l1": self.l1, "l2": self.l2})
