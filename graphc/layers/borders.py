"""Zero padding and cropping of sequences, images and volumes."""

from __future__ import annotations

from typing import Any

from graphc.declare.arg import Arg
from graphc.declare.rules import REJECTED, Rule, Sizes
from graphc.declare.scope import Scope
from graphc.diagnostics.codes import EMPTY_OUTPUT
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import Dim, at_least
from graphc.ir.primitives import apply
from graphc.ir.primitives.movement import SLICE
from graphc.ir.tensor import Tensor
from graphc.layers.spatial import AXES, DATA_FORMAT, SpatialLayer
from graphc.ops.padding import pad


class Borders(Rule):
    """How much before and after each of `count` axes: one number, one for each, or pairs."""

    count: int

    @property
    def sentence(self) -> str:
        one = Sizes(1, 0).sentence
        return f"{one}, or a list of {self.count}, each such a number or two of them"

    def accept(self, value: Any) -> Any:
        if isinstance(value, (tuple, list)):
            pairs = tuple(Sizes(2, 0).accept(item) for item in value)
            return pairs if len(pairs) == self.count and REJECTED not in pairs else REJECTED
        pair = Sizes(2, 0).accept(value)
        return REJECTED if pair is REJECTED else (pair,) * self.count

    @property
    def valid(self) -> tuple[Any, ...]:
        return (0, 2, tuple(range(self.count)), ((1, 2),) * self.count)

    @property
    def invalid(self) -> tuple[Any, ...]:
        return (-1, (1,) * (self.count + 1), ((1, 2, 3),) * self.count, "wide")


class ZeroPadding(SpatialLayer, abstract=True):
    """Zeros before and after each spatial axis."""

    category = "reshaping"

    # Without an annotation: its type is another for sequences than for images.
    padding = Arg(Sizes(2, 0), default=1)
    data_format: str | None = Arg(DATA_FORMAT, default=None)

    def call(self, scope: Scope, inputs: Tensor) -> Tensor:
        """[N, *spatial, C] -> [N, *padded, C]."""
        added = dict(zip(self.spatial_axes, pairs_of(self.padding), strict=True))
        widths = tuple(added.get(axis, (0, 0)) for axis in range(inputs.rank))
        return pad(self.computed(inputs), widths)


class ZeroPadding1D(ZeroPadding, spatial_rank=1):
    """Zeros before and after the steps: [N, steps, C] -> [N, before + steps + after, C]."""


class ZeroPadding2D(ZeroPadding, spatial_rank=2):
    """Zeros around an image: [N, height, width, C] -> [N, height + …, width + …, C]."""

    padding: tuple[tuple[int, int], ...] = Arg(Borders(2), default=1)


class ZeroPadding3D(ZeroPadding, spatial_rank=3):
    """Zeros around a volume: [N, depth, height, width, C] -> [N, *padded, C]."""

    padding: tuple[tuple[int, int], ...] = Arg(Borders(3), default=1)


class Cropping(SpatialLayer, abstract=True):
    """Elements taken away before and after along each spatial axis."""

    category = "reshaping"
    cropping = Arg(Sizes(2, 0), default=1)

    def call(self, scope: Scope, inputs: Tensor) -> Tensor:
        """[N, *spatial, C] -> [N, *cropped, C]."""
        starts: list[Dim] = [0] * inputs.rank
        sizes = list(inputs.shape)
        for axis, (before, after) in zip(self.spatial_axes, pairs_of(self.cropping), strict=True):
            starts[axis] = before
            sizes[axis] = sizes[axis] - before - after
            if at_least(sizes[axis], 1) is False:
                raise self._nothing_left(axis, inputs)
        strides = (1,) * inputs.rank
        x = self.computed(inputs)
        if tuple(sizes) == inputs.shape:
            return x
        return apply(SLICE, x, starts=tuple(starts), sizes=tuple(sizes), strides=strides)

    def _nothing_left(self, axis: int, inputs: Tensor) -> Fault:
        place = self.spatial_axes.index(axis)
        before, after = pairs_of(self.cropping)[place]
        name = AXES[self.spatial_rank].split(", ")[place]
        return Fault(
            EMPTY_OUTPUT,
            f"needs more {name} than the {before} + {after} that it crops, got {inputs.type}",
            label=f"nothing left of {inputs.shape[axis]}",
            arguments=("cropping",),
            inputs=("inputs",),
        )


class Cropping1D(Cropping, spatial_rank=1):
    """Steps taken away at both ends: [N, steps, C] -> [N, steps - before - after, C]."""

    cropping: tuple[int, ...] = Arg(Sizes(2, 0), default=1)


class Cropping2D(Cropping, spatial_rank=2):
    """An image without its borders: [N, height, width, C] -> [N, height - …, width - …, C]."""

    cropping: tuple[tuple[int, int], ...] = Arg(Borders(2), default=0)
    data_format: str | None = Arg(DATA_FORMAT, default=None)


class Cropping3D(Cropping, spatial_rank=3):
    """A volume without its borders: [N, depth, height, width, C] -> [N, *cropped, C]."""

    cropping: tuple[tuple[int, int], ...] = Arg(Borders(3), default=1)
    data_format: str | None = Arg(DATA_FORMAT, default=None)


def pairs_of(borders: Any) -> tuple[tuple[int, int], ...]:
    """Pairs for each axis; a single pair, as sequences have it, for the only one."""
    pairs: tuple[tuple[int, int], ...] = borders if isinstance(borders[0], tuple) else (borders,)
    return pairs
