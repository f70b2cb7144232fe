"""The kernel of convolutions: patches in a row each, times the kernel as a matrix."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

import numpy as np

from graphc.runtime.kernels.movement import pad
from graphc.runtime.kernels.table import Array, kernel, widened

_CACHED_BYTES = 1 << 20


@kernel("conv")
def conv(
    x: Array,
    weights: Array,
    strides: tuple[int, ...],
    padding: tuple[tuple[int, int], ...],
    dilation: tuple[int, ...],
    input_dilation: tuple[int, ...],
    groups: int,
) -> Array:
    """Shapes: x [N, *spatial, C], weights [*window, C // groups, out]."""
    window, into, out = weights.shape[:-2], weights.shape[-2], weights.shape[-1]
    examples = x.swapaxes(0, -1)
    if groups == 1 and examples.flags.c_contiguous and not x.flags.c_contiguous:
        # As the gradients of kernels have it, whose channels take the place of the batch.
        swapped = _padded(examples, padding, input_dilation)
        return _over_examples(swapped, weights, strides, dilation).astype(x.dtype, copy=False)
    # [N, *places, *window, C]
    patches = windows(_padded(x, padding, input_dilation), window, strides, dilation)
    places = patches.shape[: len(strides) + 1]
    taps = prod(window)
    by_groups = widened(weights).reshape(taps, into, groups, out // groups)
    matrices = by_groups.transpose(2, 0, 1, 3).reshape(groups, taps * into, out // groups)
    result: Array = np.empty((*places, out), matrices.dtype)
    for rows in _blocks(patches):
        some = patches[rows]
        count = prod(some.shape[: len(places)])
        block = some.reshape(count, taps, groups, into).transpose(2, 0, 1, 3)
        # [groups, places, taps * into] times [groups, taps * into, out // groups]
        product = np.matmul(block.reshape(groups, count, taps * into), matrices)
        result[rows] = product.transpose(1, 0, 2).reshape(*some.shape[: len(places)], out)
    return result.astype(x.dtype, copy=False)


def _padded(
    x: Array, padding: tuple[tuple[int, int], ...], input_dilation: tuple[int, ...]
) -> Array:
    return pad(_spread(widened(x), input_dilation), ((0, 0), *padding, (0, 0)), "constant")


def _over_examples(
    examples: Array, weights: Array, strides: tuple[int, ...], dilation: tuple[int, ...]
) -> Array:
    """The same for [C, *spatial, N], of which the examples [N, *spatial, C] lie in memory.

    Places and taps change places: what each place sees of some examples is one matrix, and
    products of these are added up.
    """
    window, out = weights.shape[:-2], weights.shape[-1]
    places = tuple(
        (size - (span - 1) * d - 1) // stride + 1
        for size, span, stride, d in zip(
            examples.shape[1:-1], window, strides, dilation, strict=True
        )
    )
    seen = windows(examples, places, dilation, strides)  # [N, *window, *places, C]
    seen = seen[(slice(None), *map(slice, window))]
    kernels = np.moveaxis(widened(weights), -2, 0)  # [N, *window, out]
    columns = prod(places) * examples.shape[-1]
    total = np.zeros((columns, out), kernels.dtype)
    for rows in _blocks(seen):
        block = seen[rows]
        matrix = block.reshape(prod(block.shape[: len(window) + 1]), columns)
        total += matrix.T @ kernels[rows].reshape(len(matrix), out)
    return np.moveaxis(total.reshape(*places, examples.shape[-1], out), -2, 0)


def _blocks(patches: Array) -> Iterator[slice]:
    """Examples in parts whose patches, once copied, stay in the cache."""
    each = prod(patches.shape[1:]) * patches.itemsize
    count = max(_CACHED_BYTES // max(each, 1), 1)
    return (slice(start, start + count) for start in range(0, len(patches), count))


def windows(
    x: Array, window: tuple[int, ...], strides: tuple[int, ...], dilation: tuple[int, ...]
) -> Array:
    """All windows over the axes between the first and the last, [N, *places, *window, C]: a view."""
    spans = [d * (size - 1) + 1 for size, d in zip(window, dilation, strict=True)]
    axes = tuple(range(1, x.ndim - 1))
    views = np.lib.stride_tricks.sliding_window_view(x, spans, axes)  # [N, *starts, C, *spans]
    count = len(window)
    views = views[
        (
            slice(None),
            *(slice(None, None, stride) for stride in strides),
            slice(None),
            *(slice(None, None, d) for d in dilation),
        )
    ]
    return np.moveaxis(views, count + 1, -1)


def _spread(x: Array, dilation: tuple[int, ...]) -> Array:
    if all(d == 1 for d in dilation):
        return x
    sizes = [max((n - 1) * d + 1, 0) for n, d in zip(x.shape[1:-1], dilation, strict=True)]
    result = np.zeros((x.shape[0], *sizes, x.shape[-1]), x.dtype)
    result[(slice(None), *(slice(None, None, d) for d in dilation))] = x
    return result
