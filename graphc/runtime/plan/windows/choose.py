"""Which way to slide windows is the fastest, by their sizes.

Measured on one core, each within a whole network, since kernels that are larger after a transform
come from memory: see docs/performance.md.
"""

from __future__ import annotations

from math import prod

import numpy as np

from graphc.ir.tensor import Step
from graphc.runtime.kernels.table import SMALL_FLOATS
from graphc.runtime.kernels.window import smallest
from graphc.runtime.plan.memory import Place
from graphc.runtime.plan.windows.depthwise import Depthwise
from graphc.runtime.plan.windows.geometry import Geometry
from graphc.runtime.plan.windows.im2col import Im2col
from graphc.runtime.plan.windows.of_kernel import OfKernel, sums_over_images
from graphc.runtime.plan.windows.planes import Planes
from graphc.runtime.plan.windows.pooling import Pooling
from graphc.runtime.plan.windows.scattered import Scattered
from graphc.runtime.plan.windows.strategy import Strategy
from graphc.runtime.plan.windows.winograd import Winograd

MOST_PLANES = 4
"""Channels of the result up to which windows are summed from planes."""

LEAST_SHARE = 4
"""Channels of the images, at least, for each of those."""

SCATTERED = 3
"""What an element costs that is multiplied and added, in such that are copied and multiplied."""


def strategy_of(step: Step, operands: tuple[Place, ...], cache: int) -> Strategy | None:
    """The way to do a step; None where only its kernel can."""
    if operands[0].dtype.name in SMALL_FLOATS or len(operands[0].shape) < 3:
        return None
    return (
        _convolution(step, operands, cache)
        if step.primitive.name == "conv"
        else _pooling(step, operands[0], cache)
    )


def _convolution(step: Step, operands: tuple[Place, ...], cache: int) -> Strategy | None:
    x, kernel = operands
    if x.dtype.kind != "f":
        return None
    attributes = step.attributes
    if sums_over_images(step, operands):
        return OfKernel(x, kernel, attributes, cache)
    geometry = Geometry(
        x.shape[0],
        x.shape[1:-1],
        x.shape[-1],
        kernel.shape[:-2],
        attributes["strides"],
        attributes["padding"],
        attributes["dilation"],
        attributes["input_dilation"],
        _has_rows(x),
    )
    groups = attributes["groups"]
    if groups > 1:
        is_depthwise = groups == x.shape[-1] == kernel.shape[-1] and len(geometry.sizes) == 2
        return Depthwise(geometry, kernel, cache) if is_depthwise else None
    out = kernel.shape[-1]
    if kernel.is_known:
        if _makes_few(geometry, out):
            return Planes(geometry, kernel.array(), cache)
        m = _winograd_size(geometry, out)
        if m:
            return Winograd(geometry, kernel.array(), m, cache)
    way = Scattered if _is_scattered(geometry, out) else Im2col
    return way(geometry, kernel, cache)


def _makes_few(geometry: Geometry, out: int) -> bool:
    """Whether so much fewer numbers come out than go in that they are what should be moved."""
    steps = (*geometry.strides, *geometry.spread)
    is_few = out <= MOST_PLANES and out * LEAST_SHARE <= geometry.channels
    return is_few and geometry.taps > 1 and all(step == 1 for step in steps)


def _is_scattered(geometry: Geometry, out: int) -> bool:
    """Whether adding up what each element leads to takes less time than copying windows."""
    if any(step != 1 for step in geometry.strides):
        return False
    windows = prod(geometry.places) * geometry.channels
    parts = prod(geometry.sizes) * out
    return SCATTERED * parts < windows


def _has_rows(x: Place) -> bool:
    """Whether columns and channels of a row follow each other."""
    return x.strides[-2:] == (x.shape[-1] * x.dtype.itemsize, x.dtype.itemsize)


def _winograd_size(geometry: Geometry, out: int) -> int:
    """The edge of a tile, 0 where other ways are faster."""
    ones = (1, 1)
    is_plain = geometry.window == (3, 3) and geometry.strides == ones
    is_plain &= geometry.dilation == ones and geometry.spread == ones
    if not is_plain or min(geometry.channels, out) < 32 or min(map(min, geometry.padding)) < 0:
        return 0
    edge = min(geometry.places)
    if edge >= 28:
        return 4
    if edge >= 14 or geometry.images * edge >= 28:
        return 2
    return 0


def _pooling(step: Step, x: Place, cache: int) -> Strategy | None:
    window, strides, padding = (step.attributes[k] for k in ("window", "strides", "padding"))
    is_inside = all((window[i], strides[i], padding[i]) == (1, 1, (0, 0)) for i in (0, -1))
    if not is_inside:
        return None
    ones = (1,) * (len(x.shape) - 2)
    geometry = Geometry(
        x.shape[0],
        x.shape[1:-1],
        x.shape[-1],
        window[1:-1],
        strides[1:-1],
        padding[1:-1],
        ones,
        ones,
        _has_rows(x),
    )
    if step.primitive.name == "reduce_window_sum":
        return Pooling(geometry, "add", 0, x.dtype, cache)
    return Pooling(geometry, "maximum", smallest(np.dtype(x.dtype)), x.dtype, cache)
