"""Pooling over windows, and over everything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from graphc.declare.arg import Arg
from graphc.declare.rules import Flag, OneOf, Optional, Text
from graphc.declare.scope import Scope
from graphc.diagnostics.fault import Fault
from graphc.ir.tensor import Tensor
from graphc.layers.spatial import DATA_FORMAT, PerAxis, SpatialLayer, too_small
from graphc.ops.arithmetic import where
from graphc.ops.convert import cast
from graphc.ops.pooling import average_pool, max_pool
from graphc.ops.reduction import max_, mean, sum_
from graphc.ops.shaping import expand_dims

PADDING = OneOf(("valid", "same"))


class Pooling(SpatialLayer, abstract=True):
    """Reduce each window of the input, channel by channel."""

    category = "pooling"
    defaults_to = {"strides": "pool_size"}

    pool: ClassVar[Callable[..., Tensor]]

    pool_size: tuple[int, ...] = Arg(PerAxis(1))
    strides: tuple[int, ...] | None = Arg(PerAxis(1).or_none(), default=None)
    padding: str = Arg(PADDING, default="valid")
    data_format: str | None = Arg(DATA_FORMAT, default=None)
    # By place, unlike in other layers. Without an annotation, as mypy would put it first.
    name = Arg(Optional(Text()), default=None)

    def call(self, scope: Scope, inputs: Tensor) -> Tensor:
        """[N, *spatial, C] -> [N, *places, C]."""
        try:
            return type(self).pool(
                self.computed(inputs),
                self.pool_size,
                self.strides or self.pool_size,
                self.padding,
                self.format_name,
            )
        except Fault as fault:
            raise too_small(fault, "pool_size", self.pool_size, inputs) from None


class MaxPooling(Pooling, abstract=True):
    """The largest element of each window."""

    pool = staticmethod(max_pool)
    pool_size: tuple[int, ...] = Arg(PerAxis(1), default=2)


class MaxPooling1D(MaxPooling, spatial_rank=1):
    """The largest of each window of steps: [N, steps, C] -> [N, places, C]."""

    aliases = ("MaxPool1D",)


class MaxPooling2D(MaxPooling, spatial_rank=2):
    """The largest of each window of an image: [N, height, width, C] -> [N, rows, columns, C]."""

    aliases = ("MaxPool2D",)


class MaxPooling3D(MaxPooling, spatial_rank=3):
    """The largest of each window of a volume: [N, depth, height, width, C] -> [N, *places, C]."""

    aliases = ("MaxPool3D",)


class AveragePooling(Pooling, abstract=True):
    """The mean of each window; what is padding does not count."""

    pool = staticmethod(average_pool)


class AveragePooling1D(AveragePooling, spatial_rank=1):
    """The mean of each window of steps: [N, steps, C] -> [N, places, C]."""

    aliases = ("AvgPool1D",)


class AveragePooling2D(AveragePooling, spatial_rank=2):
    """The mean of each window of an image: [N, height, width, C] -> [N, rows, columns, C]."""

    aliases = ("AvgPool2D",)


class AveragePooling3D(AveragePooling, spatial_rank=3):
    """The mean of each window of a volume: [N, depth, height, width, C] -> [N, *places, C]."""

    aliases = ("AvgPool3D",)


class GlobalPooling(SpatialLayer, abstract=True):
    """Reduce each channel to one number; `keepdims` leaves the spatial axes at size 1."""

    category = "pooling"
    data_format: str | None = Arg(DATA_FORMAT, default=None)
    keepdims: bool = Arg(Flag(), default=False)

    def help_with_rank(self, rank: int) -> str | None:
        """The spatial axes are gone."""
        if self.keepdims:
            return None
        return f"leave out the {self.type_name} before it, or give it keepdims=True"


class GlobalMaxPooling(GlobalPooling, abstract=True):
    """The largest element of each channel."""

    def call(self, scope: Scope, inputs: Tensor) -> Tensor:
        """[N, *spatial, C] -> [N, C]."""
        return max_(self.computed(inputs), self.spatial_axes, self.keepdims)


class GlobalMaxPooling1D(GlobalMaxPooling, spatial_rank=1):
    """The largest step of each channel: [N, steps, C] -> [N, C]."""

    aliases = ("GlobalMaxPool1D",)


class GlobalMaxPooling2D(GlobalMaxPooling, spatial_rank=2):
    """The largest element of each channel: [N, height, width, C] -> [N, C]."""

    aliases = ("GlobalMaxPool2D",)


class GlobalMaxPooling3D(GlobalMaxPooling, spatial_rank=3):
    """The largest element of each channel: [N, depth, height, width, C] -> [N, C]."""

    aliases = ("GlobalMaxPool3D",)


class GlobalAveragePooling(GlobalPooling, abstract=True):
    """The mean of each channel."""

    def call(self, scope: Scope, inputs: Tensor) -> Tensor:
        """[N, *spatial, C] -> [N, C]."""
        return mean(self.computed(inputs), self.spatial_axes, self.keepdims)


class GlobalAveragePooling1D(GlobalAveragePooling, spatial_rank=1):
    """The mean over the steps that the mask leaves: [N, steps, C] -> [N, C]."""

    aliases = ("GlobalAvgPool1D",)
    supports_masking = True

    def call(self, scope: Scope, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        """[N, steps, C], mask [N, steps] -> [N, C]."""
        if mask is None:
            return super().call(scope, inputs)
        x = self.computed(inputs)
        is_kept = expand_dims(cast(mask, "bool"), 1 if self.is_channels_first else 2)
        total = sum_(where(is_kept, x, 0), self.spatial_axes, self.keepdims)
        return total / sum_(cast(is_kept, x.dtype), self.spatial_axes, self.keepdims)

    def compute_mask(self, scope: Scope, inputs: Any, mask: Any) -> Any:
        """There are no steps left to mask."""
        return None


class GlobalAveragePooling2D(GlobalAveragePooling, spatial_rank=2):
    """The mean of each channel: [N, height, width, C] -> [N, C]."""

    aliases = ("GlobalAvgPool2D",)


class GlobalAveragePooling3D(GlobalAveragePooling, spatial_rank=3):
    """The mean of each channel: [N, depth, height, width, C] -> [N, C]."""

    aliases = ("GlobalAvgPool3D",)
