"""Steps that have a way of their own in NumPy: calls, methods, indices and operators."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TypeAlias

from graphc.emit.keras.tree import call, constant, sequence, subscript
from graphc.emit.numpy.faults import NotInNumPy
from graphc.emit.numpy.literals import cast_to, dtype_expression, is_negative, number_expression
from graphc.emit.numpy.sizes import Sizes
from graphc.ir.dims import UNKNOWN, Dim, at_least
from graphc.ir.tensor import Step
from graphc.ir.types import TensorType
from graphc.record import Record
from graphc.runtime.kernels.reduction import CUMULATIVE, REDUCTIONS
from graphc.runtime.kernels.table import SMALL_FLOATS


class Operand(Record):
    """A tensor as it is spelled where it is used.

    A number that stands for itself is `weak`: beside an array it takes the array's dtype.
    """

    expression: ast.expr
    type: TensorType
    is_weak: bool = False

    @property
    def array(self) -> ast.expr:
        """The tensor as something that has a dtype of its own."""
        if self.is_weak:
            return call(dtype_expression(self.type.dtype), self.expression)
        return self.expression


class Writing:
    """What steps are spelled by: sizes, and how many random numbers were asked for before."""

    def __init__(self, sizes: Sizes) -> None:
        self.sizes = sizes
        self.draws = 0

    def bits(self, step: Step) -> ast.expr:
        """Random numbers, the same ones in each call, as a compiled model's first call draws."""
        seed, place = step.attributes["seed"], self.draws
        self.draws += 1
        start = [0, place] if seed is None else [seed % 2**64]
        generator = call("np.random.default_rng", constant(start))
        shape = self.sizes.shape(step.types[0].shape)
        bound = ast.BinOp(constant(2), ast.Pow(), constant(32))
        return ast.Call(
            ast.Attribute(generator, "integers"),
            [constant(0), bound, shape, dtype_expression("uint32")],
            [],
        )


Writer: TypeAlias = Callable[[Writing, Step, list[Operand]], "ast.expr | None"]
"""Spells a step; None where that cannot be said in this way."""


def _method(operand: Operand, name: str, *args: ast.expr) -> ast.expr:
    return ast.Call(ast.Attribute(operand.array, name), list(args), [])


def _rsqrt(calls: Writing, step: Step, operands: list[Operand]) -> ast.expr:
    dtype = step.operands[0].dtype
    is_small = dtype in SMALL_FLOATS
    x = cast_to(operands[0].array, "float32") if is_small else operands[0].array
    made = ast.BinOp(constant(1), ast.Div(), call("np.sqrt", x))
    return cast_to(made, dtype) if is_small else made


def _select(calls: Writing, step: Step, operands: list[Operand]) -> ast.expr:
    condition, x, y = operands
    first = x.array if x.is_weak and y.is_weak else x.expression
    return call("np.where", condition.array, first, y.expression)


def _cast_step(calls: Writing, step: Step, operands: list[Operand]) -> ast.expr:
    (x,) = operands
    dtype = step.attributes["dtype"]
    if x.type.dtype.startswith("complex") and not dtype.startswith("complex"):
        return cast_to(ast.Attribute(x.array, "real"), dtype)
    if x.is_weak and dtype == "float32" and "int" in x.type.dtype:
        return call(dtype_expression(dtype), x.expression)
    return cast_to(x.array, dtype)


def _reshape(calls: Writing, step: Step, operands: list[Operand]) -> ast.expr:
    shape = step.attributes["shape"]
    kept = _keeping_axes(step, operands[0])
    if kept is not None:
        return kept
    unknown = [dim is UNKNOWN for dim in shape]
    if sum(unknown) > 1:
        raise NotInNumPy("it has sizes that do not follow from the shapes of its inputs")
    dims = [constant(-1) if dim is UNKNOWN else calls.sizes.expression(dim) for dim in shape]
    return _method(operands[0], "reshape", *(dims or [sequence([])]))


def _keeping_axes(step: Step, operand: Operand) -> ast.expr | None:
    """A reduction whose axes are put back, said at once."""
    reduction, made = step.operands[0].step, operand.expression
    if reduction is None or reduction.primitive.name not in _REDUCERS:
        return None
    is_call = isinstance(made, ast.Call) and [each.arg for each in made.keywords][:1] == ["axis"]
    axes, before = reduction.attributes["axes"], reduction.operands[0].shape
    restored = tuple(1 if axis in axes else dim for axis, dim in enumerate(before))
    if not is_call or restored != step.attributes["shape"]:
        return None
    assert isinstance(made, ast.Call)
    keepdims = ast.keyword("keepdims", constant(True))
    return ast.Call(made.func, made.args, [*made.keywords, keepdims])


def _transpose(calls: Writing, step: Step, operands: list[Operand]) -> ast.expr | None:
    order = step.attributes["permutation"]
    if not order:
        return operands[0].array
    return _method(operands[0], "transpose", *map(constant, order))


