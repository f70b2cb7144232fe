"""What is left of a step when its arrays exist: calls of NumPy that write into them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod

import numpy as np

from graphc.ir.primitives.elementwise import ELEMENTWISE
from graphc.ir.tensor import Step
from graphc.runtime.kernels import KERNELS
from graphc.runtime.kernels.elementwise import UFUNCS
from graphc.runtime.kernels.reduction import REDUCTIONS
from graphc.runtime.kernels.table import SMALL_FLOATS, Array
from graphc.runtime.plan.call import Call, copy, fill
from graphc.runtime.plan.products import product_calls
from graphc.runtime.plan.rows import Form
from graphc.runtime.plan.tiles import Tiles
from graphc.runtime.source import spelled


def calls_of(
    step: Step,
    form: Form,
    operands: Sequence[Array],
    result: Array,
    tiles: Tiles,
    rooms: Sequence[Array],
) -> list[Call]:
    """A step on a block of rows.

    Arrays have one axis for the rows, then the rest of theirs; an operand that the form has None
    for is as it is. `rooms` are bytes for copies of a product's factors.
    """
    name = step.primitive.name
    if name == "dot_general":
        return product_calls(step, form, operands, result, tiles, rooms)
    if name in ELEMENTWISE:
        return _elementwise(step, form, operands, result, tiles)
    return _CALLS[name](step, form, operands, result, tiles)


_BITS = {np.dtype(np.float32): np.int32, np.dtype(np.float64): np.int64}
"""Integers that hold a float's bits."""

MANY_ROWS, MOST_ROWS = 64, 1 << 20
"""Rows that BLAS adds up: for fewer a ufunc is as fast, and for more their ones fill too much."""

Maker = Callable[[Step, Form, Sequence[Array], Array, Tiles], list[Call]]


def _elementwise(
    step: Step, form: Form, operands: Sequence[Array], result: Array, tiles: Tiles
) -> list[Call]:
    is_row = [leading is not None for leading in form.operands]
    fixed = [known or row for known, row in zip(form.known, is_row, strict=True)]
    *operands, result = tiles.flattened([*operands, result], [*is_row, True], all(fixed))
    name = step.primitive.name
    if name == "select":
        condition, x, y = operands
        if form.known[2] and x.dtype in _BITS and not y.view(_BITS[x.dtype]).any():
            # Copies that a mask stops and starts cost ten times as much as products of bits.
            bits = (each.view(_BITS[x.dtype]) for each in (x, result))
            return [Call("multiply({}, {}, out={})", (next(bits), condition, next(bits)))]
        chosen = Call("copyto({}, {}, where={})", (result, x, condition))
        return [chosen] if y is result else [copy(result, y), chosen]
    if name == "cast":
        source = operands[0].real if result.dtype.kind != "c" else operands[0]
        return [Call("copyto({}, {}, casting='unsafe')", (result, source))]
    dtypes = {x.dtype.name for x in operands}
    is_plain = operands[0].dtype.kind in "fb" and not dtypes & set(SMALL_FLOATS)
    if is_plain and name in _MADE_OF:
        return _MADE_OF[name](operands[0], result, tiles)
    if is_plain and name == "clamp":
        low, high = (tiles.number(step.attributes[each], result.dtype) for each in ("low", "high"))
        return [Call("clip({}, {}, {}, out={})", (*operands, low, high, result))]
    places = ", ".join("{}" for _ in operands)
    if is_plain and name in UFUNCS:
        return [Call(f"{UFUNCS[name].__name__}({places}, out={{}})", (*operands, result))]
    attributes = "".join(f", {k}={spelled(value)}" for k, value in step.attributes.items())
    return [
        Call(f"copyto({{}}, {name}_({places}{attributes}), casting='unsafe')", (result, *operands))
    ]


def _logistic(x: Array, result: Array, tiles: Tiles) -> list[Call]:
    half = tiles.number(0.5, x.dtype)
    return [
        Call("multiply({}, {}, out={})", (x, half, result)),
        Call("tanh({}, out={})", (result, result)),
        Call("multiply({}, {}, out={})", (result, half, result)),
        Call("add({}, {}, out={})", (result, half, result)),
    ]


def _rsqrt(x: Array, result: Array, tiles: Tiles) -> list[Call]:
    one = tiles.number(1, x.dtype)
    return [
        Call("sqrt({}, out={})", (x, result)),
        Call("divide({}, {}, out={})", (one, result, result)),
    ]


def _in_one_piece(name: str) -> Callable[[Array, Array, Tiles], list[Call]]:
    """A function of float32 that goes over pieces of its own, where memory is in one piece."""

    def calls(x: Array, result: Array, tiles: Tiles) -> list[Call]:
        if x.dtype == np.float32 and x.flags.c_contiguous and result.flags.c_contiguous:
            return [Call(f"{name}_into({{}}, {{}})", (x, result))]
        return [Call(f"copyto({{}}, {name}_({{}}))", (result, x))]

    return calls


