"""Gradients of kernels: convolutions that sum over a batch.

They have the channels of images where others have the batch: [C, *sizes, N] with a kernel
[*places, N, out] for a result [C, *taps, out]. In memory the images lie as [N, *sizes, C], and
windows over these times the kernel, one product of matrices for some images, are added up.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from graphc.ir.tensor import Step
from graphc.record import replace
from graphc.runtime.kernels.table import Array
from graphc.runtime.plan.call import Call, copy
from graphc.runtime.plan.memory import Place
from graphc.runtime.plan.pieces import equal_parts, summed_rows
from graphc.runtime.plan.windows.geometry import Geometry
from graphc.runtime.plan.windows.strategy import (
    Block,
    Strategy,
    as_matrix,
    blocks_of,
    is_packed,
    shaped,
)


def sums_over_images(step: Step, operands: Sequence[Place]) -> bool:
    """Whether a step is such a convolution."""
    if step.primitive.name != "conv" or step.attributes["groups"] != 1:
        return False
    x = operands[0]
    return x.strides[-1] > max(x.strides[:-1]) and is_packed(_turned(x, 0, -1))


class OfKernel(Strategy):
    """Windows are copied of the side for which there is less to copy.

    `x` has the images and `slopes` the gradient of the forward results, which is the kernel here.
    """

    is_fed = False
    is_whole = True

    def __init__(self, x: Place, slopes: Place, attributes: dict[str, Any], cache: int) -> None:
        images, others = _turned(x, 0, -1), _moved(slopes)
        taps = tuple(
            (n - 1) * u + 1 + sum(around) - (m - 1) * d - 1
            for n, u, around, m, d in zip(
                images.shape[1:-1], attributes["input_dilation"], attributes["padding"],
                others.shape[1:-1], attributes["dilation"], strict=True,
            )
        )  # fmt: skip
        window = tuple(
            span // stride + 1 for span, stride in zip(taps, attributes["strides"], strict=True)
        )
        geometry = Geometry(
            images.shape[0], images.shape[1:-1], images.shape[-1], window,
            attributes["dilation"], attributes["padding"], attributes["strides"],
            attributes["input_dilation"], is_packed(images),
        )  # fmt: skip
        turned = _of_slopes(geometry, others)
        self.is_turned = _is_dense(geometry) and _copied(turned) < _copied(geometry)
        self._seen, self._others = (others, images) if self.is_turned else (images, others)
        self.geometry = turned if self.is_turned else geometry
        self._depth = self.geometry.taps * self.geometry.channels
        self._columns = self._others.shape[-1]
        self._size = x.dtype.itemsize
        row = prod(self.geometry.places[1:]) * (self._depth + self._columns) * self._size
        self.blocks = blocks_of(self.geometry.images, self.geometry.places[0], row, cache)

    @property
    def scratch(self) -> Sequence[int]:
        """A block's padded rows, its windows, the other side, its part of the sum, and the sum.

        Last what the part is the sum of.
        """
        block, size = self.blocks[0], self._size
        places = self._rows(block)
        others = 0 if is_packed(self._others) else places * self._columns * size
        part = self._depth * self._columns * size
        halo = self.geometry.halo_size(block, size)
        parts = max(map(self._parts, self.blocks))
        return (
            halo, places * self._depth * size, others, part, part, part * parts * (parts > 1),
        )  # fmt: skip

    def _rows(self, block: Block) -> int:
        """The windows of a block."""
        return block.count * block.height * prod(self.geometry.places[1:])

    def _parts(self, block: Block) -> int:
        return equal_parts(self._rows(block), self._depth, self._columns)

    def calls(self, block: Block, x: Array, result: Array, scratch: Sequence[Array]) -> list[Call]:
        """Copies, a product, and a sum."""
        geometry = self.geometry
        calls, padded = geometry.halo(block, self._seen.array(), scratch[0])
        matrix, copies = geometry.rows_of_windows(padded, block.height, scratch[1])
        others = self._others.array()[slice(*block.images), slice(*block.rows)]
        more, factor = as_matrix(others, scratch[2])
        part, total = (shaped(room, (self._depth, self._columns), x) for room in scratch[3:5])
        is_first = block is self.blocks[0]
        calls += [*copies, *more]
        calls += summed_rows(
            matrix, factor, self._parts(block), scratch[5], total if is_first else part
        )
        if not is_first:
            calls.append(Call("add({}, {}, out={})", (total, part, total)))
        if block is self.blocks[-1]:
            calls.append(self._put(total, result))
        return calls

    def _put(self, total: Array, result: Array) -> Call:
        """The sum, where each tap has a matrix, as the result [C, *taps, out]."""
        made = total.reshape(*self.geometry.window, self.geometry.channels, self._columns)
        taps = tuple(range(made.ndim - 2))
        if self.is_turned:
            made = made[(slice(None, None, -1),) * len(taps)]
            return copy(result, made.transpose(len(taps) + 1, *taps, len(taps)))
        return copy(result, made.transpose(len(taps), *taps, len(taps) + 1))


def _of_slopes(geometry: Geometry, slopes: Place) -> Geometry:
    """Windows over the gradient of the results, around each element of the images.

    Element q meets, by tap i, the result q + before - i: the taps are reversed.
    """
    padding = tuple(
        (k - 1 - before, n + before - m)
        for k, n, m, (before, _) in zip(
            geometry.window, geometry.sizes, geometry.places, geometry.padding, strict=True
        )
    )
    return replace(
        geometry,
        sizes=slopes.shape[1:-1],
        channels=slopes.shape[-1],
        padding=padding,
        is_packed=is_packed(slopes),
    )


def _is_dense(geometry: Geometry) -> bool:
    """Whether strides, dilations and spreads are 1."""
    return all(step == 1 for step in (*geometry.strides, *geometry.dilation, *geometry.spread))


def _copied(geometry: Geometry) -> int:
    return prod(geometry.places) * geometry.taps * geometry.channels


def _turned(x: Place, i: int, j: int) -> Place:
    """Two axes in each other's place."""
    axes = list(range(len(x.shape)))
    axes[i], axes[j] = axes[j], axes[i]
    return _with_axes(x, axes)


def _moved(x: Place) -> Place:
    """The last but one axis before all others."""
    last = len(x.shape) - 1
    return _with_axes(x, [last - 1, *range(last - 1), last])


def _with_axes(x: Place, axes: Sequence[int]) -> Place:
    return replace(
        x, shape=tuple(x.shape[i] for i in axes), strides=tuple(x.strides[i] for i in axes)
    )
