"""Sizes that the inputs say: what they are called, and how they follow from the arrays."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping

from graphc.emit.keras.tree import constant, name, sequence, subscript
from graphc.emit.keras.values import dim_expression
from graphc.emit.numpy.faults import NotInNumPy
from graphc.ir.dims import UNKNOWN, Dim, SymbolicDim, unify, variable, variables
from graphc.ir.types import TensorType


def named_sizes(types: Mapping[str, TensorType], *, are_alike: bool) -> dict[str, TensorType]:
    """The types of inputs with a name for every size.

    Those of `?` have one for each input and axis, or for each axis where all inputs `are_alike`.
    """
    return {
        name: TensorType(
            tuple(
                variable(f"size_{axis}" if are_alike else f"{name}_{axis}")
                if dim is UNKNOWN
                else dim
                for axis, dim in enumerate(type.shape)
            ),
            type.dtype,
        )
        for name, type in types.items()
    }


class Sizes:
    """The open sizes of a program, as expressions of its arrays' shapes.

    `arrays` are what the inputs are called in the program, and `claim` gives a size a name there.
    """

    def __init__(
        self,
        types: Mapping[str, TensorType],
        arrays: Mapping[str, str],
        claim: Callable[[str], str],
    ) -> None:
        free = frozenset(n for type in types.values() for dim in type.shape for n in variables(dim))
        solved: dict[str, Dim] = {}
        axes: dict[str, ast.expr] = {}
        for input, type in types.items():
            for axis, dim in enumerate(type.shape):
                place = f"{input}·{axis}"
                own = f"axis{len(axes)}_"
                axes[own] = subscript(ast.Attribute(name(arrays[input]), "shape"), constant(axis))
                if unify(dim, variable(own), solved, free) is False:
                    raise NotInNumPy(f"nothing says how {dim} follows from {place}")
        self._axes = axes
        self._solved = {each: dim for each, dim in solved.items() if dim is not UNKNOWN}
        self._names = {each: claim(each) for each in sorted(self._solved)}
        self._missing = sorted(free - set(self._solved))
        self._used: set[str] = set()

    def expression(self, dim: Dim) -> ast.expr:
        """A size, in terms of the names that are `used`."""
        if isinstance(dim, int):
            return constant(dim)
        return self._filled(dim, {each: name(own) for each, own in self._names.items()})

    def shape(self, dims: tuple[Dim, ...]) -> ast.expr:
        """A shape as a tuple."""
        return sequence([self.expression(dim) for dim in dims])

    def value(self, value: object) -> ast.expr:
        """An attribute of a step: numbers, sizes, names, and tuples of them."""
        if isinstance(value, tuple):
            return sequence([self.value(each) for each in value])
        if isinstance(value, SymbolicDim):
            return self.expression(value)
        return constant(value)

    def used(self) -> list[tuple[str, ast.expr]]:
        """The names that expressions have used, with what they stand for."""
        return [
            (self._names[each], self._filled(self._solved[each], self._axes))
            for each in sorted(self._used)
        ]

    def _filled(self, dim: Dim, known: Mapping[str, ast.expr]) -> ast.expr:
        if dim is UNKNOWN:
            raise NotInNumPy("it has a size that does not follow from the shapes of its inputs")
        if isinstance(dim, int):
            return constant(dim)
        for each in variables(dim):
            if each in self._missing:
                raise NotInNumPy(f"the size {each} does not follow from the inputs' shapes")
            if each in self._names:
                self._used.add(each)
        return dim_expression(str(dim), dict(known))