_IN_PIECES = ("erf", "gelu", "gelu_tanh", "scaled_gelu", "scaled_gelu_tanh")
_MADE_OF = {
    "logistic": _logistic,
    "rsqrt": _rsqrt,
    **{name: _in_one_piece(name) for name in _IN_PIECES},
}


def _reduction(
    step: Step, form: Form, operands: Sequence[Array], result: Array, tiles: Tiles
) -> list[Call]:
    (x,), (leading,) = operands, form.operands
    assert leading is not None
    name = step.primitive.name
    axes = tuple(axis - leading + 1 for axis in step.attributes["axes"])
    matrix = _rows_to_add(x, axes) if name == "reduce_sum" and result.flags.c_contiguous else None
    if matrix is not None:
        ones = tiles.ones(matrix.shape[1], x.dtype)
        return [Call("dot({}, {}, out={})", (matrix, ones, result.reshape(-1)))]
    if name == "reduce_sum" and _are_columns(x, axes):
        columns = x.reshape(-1, result.size)
        ones = tiles.ones(len(columns), x.dtype)
        return [Call("dot({}, {}, out={})", (ones, columns, result.reshape(-1)))]
    ufunc = REDUCTIONS[name].__name__
    dtype = repr(x.dtype.name)  # without it NumPy adds up small integers in wider ones
    return [Call(f"{ufunc}.reduce({{}}, {axes}, {dtype}, out={{}})", (x, result))]


SHORT = 1 << 10
"""Numbers that BLAS adds up, one after the other in each lane, as well as NumPy does by halves."""


def _bounded_exp(
    step: Step, form: Form, operands: Sequence[Array], result: Array, tiles: Tiles
) -> list[Call]:
    if result.flags.c_contiguous and operands[0].flags.c_contiguous:
        return [Call("bounded_exp_into({}, {})", (*operands, result))]
    return [Call("copyto({}, bounded_exp_({}))", (result, *operands))]


def _rows_to_add(x: Array, axes: tuple[int, ...]) -> Array | None:
    """A matrix whose rows are to be added up, where that is a product with ones.

    NumPy starts anew for each row, which takes five times as long.
    """
    first = x.ndim - len(axes)
    length = prod(x.shape[first:])
    is_plain = x.dtype in (np.float32, np.float64) and axes == tuple(range(first, x.ndim))
    if not is_plain or not 1 < length <= SHORT:
        return None
    try:
        matrix = np.reshape(x, (-1, length), copy=False)
    except ValueError:
        return None
    return matrix if matrix.strides[1] == x.itemsize else None


def _are_columns(x: Array, axes: tuple[int, ...]) -> bool:
    """Whether a sum over axes is one over the rows of a matrix, and has as many as are worth it."""
    is_first = len(x) == 1 and axes == tuple(range(1, len(axes) + 1)) and len(axes) < x.ndim - 1
    rows = prod(x.shape[axis] for axis in axes)
    is_float = x.dtype in (np.float32, np.float64)
    return is_first and is_float and x.flags.c_contiguous and MANY_ROWS <= rows <= MOST_ROWS


def _concatenation(
    step: Step, form: Form, operands: Sequence[Array], result: Array, tiles: Tiles
) -> list[Call]:
    axis = step.attributes["axis"] - form.result + 1
    calls, start = [], 0
    for part in operands:
        cut = (*[slice(None)] * axis, slice(start, start + part.shape[axis]))
        start += part.shape[axis]
        calls.append(copy(result[cut], part))
    return calls


def _padding(
    step: Step, form: Form, operands: Sequence[Array], result: Array, tiles: Tiles
) -> list[Call]:
    widths = ((0, 0), *step.attributes["widths"][form.result :])
    value = step.attributes.get("value", 0)
    source: list[slice] = []
    target: list[slice] = []
    calls: list[Call] = []
    for axis, (size, (before, after)) in enumerate(zip(result.shape, widths, strict=True)):
        source.append(slice(max(-before, 0), operands[0].shape[axis] + min(after, 0)))
        inner = slice(max(before, 0), size - max(after, 0))
        borders = (slice(0, inner.start), slice(inner.stop, size))
        calls += [fill(result[(*target, b)], value) for b in borders if b.start < b.stop]
        target.append(inner)
    return [*calls, copy(result[tuple(target)], operands[0][tuple(source)])]


def _cut(
    step: Step, form: Form, operands: Sequence[Array], result: Array, tiles: Tiles
) -> list[Call]:
    whole = {"starts": 0, "sizes": result.shape[0], "strides": 1}
    cut = {k: (first, *step.attributes[k][form.result :]) for k, first in whole.items()}
    return [copy(result, KERNELS["slice"](operands[0], **cut))]


def _reshape(
    step: Step, form: Form, operands: Sequence[Array], result: Array, tiles: Tiles
) -> list[Call]:
    return [copy(result.reshape(operands[0].shape), operands[0])]


_CALLS: dict[str, Maker] = {
    **dict.fromkeys(REDUCTIONS, _reduction),
    "bounded_exp": _bounded_exp,
    "concatenate": _concatenation,
    "pad": _padding,
    "slice": _cut,
    "reshape": _reshape,
}
