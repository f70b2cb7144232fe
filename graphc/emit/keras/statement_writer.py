"""The statements of a body, one after the other."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

from graphc.emit.keras.assignments import target_of, write_assign
from graphc.emit.keras.body import Body
from graphc.emit.keras.outputs import write_output
from graphc.emit.keras.sources import enter, write_weight
from graphc.emit.keras.tree import Aside, Comment, Step, Untranslatable
from graphc.syntax import nodes

Writer = Callable[[Body, Any], None]
"""Adds a statement to a body."""


def write_statements(body: Body, own: Mapping[type, Writer] | None = None) -> None:
    """Write all statements of a body; some kinds as `own` has them."""
    StatementWriter(body, {**_WRITERS, **(own or {})}).write(body.node.body, body.node.span.end)


class StatementWriter:
    """Writes statements, each kind by its writer, and the loops and choices around them."""

    def __init__(self, body: Body, writers: Mapping[type, Writer]) -> None:
        self.body, self.writers = body, writers

    def write(self, statements: tuple[nodes.Statement, ...], end: int) -> None:
        """Write statements, with the comments that stand among them."""
        body = self.body
        for number, each in enumerate(statements):
            before = body.comments.before(each, is_first=number == 0)
            outer, body.out, body.hoists = body.out, [], False
            try:
                self._statement(each)
            finally:
                made, body.out = body.out, outer
            commented = self._commented(each, made)
            if not isinstance(each, nodes.Require):  # which goes with what is said of it
                body.out += [*before, *commented]
        body.out += body.comments.until(end)

    def _commented(self, node: nodes.Statement, made: list[ast.stmt]) -> list[ast.stmt]:
        """What became of a statement, with the comments on each line of its pipe."""
        comments, text = self.body.comments, node.span.file.text
        commented: list[ast.stmt] = []
        line: list[ast.stmt] = []
        for each in made:
            line.append(each)
            if isinstance(each, Step) and _is_last_on_line(text, each.end):
                inside = comments.until(each.end)
                commented += [*inside, *_aside(comments.behind(text, each.end), node, line), *line]
                line = []
        inside = comments.until(node.span.end)
        return [*commented, *inside, *_aside(comments.beside(node), node, line), *line]

    def _statement(self, node: nodes.Statement) -> None:
        if isinstance(node, nodes.For):
            self._for(node)
        elif isinstance(node, nodes.If):
            self.body.out += self._branches(list(node.branches))
        elif isinstance(node, nodes.Require):
            return  # has been checked
        elif type(node) in self.writers:
            self.writers[type(node)](self.body, node)
        else:
            raise Untranslatable(f"`{node.span.text}` has no counterpart")

    def _inner(self, statements: tuple[nodes.Statement, ...], end: int) -> list[ast.stmt]:
        """The statements of a body inside of this one."""
        outer, self.body.out = self.body.out, []
        try:
            self.write(statements, end)
            return self.body.out or [ast.Pass()]
        finally:
            self.body.out = outer

    def _for(self, node: nodes.For) -> None:
        iterable = self.body.expr(node.iterable)
        if isinstance(iterable, ast.List):
            iterable = ast.Tuple(iterable.elts) if len(iterable.elts) > 1 else iterable
        target = target_of(self.body, node.targets)
        self.body.out.append(ast.For(target, iterable, self._inner(node.body, node.span.end), []))

    def _branches(self, branches: list[nodes.Branch]) -> list[ast.stmt]:
        if not branches:
            return []
        first, *rest = branches
        if first.test is None:
            return self._inner(first.body, first.span.end)
        test = self.body.test(first.test)
        if isinstance(test, bool):
            return self._inner(first.body, first.span.end) if test else self._branches(rest)
        counters, prelude = dict(self.body.counters), list(self.body.prelude)
        try:
            made = self._inner(first.body, first.span.end)
        except Untranslatable:
            if any(self.body.recorder.bound.get(id(each)) for each in first.body):
                raise
            # Never taken so far, and its names may not exist.
            self.body.counters, self.body.prelude = counters, prelude
            return self._branches(rest)
        return [ast.If(test, made, self._branches(rest))]


def _is_last_on_line(text: str, end: int) -> bool:
    stop = text.find("\n", end)
    rest = text[end : stop if stop >= 0 else len(text)].strip()
    return not rest or rest.startswith("#")


def _aside(
    comment: nodes.Comment | None, node: nodes.Statement, made: list[ast.stmt]
) -> list[ast.stmt]:
    """A comment beside what became these statements: of several, it stands above all."""
    if comment is None:
        return []
    is_returned = isinstance(node, nodes.Output) and not made
    is_beside = is_returned or len(made) == 1
    return [Aside(comment.span.text) if is_beside else Comment(comment.span.text)]


def _evaluate(body: Body, node: nodes.Evaluate) -> None:
    """An expression that nothing uses."""
    made = body.value(node.value)
    if not isinstance(made, (ast.Name, ast.Constant)):
        body.out.append(ast.Expr(made))


def _form(body: Body, node: nodes.InputForm) -> None:
    """The form of the inputs stands where the model is made of them."""


_WRITERS: Mapping[type, Writer] = {
    nodes.InputForm: _form,
    nodes.Assign: write_assign,
    nodes.Input: enter,
    nodes.Weight: write_weight,
    nodes.Output: write_output,
    nodes.Evaluate: _evaluate,
}
