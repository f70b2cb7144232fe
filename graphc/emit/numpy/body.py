"""Statements of a function with their names: the nodes that are printed."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from copy import copy

from graphc.emit.keras.tree import Comment, assign, call, name, sequence, subscript
from graphc.emit.numpy.literals import dtype_expression
from graphc.emit.numpy.names import Names, sections
from graphc.emit.numpy.sizes import Sizes
from graphc.emit.numpy.statements import Bound, Loop, Statement, number_of
from graphc.ir.origin import Origin
from graphc.ir.types import TensorType


class Printer:
    """Makes the nodes of a body."""

    def __init__(self, names: Names, sizes: Sizes) -> None:
        self.names = names
        self.sizes = sizes

    def head(self, statements: Sequence[Statement]) -> Iterator[ast.stmt]:
        """Statements without comments, then the sizes that anything printed so far uses."""
        for each in statements:
            yield from self._statement(each)
        for size, value in self.sizes.used():
            yield assign(size, self.named(value))

    def body(self, statements: Sequence[Statement], first: int = 0) -> Iterator[ast.stmt]:
        """The statements behind the first ones, with a comment above those of each layer."""
        for places in sections(statements):
            own = [place for place in places if place >= first]
            if not own:
                continue
            yield Comment("")
            yield from _heading(statements[own[0]].origin, _last_type(statements, own))
            dead: list[str] = []
            for place in own:
                yield from self._statement(statements[place])
                bound = set(self._targets(statements[place]))
                dead = [each for each in dead if each not in bound]
                dead += self.names.dead_after[place]
            if dead and own[-1] < len(statements) - 1:
                yield ast.Delete([name(each) for each in dict.fromkeys(dead)])

    def named(self, expression: ast.expr) -> ast.expr:
        """An expression with names for values."""
        return _renamed(expression, self.names.of)

    def _targets(self, statement: Statement) -> Iterator[str]:
        found = statement.targets if isinstance(statement, Bound) else statement.states
        for number in (*found, *(statement.stacks if isinstance(statement, Loop) else ())):
            if number is not None:
                yield self.names.of[number]

    def _target(self, number: int | None) -> ast.expr:
        return name("_" if number is None else self.names.of[number])

    def _statement(self, statement: Statement) -> Iterator[ast.stmt]:
        if isinstance(statement, Loop):
            yield from self._loop(statement)
            return
        targets = [self._target(each) for each in statement.targets]
        target = targets[0] if len(targets) == 1 else sequence(targets)
        yield assign(target, self.named(statement.value))

    def _loop(self, loop: Loop) -> Iterator[ast.stmt]:
        for number, begin in zip(loop.states, loop.begin, strict=True):
            yield assign(self._target(number), self.named(begin))
        for number, form in zip(loop.stacks, loop.forms, strict=True):
            shape = self.named(self.sizes.shape(form.shape))
            yield assign(
                self._target(number), call("np.empty", shape, dtype_expression(form.dtype))
            )
        body: list[ast.stmt] = []
        for each in loop.body:
            body += self._statement(each)
        index = self._target(loop.index)
        for number, part in zip(loop.stacks, loop.slices, strict=True):
            body.append(assign(subscript(self._target(number), index), self.named(part)))
        pairs = [
            (self._target(number), self.named(after))
            for number, after in zip(loop.states, loop.after, strict=True)
        ]
        pairs = [(a, b) for a, b in pairs if ast.dump(a) != ast.dump(b)]
        if len(pairs) == 1:
            body.append(assign(*pairs[0]))
        elif pairs:
            targets, values = zip(*pairs, strict=True)
            body.append(assign(sequence(targets), sequence(values)))
        turns = call("range", self.named(self.sizes.expression(loop.length)))
        yield ast.For(index, call("reversed", turns) if loop.is_reverse else turns, body, [])


def _heading(origin: Origin | None, type: TensorType | None) -> Iterator[Comment]:
    if origin is not None:
        shape = "" if type is None else f", {type}"
        yield Comment(f"# {origin.path}: {origin.call.use.type_name}{shape}")


def _last_type(statements: Sequence[Statement], places: Sequence[int]) -> TensorType | None:
    """The type of what a layer gives: the last of its values that can be that."""
    origin = statements[places[0]].origin
    stated = None if origin is None or not origin.call.outputs else origin.call.outputs[0]
    for place in reversed(places):
        last = statements[place]
        for type in last.types if isinstance(last, Bound) else last.forms:
            if stated is None or (type.rank, type.dtype) == (stated.rank, stated.dtype):
                return type
    return stated


def _renamed(node: ast.expr, names: dict[int, str]) -> ast.expr:
    """A copy, since parts of expressions are shared."""

    def copied(value: object) -> object:
        if isinstance(value, ast.Name):
            number = number_of(value.id)
            return value if number is None else ast.Name(names[number])
        if isinstance(value, list):
            return [copied(each) for each in value]
        if not isinstance(value, (ast.expr, ast.keyword)) or isinstance(value, ast.Constant):
            return value
        made = copy(value)
        for field, inner in ast.iter_fields(value):
            setattr(made, field, copied(inner))
        return made

    made = copied(node)
    assert isinstance(made, ast.expr)
    return made
