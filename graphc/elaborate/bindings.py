"""Names bound to values: `x = …`, and the variables of loops."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphc.declare.values import value_text
from graphc.diagnostics.codes import NOT_A_TENSOR, OUTPUT_COUNT
from graphc.diagnostics.diagnostic import Label
from graphc.elaborate.annotations import match_shape
from graphc.elaborate.frame import Frame, evaluate, executes
from graphc.elaborate.report import names_text, source_text
from graphc.elaborate.values import UNKNOWN_VALUE, LayerValue, TensorValue
from graphc.source import Span
from graphc.syntax import nodes

_NAMES_SHOWN = 4


@executes(nodes.Assign)
def _assign(node: nodes.Assign, frame: Frame) -> None:
    value = evaluate(node.value, frame)
    last = node.value.stages[-1] if isinstance(node.value, nodes.Pipe) else node.value
    bind_targets(node.targets, value, frame, last.span)


def bind_targets(targets: tuple[nodes.Targets, ...], value: Any, frame: Frame, span: Span) -> None:
    """Bind one name to a value, or several, and names in parentheses, to its items."""
    if len(targets) > 1:
        _bind_items(targets, value, frame, span)
    elif isinstance(targets[0], nodes.TargetGroup):
        _bind_items(targets[0].items, value, frame, span)
    else:
        _bind_one(targets[0], value, frame)


def _bind_items(targets: tuple[nodes.Targets, ...], value: Any, frame: Frame, span: Span) -> None:
    items: Sequence[Any] = value if isinstance(value, (list, tuple, range)) else [value]
    if value is UNKNOWN_VALUE:
        items = [UNKNOWN_VALUE] * len(targets)
    elif len(items) != len(targets):
        names = [source_text(target.span) for target in targets]
        needs = "needs 1 value" if len(targets) == 1 else f"need {len(targets)} values"
        count = "1 name" if len(targets) == 1 else f"{len(targets)} names"
        frame.report(
            OUTPUT_COUNT,
            f"{names_text(names)} {needs}, got {len(items)}"
            if len(targets) <= _NAMES_SHOWN
            else f"{count} need as many values, got {len(items)}",
            span,
            others=(Label(targets[0].span.to(targets[-1].span), count),),
        )
        items = [UNKNOWN_VALUE] * len(targets)
    for target, item in zip(targets, items, strict=True):
        bind_targets((target,), item, frame, span)


def _bind_one(target: nodes.Target, value: Any, frame: Frame) -> None:
    if target.annotation is not None and value is not UNKNOWN_VALUE:
        if isinstance(value, TensorValue):
            span = target.annotation.span
            if not match_shape(frame, target.name, target.annotation, value, use=span):
                value = UNKNOWN_VALUE
        else:
            frame.report(
                NOT_A_TENSOR,
                f"`{target.name}` needs to be a tensor to have a shape, got {value_text(value)}",
                target.annotation.span,
            )
            value = UNKNOWN_VALUE
    is_new_layer = isinstance(value, LayerValue) and value.shown is None
    if isinstance(value, TensorValue) or is_new_layer:
        value = value.named(target.name)
    frame.names[target.name] = value
