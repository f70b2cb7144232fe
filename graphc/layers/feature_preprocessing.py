"""Layers that prepare numbers: scaling, standardizing, encoding categories, binning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

from graphc.declare.arg import Arg
from graphc.declare.layer import Layer
from graphc.declare.number_array import shape_of
from graphc.declare.rules import (
    DType,
    Each,
    Flag,
    Integer,
    NonNegative,
    Number,
    Numbers,
    OneOf,
    OnlyNone,
    Optional,
    Positive,
    Text,
)
from graphc.declare.scope import Scope
from graphc.diagnostics.codes import (
    BAD_ARGUMENT,
    CONFLICTING_ARGUMENTS,
    MISSING_ARGUMENT,
    RANK_MISMATCH,
    SHAPE_MISMATCH,
    UNKNOWN_SIZE,
)
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import shape_text
from graphc.ir.dtypes import is_float
from graphc.ir.shapes import merge_dims, normalize_axes
from graphc.ir.tensor import Tensor
from graphc.ir.types import Shape, TensorType
from graphc.layers.normalization import one_axis
from graphc.ops.arithmetic import maximum
from graphc.ops.convert import as_tensor, cast
from graphc.ops.elementary import sqrt
from graphc.ops.gathering import multi_hot, one_hot
from graphc.ops.normalization import EPSILON
from graphc.ops.reduction import max_, sum_
from graphc.ops.shaping import expand_dims, squeeze, to_shape
from graphc.ops.sorting import digitize
from graphc.training.initializers import Ones, Zeros

_ZEROS, _ONES = Zeros(), Ones()


class Rescaling(Layer):
    """Compute inputs * scale + offset."""

    category = "preprocessing"
    scale: Any = Arg(Numbers(arrays=True))
    offset: Any = Arg(Numbers(arrays=True), default=0.0)

    supports_masking = True

    def call(self, scope: Scope, inputs: Tensor) -> Tensor:
        """Any shape that scale and offset broadcast to."""
        x = cast(inputs, self.compute_dtype)
        for name, value in (("scale", self.scale), ("offset", self.offset)):
            _check_broadcast(name, shape_of(value), x)
        scaled = x * as_tensor(self.scale, self.compute_dtype)
        return scaled + as_tensor(self.offset, self.compute_dtype)


def _check_broadcast(name: str, shape: tuple[int, ...], x: Tensor) -> None:
    last = x.shape[max(x.rank - len(shape), 0) :]
    fits = len(shape) <= x.rank and all(
        size == 1 or merge_dims(dim, size) is not None
        for dim, size in zip(last, shape, strict=True)
    )
    if not fits:
        raise Fault(
            SHAPE_MISMATCH,
            f"needs a `{name}` that broadcasts to {shape_text(x.shape)}, "
            f"got one of shape {shape_text(shape)}",
            arguments=(name,),
            inputs=("inputs",),
        )


class Normalization(Layer):
    """Compute (inputs - mean) / sqrt(variance), or back with `invert`, for each place of `axis`.

    Without a mean and a variance, they are weights, for Keras' `adapt` or a weight file to set.
    """

    category = "preprocessing"
    axis: Any = Arg(Optional(Each(Integer(), or_one=True)), default=-1)
    mean: Any = Arg(Optional(Numbers()), default=None)
    variance: Any = Arg(Optional(Numbers()), default=None)
    invert: bool = Arg(Flag(), default=False)

    supports_masking = True

    def as_written(self, inputs: Sequence[TensorType]) -> Layer:
        """With one axis as a number, of which Keras makes a list."""
        return one_axis(self)

    def validate(self) -> None:
        """Check that mean and variance come together, and not with more axes than `axis`."""
        if (self.mean is None) != (self.variance is None):
            raise Fault(
                CONFLICTING_ARGUMENTS,
                f"needs both `mean` and `variance` or neither, got {self.mean} and {self.variance}",
                arguments=("mean", "variance"),
            )
        shape = shape_of(self.mean)
        if shape != shape_of(self.variance):
            raise Fault(
                CONFLICTING_ARGUMENTS,
                f"needs a `mean` and a `variance` of one shape, "
                f"got {shape_text(shape)} and {shape_text(shape_of(self.variance))}",
                arguments=("mean", "variance"),
            )
        if len(shape) > len(self._axes()):
            raise Fault(
                BAD_ARGUMENT,
                f"needs a `mean` of at most as many axes as `axis` names, {len(self._axes())}, "
                f"got {shape_text(shape)}",
                arguments=("mean", "axis"),
            )

    def _axes(self) -> tuple[int, ...]:
        if self.axis is None:
            return ()
        return self.axis if isinstance(self.axis, tuple) else (self.axis,)

    def call(self, scope: Scope, inputs: Tensor) -> Tensor:
        """Any shape; sizes along `axis` have to be known."""
        kept = sorted(set(normalize_axes(self._axes(), inputs.rank)))
        sizes = tuple(inputs.shape[axis] for axis in kept)
        for axis, size in zip(kept, sizes, strict=True):
            if not isinstance(size, int):
                raise Fault(
                    UNKNOWN_SIZE,
                    f"needs a known size along axis {axis}, got {inputs.type}",
                    inputs=("inputs",),
                )
        if self.mean is None:
            mean, variance = self._weights(scope, sizes)
            shape = tuple(d if i in kept else 1 for i, d in enumerate(inputs.shape))
        else:
            mean, variance = as_tensor(self.mean, "float32"), as_tensor(self.variance, "float32")
            shape = self._placed(inputs, kept)
        x = cast(inputs, self.compute_dtype)
        center = cast(to_shape(mean, shape), x.dtype)
        deviation = maximum(sqrt(cast(to_shape(variance, shape), x.dtype)), EPSILON)
        return center + x * deviation if self.invert else (x - center) / deviation

    def _weights(self, scope: Scope, sizes: Shape) -> tuple[Tensor, Tensor]:
        mean = scope.weight("mean", sizes, _ZEROS, trainable=False)
        variance = scope.weight("variance", sizes, _ONES, trainable=False)
        scope.weight("count", (), _ZEROS, dtype="int32", trainable=False)
        return mean, variance

    def _placed(self, inputs: Tensor, kept: list[int]) -> Shape:
        """Give the shape in which a given mean's axes stand at the last of those kept."""
        given = shape_of(self.mean)
        shape = [1] * inputs.rank
        for size, axis in zip(reversed(given), reversed(kept), strict=False):
            if size not in (1, inputs.shape[axis]):
                raise Fault(
                    SHAPE_MISMATCH,
                    f"needs a `mean` of {inputs.shape[axis]} for axis {axis} of {inputs.type}, "
                    f"got {shape_text(given)}",
                    label=f"{size} is not {inputs.shape[axis]}",
                    arguments=("mean",),
                    inputs=("inputs",),
                )
            shape[axis] = size
        return tuple(shape)


