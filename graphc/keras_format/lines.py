"""Tensors as long as a size that is known only when a model runs, and such sizes as numbers.

A configuration holds numbers, and no size that the graph leaves open; but a tensor has it. Along an
axis of that size the places are all True: a line. Lines of other sizes come of these, by functions
that Keras knows the shapes of: one is repeated for `2 * T`, has its first left out for `T - 1`, and
every second taken for `T // 2`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from graphc.ir.dim_polynomial import (
    CONSTANT,
    Atom,
    Extremum,
    Monomial,
    Polynomial,
    Quotient,
    Variable,
)
from graphc.ir.dims import UNKNOWN, Dim, SymbolicDim, at_least, linear_in, variable
from graphc.ir.graph import ModelGraph, TensorRef
from graphc.ir.types import TensorType
from graphc.keras_format.added_calls import AddedCalls, Written
from graphc.keras_format.inexpressible import without_size
from graphc.keras_format.tensors import array, part
from graphc.keras_format.values import Json


class Lines(AddedCalls):
    """Writes lines, each size's once."""

    def __init__(self, graph: ModelGraph, spell: Callable[[TensorRef], Json]) -> None:
        super().__init__(graph, spell)
        self._lines: dict[Dim, Written] = {}
        self._numbers: dict[str, Written] = {}

    def _places(self, size: Dim, dtype: str, step: float = 1) -> Written:
        """0, 1, 2 … of this size, times a step."""
        if isinstance(size, int):
            constant = (np.arange(size) * step).astype(dtype)
            return Written(array(constant), TensorType(constant.shape, dtype))
        sums = self._cast(self._line(size), dtype)
        sums = self._apply("cumsum", sums, type=sums.type)
        places = self._apply("subtract", sums, 1, type=sums.type)
        return places if step == 1 else self._apply("multiply", places, step, type=sums.type)

    # Lines

    def _line(self, size: Dim) -> Written:
        """True as many times as a size. Raises `Inexpressible` for those that no input tells."""
        if isinstance(size, int):
            constant = np.ones(size, "bool")
            return Written(array(constant), TensorType((size,), "bool"))
        if size not in self._lines:
            self._lines[size] = self._new_line(size)
        return self._lines[size]

    def _new_line(self, size: SymbolicDim) -> Written:
        for given, axis in self._axes():
            if given.type.shape[axis] == size:
                return self._along(given, axis)
        if size is UNKNOWN:
            raise without_size(size)
        own = variable(size.names[0])
        if size == own:
            return self._solved(own)
        return self._sum(size)

    def _axes(self) -> Iterator[tuple[Written, int]]:
        for node in self._graph.inputs:
            given = self._given(TensorRef(node, 0))
            for axis in range(given.type.rank):
                yield given, axis

    def _along(self, given: Written, axis: int) -> Written:
        """The line of an input's axis."""
        shape = (given.type.shape[axis],)
        line = given
        if given.type.rank > 1:
            key = [part() if place == axis else 0 for place in range(given.type.rank)]
            line = self._part(given, key, shape)
        return self._apply("ones_like", line, dtype="bool", type=TensorType(shape, "bool"))

    def _solved(self, own: SymbolicDim) -> Written:
        """The line of a size that an input has within another one, such as `2 * T + 1`."""
        (name,) = own.names
        for given, axis in self._axes():
            dim = given.type.shape[axis]
            factor, rest = linear_in(dim, name) or (0, 0)
            if factor > 0 and isinstance(rest, int):
                return self._every(self._longer(self._line(dim), -rest), factor, own)
        raise without_size(own)

    def _sum(self, size: SymbolicDim) -> Written:
        halved = _rounded_up_half(size)
        if halved is not None:
            shape = TensorType((size,), "bool")
            return self._apply("get_item", self._line(halved), [part(step=2)], type=shape)
        found: Written | None = None
        for monomial, count in size.polynomial.items():
            if monomial is CONSTANT:
                continue
            if count < 0:
                raise without_size(size)
            line = self._monomial(monomial)
            if count > 1:
                type = TensorType((line.type.shape[0] * count,), "bool")
                line = self._apply("repeat", line, type=type, repeats=count, axis=0)
            found = line if found is None else self._joined(found, line)
        assert found is not None
        return self._longer(found, size.polynomial.get(CONSTANT, 0))

    def _monomial(self, monomial: Monomial) -> Written:
        line = self._atom(monomial[0])
        for atom in monomial[1:]:
            other = self._atom(atom)
            rows, columns = line.type.shape[0], other.type.shape[0]
            column = self._part(line, [part(), None], (rows, 1))
            both = self._apply(
                "logical_and", column, other, type=TensorType((rows, columns), "bool")
            )
            type = TensorType((rows * columns,), "bool")
            line = self._apply("reshape", both, type=type, newshape=[-1])
        return line

    def _atom(self, atom: Atom) -> Written:
        size = SymbolicDim({(atom,): 1})
        if isinstance(atom, Variable):
            return self._line(size)
        if isinstance(atom, Quotient):
            numerator, by = _dim(atom.numerator), _dim(atom.denominator)
            if not isinstance(by, int) or by < 1 or at_least(numerator, 0) is not True:
                raise without_size(size)
            return self._every(self._line(numerator), by, size)
        assert isinstance(atom, Extremum)
        return self._extremum(atom, size)

    def _extremum(self, atom: Extremum, size: SymbolicDim) -> Written:
        """`max(T - 3, 0)`, which is what leaving out gives, and `min(T, 5)`."""
        options = [_dim(option) for option in atom.options]
        numbers = [each for each in options if isinstance(each, int)]
        others = [each for each in options if not isinstance(each, int)]
        if len(numbers) != 1 or len(others) != 1:
            raise without_size(size)
        (number,), (other,) = numbers, others
        if atom.kind == "min" and at_least(other, 0) is True:
            line = self._line(other)
            type = TensorType((size,), "bool")
            return self._apply("get_item", line, [part(stop=number)], type=type)
        less = other.polynomial.get(CONSTANT, 0)
        if atom.kind == "max" and number == 0 and at_least(other - less, 0) is True:
            line = self._longer(self._line(other - less), less)
            return Written(line.json, TensorType((size,), "bool"))
        raise without_size(size)

    def _joined(self, first: Written, second: Written) -> Written:
        type = TensorType((first.type.shape[0] + second.type.shape[0],), "bool")
        return self._apply("concatenate", [first, second], type=type, axis=0)

    def _longer(self, line: Written, by: int) -> Written:
        if by > 0:
            return self._joined(line, self._line(by))
        if by == 0:
            return line
        return self._part(line, [part(-by)], (line.type.shape[0] + by,))

    def _every(self, line: Written, step: int, size: Dim) -> Written:
        """The line of a size divided and rounded down."""
        return line if step == 1 else self._part(line, [part(step - 1, None, step)], (size,))

    # Numbers

    def size(self, dim: Dim, dtype: str) -> Json:
        """A size as a number that a function computes with."""
        number = self._number(dim)
        return self._cast(number, dtype).json if isinstance(number, Written) else number

    def _number(self, dim: Dim) -> Written | int:
        """A size as a whole number, of 32 bits."""
        if isinstance(dim, int):
            return dim
        if dim is UNKNOWN:
            raise without_size(dim)
        total: Written | int = dim.polynomial.get(CONSTANT, 0)
        for monomial, count in dim.polynomial.items():
            if monomial is CONSTANT:
                continue
            term: Written | int = count
            for atom in monomial:
                term = self._computed("multiply", self._atom_number(atom), term)
            total = self._computed("add", term, total)
        return total

    def _atom_number(self, atom: Atom) -> Written | int:
        if atom.key not in self._numbers:
            self._numbers[atom.key] = self._new_number(atom)
        return self._numbers[atom.key]

    def _new_number(self, atom: Atom) -> Written:
        if isinstance(atom, Variable):
            ones = self._cast(self._line(SymbolicDim({(atom,): 1})), "int32")
            return self._apply("sum", ones, type=TensorType((), "int32"))
        if isinstance(atom, Quotient):
            parts, name = [atom.numerator, atom.denominator], "floor_divide"
        else:
            assert isinstance(atom, Extremum)
            parts, name = list(atom.options), f"{atom.kind}imum"
        first, *rest = [self._number(_dim(each)) for each in parts]
        for each in rest:
            first = self._computed(name, first, each)
        assert isinstance(first, Written)
        return first

    def _computed(self, op: str, one: Written | int, other: Written | int) -> Written | int:
        neutral = {"multiply": 1, "add": 0}.get(op)
        if other == neutral and isinstance(other, int):
            return one
        return self._apply(op, one, other, type=TensorType((), "int32"))


def _dim(polynomial: Polynomial) -> Dim:
    return polynomial.get(CONSTANT, 0) if set(polynomial) <= {CONSTANT} else SymbolicDim(polynomial)


def _rounded_up_half(size: SymbolicDim) -> SymbolicDim | None:
    """What a size is the half of, rounded up: `T - T // 2` is that of T."""
    for monomial, count in size.polynomial.items():
        if count == -1 and len(monomial) == 1 and isinstance(monomial[0], Quotient):
            whole = _dim(monomial[0].numerator)
            if isinstance(whole, SymbolicDim) and size == whole - whole // 2:
                return whole
    return None
