"""What augmentation layers do to images, given how much."""

from __future__ import annotations

from collections.abc import Sequence
from math import pi
from typing import Any

from graphc.ir.tensor import Tensor
from graphc.ops.convert import as_tensor, cast
from graphc.ops.creation import zeros
from graphc.ops.joining import concatenate
from graphc.ops.rounding import clip
from graphc.ops.trigonometry import cos, sin

Range = Sequence[float]


def interval(factor: Any, lowest: float = -1) -> tuple[float, float]:
    """The limits of what is drawn: a list of two, or a number for both directions."""
    if isinstance(factor, (list, tuple)):
        low, high = sorted(factor)
        return low, high
    return max(-abs(factor), lowest), abs(factor)


def within(x: Tensor, limits: Range) -> Tensor:
    """Values cut off at the limits."""
    return clip(x, limits[0], limits[1])


def columns(*numbers: Any) -> Tensor:
    """The transforms [B, 8] of these six numbers, each for all images or [B, 1]; the rest is 0."""
    first = next(x for x in numbers if isinstance(x, Tensor))
    wide = [
        x if isinstance(x, Tensor) else zeros(first.shape, "float32") + float(x) for x in numbers
    ]
    return concatenate([*wide, zeros((first.shape[0], 2), "float32")], axis=1)


def turn(degrees: Tensor, height: Any, width: Any) -> Tensor:
    """The transforms that turn images round their centers; `degrees` is [B, 1]."""
    angle = degrees * (pi / 180)
    x, y = ((cast(as_tensor(size), "float32") - 1) * 0.5 for size in (width, height))
    c, s = cos(angle), sin(angle)
    return columns(c, -s, x - x * c + y * s, s, c, y - x * s - y * c)