class CategoryEncoding(Layer):
    """Turn whole numbers into vectors with a place for each of `num_tokens`."""

    category = "preprocessing"
    num_tokens: int | None = Arg(Optional(Positive()), default=None)
    output_mode: str = Arg(OneOf(("multi_hot", "one_hot", "count", "binary")), default="multi_hot")
    sparse: bool = Arg(Flag(), default=False)

    input_dtype = "any"

    def validate(self) -> None:
        """Check that `num_tokens` is given, which has a default in Keras' signature alone."""
        if self.num_tokens is None:
            raise Fault(MISSING_ARGUMENT, "needs `num_tokens`, got None", arguments=("num_tokens",))

    def call(self, scope: Scope, inputs: Tensor, count_weights: Tensor | None = None) -> Tensor:
        """[B, n] -> [B, num_tokens], or "one_hot" [...] -> [..., num_tokens]."""
        mode = "multi_hot" if self.output_mode == "binary" else self.output_mode
        if count_weights is not None and mode != "count":
            raise Fault(
                CONFLICTING_ARGUMENTS,
                f'needs `output_mode` to be "count" for `count_weights`, got "{mode}"',
                arguments=("output_mode",),
            )
        assert self.num_tokens is not None
        encoded = encoded_categories(
            inputs, mode, self.num_tokens, self.compute_dtype, count_weights
        )
        return cast(encoded, self.compute_dtype)


