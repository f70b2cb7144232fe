"""The table of derivatives, and what their rules have in common.

A rule takes a step and the cotangents of its results: how much the value that is differentiated
changes with each of them. It gives those of the operands, None where there is none. Sizes are
numbers: graphs are specialized before they are differentiated.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, TypeVar

from graphc.ir.dtypes import is_float
from graphc.ir.families import Families
from graphc.ir.primitives.movement import BROADCAST, CONSTANT, RESHAPE, TRANSPOSE
from graphc.ir.primitives.reduction import REDUCE_SUM
from graphc.ir.primitives.row import apply
from graphc.ir.tensor import Step, Tensor
from graphc.ir.types import TensorType

Cotangents: TypeAlias = "tuple[Tensor | None, ...]"
Rule: TypeAlias = Callable[[Step, Cotangents], Cotangents]
R = TypeVar("R", bound=Rule)

DERIVATIVES: Families[Rule] = Families()
"""By the primitive's name."""

CONSTANT_RESULTS = frozenset(
    [
        "sign",
        "floor",
        "ceil",
        "round_nearest_even",
        "not",
        "population_count",
        "is_finite",
        "floor_divide",
        "nextafter",
        "and",
        "or",
        "xor",
        "shift_left",
        "shift_right",
        "eq",
        "ne",
        "lt",
        "le",
        "gt",
        "ge",
        "reduce_and",
        "reduce_or",
        "argmax",
        "argmin",
        "iota",
        "constant",
        "dim_size",
        "stop_gradient",
        "bitcast",
        "random_bits",
        "eig",
        "opaque",
    ]
)
"""What does not change with its operands, or only in jumps; `eig`, whose results are complex and of
any length: JAX does not differentiate it either; and what nobody runs, `opaque`."""


def derivative(*names: str) -> Callable[[R], R]:
    """Enter a rule into the table."""

    def register(rule: R) -> R:
        DERIVATIVES.update(dict.fromkeys(names, rule))
        return rule

    return register


def is_differentiable(tensor: Tensor) -> bool:
    """Whether a tensor's elements can change by a little."""
    return is_float(tensor.dtype) or tensor.dtype.startswith("complex")


def zeros(type: TensorType) -> Tensor:
    """A tensor of zeros."""
    return filled(type, 0)


def filled(type: TensorType, value: float) -> Tensor:
    """A tensor of one number."""
    return apply(CONSTANT, value=value, shape=type.shape, dtype=type.dtype)


def number(value: float, like: Tensor) -> Tensor:
    """A number of a tensor's dtype, which broadcasts."""
    return apply(CONSTANT, value=value, shape=(), dtype=like.dtype)


def sum_to(x: Tensor, like: Tensor) -> Tensor:
    """What a broadcast of `like` to the shape of x gives back: sums over what was repeated."""
    first = x.rank - like.rank
    axes = tuple(
        axis
        for axis, dim in enumerate(x.shape)
        if axis < first or (like.shape[axis - first] == 1 and dim != 1)
    )
    summed = apply(REDUCE_SUM, x, axes=axes) if axes else x
    return summed if summed.shape == like.shape else apply(RESHAPE, summed, shape=like.shape)


def spread_over(x: Tensor, axes: tuple[int, ...], like: Tensor) -> Tensor:
    """What a reduction over axes took away put back: x repeated to the shape of `like`."""
    kept = tuple(1 if axis in axes else dim for axis, dim in enumerate(like.shape))
    return apply(BROADCAST, apply(RESHAPE, x, shape=kept), shape=like.shape)


def transpose(x: Tensor, permutation: tuple[int, ...]) -> Tensor:
    """The axes in another order."""
    if permutation == tuple(range(x.rank)):
        return x
    return apply(TRANSPOSE, x, permutation=permutation)


def inverse(permutation: tuple[int, ...]) -> tuple[int, ...]:
    """The order that puts axes back."""
    return tuple(sorted(range(len(permutation)), key=permutation.__getitem__))


def moved(rank: int, axis: int, to: int) -> tuple[int, ...]:
    """The order of axes in which one stands elsewhere."""
    order = [i for i in range(rank) if i != axis]
    order.insert(to, axis)
    return tuple(order)
