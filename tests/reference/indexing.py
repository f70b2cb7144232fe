"""Reference kernels of the primitives that read and write at computed places."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.reference.kernel import kernel


@kernel("gather")
def gather(x: Any, indices: Any, axis: int, batch_dims: int = 0, counts_back: bool = True) -> Any:
    if not counts_back and (indices < 0).any():
        raise IndexError("a negative index")
    if batch_dims == 0:
        return np.take(x, indices, axis)
    parts = [gather(x[i], indices[i], axis - 1, batch_dims - 1) for i in range(x.shape[0])]
    rest = x.shape[1:axis] + indices.shape[batch_dims:] + x.shape[axis + 1 :]
    return np.stack(parts) if parts else np.zeros((0, *rest), x.dtype)


@kernel("scatter")
def scatter(x: Any, indices: Any, updates: Any) -> Any:
    result = x.copy()
    for place in np.ndindex(*indices.shape[:-1]):
        result[tuple(indices[place])] = updates[place]
    return result


@kernel("scatter_add")
def scatter_add(x: Any, indices: Any, updates: Any) -> Any:
    result = x.copy()
    for place in np.ndindex(*indices.shape[:-1]):
        result[tuple(indices[place])] += updates[place]
    return result
