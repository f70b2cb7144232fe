"""Primitives that read and write at computed places."""

from __future__ import annotations

from graphc.ir.dims import product
from graphc.ir.primitives.row import Attributes, Cost, Types, no_cost, primitive
from graphc.ir.shapes import replace_axis
from graphc.ir.types import TensorType


def _gather(
    x: TensorType, indices: TensorType, axis: int, batch_dims: int = 0, counts_back: bool = True
) -> Types:
    """The indices' own axes, after their batch axes, take the place of `axis` in x."""
    return (TensorType(replace_axis(x.shape, axis, *indices.shape[batch_dims:]), x.dtype),)


def _scatter(x: TensorType, indices: TensorType, updates: TensorType) -> Types:
    return (x,)


def _scatter_cost(operands: Types, results: Types, attributes: Attributes) -> Cost:
    return Cost(flops=product(operands[2].shape))


GATHER = primitive("gather", _gather, no_cost)
"""x[..., indices, ...] along `axis`, axes before `batch_dims` walked together.

Negative indices count from the end, as in NumPy, unless `counts_back` is False: then they are as
wrong as those behind the end."""
SCATTER_ADD = primitive("scatter_add", _scatter, _scatter_cost)
"""x with updates added at indices: indices [..., k] point at the first k axes of x, and updates
have the indices' other axes and then x's. Repeated places add up."""
SCATTER = primitive("scatter", _scatter, no_cost)
"""The same, overwriting; of repeated places the last wins."""
