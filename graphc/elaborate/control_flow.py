"""Loops and choices."""

from __future__ import annotations

from typing import Any

from graphc.declare.values import kind_text
from graphc.diagnostics.codes import NOT_STATIC, STATIC_TYPE
from graphc.elaborate.bindings import bind_targets
from graphc.elaborate.expressions import condition
from graphc.elaborate.frame import Frame, evaluate, execute, executes
from graphc.elaborate.report import source_text
from graphc.elaborate.static import is_number, is_size
from graphc.elaborate.values import UNKNOWN_VALUE, TensorValue
from graphc.syntax import nodes


@executes(nodes.For)
def _for(node: nodes.For, frame: Frame) -> None:
    items = evaluate(node.iterable, frame)
    if items is UNKNOWN_VALUE:
        _unknown_body(node.body, frame)
        return
    if isinstance(items, (dict, str)):
        items = list(items)
    if not isinstance(items, (list, tuple, range)):
        frame.report(
            NOT_STATIC if isinstance(items, TensorValue) else STATIC_TYPE,
            f"`for` needs a list or a range, got {kind_text(items)}",
            node.iterable.span,
            help=_loop_help(items, node.iterable),
        )
        _unknown_body(node.body, frame)
        return
    for item in items:
        frame.run.step(node.span)
        bind_targets(node.targets, item, frame, node.iterable.span)
        frame.loops.append((node.targets, item))
        execute(node.body, frame)
        frame.loops.pop()


def _loop_help(items: Any, node: nodes.Expression) -> str | None:
    if is_number(items) or is_size(items):
        return f"write range({source_text(node.span)})"
    if isinstance(items, TensorValue) and items.type.rank > 1:
        return f"loop over its parts by number: {source_text(node.span)}[:, i]"
    return None


@executes(nodes.If)
def _if(node: nodes.If, frame: Frame) -> None:
    for branch in node.branches:
        if branch.test is None:
            execute(branch.body, frame)
            return
        chosen = condition(branch.test, frame)
        if chosen is None:
            for each in node.branches:
                _unknown_body(each.body, frame)
            return
        if chosen:
            execute(branch.body, frame)
            return


def _unknown_body(body: tuple[nodes.Statement, ...], frame: Frame) -> None:
    """What a body that cannot be executed would bind is unknown, silently."""
    for statement in body:
        if isinstance(statement, nodes.Assign):
            for target in nodes.bound_targets(statement.targets):
                frame.names[target.name] = UNKNOWN_VALUE
        elif isinstance(statement, nodes.Evaluate) and frame.kind == "sequential":
            frame.current = UNKNOWN_VALUE
        elif isinstance(statement, nodes.Output):
            frame.outputs.append((None, UNKNOWN_VALUE, statement.span))
        elif isinstance(statement, nodes.For):
            _unknown_body(statement.body, frame)
        elif isinstance(statement, nodes.If):
            for branch in statement.branches:
                _unknown_body(branch.body, frame)
        elif isinstance(statement, nodes.Weight):
            frame.names[statement.name] = UNKNOWN_VALUE
