"""Kernels that read and write at computed places."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphc.runtime.kernels.table import Array, kernel


@kernel("gather")
def gather(
    x: Array, indices: Array, axis: int, batch_dims: int = 0, counts_back: bool = True
) -> Array:
    """x[..., indices, ...] along an axis."""
    if not counts_back and indices.size and indices.min() < 0:
        where = f"for axis {axis} with size {x.shape[axis]}"
        raise IndexError(f"index {indices.min()} is out of bounds {where}")
    if batch_dims == 0:
        return np.take(x, indices, axis)
    grid = np.indices(indices.shape[:batch_dims], sparse=True)
    own = indices.ndim - batch_dims
    batch = [g.reshape(g.shape + (1,) * own) for g in grid]
    # Indexed axes that stand apart would come first: bring the axis behind the batch, and what
    # stood between them back before what the indices gave.
    taken = np.moveaxis(x, axis, batch_dims)[(*batch, indices)]
    between = range(axis - batch_dims)
    return np.moveaxis(
        taken, [batch_dims + own + i for i in between], [batch_dims + i for i in between]
    )


def _places(indices: Array) -> Any:
    return tuple(np.moveaxis(indices, -1, 0))


@kernel("scatter")
def scatter(x: Array, indices: Array, updates: Array) -> Array:
    """x with updates at indices; of repeated places the last wins."""
    result = x.copy()
    result[_places(indices)] = updates
    return result


@kernel("scatter_add")
def scatter_add(x: Array, indices: Array, updates: Array) -> Array:
    """x with updates added at indices, repeated places adding up."""
    result = x.copy()
    np.add.at(result, _places(indices), updates)
    return result
