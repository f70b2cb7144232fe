"""Short ways to make nodes of Python's syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from typing import Any


class Untranslatable(Exception):
    """Something has no direct translation; the message says what."""


class Comment(ast.stmt):
    """A comment on a line of its own."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class Aside(Comment):
    """A comment on the line of the statement that follows, or above it where there is no room."""


class Step(ast.Assign):
    """What a stage of a pipe gives, bound; the stage ends at an offset of the source."""

    def __init__(self, target: str, value: ast.expr, end: int) -> None:
        super().__init__([ast.Name(target)], value)
        self.end = end


class SizeOf(ast.Assign):
    """One of a tensor's sizes, bound; `is_last` is the axis that no other comes after."""

    def __init__(self, target: str, tensor: ast.expr, axis: int, *, is_last: bool) -> None:
        shape = ast.Attribute(tensor, "shape")
        super().__init__([ast.Name(target)], ast.Subscript(shape, ast.Constant(axis)))
        self.tensor, self.axis, self.is_last = tensor, axis, is_last


class CommentedReturn(ast.Return):
    """The return of a call whose first argument is a list with comments among its items.

    `remarks` are the comments before each item, an `Aside` being on its line, and after all.
    `name` is what the call is bound to, in place of being returned.
    """

    def __init__(
        self, value: ast.Call, remarks: list[list[Comment]], name: str | None = None
    ) -> None:
        super().__init__(value)
        self.remarks, self.name = remarks, name


class CommentedCall(ast.Expr):
    """A call, the value of a `return` or not, with comments on its arguments by keyword.

    An `Aside` is on the argument's line; `last` are the comments behind all arguments.
    """

    value: ast.Call

    def __init__(
        self, value: ast.Call, remarks: Mapping[str, list[Comment]], last: list[Comment],
        *, is_returned: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(value)
        self.remarks, self.last, self.is_returned = remarks, last, is_returned


class Doc(ast.stmt):
    """A docstring."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self.lines = lines


class Number(ast.Constant):
    """A number as the source spells it."""

    def __init__(self, value: float, spelling: str) -> None:
        super().__init__(value)
        self.spelling = spelling


class ModelCall(ast.Call):
    """The call that makes the model of a function: its name may be the function's to give."""


def model_call(path: str, *args: ast.expr, name: str) -> ModelCall:
    """`keras.Model(…, name=…)`."""
    return ModelCall(attribute(path), list(args), [ast.keyword("name", constant(name))])


def name(text: str) -> ast.Name:
    """A name."""
    return ast.Name(text)


def attribute(path: str) -> ast.expr:
    """A dotted name: `layers.Dense`."""
    first, *rest = path.split(".")
    made: ast.expr = ast.Name(first)
    for each in rest:
        made = ast.Attribute(made, each)
    return made


def structured(value: Any) -> ast.expr:
    """Expressions in lists and dicts as one expression."""
    if isinstance(value, dict):
        return ast.Dict(list(map(constant, value)), list(map(structured, value.values())))
    if isinstance(value, list):
        return ast.List(list(map(structured, value)))
    assert isinstance(value, ast.expr)
    return value


def call(
    function: str | ast.expr, *args: ast.expr, keywords: Mapping[str, ast.expr] | None = None
) -> ast.Call:
    """A call."""
    called = attribute(function) if isinstance(function, str) else function
    given = [ast.keyword(each, value) for each, value in (keywords or {}).items()]
    return ast.Call(called, list(args), given)


def constant(value: Any) -> ast.expr:
    """A literal; of a range a list, since Keras saves no ranges."""
    if isinstance(value, range):
        bounds = [value.start, value.stop, value.step]
        given = bounds if value.step != 1 else bounds[:2] if value.start else bounds[1:2]
        return call("list", call("range", *map(constant, given)))
    if isinstance(value, (list, tuple)):
        return sequence(map(constant, value), is_list=isinstance(value, list))
    if isinstance(value, dict):
        return ast.Dict([constant(key) for key in value], [constant(v) for v in value.values()])
    return ast.Constant(value)


def sequence(items: Iterable[ast.expr], *, is_list: bool = False) -> ast.expr:
    """A list or tuple."""
    listed = list(items)
    return ast.List(listed) if is_list else ast.Tuple(listed)


def subscript(value: ast.expr, *items: ast.expr) -> ast.expr:
    """`value[items]`."""
    listed = list(items)
    if len(listed) == 1 and isinstance(listed[0], ast.Constant) and listed[0].value is None:
        listed.append(ast.Constant(...))  # Keras takes no None alone
    return ast.Subscript(value, listed[0] if len(listed) == 1 else ast.Tuple(listed))


def assign(target: str | ast.expr, value: ast.expr) -> ast.Assign:
    """`target = value`."""
    return ast.Assign([ast.Name(target) if isinstance(target, str) else target], value)


def loads(node: ast.AST) -> Iterable[str]:
    """The names that are read in a node."""
    targets: set[int] = set()
    for each in ast.walk(node):
        if isinstance(each, ast.Assign):
            targets.update(id(n) for t in each.targets for n in ast.walk(t))
        elif isinstance(each, ast.For):
            targets.update(id(n) for n in ast.walk(each.target))
    for each in ast.walk(node):
        if isinstance(each, ast.Name) and id(each) not in targets:
            yield each.id
