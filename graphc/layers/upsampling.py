"""Upsampling of sequences, images and volumes by whole factors."""

from __future__ import annotations

from graphc.declare.arg import Arg
from graphc.declare.rules import OneOf, Positive, Sizes
from graphc.declare.scope import Scope
from graphc.ir.tensor import Tensor
from graphc.layers.spatial import DATA_FORMAT, SpatialLayer
from graphc.ops.image_size import resize
from graphc.ops.repetition import repeat

INTERPOLATION = OneOf(("bicubic", "bilinear", "lanczos3", "lanczos5", "nearest"), ignore_case=True)


class UpSampling(SpatialLayer, abstract=True):
    """Repeat each element `size` times along each spatial axis."""

    category = "reshaping"

    # Without an annotation: it is one number for sequences, and several for images.
    size = Arg(Sizes(1), default=2)

    @property
    def factors(self) -> tuple[int, ...]:
        """By how much each spatial axis grows."""
        return (self.size,) if isinstance(self.size, int) else self.size

    def call(self, scope: Scope, inputs: Tensor) -> Tensor:
        """[N, *spatial, C] -> [N, *(size * spatial), C]."""
        x = self.computed(inputs)
        for axis, factor in zip(self.spatial_axes, self.factors, strict=True):
            x = repeat(x, factor, axis)
        return x


class UpSampling1D(UpSampling, spatial_rank=1):
    """Each step so many times: [N, steps, C] -> [N, size * steps, C]."""

    size: int = Arg(Positive(), default=2)


class UpSampling2D(UpSampling, spatial_rank=2):
    """An image enlarged: [N, height, width, C] -> [N, size * height, size * width, C]."""

    size: tuple[int, ...] = Arg(Sizes(2), default=2)
    data_format: str | None = Arg(DATA_FORMAT, default=None)
    interpolation: str = Arg(INTERPOLATION, default="nearest")

    def call(self, scope: Scope, inputs: Tensor) -> Tensor:
        """[N, height, width, C] -> [N, size * height, size * width, C]."""
        if self.interpolation == "nearest":
            return super().call(scope, inputs)
        x = self.to_channels_last(self.computed(inputs))
        target = tuple(d * f for d, f in zip(x.shape[1:-1], self.factors, strict=True))
        resized = resize(x, target, interpolation=self.interpolation, data_format="channels_last")
        return self.from_channels_last(resized)


class UpSampling3D(UpSampling, spatial_rank=3):
    """Each element of a volume so many times along each axis: [N, *spatial, C] -> [N, *grown, C]."""

    size: tuple[int, ...] = Arg(Sizes(3), default=2)
    data_format: str | None = Arg(DATA_FORMAT, default=None)
