"""Steps as expressions of NumPy: an operator or a call where there is one, else our kernel."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from typing import Any, TypeAlias

from graphc.emit.keras.tree import Number, call, constant, sequence, subscript
from graphc.emit.numpy.faults import NotInNumPy
from graphc.emit.numpy.kernel_text import Library, raw_kernel
from graphc.emit.numpy.sizes import Sizes
from graphc.ir.dims import UNKNOWN, Dim, at_least
from graphc.ir.tensor import Step
from graphc.ir.types import TensorType
from graphc.record import Record
from graphc.runtime.kernels import KERNELS
from graphc.runtime.kernels.elementwise import UFUNCS
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


class Calls:
    """Spells steps; what it cannot say by NumPy alone it needs of the library."""

    def __init__(self, sizes: Sizes, library: Library) -> None:
        self.sizes = sizes
        self.library = library
        self.draws = 0

    def spell(self, step: Step, operands: list[Operand]) -> Operand:
        """The expression of a step; of one with several results, all of them."""
        name, type = step.primitive.name, step.types[0]
        if "bfloat16" in (type.dtype, *(x.dtype for x in step.operands)):
            raise NotInNumPy("it computes in bfloat16, which NumPy does not have")
        if name in ("constant", "dim_size"):
            return self._constant(step)
        if name in _NOTHING:
            return operands[0]
        write = _WRITERS.get(name)
        if write is not None:
            made = write(self, step, operands)
            if made is not None:
                return Operand(made, type)
        if name in UFUNCS:
            return Operand(self._elementwise(step, operands), type)
        return Operand(self._kernel(step, operands), type)

    def _constant(self, step: Step) -> Operand:
        type, attributes = step.types[0], step.attributes
        value = attributes["dim"] if step.primitive.name == "dim_size" else attributes["value"]
        if step.primitive.name == "dim_size" and not isinstance(value, int):
            return Operand(self.sizes.expression(value), type, is_weak=True)
        dtype = dtype_expression(type.dtype)
        if isinstance(value, tuple):
            array = call("np.array", constant(_as_list(value)), dtype)
            return Operand(array, type)
        number = number_expression(value, type.dtype)
        if number is None:
            made = ast.Call(ast.Attribute(call("np.array", constant(value)), "astype"), [dtype], [])
            return Operand(self._filled(made, type), type)
        if type.shape == ():
            return Operand(number, type, is_weak=True)
        shape = self.sizes.shape(type.shape)
        if value in (0, 1) and not isinstance(value, bool) and not _is_negative(value):
            return Operand(call("np.ones" if value else "np.zeros", shape, dtype), type)
        return Operand(call("np.full", shape, number, dtype), type)

    def _filled(self, scalar: ast.expr, type: TensorType) -> ast.expr:
        if type.shape == ():
            return scalar
        return call("np.broadcast_to", scalar, self.sizes.shape(type.shape))

    def _elementwise(self, step: Step, operands: list[Operand]) -> ast.expr:
        """A function that NumPy has, an operator where Python has one for it."""
        name, dtype = step.primitive.name, step.operands[0].dtype
        given = [x.expression for x in operands]
        if all(x.is_weak for x in operands):
            given[0] = operands[0].array
        is_small = dtype in SMALL_FLOATS and name not in ("nextafter", *_COMPARISONS)
        if is_small:
            given = [_cast(x.array, "float32") for x in operands]
        if name in _SIGNS:
            made: ast.expr = ast.UnaryOp(ast.USub(), given[0])
        elif name in _OPERATORS:
            made = ast.BinOp(given[0], _OPERATORS[name](), given[1])
        elif name in _COMPARISONS:
            made = ast.Compare(given[0], [_COMPARISONS[name]()], [given[1]])
        else:
            made = call(f"np.{_function_name(name, dtype)}", *given)
        return _cast(made, dtype) if is_small else made

    def _kernel(self, step: Step, operands: list[Operand]) -> ast.expr:
        """A call of graphc's own function, whose text the program has."""
        name = step.primitive.name
        raw = raw_kernel(KERNELS[name])
        assert raw is not None, name
        function, needs_cast = raw
        given = [x.array for x in operands]
        dtype = step.operands[0].dtype if step.operands else ""
        if needs_cast and dtype in SMALL_FLOATS:
            given = [_cast(x, "float32") for x in given]
        keywords = {each: self.sizes.value(value) for each, value in step.attributes.items()}
        made = call(self.library.need(function), *given, keywords=keywords)
        self.library.called(function, made)
        is_cast = dtype in SMALL_FLOATS or name not in _KEEP_DTYPE
        return _cast(made, dtype) if needs_cast and is_cast else made

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


Writer: TypeAlias = Callable[[Calls, Step, list[Operand]], "ast.expr | None"]


# Numbers and dtypes


