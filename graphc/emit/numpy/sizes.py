"""Sizes that the inputs say: what they are called, and how they follow from the arrays."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from graphc.emit.keras.tree import constant, name, sequence, subscript
from graphc.emit.keras.values import dim_expression
from graphc.emit.numpy.faults import NotInNumPy
from graphc.ir.dims import UNKNOWN, Dim, SymbolicDim, linear_in, substitute, variable, variables
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


def solved(pairs: Sequence[tuple[Dim, Dim]]) -> dict[str, Dim]:
    """The variables of dims, given what the dims come to: those that follow one by one."""
    found: dict[str, Dim] = {}
    waiting = list(pairs)
    while waiting:
        left = [pair for pair in waiting if not _solve(*pair, found)]
        if len(left) == len(waiting):
            break
        waiting = left
    return found


def _solve(dim: Dim, size: Dim, found: dict[str, Dim]) -> bool:
    """Whether nothing is left to find in a dim; of the form `2*T + 1` it says what T is."""
    unknown = [each for each in variables(dim) if each not in found]
    if len(unknown) != 1:
        return not unknown
    (own,) = unknown
    linear = linear_in(dim, own)
    if linear is None:
        return False
    factor, rest = linear
    found[own] = (size - substitute(rest, found)) // factor
    return True


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
        self._types = types
        self._axes: dict[str, ast.expr] = {}
        pairs: list[tuple[Dim, Dim]] = []
        for input, type in types.items():
            shape = ast.Attribute(name(arrays[input]), "shape")
            for axis, dim in enumerate(type.shape):
                own = f"axis{len(self._axes)}_"
                self._axes[own] = subscript(shape, constant(axis))
                pairs.append((dim, variable(own)))
        self._solved = solved(pairs)
        self._names = {each: claim(each) for each in sorted(self._solved)}
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

    def shared(self) -> dict[str, ast.expr]:
        """The shapes of inputs, of which several places say a size: in other axes None, for any."""
        dims = [dim for type in self._types.values() for dim in type.shape]
        counts = Counter(each for dim in dims for each in variables(dim))

        def is_shared(dim: Dim) -> bool:
            names = variables(dim)
            # A size that another follows from, as of `2*T`, does not let that be anything.
            is_plain = any(dim == variable(each) for each in names)
            return bool(names) and (not is_plain or any(counts[each] > 1 for each in names))

        return {
            input: sequence([
                self.expression(dim)
                if isinstance(dim, int) or (is_shared(dim) and self._names.keys() >= {*variables(dim)})
                else constant(None)
                for dim in type.shape
            ])
            for input, type in self._types.items()
            if any(map(is_shared, type.shape))
        }  # fmt: skip

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
            if each not in known:
                raise NotInNumPy(f"the size {each} does not follow from the inputs' shapes")
            if each in self._names:
                self._used.add(each)
        return dim_expression(str(dim), dict(known))
