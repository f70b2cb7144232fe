"""`keras.ops`: numbers at even distances, or in even proportions, and powers."""

from __future__ import annotations

import math
from typing import Any

from graphc.declare.op import op
from graphc.diagnostics.codes import INVALID_VALUE, RANK_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import Dim, at_least, dim_max
from graphc.ir.dtypes import INTEGERS, promote, to_float
from graphc.ir.primitives import apply
from graphc.ir.primitives import elementwise as rows
from graphc.ir.shapes import normalize_axis
from graphc.ir.tensor import Tensor
from graphc.ops.arithmetic import power, subtract
from graphc.ops.convert import DTypeName, TensorLike, as_tensor, cast, dtype_of
from graphc.ops.creation import filled, iota
from graphc.ops.elementary import log10
from graphc.ops.shaping import expand_dims, moveaxis


@op()
def linspace(
    start: TensorLike,
    stop: TensorLike,
    num: Dim = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: DTypeName | None = None,
    axis: int = 0,
) -> Tensor | tuple[Tensor, Tensor]:
    """So many numbers at even distances from `start` to `stop`; with `retstep` the distance too."""
    wanted = _wanted(start, stop, dtype)
    first, last = (as_tensor(value, to_float(wanted)) for value in (start, stop))
    numbers = spaced(first, last, num, endpoint, axis)
    if wanted in INTEGERS:
        numbers = apply(rows.FLOOR, numbers)
    numbers = cast(numbers, wanted)
    if not retstep:
        return numbers
    if num == 1 and endpoint:
        return numbers, filled((), math.nan, first.dtype)
    return numbers, (last - first) / _steps(num, endpoint, first.dtype)


def _wanted(start: Any, stop: Any, dtype: str | None) -> str:
    return dtype or to_float(promote(dtype_of(start), dtype_of(stop)))


def spaced(first: Tensor, last: Tensor, num: Dim, endpoint: bool = True, axis: int = 0) -> Tensor:
    """Numbers at even distances, as a new axis: a share of one end and what is left of the other.

    So the ends come out as they went in.
    """
    if at_least(num, 0) is False:
        raise Fault(INVALID_VALUE, f"needs `num` of at least 0, got {num}", arguments=("num",))
    rank = max(first.rank, last.rank)
    place = normalize_axis(axis, rank + 1)
    shape = (num, *(1,) * rank)
    share = iota(shape, 0, first.dtype) / _steps(num, endpoint, first.dtype)
    return moveaxis(first * (1 - share) + last * share, 0, place)


def _steps(num: Dim, endpoint: bool, dtype: str) -> Tensor:
    return as_tensor(dim_max(num - 1 if endpoint else num, 1), dtype)


@op()
def logspace(
    start: TensorLike,
    stop: TensorLike,
    num: Dim = 50,
    endpoint: bool = True,
    base: TensorLike = 10,
    dtype: DTypeName | None = None,
    axis: int = 0,
) -> Tensor:
    """Powers of `base`, their exponents at even distances from `start` to `stop`."""
    wanted = _wanted(start, stop, dtype)
    first, last = (as_tensor(value, to_float(wanted)) for value in (start, stop))
    exponents = spaced(first, last, num, endpoint, axis)
    return cast(power(as_tensor(base, exponents.dtype), exponents), wanted)


@op()
def geomspace(
    start: TensorLike,
    stop: TensorLike,
    num: Dim = 50,
    endpoint: bool = True,
    dtype: DTypeName | None = None,
    axis: int = 0,
) -> Tensor:
    """So many numbers from `start` to `stop`, each as many times the one before."""
    wanted = _wanted(start, stop, dtype)
    first, last = (as_tensor(value, to_float(wanted)) for value in (start, stop))
    direction = apply(rows.SIGN, first)
    exponents = spaced(log10(first / direction), log10(last / direction), num, endpoint, axis)
    sizes = power(as_tensor(10, exponents.dtype), exponents)
    place = normalize_axis(axis, exponents.rank)
    return cast(
        expand_dims(direction, place) * sizes if direction.rank else direction * sizes, wanted
    )


@op()
def vander(x: TensorLike, N: Dim | None = None, increasing: bool = False) -> Tensor:
    """The powers of each element of a vector, from 0 to N - 1, the highest first."""
    vector = as_tensor(x)
    if vector.rank != 1:
        raise Fault(RANK_MISMATCH, f"needs a vector, got {vector.type}", inputs=("x",))
    count = vector.shape[0] if N is None else N
    exponents = iota((1, count), 1, vector.dtype)
    if not increasing:
        exponents = subtract(as_tensor(count - 1, vector.dtype), exponents)
    return power(expand_dims(vector, 1), exponents)
