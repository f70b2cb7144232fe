"""Primitives that move data and compute nothing."""

from __future__ import annotations

from typing import Any

from graphc.diagnostics.codes import DTYPE_MISMATCH, SHAPE_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import Dim, product, shape_text
from graphc.ir.dtypes import ITEM_BYTES
from graphc.ir.primitives.row import Types, no_cost, primitive
from graphc.ir.shapes import difference_text, merge_dims, replace_axis
from graphc.ir.types import Shape, TensorType


def _reshape(x: TensorType, shape: Shape) -> Types:
    before, after = product(x.shape), product(shape)
    if merge_dims(before, after) is None:
        raise Fault(
            SHAPE_MISMATCH,
            f"needs a shape of as many elements as {shape_text(x.shape)}, got {shape_text(shape)}",
            label=difference_text(before, after),
        )
    return (TensorType(shape, x.dtype),)


def _transpose(x: TensorType, permutation: tuple[int, ...]) -> Types:
    return (TensorType(tuple(x.shape[axis] for axis in permutation), x.dtype),)


def _broadcast(x: TensorType, shape: Shape) -> Types:
    """The dims of x match the last ones of `shape`, or are 1."""
    return (TensorType(shape, x.dtype),)


def _pad(x: TensorType, widths: tuple[tuple[Dim, Dim], ...], mode: str, value: float = 0) -> Types:
    shape = tuple(
        before + dim + after for dim, (before, after) in zip(x.shape, widths, strict=True)
    )
    return (TensorType(shape, x.dtype),)


def _slice(x: TensorType, starts: Shape, sizes: Shape, strides: tuple[int, ...]) -> Types:
    """`sizes` are those of the result; a negative stride runs backwards from its start."""
    return (TensorType(sizes, x.dtype),)


def _concatenate(*parts: TensorType, axis: int) -> Types:
    first = parts[0]
    total: Dim = first.shape[axis]
    shape = first.shape
    for part in parts[1:]:
        merged = []
        for index, (a, b) in enumerate(zip(shape, part.shape, strict=True)):
            dim = a if index == axis else merge_dims(a, b)
            if dim is None:
                raise Fault(
                    SHAPE_MISMATCH,
                    f"needs parts that agree on every axis but {axis}, "
                    f"got {shape_text(first.shape)} and {shape_text(part.shape)}",
                    label=difference_text(a, b),
                )
            merged.append(dim)
        shape = tuple(merged)
        total = total + part.shape[axis]
    return (TensorType(replace_axis(shape, axis, total), first.dtype),)


def _iota(shape: Shape, axis: int, dtype: str) -> Types:
    return (TensorType(shape, dtype),)


def _constant(value: Any, shape: Shape, dtype: str) -> Types:
    return (TensorType(shape, dtype),)


def _dim_size(*, dim: Dim, dtype: str) -> Types:
    return (TensorType((), dtype),)


def _reverse(x: TensorType, axes: tuple[int, ...]) -> Types:
    return (x,)


def _stop_gradient(x: TensorType) -> Types:
    return (x,)


def _bitcast(x: TensorType, dtype: str) -> Types:
    if ITEM_BYTES[x.dtype] != ITEM_BYTES[dtype]:
        raise Fault(DTYPE_MISMATCH, f"needs dtypes of one size, got {x.dtype} and {dtype}")
    return (TensorType(x.shape, dtype),)


RESHAPE = primitive("reshape", _reshape, no_cost)
TRANSPOSE = primitive("transpose", _transpose, no_cost)
BROADCAST = primitive("broadcast", _broadcast, no_cost)
PAD = primitive("pad", _pad, no_cost)
"""`mode`: NumPy's names; `value` fills where it is "constant". Negative widths crop."""
SLICE = primitive("slice", _slice, no_cost)
CONCATENATE = primitive("concatenate", _concatenate, no_cost)
REVERSE = primitive("reverse", _reverse, no_cost)
STOP_GRADIENT = primitive("stop_gradient", _stop_gradient, no_cost)
"""The tensor itself, but a constant to whoever differentiates."""
BITCAST = primitive("bitcast", _bitcast, no_cost)
"""The same bits read as another dtype of the same size."""
IOTA = primitive("iota", _iota, no_cost)
"""0, 1, 2, … along `axis`."""
CONSTANT = primitive("constant", _constant, no_cost)
"""A number filling `shape`, or nested tuples of numbers in that shape."""
DIM_SIZE = primitive("dim_size", _dim_size, no_cost)
"""A symbolic size as a number, once it is known."""
