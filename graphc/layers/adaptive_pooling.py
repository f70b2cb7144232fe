"""Pooling into a grid of a given size."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from graphc.declare.arg import Arg
from graphc.declare.rules import OneOf
from graphc.declare.scope import Scope
from graphc.ir.tensor import Tensor
from graphc.layers.spatial import PerAxis, SpatialLayer
from graphc.ops.adaptive_pooling import adaptive_average_pool, adaptive_max_pool


class AdaptivePooling(SpatialLayer, abstract=True):
    """Reduce windows of nearly one size, so many along each axis that the output has its size.

    Window i runs from floor(i * size / output_size) up to ceil((i + 1) * size / output_size).
    """

    category = "pooling"

    pool: ClassVar[Callable[..., Tensor]]

    output_size: tuple[int, ...] = Arg(PerAxis(1))
    data_format: str | None = Arg(
        OneOf(("channels_last", "channels_first")).or_none(), default=None
    )

    def call(self, scope: Scope, inputs: Tensor) -> Tensor:
        """[N, *spatial, C] -> [N, *output_size, C]."""
        return type(self).pool(self.computed(inputs), self.output_size, self.format_name)


class AdaptiveAveragePooling(AdaptivePooling, abstract=True):
    """The mean of each window."""

    pool = staticmethod(adaptive_average_pool)


class AdaptiveAveragePooling1D(AdaptiveAveragePooling, spatial_rank=1):
    """The mean of each window of steps: [N, steps, C] -> [N, output_size, C]."""


class AdaptiveAveragePooling2D(AdaptiveAveragePooling, spatial_rank=2):
    """The mean of each window of an image: [N, height, width, C] -> [N, *output_size, C]."""


class AdaptiveAveragePooling3D(AdaptiveAveragePooling, spatial_rank=3):
    """The mean of each window of a volume.

    [N, depth, height, width, C] -> [N, *output_size, C].
    """


class AdaptiveMaxPooling(AdaptivePooling, abstract=True):
    """The largest element of each window."""

    pool = staticmethod(adaptive_max_pool)


class AdaptiveMaxPooling1D(AdaptiveMaxPooling, spatial_rank=1):
    """The largest of each window of steps: [N, steps, C] -> [N, output_size, C]."""


class AdaptiveMaxPooling2D(AdaptiveMaxPooling, spatial_rank=2):
    """The largest of each window of an image: [N, height, width, C] -> [N, *output_size, C]."""


class AdaptiveMaxPooling3D(AdaptiveMaxPooling, spatial_rank=3):
    """The largest of each window of a volume.

    [N, depth, height, width, C] -> [N, *output_size, C].
    """