def _broadcast(calls: Writing, step: Step, operands: list[Operand]) -> ast.expr:
    return call("np.broadcast_to", operands[0].array, calls.sizes.shape(step.attributes["shape"]))


def _pad(calls: Writing, step: Step, operands: list[Operand]) -> ast.expr | None:
    widths = step.attributes["widths"]
    if any(not isinstance(n, int) or n < 0 for pair in widths for n in pair):
        return None
    mode, value = step.attributes["mode"], step.attributes.get("value", 0)
    keywords: dict[str, ast.expr] = {}
    if mode != "constant":
        keywords = {"mode": constant(mode)}
    elif value != 0 or is_negative(value):
        number = number_expression(value, step.types[0].dtype)
        if number is None:
            return None
        keywords = {"constant_values": number}
    return call("np.pad", operands[0].array, constant(widths), keywords=keywords)


def _slice(calls: Writing, step: Step, operands: list[Operand]) -> ast.expr | None:
    attributes = step.attributes
    cuts: list[ast.expr] = []
    for size, start, length, stride in zip(
        step.operands[0].shape, attributes["starts"], attributes["sizes"], attributes["strides"],
        strict=True,
    ):  # fmt: skip
        cut = _cut(calls.sizes, size, start, length, stride)
        if cut is None:
            return None
        cuts.append(cut)
    while cuts and _is_whole(cuts[-1]):
        cuts.pop()
    return subscript(operands[0].array, *cuts) if cuts else operands[0].array


def _is_whole(cut: ast.expr) -> bool:
    return isinstance(cut, ast.Slice) and not (cut.lower or cut.upper or cut.step)


def _cut(sizes: Sizes, size: Dim, start: Dim, length: Dim, stride: int) -> ast.Slice | None:
    """The part of an axis; None where it is not known on which side of 0 it begins and ends."""
    step = None if stride == 1 else constant(stride)
    if stride < 0:
        if not isinstance(start, int) or not isinstance(length, int) or start < 0:
            return None
        last = start + length * stride
        return ast.Slice(constant(start), constant(last) if last >= 0 else None, step)
    if isinstance(start, int) and start < 0:
        return None
    lower = None if start == 0 else sizes.expression(start)
    is_empty = isinstance(length, int) and length < 1
    stop = start if is_empty else start + (length - 1) * stride + 1
    is_known = isinstance(size, int) and isinstance(stop, int)
    is_last = stop == size or (is_known and at_least(stop + stride - 1 - size, 0) is True)
    return ast.Slice(lower, None if is_last else sizes.expression(stop), step)


def _concatenate(calls: Writing, step: Step, operands: list[Operand]) -> ast.expr:
    parts = sequence([x.array for x in operands], is_list=True)
    return call("np.concatenate", parts, keywords={"axis": constant(step.attributes["axis"])})


def _axes(axes: tuple[int, ...]) -> ast.expr:
    return constant(axes[0] if len(axes) == 1 else axes)


def _reverse(calls: Writing, step: Step, operands: list[Operand]) -> ast.expr:
    axes = step.attributes["axes"]
    return call("np.flip", operands[0].array, keywords={"axis": _axes(axes)})


def _bitcast(calls: Writing, step: Step, operands: list[Operand]) -> ast.expr:
    # NumPy makes a scalar an array of one axis on the way.
    made = call("np.ascontiguousarray", operands[0].array)
    viewed = ast.Call(ast.Attribute(made, "view"), [dtype_expression(step.types[0].dtype)], [])
    if step.types[0].shape != ():
        return viewed
    return ast.Call(ast.Attribute(viewed, "reshape"), [sequence([])], [])


def _iota(calls: Writing, step: Step, operands: list[Operand]) -> ast.expr:
    shape, axis = step.attributes["shape"], step.attributes["axis"]
    count = calls.sizes.expression(shape[axis])
    numbers = call("np.arange", count, keywords={"dtype": dtype_expression(step.types[0].dtype)})
    if len(shape) == 1:
        return numbers
    rest = [constant(1)] * (len(shape) - 1 - axis)
    if rest:
        numbers = ast.Call(ast.Attribute(numbers, "reshape"), [constant(-1), *rest], [])
    return call("np.broadcast_to", numbers, calls.sizes.shape(shape))


def _dot(calls: Writing, step: Step, operands: list[Operand]) -> ast.expr | None:
    """A product of matrices, of stacks of them, or of pairs of vectors, if it can be said so."""
    x, y = operands
    contracting, batch = step.attributes["contracting"], step.attributes.get("batch", ((), ()))
    if x.type.dtype in SMALL_FLOATS or x.type.dtype == "bool":
        return None
    ranks = len(x.type.shape), len(y.type.shape)
    if not batch[0]:
        if ranks == (2, 2) and all(map(len, contracting)) and len(contracting[0]) == 1:
            left = x.array if contracting[0] == (1,) else ast.Attribute(x.array, "T")
            right = y.array if contracting[1] == (0,) else ast.Attribute(y.array, "T")
            return ast.BinOp(left, ast.MatMult(), right)
        is_usual = contracting == ((ranks[0] - 1,), (0,))
        axes = constant(1 if is_usual else contracting)
        return call("np.tensordot", x.array, y.array, keywords={"axes": axes})
    count = len(batch[0])
    is_leading = batch == (tuple(range(count)),) * 2
    if is_leading and ranks == (count + 1,) * 2 and len(contracting[0]) == 1:
        return call("np.vecdot", x.array, y.array)
    if not is_leading or ranks != (count + 2,) * 2 or len(contracting[0]) != 1:
        return None
    left = x.array if contracting[0] == (count + 1,) else _swapped(x.array)
    right = y.array if contracting[1] == (count,) else _swapped(y.array)
    return ast.BinOp(left, ast.MatMult(), right)


