"""Checks what a model's `require` statements state."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from graphc.analysis.cost import Costs
from graphc.analysis.parameters import model_parameters
from graphc.declare.values import value_text
from graphc.diagnostics.codes import REQUIREMENT_FAILED, STATIC_TYPE
from graphc.diagnostics.diagnostic import Label
from graphc.elaborate.frame import Frame, evaluate
from graphc.elaborate.values import UNKNOWN_VALUE
from graphc.ir.graph import ModelGraph
from graphc.syntax import nodes

FACTS: dict[str, Callable[[ModelGraph], Any]] = {
    "params": lambda model: model_parameters(model).total,
    "trainable_params": lambda model: model_parameters(model).trainable,
    "macs": lambda model: Costs(model).total().macs,
    "flops": lambda model: Costs(model).total().flops,
    "weight_bytes": lambda model: model_parameters(model).weight_bytes,
}
"""What a `require` statement may speak of, per example."""


def check_requirements(model: ModelGraph) -> None:
    """Report each requirement that does not hold, with the numbers."""
    if not model.is_complete:
        return
    for node, frame in model.requirements:
        _check(model, node, frame)


def _check(model: ModelGraph, node: nodes.Require, frame: Frame) -> None:
    mentioned = {name: FACTS[name](model) for name in _facts_in(node.condition, frame)}
    frame.names.update(mentioned)
    holds = evaluate(node.condition, frame)
    numbers = "" if holds is not False else ", ".join(_numbers(node.condition, frame))
    for name in mentioned:
        del frame.names[name]
    if holds is UNKNOWN_VALUE or holds is True:
        return
    if holds is not False:
        frame.report(
            STATIC_TYPE,
            f"a requirement needs to be true or false, got {value_text(holds)}",
            node.condition.span,
            help="compare it: require params < 1_000_000",
        )
        return
    frame.report(
        REQUIREMENT_FAILED,
        f"{model.name} does not meet its requirement: {node.condition.span.text}"
        + (f" ({numbers})" if numbers else ""),
        node.condition.span,
        numbers,
        others=(Label(model.span, "of this model"),),
    )


def _numbers(node: nodes.Expression, frame: Frame) -> Iterator[str]:
    """What the sides of comparisons are, literals aside."""
    if isinstance(node, nodes.Comparison):
        for operand in node.operands:
            if not isinstance(operand, nodes.Literal):
                yield f"{operand.span.text} = {_number(evaluate(operand, frame))}"
    elif isinstance(node, nodes.Binary):
        yield from _numbers(node.left, frame)
        yield from _numbers(node.right, frame)
    elif isinstance(node, nodes.Unary):
        yield from _numbers(node.operand, frame)


def _number(value: Any) -> str:
    return f"{value:,}" if type(value) is int else value_text(value)


def _facts_in(node: Any, frame: Frame) -> list[str]:
    """The facts that an expression mentions and the model does not define itself."""
    if isinstance(node, nodes.Name):
        return [node.id] if node.id in FACTS and node.id not in frame.names else []
    found: list[str] = []
    for field in type(node).__fields__:
        value = getattr(node, field)
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, nodes.Node):
                found += _facts_in(each, frame)
    return list(dict.fromkeys(found))
