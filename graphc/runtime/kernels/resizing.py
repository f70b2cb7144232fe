"""The kernel that resizes images: along each axis a product with a matrix of weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from graphc.runtime.kernels.table import Array, kernel, widened


@kernel("resize")
def resize(x: Array, shape: tuple[int, ...], interpolation: str, antialias: bool) -> Array:
    """Half-pixel centres; filters as in jax.image.resize."""
    result: Array = widened(x)
    for axis, (before, after) in enumerate(zip(x.shape, shape, strict=True)):
        if before == after:
            continue
        if interpolation == "nearest":
            result = np.take(result, _nearest(before, after), axis)
        else:
            weights = filter_weights(before, after, interpolation, antialias=antialias)
            result = np.moveaxis(np.tensordot(result, weights, (axis, 0)), -1, axis)
    return result.astype(x.dtype, copy=False)


def _nearest(before: int, after: int) -> Array:
    # In float32, as XLA: which of two neighbours is nearest hangs on the last bit.
    places = (np.arange(after, dtype=np.float32) + np.float32(0.5)) * np.float32(before)
    result: Array = np.floor(places / np.float32(after)).astype(int)
    return result


def filter_weights(before: int, after: int, interpolation: str, *, antialias: bool) -> Array:
    """How much each place before adds to each place after: [before, after], columns of sum 1.

    With `antialias` the filter is as wide as the places that become one. Places after whose centre
    is outside of the image are 0.
    """
    step = before / after
    widening = max(step, 1) if antialias else 1
    centres = (np.arange(after) + 0.5) * step - 0.5
    distances = np.abs(centres[None, :] - np.arange(before)[:, None]) / widening
    weights = _FILTERS[interpolation](distances)
    total = weights.sum(axis=0, keepdims=True)
    weights = np.where(np.abs(total) > 1e-4, weights / np.where(total == 0, 1, total), 0)
    is_inside = (centres >= -0.5) & (centres <= before - 0.5)
    made: Array = np.where(is_inside[None, :], weights, 0).astype(np.float32)
    return made


def _triangle(x: Array) -> Any:
    return np.maximum(0, 1 - x)


def _cubic(x: Array) -> Any:
    """R. G. Keys, "Cubic convolution interpolation for digital image processing" (1981), a = -1/2."""
    near = ((1.5 * x - 2.5) * x) * x + 1
    far = ((-0.5 * x + 2.5) * x - 4) * x + 2
    return np.where(x >= 2, 0, np.where(x >= 1, far, near))


def _lanczos(radius: int) -> Callable[[Array], Any]:
    def weigh(x: Array) -> Any:
        return np.where(x > radius, 0, np.sinc(x) * np.sinc(x / radius))

    return weigh


_FILTERS: dict[str, Callable[[Array], Any]] = {
    "bilinear": _triangle,
    "bicubic": _cubic,
    "lanczos3": _lanczos(3),
    "lanczos5": _lanczos(5),
}
