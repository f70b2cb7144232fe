"""A limit on how deep the tree may be, so that visitors may be recursive."""

from __future__ import annotations

from typing import Any

from graphc.diagnostics.codes import NESTED_TOO_DEEP
from graphc.record import replace
from graphc.syntax import nodes
from graphc.syntax.report import Report
from graphc.syntax.tokens import MAX_DEPTH


def limit_depth(items: tuple[nodes.Item, ...], report: Report) -> tuple[nodes.Item, ...]:
    """The items, with the statements that are too deep replaced by broken ones."""
    return tuple(_limited_item(i, report) if is_too_deep(i, 1) else i for i in items)


def is_too_deep(node: nodes.Node, level: int) -> bool:
    """Whether a node at a level of the tree has something below the deepest level."""
    waiting: list[tuple[Any, int]] = [(node, level)]
    while waiting:
        value, level = waiting.pop()
        if isinstance(value, nodes.Node):
            if level > MAX_DEPTH:
                return True
            waiting += [(getattr(value, f), level + 1) for f in type(value).__fields__[1:]]
        elif isinstance(value, tuple):
            waiting += [(item, level) for item in value]
    return False


def refuse(node: nodes.Node, report: Report) -> None:
    """Report a node that is too deep, unless something in the file has been already."""
    if not report.has(NESTED_TOO_DEEP):
        report.add(
            NESTED_TOO_DEEP,
            f"values need to stand at most {MAX_DEPTH} deep in each other",
            node.span.start,
            node.span.end,
            help="bind parts of it to names first",
        )


def _limited_item(item: nodes.Item, report: Report) -> nodes.Item:
    if isinstance(item, nodes.Definition) and not is_too_deep(replace(item, body=()), 1):
        return replace(item, body=_limited_body(item.body, 2, report))
    refuse(item, report)
    name = getattr(item, "name", None)
    return nodes.BrokenItem(item.span, (name,) if name else ())


def _limited_body(
    body: tuple[nodes.Statement, ...], level: int, report: Report
) -> tuple[nodes.Statement, ...]:
    return tuple(_limited(s, level, report) if is_too_deep(s, level) else s for s in body)


def _limited(statement: nodes.Statement, level: int, report: Report) -> nodes.Statement:
    """What of a statement is not too deep: a loop or choice may lose parts of its body only."""
    if isinstance(statement, nodes.For):
        if not is_too_deep(replace(statement, body=()), level):
            return replace(statement, body=_limited_body(statement.body, level + 1, report))
    elif isinstance(statement, nodes.If):
        branches = statement.branches
        head = replace(statement, branches=tuple(replace(b, body=()) for b in branches))
        if not is_too_deep(head, level):
            limited = [replace(b, body=_limited_body(b.body, level + 2, report)) for b in branches]
            return replace(statement, branches=tuple(limited))
    refuse(statement, report)
    return nodes.Broken(statement.span, _bound_names(statement))


def _bound_names(statement: nodes.Statement) -> tuple[str, ...]:
    names: dict[str, None] = {}
    waiting: list[Any] = [statement]
    while waiting:
        node = waiting.pop()
        if isinstance(node, nodes.Target | nodes.Input | nodes.Weight) and node.name:
            names[node.name] = None
        # An output's items bind nothing, and lead to nothing that does.
        for field in ("targets", "items", "branches", "body"):
            waiting += getattr(node, field, ())
    return tuple(names)