def dtype_expression(name: str) -> ast.expr:
    """`np.float32`."""
    return ast.Attribute(ast.Name("np"), "bool_" if name == "bool" else name)


def number_expression(value: Any, dtype: str) -> ast.expr | None:
    """A number as Python writes it; None where beside an array it would not be what it is."""
    if dtype.startswith("complex") or isinstance(value, complex):
        return None
    if dtype == "bool":
        return constant(bool(value))
    if "int" in dtype:
        bits = int(dtype.lstrip("uint"))
        low, high = (0, 2**bits) if dtype[0] == "u" else (-(2 ** (bits - 1)), 2 ** (bits - 1))
        is_whole = math.isfinite(value) and value == int(value)
        return constant(int(value)) if is_whole and low <= value < high else None
    if math.isnan(value):
        return ast.Attribute(ast.Name("np"), "nan")
    if math.isinf(value):
        infinity = ast.Attribute(ast.Name("np"), "inf")
        return infinity if value > 0 else ast.UnaryOp(ast.USub(), infinity)
    if abs(value) > _LARGEST.get(dtype, math.inf):
        return None
    number = float(value)
    if number.is_integer() and _is_short(number):
        return constant(int(number))
    short = f"{number:g}".replace("e+0", "e").replace("e+", "e").replace("e-0", "e-")
    return Number(number, short) if float(short) == number and "e" in short else constant(number)


def _is_short(number: float) -> bool:
    return abs(number) < 1e6 and math.copysign(1, number) * (number or 1) > 0


_LARGEST = {"float16": 65504.0, "float32": 3.4028234e38}


def _is_negative(value: Any) -> bool:
    return math.copysign(1, value) < 0


def _as_list(value: Any) -> Any:
    return [_as_list(each) for each in value] if isinstance(value, tuple) else value


def _cast(value: ast.expr, dtype: str) -> ast.expr:
    return ast.Call(ast.Attribute(value, "astype"), [dtype_expression(dtype)], [])


def _method(operand: Operand, name: str, *args: ast.expr) -> ast.expr:
    return ast.Call(ast.Attribute(operand.array, name), list(args), [])


# Names


_KEEP_DTYPE = {"logistic"}
"""Functions of elements that compute in the dtype they are given."""

_NOTHING = {"stop_gradient"}
_SIGNS = {"negate"}
_OPERATORS: dict[str, type[ast.operator]] = {
    "add": ast.Add, "subtract": ast.Sub, "multiply": ast.Mult, "divide": ast.Div,
    "floor_divide": ast.FloorDiv, "remainder": ast.Mod, "power": ast.Pow,
}  # fmt: skip
_COMPARISONS: dict[str, type[ast.cmpop]] = {
    "eq": ast.Eq, "ne": ast.NotEq, "lt": ast.Lt, "le": ast.LtE, "gt": ast.Gt, "ge": ast.GtE,
}  # fmt: skip
_LOGICAL = {"and": "logical_and", "or": "logical_or", "xor": "logical_xor", "not": "logical_not"}
_FRIENDLY = {"absolute": "abs"}


def _function_name(primitive: str, dtype: str) -> str:
    if dtype == "bool" and primitive in _LOGICAL:
        return _LOGICAL[primitive]
    name = UFUNCS[primitive].__name__
    return _FRIENDLY.get(name, name)


# Steps that have a way of their own


def _rsqrt(calls: Calls, step: Step, operands: list[Operand]) -> ast.expr:
    dtype = step.operands[0].dtype
    is_small = dtype in SMALL_FLOATS
    x = _cast(operands[0].array, "float32") if is_small else operands[0].array
    made = ast.BinOp(constant(1), ast.Div(), call("np.sqrt", x))
    return _cast(made, dtype) if is_small else made


def _select(calls: Calls, step: Step, operands: list[Operand]) -> ast.expr:
    condition, x, y = operands
    first = x.array if x.is_weak and y.is_weak else x.expression
    return call("np.where", condition.array, first, y.expression)


def _cast_step(calls: Calls, step: Step, operands: list[Operand]) -> ast.expr:
    (x,) = operands
    dtype = step.attributes["dtype"]
    if x.type.dtype.startswith("complex") and not dtype.startswith("complex"):
        return _cast(ast.Attribute(x.array, "real"), dtype)
    if x.is_weak and dtype == "float32" and "int" in x.type.dtype:
        return call(dtype_expression(dtype), x.expression)
    return _cast(x.array, dtype)


def _reshape(calls: Calls, step: Step, operands: list[Operand]) -> ast.expr:
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


def _transpose(calls: Calls, step: Step, operands: list[Operand]) -> ast.expr | None:
    order = step.attributes["permutation"]
    if not order:
        return operands[0].array
    return _method(operands[0], "transpose", *map(constant, order))


def _broadcast(calls: Calls, step: Step, operands: list[Operand]) -> ast.expr:
    return call("np.broadcast_to", operands[0].array, calls.sizes.shape(step.attributes["shape"]))


