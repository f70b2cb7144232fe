"""Maxima and sums of windows: along one axis, then along the next."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np

from graphc.runtime.kernels.table import Array
from graphc.runtime.plan.call import Call, copy
from graphc.runtime.plan.windows.geometry import Geometry
from graphc.runtime.plan.windows.strategy import Block, Strategy, blocks_of, shaped


class Pooling(Strategy):
    """`ufunc` names what puts two elements together, and `empty` is what it leaves alone."""

    def __init__(
        self, geometry: Geometry, ufunc: str, empty: float, dtype: np.dtype[np.generic], cache: int
    ) -> None:
        self.geometry = geometry
        self.ufunc = ufunc
        self.empty = empty
        self._size = dtype.itemsize
        row = prod(geometry.padded[1:]) * geometry.channels * (geometry.strides[0] + 2) * self._size
        self.blocks = blocks_of(geometry.images, geometry.places[0], row, cache)

    @property
    def scratch(self) -> Sequence[int]:
        """A block's padded rows, and what is left after each axis but the last."""
        block = self.blocks[0]
        sizes = [prod(self._after(block, axis)) * self._size for axis in range(self._axes - 1)]
        return self.geometry.halo_size(block, self._size), *sizes

    @property
    def _axes(self) -> int:
        return len(self.geometry.window)

    def _after(self, block: Block, axis: int) -> tuple[int, ...]:
        """The shape once windows along this axis, and those before, are one element each."""
        geometry = self.geometry
        done = (block.height, *geometry.places[1 : axis + 1])
        return (block.count, *done, *geometry.padded[axis + 1 :], geometry.channels)

    def calls(self, block: Block, x: Array, result: Array, scratch: Sequence[Array]) -> list[Call]:
        """A call for each element of a window along each axis."""
        calls, current = self.geometry.halo(block, x, scratch[0], self.empty)
        for axis in range(self._axes):
            shape = self._after(block, axis)
            is_last = axis == self._axes - 1
            target = result.reshape(shape) if is_last else shaped(scratch[axis + 1], shape, x)
            calls += self._along(current, target, axis)
            current = target
        return calls

    def _along(self, x: Array, target: Array, axis: int) -> list[Call]:
        geometry = self.geometry
        stride = geometry.strides[axis]
        last = (target.shape[axis + 1] - 1) * stride + 1
        taps = [
            x[(slice(None),) * (axis + 1) + (slice(start, start + last, stride),)]
            for start in range(
                0, geometry.window[axis] * geometry.dilation[axis], geometry.dilation[axis]
            )
        ]
        if len(taps) == 1:
            return [copy(target, taps[0])]
        text = f"{self.ufunc}({{}}, {{}}, out={{}})"
        first = Call(text, (taps[0], taps[1], target))
        return [first, *(Call(text, (target, tap, target)) for tap in taps[2:])]
