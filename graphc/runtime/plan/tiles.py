"""Arrays that calls share: constants repeated to a handy length, and matrices."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import prod
from typing import Any

import numpy as np

from graphc.runtime.kernels.table import Array
from graphc.runtime.plan.constants import aligned, kept
from graphc.runtime.plan.pieces import Panels

TILE = 1 << 12
"""Elements of a repeated constant: few enough to stay in the nearest cache, and so many that
NumPy's loops over them cost nothing."""


class Tiles:
    """Makes each array once."""

    def __init__(self) -> None:
        self._made: dict[tuple[Any, ...], Any] = {}
        self._kept: list[Array] = []

    def number(self, value: float, dtype: np.dtype[Any]) -> Array:
        """A number as an array."""
        made: Array = self._once(("number", value, dtype), lambda: np.array(value, dtype))
        return made

    def ones(self, size: int, dtype: np.dtype[Any]) -> Array:
        """A vector of ones: times a matrix it adds up the rows."""
        made: Array = self._once(("ones", size, dtype), lambda: kept(np.ones(size, dtype)))
        return made

    def matrix(self, y: Array, rows: Sequence[int]) -> Panels:
        """A tensor as a matrix, whose rows count these axes and whose columns count the others."""
        columns = [axis for axis in range(y.ndim) if axis not in rows]
        depth = prod(y.shape[axis] for axis in rows)
        made: Panels = self._of(
            y,
            ("matrix", *rows),
            lambda: Panels(aligned(y.transpose(*rows, *columns).reshape(depth, -1))),
        )
        return made

    def flattened(
        self, arrays: Sequence[Array], is_row: Sequence[bool], are_fixed: bool
    ) -> list[Array]:
        """Arrays for the same work on each element, in as few axes as will do.

        Those that are not rows are the same for each row of the others, and `are_fixed` tells
        whether they are there already.
        """
        result = arrays[-1]
        if single := _beside_numbers(arrays, is_row):
            return single
        rank = result.ndim - 1
        rows = [x for x, flag in zip(arrays, is_row, strict=True) if flag]
        if not (are_fixed and all(_is_like(x, result) for x in rows)):
            return [
                x if flag else _last_axes(x, rank) for x, flag in zip(arrays, is_row, strict=True)
            ]
        if len(rows) == len(arrays):
            return [x.reshape(-1) for x in arrays]
        fixed = [_last_axes(x, rank) for x, flag in zip(arrays, is_row, strict=True) if not flag]
        deep = max(map(_depth, fixed))
        row = result.shape[result.ndim - deep :]
        count = result.size // prod(row)
        together = _divisor(count, TILE // prod(row))
        length = together * prod(row)
        # On one axis NumPy's loops begin with fewer questions.
        shape = (length,) if together == count else (count // together, length)
        left = iter(fixed)
        return [
            x.reshape(shape) if flag else self._tile(next(left), row, together)
            for x, flag in zip(arrays, is_row, strict=True)
        ]

    def _tile(self, x: Array, row: tuple[int, ...], times: int) -> Array:
        x = _last_axes(x, len(row))
        shape = (times, *row)
        made: Array = self._of(
            x, ("tile", *shape), lambda: kept(np.broadcast_to(x, shape).reshape(-1))
        )
        return made

    def _of(self, x: Array, use: tuple[Any, ...], make: Any) -> Any:
        place = (x.__array_interface__["data"][0], x.shape, x.strides, x.dtype, *use)
        if place not in self._made:
            self._kept.append(x)  # its address is part of the name
        return self._once(place, make)

    def _once(self, place: tuple[Any, ...], make: Any) -> Any:
        found = self._made.get(place)
        if found is None:
            found = self._made[place] = make()
        return found


def _beside_numbers(arrays: Sequence[Array], is_row: Sequence[bool]) -> list[Array]:
    """Arrays on one axis, with those of one element as numbers; none where others have a say.

    So it is where there is one row, of which something was taken together.
    """
    result = arrays[-1]
    singles = [flag and x.size == 1 < result.size for x, flag in zip(arrays, is_row, strict=True)]
    if not any(singles):
        return []
    if not all(single or _is_like(x, result) for x, single in zip(arrays, singles, strict=True)):
        return []
    return [x.reshape(() if single else -1) for x, single in zip(arrays, singles, strict=True)]


def _last_axes(x: Array, rank: int) -> Array:
    return x.reshape(x.shape[x.ndim - rank :]) if x.ndim > rank else x


def _is_like(x: Array, result: Array) -> bool:
    return x.shape == result.shape and x.flags.c_contiguous


def _depth(x: Array) -> int:
    """The axes that are left without those of 1 before them."""
    return x.ndim - next((axis for axis, size in enumerate(x.shape) if size != 1), x.ndim)


@cache
def _divisor(number: int, limit: int) -> int:
    """The largest divisor up to a limit, at least 1."""
    return next((n for n in range(min(number, limit), 0, -1) if number % n == 0), 1)
