"""Primitives that take axes away, or run along one: reductions, cumulative ones, sorting."""

from __future__ import annotations

from graphc.ir.dims import product
from graphc.ir.primitives.row import Attributes, Cost, Types, one_per_element, primitive
from graphc.ir.types import Shape, TensorType


def _without(shape: Shape, axes: tuple[int, ...]) -> Shape:
    return tuple(dim for axis, dim in enumerate(shape) if axis not in axes)


def _reduce(x: TensorType, axes: tuple[int, ...]) -> Types:
    return (TensorType(_without(x.shape, axes), x.dtype),)


def _reduce_index(x: TensorType, axis: int) -> Types:
    return (TensorType(_without(x.shape, (axis,)), "int32"),)


def _along(x: TensorType, axis: int, reverse: bool = False) -> Types:
    return (x,)


def _same(x: TensorType) -> Types:
    return (x,)


def _sort(x: TensorType, axis: int) -> Types:
    return (x, TensorType(x.shape, "int32"))


def _reduction_cost(operands: Types, results: Types, attributes: Attributes) -> Cost:
    # n numbers are combined by n - 1 operations
    return Cost(flops=product(operands[0].shape) - product(results[0].shape))


REDUCE_SUM, REDUCE_PROD, REDUCE_MAX, REDUCE_MIN, REDUCE_AND, REDUCE_OR = [
    primitive(f"reduce_{name}", _reduce, _reduction_cost)
    for name in ("sum", "prod", "max", "min", "and", "or")
]
"""Attribute `axes`: counted from the front, each once."""

ARGMAX = primitive("argmax", _reduce_index, _reduction_cost)
ARGMIN = primitive("argmin", _reduce_index, _reduction_cost)
CUMSUM, CUMPROD, CUMMAX, CUMMIN, CUMLOGSUMEXP = [
    primitive(name, _along, one_per_element)
    for name in ("cumsum", "cumprod", "cummax", "cummin", "cumlogsumexp")
]
BOUNDED_EXP = primitive("bounded_exp", _same, one_per_element)
"""Powers of e, those of each row along the last axis divided by a number of its own that keeps them
in range: for what is divided by the row's sum. Which number that is, the kernel decides."""
SORT = primitive("sort", _sort, one_per_element)
"""Results: the sorted values along `axis`, smallest first, and where each came from (stable).
What is not a number goes to the end."""
