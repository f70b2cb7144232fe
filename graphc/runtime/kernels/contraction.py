"""The kernel of products of tensors: one product of matrices, which BLAS does."""

from __future__ import annotations

from math import prod

import numpy as np

from graphc.runtime.kernels.table import Array, kernel, widened

Pairs = tuple[tuple[int, ...], tuple[int, ...]]


@kernel("dot_general")
def dot_general(x: Array, y: Array, contracting: Pairs, batch: Pairs = ((), ())) -> Array:
    """Result axes: the batch axes, the rest of x, the rest of y."""
    left = [axis for axis in range(x.ndim) if axis not in contracting[0] and axis not in batch[0]]
    right = [axis for axis in range(y.ndim) if axis not in contracting[1] and axis not in batch[1]]
    shared = tuple(x.shape[axis] for axis in batch[0])
    rows, columns = [x.shape[axis] for axis in left], [y.shape[axis] for axis in right]
    depth = prod(x.shape[axis] for axis in contracting[0])
    a = widened(x).transpose(*batch[0], *left, *contracting[0])
    b = widened(y).transpose(*batch[1], *contracting[1], *right)
    product = np.matmul(
        a.reshape(*shared, prod(rows), depth), b.reshape(*shared, depth, prod(columns))
    )
    result: Array = product.reshape((*shared, *rows, *columns))
    return result.astype(x.dtype, copy=False)
