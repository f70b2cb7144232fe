"""Layers that disturb or penalize in training, and hand on their input otherwise."""

from __future__ import annotations

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
from graphc.ir.tensor import Tensor
from graphc.layers.spatial import DATA_FORMAT, grid
from graphc.ops.convert import cast

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
        return cast(inputs, self.compute_dtype)


class Dropout(Disturbance):
    """Drop a share of the inputs in training (Srivastava et al., 2014)."""

    rate: float = Arg(RATE)
    noise_shape: Any = Arg(_NOISE_SHAPE, default=None)
    seed: int | None = Arg(SEED, default=None)


class AlphaDropout(Disturbance):
    """Drop inputs in training, keeping their mean and variance (arxiv.org/abs/1706.02515)."""

    rate: float = Arg(RATE)
    noise_shape: Any = Arg(_NOISE_SHAPE, default=None)
    seed: int | None = Arg(SEED, default=None)


class GaussianDropout(Disturbance):
    """Multiply by noise around 1 in training (Srivastava et al., 2014)."""

    rate: float = Arg(RATE)
    seed: int | None = Arg(SEED, default=None)


class GaussianNoise(Disturbance):
    """Add noise around 0 in training."""

    stddev: float = Arg(RATE)
    seed: int | None = Arg(SEED, default=None)


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
    """Penalize large inputs in training: l1 * sum(|x|) + l2 * sum(x²)."""

    l1: float = Arg(Number(0), default=0.0)
    l2: float = Arg(Number(0), default=0.0)
    activity_regularizer = Arg(OnlyNone("l1 and l2 say it"), default=None, kw_only=True)
