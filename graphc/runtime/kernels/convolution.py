"""The kernel of convolutions: patches in a row each, times the kernel as a matrix."""

from __future__ import annotations

from math import prod

import numpy as np

from graphc.runtime.kernels.movement import pad
from graphc.runtime.kernels.table import Array, kernel, widened


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
    spread = pad(_spread(widened(x), input_dilation), ((0, 0), *padding, (0, 0)), "constant")
    patches = windows(spread, window, strides, dilation)  # [N, *places, *window, C]
    places = patches.shape[: len(strides) + 1]
    taps = prod(window)
    rows = patches.reshape(prod(places), taps, groups, into)
    matrices = widened(weights).reshape(taps, into, groups, out // groups)
    # [groups, rows, taps * into] times [groups, taps * into, out // groups]
    product = np.matmul(
        rows.transpose(2, 0, 1, 3).reshape(groups, prod(places), taps * into),
        matrices.transpose(2, 0, 1, 3).reshape(groups, taps * into, out // groups),
    )
    result: Array = product.transpose(1, 0, 2).reshape(*places, out)
    return result.astype(x.dtype, copy=False)


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