def encoded_categories(
    x: Tensor, mode: str, depth: int, dtype: str, weights: Tensor | None = None
) -> Tensor:
    """Encode numbers below `depth`: each by itself, or what an example has in all."""
    x = expand_dims(x, -1) if x.rank == 0 else x
    if mode == "one_hot":
        return one_hot(squeeze(x, -1) if x.rank > 1 and x.shape[-1] == 1 else x, depth, dtype=dtype)
    if x.rank > 2:
        # Keras adds up along axis 1, and says that it was the last one.
        raise Fault(
            RANK_MISMATCH,
            f'needs an input of at most rank 2 in mode "{mode}", got {x.type}',
            inputs=("inputs",),
        )
    if mode == "multi_hot":
        return multi_hot(x, depth, dtype=dtype)
    counted = one_hot(x, depth, dtype=dtype if weights is None else weights.dtype)
    if weights is not None:
        counted = counted * expand_dims(weights, -1)
    return sum_(counted, axis=1 if x.rank > 1 else 0)


class Discretization(Layer):
    """Give the number of the bin that each number falls in."""

    category = "preprocessing"
    bin_boundaries: Any = Arg(Optional(Each(Number())), default=None)
    num_bins: int | None = Arg(Optional(NonNegative()), default=None)
    epsilon: float = Arg(Number(), default=0.01)
    output_mode: str = Arg(OneOf(("int", "one_hot", "multi_hot", "count")), default="int")
    sparse: bool = Arg(Flag(), default=False)
    # Without annotations: to mypy, they come first, where Layer declares them.
    dtype = Arg(Optional(DType(policies=True)), default=None)
    name = Arg(Optional(Text()), default=None)
    # Keras' Discretization takes neither of the two.
    trainable = Arg(OneOf((True,)), default=True, kw_only=True)
    activity_regularizer = Arg(OnlyNone("it penalizes nothing"), default=None, kw_only=True)

    input_dtype = "any"

    @classmethod
    def from_saved(cls, values: Mapping[str, Any]) -> Self:
        """After adapt() Keras saves both the number of bins and the boundaries that it found."""
        has_found = values.get("bin_boundaries") is not None
        dropped = {"num_bins"} if has_found else set()
        return cls.from_values({n: value for n, value in values.items() if n not in dropped})

    def validate(self) -> None:
        """Check that there are either boundaries or a number of bins, and nothing sparse."""
        if (self.bin_boundaries is None) == (self.num_bins is None):
            raise Fault(
                CONFLICTING_ARGUMENTS,
                f"needs either `bin_boundaries` or `num_bins`, "
                f"got {self.bin_boundaries} and {self.num_bins}",
                arguments=("bin_boundaries", "num_bins"),
            )
        if self.sparse and self.output_mode == "int":
            raise Fault(
                CONFLICTING_ARGUMENTS,
                'needs `sparse` to be False in `output_mode` "int", got True',
                arguments=("sparse", "output_mode"),
            )

    def call(self, scope: Scope, inputs: Tensor) -> Tensor:
        """[...] -> [...] of bins, or encoded as by CategoryEncoding."""
        if self.bin_boundaries is None:
            raise Fault(
                BAD_ARGUMENT,
                "needs `bin_boundaries`, since it has seen no data to find bins in, got None",
                help="write the boundaries that Keras' adapt() found",
                arguments=("num_bins",),
            )
        x = cast(inputs, "float32") if is_float(inputs.dtype) else inputs
        bins = digitize(x, self.bin_boundaries) if self.bin_boundaries else x * 0
        if self.output_mode == "int":
            return cast(bins, "int32")
        depth = len(self.bin_boundaries) + 1
        if self.output_mode == "one_hot":
            return encoded_categories(bins, "one_hot", depth, self.compute_dtype)
        hot = one_hot(cast(bins, "int32"), depth, dtype=self.compute_dtype)
        axis = 1 if bins.rank > 1 else 0
        return max_(hot, axis) if self.output_mode == "multi_hot" else sum_(hot, axis)
