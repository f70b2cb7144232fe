"""Steps as statements. What they bind has numbers, which `names` gives names to.

A value that is used once, by a step of the same layer, is written where it is used, as long as the
line stays short.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from itertools import count

from graphc.emit.keras.layout import flat
from graphc.emit.keras.tree import name, subscript
from graphc.emit.numpy.calls import Calls
from graphc.emit.numpy.literals import dtype_expression
from graphc.emit.numpy.writers import Operand
from graphc.ir.dims import Dim
from graphc.ir.origin import Origin
from graphc.ir.primitives.control import SCAN, Body
from graphc.ir.tensor import Step, Tensor, key, results_of, steps_of, uses_of
from graphc.ir.types import TensorType
from graphc.passes.by_layer import by_layer
from graphc.record import Record

Key = tuple[int, int]

LONGEST = 56
"""Of an expression that is written where it is used; numbers stand for names in it."""


class Bound(Record):
    """Values, and the expression of a step that gives them; None for one that nobody uses."""

    targets: tuple[int | None, ...]
    value: ast.expr
    origin: Origin | None
    types: tuple[TensorType, ...]
    word: str
    """What to call them, for want of a better name."""

    __hash__ = object.__hash__


class Loop(Record):
    """What a scan repeats: states begin as they are given, and slices are put into stacks."""

    states: tuple[int, ...]
    begin: tuple[ast.expr, ...]
    stacks: tuple[int, ...]
    forms: tuple[TensorType, ...]
    """The types of the stacks."""
    index: int
    length: Dim
    is_reverse: bool
    body: tuple[Bound | Loop, ...]
    after: tuple[ast.expr, ...]
    """The states after a step."""
    slices: tuple[ast.expr, ...]
    origin: Origin | None

    __hash__ = object.__hash__


Statement = Bound | Loop


def value_name(number: int) -> str:
    """How a value is written that has no name yet."""
    return f"·{number}"


def number_of(written: str) -> int | None:
    """The number of a value by how it is written; None for what is a name already."""
    return int(written[1:]) if written.startswith("·") else None


class Translator:
    """Makes statements of graphs. Leaves have expressions that are `known`."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        self.numbers = count()

    def translate(
        self, results: Sequence[Tensor], known: Mapping[Key, Operand]
    ) -> tuple[list[Statement], list[Operand]]:
        """The statements that lead to the results, and what these are then."""
        scope = _Scope(self, results, known)
        return scope.statements, [scope.operand(x) for x in results]

    def new(self) -> int:
        """A number for a value."""
        return next(self.numbers)


class _Scope:
    """One body: a function's, or a loop's."""

    def __init__(
        self, translator: Translator, results: Sequence[Tensor], known: Mapping[Key, Operand]
    ) -> None:
        self.translator = translator
        self.known = dict(known)
        self.statements: list[Statement] = []
        steps = by_layer(steps_of(results))
        self.uses = uses_of(results)
        self.users = {key(x): step for step in steps for x in step.operands}
        self.results = set(map(key, results))
        for step in steps:
            if step.primitive is SCAN:
                self._loop(step)
            else:
                self._step(step)

    def operand(self, tensor: Tensor) -> Operand:
        """A tensor as it is spelled here."""
        return self.known[key(tensor)]

    def _step(self, step: Step) -> None:
        made = self.translator.calls.spell(step, [self.operand(x) for x in step.operands])
        (first, *others) = results_of(step)
        if not others and (made.is_weak or self._is_small(first, made.expression)):
            self.known[key(first)] = made
            return
        self._bind(step, made.expression)

    def _is_small(self, tensor: Tensor, expression: ast.expr) -> bool:
        """Whether a value is written where it is used."""
        if _is_plain(expression):
            return True
        user = self.users.get(key(tensor))
        if self.uses[key(tensor)] != 1 or user is None or user.primitive is SCAN:
            return False
        assert tensor.step is not None
        return user.origin is tensor.step.origin and len(flat(expression)) <= LONGEST

    def _bind(self, step: Step, expression: ast.expr) -> None:
        targets = []
        for result in results_of(step):
            number = self.translator.new() if self.uses[key(result)] else None
            targets.append(number)
            if number is not None:
                self.known[key(result)] = Operand(name(value_name(number)), result.type)
        word = WORDS.get(step.primitive.name, step.primitive.name)
        self.statements.append(Bound(tuple(targets), expression, step.origin, step.types, word))

    def _named(self, tensor: Tensor, operand: Operand) -> Operand:
        """An operand that stands in a loop: its value is not computed there again."""
        if operand.is_weak or _is_plain(operand.expression):
            return operand
        number = self.translator.new()
        origin = None if tensor.step is None else tensor.step.origin
        bound = Bound((number,), operand.expression, origin, (tensor.type,), "value")
        self.statements.append(bound)
        self.known[key(tensor)] = Operand(name(value_name(number)), tensor.type)
        return self.known[key(tensor)]

    def _loop(self, step: Step) -> None:
        attributes, translator = step.attributes, self.translator
        body: Body = attributes["body"]
        carried, scanned = attributes["carried"], attributes["scanned"]
        index = translator.new()
        states = tuple(translator.new() for _ in range(carried))
        given = [self.operand(x) for x in step.operands]
        inner: dict[Key, Operand] = {}
        for place, parameter in enumerate(body.parameters):
            if place < carried:
                written: ast.expr = name(value_name(states[place]))
                operand = Operand(written, parameter.type)
            else:
                operand = self._named(step.operands[place], given[place])
                if place < carried + scanned:
                    part = subscript(operand.array, name(value_name(index)))
                    operand = Operand(part, parameter.type)
            inner[key(parameter)] = operand
        scope = _Scope(translator, body.results, inner)
        outputs = [scope.operand(x).array for x in body.results]
        own = results_of(step)
        stacks = tuple(translator.new() for _ in own[carried:])
        for number, result in zip((*states, *stacks), own, strict=True):
            self.known[key(result)] = Operand(name(value_name(number)), result.type)
        self.statements.append(
            Loop(
                states,
                tuple(x.array for x in given[:carried]),
                stacks,
                step.types[carried:],
                index,
                attributes["length"],
                attributes["reverse"],
                tuple(scope.statements),
                tuple(outputs[:carried]),
                tuple(outputs[carried:]),
                step.origin,
            )
        )


def _is_plain(expression: ast.expr) -> bool:
    """Whether an expression computes nothing: a name, a literal, an item of a dict."""
    if isinstance(expression, ast.Subscript):
        return (
            isinstance(expression.value, ast.Name)
            and isinstance(expression.slice, ast.Constant)
            and isinstance(expression.slice.value, str)
        )
    return isinstance(expression, (ast.Name, ast.Constant))


WORDS = {
    "dot_general": "product", "conv": "product", "add": "total", "subtract": "difference",
    "multiply": "product", "divide": "quotient", "reduce_sum": "total", "reduce_max": "largest",
    "reduce_min": "smallest", "exp": "powers", "tanh": "activated", "logistic": "gate",
    "maximum": "activated", "slice": "part", "gather": "rows", "concatenate": "joined",
    "select": "chosen", "reshape": "shaped", "transpose": "turned", "broadcast": "spread",
    "cast": "converted", "pad": "padded", "iota": "places", "reduce_window_max": "pooled",
    "reduce_window_sum": "pooled", "rsqrt": "scale", "erf": "activated", "resize": "resized",
    "not": "others", "and": "both", "or": "either", "sort": "sorted", "random_bits": "bits",
}  # fmt: skip
"""What results are called that are no layer's own."""

__all__ = ["Bound", "Loop", "Statement", "Translator", "dtype_expression"]