def _swapped(value: ast.expr) -> ast.expr:
    return call("np.swapaxes", value, constant(-1), constant(-2))


def _gather(calls: Writing, step: Step, operands: list[Operand]) -> ast.expr | None:
    if step.attributes.get("batch_dims", 0) or not step.attributes.get("counts_back", True):
        return None
    x, indices = operands
    keywords = {"axis": constant(step.attributes["axis"])}
    return call("np.take", x.array, indices.array, keywords=keywords)


_REDUCERS = {
    "reduce_sum": "sum", "reduce_prod": "prod", "reduce_max": "max", "reduce_min": "min",
    "reduce_and": "all", "reduce_or": "any",
}  # fmt: skip


def _reduce(calls: Writing, step: Step, operands: list[Operand]) -> ast.expr:
    (x,) = operands
    name, dtype, axes = step.primitive.name, x.type.dtype, step.attributes["axes"]
    if not axes and name not in ("reduce_and", "reduce_or"):
        return x.array
    keywords: dict[str, ast.expr] = {"axis": _axes(axes)}
    value = x.array
    adds = name in ("reduce_sum", "reduce_prod")
    if adds and ("int" in dtype or dtype == "bool"):
        keywords["dtype"] = dtype_expression(dtype)  # NumPy's own choice is a wider one
    if dtype in SMALL_FLOATS:
        value = cast_to(value, "float32")
    made = call(f"np.{_REDUCERS[name]}", value, keywords=keywords)
    logical = name in ("reduce_and", "reduce_or") and dtype != "bool"
    return cast_to(made, dtype) if dtype in SMALL_FLOATS or logical else made


def _cumulate(calls: Writing, step: Step, operands: list[Operand]) -> ast.expr:
    (x,) = operands
    name, dtype, axis = step.primitive.name, x.type.dtype, step.attributes["axis"]
    value = cast_to(x.array, "float32") if dtype in SMALL_FLOATS else x.array
    keywords: dict[str, ast.expr] = {"axis": constant(axis)}
    is_reverse = step.attributes.get("reverse", False)
    if is_reverse:
        value = call("np.flip", value, keywords=keywords)
    wide = "float32" if dtype in SMALL_FLOATS else dtype
    function = f"np.{CUMULATIVE[name].__name__}.accumulate"
    if name in ("cumsum", "cumprod"):
        function = f"np.{name}"
        if "float" not in wide:
            keywords = keywords | {"dtype": dtype_expression(wide)}
    made: ast.expr = call(function, value, keywords=keywords)
    if is_reverse:
        made = call("np.flip", made, keywords={"axis": constant(axis)})
    return cast_to(made, dtype) if dtype in SMALL_FLOATS else made


def _place(calls: Writing, step: Step, operands: list[Operand]) -> ast.expr:
    (x,) = operands
    value = cast_to(x.array, "float32") if x.type.dtype in SMALL_FLOATS else x.array
    keywords = {"axis": constant(step.attributes["axis"])}
    return cast_to(call(f"np.{step.primitive.name}", value, keywords=keywords), "int32")


def _random(calls: Writing, step: Step, operands: list[Operand]) -> ast.expr:
    return calls.bits(step)


def _clamp(calls: Writing, step: Step, operands: list[Operand]) -> ast.expr | None:
    (x,) = operands
    bounds = [number_expression(step.attributes[each], x.type.dtype) for each in ("low", "high")]
    low, high = bounds
    if low is None or high is None or x.type.dtype in SMALL_FLOATS:
        return None
    return call("np.clip", x.array, low, high)


WRITERS: dict[str, Writer] = {
    "rsqrt": _rsqrt,
    "select": _select,
    "clamp": _clamp,
    "cast": _cast_step,
    "reshape": _reshape,
    "transpose": _transpose,
    "broadcast": _broadcast,
    "pad": _pad,
    "slice": _slice,
    "concatenate": _concatenate,
    "reverse": _reverse,
    "bitcast": _bitcast,
    "iota": _iota,
    "dot_general": _dot,
    "gather": _gather,
    **dict.fromkeys(REDUCTIONS, _reduce),
    **dict.fromkeys(CUMULATIVE, _cumulate),
    "argmax": _place,
    "argmin": _place,
    "random_bits": _random,
}
