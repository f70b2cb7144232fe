"""Reference kernels of sliding windows and of resizing.

Resizing follows jax.image.resize (jax/_src/image/scale.py): a sum of neighbours weighted by a
filter, along one axis after the other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.reference.kernel import kernel, widened
from tests.reference.movement import pad_or_crop


@kernel("reduce_window_sum")
def reduce_window_sum(x: Any, window: Any, strides: Any, padding: Any) -> Any:
    return _reduce_window(np.sum, 0, x, window, strides, padding)


@kernel("reduce_window_max")
def reduce_window_max(x: Any, window: Any, strides: Any, padding: Any) -> Any:
    wide = widened(x)
    least = -np.inf if wide.dtype.kind == "f" else np.iinfo(wide.dtype).min
    return _reduce_window(np.max, least, x, window, strides, padding)


def _reduce_window(
    reduce: Callable[..., Any], fill: Any, x: Any, window: Any, strides: Any, padding: Any
) -> Any:
    padded = pad_or_crop(widened(x), padding, "constant", fill)
    places = [
        (size - reach) // step + 1
        for size, reach, step in zip(padded.shape, window, strides, strict=True)
    ]
    result = np.zeros(places, padded.dtype)
    for place in np.ndindex(*places):
        cut = tuple(
            slice(p * step, p * step + reach)
            for p, step, reach in zip(place, strides, window, strict=True)
        )
        result[place] = reduce(padded[cut])
    return result.astype(x.dtype)


@kernel("resize")
def resize(x: Any, shape: Any, interpolation: str, antialias: bool) -> Any:
    result = widened(x)
    for axis, (before, after) in enumerate(zip(x.shape, shape, strict=True)):
        if before == after:
            continue
        if interpolation == "nearest":
            places = np.floor((np.arange(after) + 0.5) * np.float32(before) / np.float32(after))
            result = np.take(result, places.astype(int), axis)
        else:
            weights = _weights(before, after, FILTERS[interpolation], antialias)
            result = np.moveaxis(np.tensordot(result, weights, (axis, 0)), -1, axis)
    return result.astype(x.dtype)


def _weights(before: int, after: int, shape: Callable[[Any], Any], antialias: bool) -> Any:
    inverse_scale = before / after
    widening = max(inverse_scale, 1) if antialias else 1
    centres = (np.arange(after) + 0.5) * inverse_scale - 0.5
    distances = np.abs(centres[None, :] - np.arange(before)[:, None]) / widening
    weights = shape(distances)
    total = weights.sum(axis=0, keepdims=True)
    weights = np.where(np.abs(total) > 1e-4, weights / np.where(total == 0, 1, total), 0)
    is_inside = (centres >= -0.5) & (centres <= before - 0.5)
    return np.where(is_inside[None, :], weights, 0).astype(np.float32)


def _triangle(x: Any) -> Any:
    return np.maximum(0, 1 - x)


def _keys_cubic(x: Any) -> Any:
    near = ((1.5 * x - 2.5) * x) * x + 1
    far = ((-0.5 * x + 2.5) * x - 4) * x + 2
    return np.where(x >= 2, 0, np.where(x >= 1, far, near))


def _lanczos(radius: int) -> Callable[[Any], Any]:
    def filtered(x: Any) -> Any:
        y = radius * np.sin(np.pi * x) * np.sin(np.pi * x / radius)
        safe = np.where(x != 0, np.pi**2 * x**2, 1)
        return np.where(x > radius, 0, np.where(x > 1e-3, y / safe, 1))

    return filtered


FILTERS: dict[str, Callable[[Any], Any]] = {
    "bilinear": _triangle,
    "bicubic": _keys_cubic,
    "lanczos3": _lanczos(3),
    "lanczos5": _lanczos(5),
}
