"""Steps as expressions of NumPy: an operator or a call where there is one, else our kernel."""

from __future__ import annotations

import ast
from typing import Any

from graphc.emit.keras.tree import call, constant
from graphc.emit.numpy.faults import NotInNumPy
from graphc.emit.numpy.kernel_text import Library, raw_kernel
from graphc.emit.numpy.literals import cast_to, dtype_expression, is_negative, number_expression
from graphc.emit.numpy.sizes import Sizes
from graphc.emit.numpy.writers import WRITERS, Operand, Writing
from graphc.ir.tensor import Step
from graphc.ir.types import TensorType
from graphc.runtime.kernels import KERNELS
from graphc.runtime.kernels.elementwise import UFUNCS
from graphc.runtime.kernels.table import SMALL_FLOATS


class Calls(Writing):
    """Spells steps; what it cannot say by NumPy alone it needs of the library."""

    def __init__(self, sizes: Sizes, library: Library) -> None:
        super().__init__(sizes)
        self.library = library

    def spell(self, step: Step, operands: list[Operand]) -> Operand:
        """The expression of a step; of one with several results, all of them."""
        name, type = step.primitive.name, step.types[0]
        if "bfloat16" in (type.dtype, *(x.dtype for x in step.operands)):
            raise NotInNumPy("it computes in bfloat16, which NumPy does not have")
        if name in ("constant", "dim_size"):
            return self._constant(step)
        if name in _NOTHING:
            return operands[0]
        write = WRITERS.get(name)
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
        if value in (0, 1) and not isinstance(value, bool) and not is_negative(value):
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
            given = [cast_to(x.array, "float32") for x in operands]
        if name in _SIGNS:
            made: ast.expr = ast.UnaryOp(ast.USub(), given[0])
        elif name in _OPERATORS:
            made = ast.BinOp(given[0], _OPERATORS[name](), given[1])
        elif name in _COMPARISONS:
            made = ast.Compare(given[0], [_COMPARISONS[name]()], [given[1]])
        else:
            made = call(f"np.{_function_name(name, dtype)}", *given)
        return cast_to(made, dtype) if is_small else made

    def _kernel(self, step: Step, operands: list[Operand]) -> ast.expr:
        """A call of graphc's own function, whose text the program has."""
        name = step.primitive.name
        raw = raw_kernel(KERNELS[name])
        assert raw is not None, name
        function, needs_cast = raw
        given = [x.array for x in operands]
        dtype = step.operands[0].dtype if step.operands else ""
        if needs_cast and dtype in SMALL_FLOATS:
            given = [cast_to(x, "float32") for x in given]
        keywords = {each: self.sizes.value(value) for each, value in step.attributes.items()}
        made = call(self.library.need(function), *given, keywords=keywords)
        self.library.called(function, made)
        is_cast = dtype in SMALL_FLOATS or name not in _KEEP_DTYPE
        return cast_to(made, dtype) if needs_cast and is_cast else made


def _as_list(value: Any) -> Any:
    return [_as_list(each) for each in value] if isinstance(value, tuple) else value


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