def _pad(calls: Calls, step: Step, operands: list[Operand]) -> ast.expr | None:
    widths = step.attributes["widths"]
    if any(not isinstance(n, int) or n < 0 for pair in widths for n in pair):
        return None
    mode, value = step.attributes["mode"], step.attributes.get("value", 0)
    keywords: dict[str, ast.expr] = {}
    if mode != "constant":
        keywords = {"mode": constant(mode)}
    elif value != 0 or _is_negative(value):
        number = number_expression(value, step.types[0].dtype)
        if number is None:
            return None
        keywords = {"constant_values": number}
    return call("np.pad", operands[0].array, constant(widths), keywords=keywords)


def _slice(calls: Calls, step: Step, operands: list[Operand]) -> ast.expr | None:
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


def _concatenate(calls: Calls, step: Step, operands: list[Operand]) -> ast.expr:
    parts = sequence([x.array for x in operands], is_list=True)
    return call("np.concatenate", parts, keywords={"axis": constant(step.attributes["axis"])})


def _axes(axes: tuple[int, ...]) -> ast.expr:
    return constant(axes[0] if len(axes) == 1 else axes)


def _reverse(calls: Calls, step: Step, operands: list[Operand]) -> ast.expr:
    axes = step.attributes["axes"]
    return call("np.flip", operands[0].array, keywords={"axis": _axes(axes)})


def _bitcast(calls: Calls, step: Step, operands: list[Operand]) -> ast.expr:
    # NumPy makes a scalar an array of one axis on the way.
    made = call("np.ascontiguousarray", operands[0].array)
    viewed = ast.Call(ast.Attribute(made, "view"), [dtype_expression(step.types[0].dtype)], [])
    if step.types[0].shape != ():
        return viewed
    return ast.Call(ast.Attribute(viewed, "reshape"), [sequence([])], [])


def _iota(calls: Calls, step: Step, operands: list[Operand]) -> ast.expr:
    shape, axis = step.attributes["shape"], step.attributes["axis"]
    count = calls.sizes.expression(shape[axis])
    numbers = call("np.arange", count, keywords={"dtype": dtype_expression(step.types[0].dtype)})
    if len(shape) == 1:
        return numbers
    rest = [constant(1)] * (len(shape) - 1 - axis)
    if rest:
        numbers = ast.Call(ast.Attribute(numbers, "reshape"), [constant(-1), *rest], [])
    return call("np.broadcast_to", numbers, calls.sizes.shape(shape))


def _dot(calls: Calls, step: Step, operands: list[Operand]) -> ast.expr | None:
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


def _gather(calls: Calls, step: Step, operands: list[Operand]) -> ast.expr | None:
    if step.attributes.get("batch_dims", 0):
        return None
    x, indices = operands
    keywords = {"axis": constant(step.attributes["axis"])}
    return call("np.take", x.array, indices.array, keywords=keywords)


_REDUCERS = {
    "reduce_sum": "sum", "reduce_prod": "prod", "reduce_max": "max", "reduce_min": "min",
    "reduce_and": "all", "reduce_or": "any",
}  # fmt: skip


def _reduce(calls: Calls, step: Step, operands: list[Operand]) -> ast.expr:
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
        value = _cast(value, "float32")
    made = call(f"np.{_REDUCERS[name]}", value, keywords=keywords)
    logical = name in ("reduce_and", "reduce_or") and dtype != "bool"
    return _cast(made, dtype) if dtype in SMALL_FLOATS or logical else made


def _cumulate(calls: Calls, step: Step, operands: list[Operand]) -> ast.expr:
    (x,) = operands
    name, dtype, axis = step.primitive.name, x.type.dtype, step.attributes["axis"]
    value = _cast(x.array, "float32") if dtype in SMALL_FLOATS else x.array
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
    return _cast(made, dtype) if dtype in SMALL_FLOATS else made


def _place(calls: Calls, step: Step, operands: list[Operand]) -> ast.expr:
    (x,) = operands
    value = _cast(x.array, "float32") if x.type.dtype in SMALL_FLOATS else x.array
    keywords = {"axis": constant(step.attributes["axis"])}
    return _cast(call(f"np.{step.primitive.name}", value, keywords=keywords), "int32")


def _random(calls: Calls, step: Step, operands: list[Operand]) -> ast.expr:
    return calls.bits(step)


def _clamp(calls: Calls, step: Step, operands: list[Operand]) -> ast.expr | None:
    (x,) = operands
    bounds = [number_expression(step.attributes[each], x.type.dtype) for each in ("low", "high")]
    low, high = bounds
    if low is None or high is None or x.type.dtype in SMALL_FLOATS:
        return None
    return call("np.clip", x.array, low, high)


_WRITERS: dict[str, Writer] = {
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
