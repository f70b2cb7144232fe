"""From canonical statements to those that a person would write: pipes, places, names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from graphc.declare.definition import Definition, positional_names, registry
from graphc.interop.keras_json import build
from graphc.interop.keras_json.build import BlockCall, LayerName
from graphc.interop.keras_json.rewriting import rewritten
from graphc.record import replace
from graphc.syntax import nodes

# The families whose classes are called in a file.
_FAMILIES = (
    "layer", "initializer", "regularizer", "constraint", "loss", "metric", "optimizer", "schedule",
)  # fmt: skip


def finished(statements: Iterable[nodes.Statement]) -> tuple[nodes.Statement, ...]:
    """The statements of a body as they are written."""
    return tuple(rewritten(statement, _finished) for statement in chained(statements))


def finished_value(value: nodes.Expression) -> nodes.Expression:
    """An expression as it is written."""
    made: nodes.Expression = rewritten(value, _finished)
    return made


def _finished(node: Any) -> Any:
    if isinstance(node, nodes.Named):
        return _named(node)
    if isinstance(node, nodes.Input) and isinstance(node.layer_name, LayerName):
        return replace(node, layer_name=build.label(str(node.layer_name.value)))
    if isinstance(node, BlockCall):
        return node.written()
    return by_place(node) if isinstance(node, nodes.Call) else node


def _named(node: nodes.Named) -> nodes.Expression:
    label = node.name
    if not isinstance(label, LayerName):
        return node
    if label.is_automatic:
        return node.value
    value = node.value
    if isinstance(value, nodes.Name):  # a model by its bare name, which is the one of that name
        value = nodes.Call(build.SPAN, value, ())
    return nodes.Named(build.SPAN, value, build.label(str(label.value)))


# Arguments


def class_of(call: nodes.Call) -> type[Definition] | None:
    """The class that a call configures."""
    if not isinstance(call.function, nodes.Name):
        return None
    for family in _FAMILIES:
        found: type[Definition] | None = registry(family).get(call.function.id)
        if found is not None:
            return found
    return None


def by_place(call: nodes.Call) -> nodes.Call:
    """Arguments without their names where people leave those out: `Conv2D(64, 3, strides=2)`.

    These are the required ones, the first of all, and an activation right behind them.
    """
    cls = class_of(call)
    if cls is None or any(each.name is None for each in call.arguments):
        return call
    given = {each.name: each for each in call.arguments}
    placed = []
    for place, name in enumerate(positional_names(cls)):
        is_usual = cls.arguments[name].is_required or name == "activation"
        if name not in given or not (is_usual or (place == 0 and name not in _NAMED_ALWAYS)):
            break
        placed.append(build.argument(given.pop(name).value))
    if cls.family in ("optimizer", "loss", "metric"):
        return call
    following = positional_names(cls)[len(placed) :]
    if cls.family == "regularizer" and placed and given and following[:1] == list(given):
        placed.append(build.argument(given.popitem()[1].value))
    return replace(call, arguments=(*placed, *given.values()))


_NAMED_ALWAYS = ("axis",)


# Pipes


def chained(statements: Iterable[nodes.Statement]) -> list[nodes.Statement]:
    """Statements joined where one carries on what the one before it has made.

    `x = a -> f` and `x = x -> g` are `x = a -> f -> g`.
    """
    result: list[nodes.Statement] = []
    for statement in statements:
        current = _inside(statement)
        joined = _joined(result[-1], current) if result else None
        if joined is not None:
            result[-1] = joined
        else:
            result.append(current)
    return result


def _inside(statement: nodes.Statement) -> nodes.Statement:
    if isinstance(statement, nodes.For):
        return replace(statement, body=tuple(chained(statement.body)))
    if isinstance(statement, nodes.If):
        branches = [replace(each, body=tuple(chained(each.body))) for each in statement.branches]
        return replace(statement, branches=tuple(branches))
    return statement


def _joined(first: nodes.Statement, second: nodes.Statement) -> nodes.Statement | None:
    """Two statements as one, if the second begins with what the first binds, and binds it anew."""
    if not isinstance(first, nodes.Assign) or len(first.targets) != 1:
        return None
    target = first.targets[0]
    if not isinstance(target, nodes.Target):
        return None
    if isinstance(second, nodes.Assign):
        if second.targets != first.targets:
            return None
        value = _continued(first.value, second.value, target.name)
        return None if value is None else replace(first, value=value)
    if isinstance(second, nodes.Output) and len(second.items) == 1:
        (item,) = second.items
        if item.value == build.name(target.name):
            return replace(second, items=(replace(item, value=first.value),))
    return None


def _continued(
    before: nodes.Expression, after: nodes.Expression, name: str
) -> nodes.Expression | None:
    if not isinstance(after, nodes.Pipe) or after.source != build.name(name):
        return None
    if any(holds_name(stage, name) for stage in after.stages):
        return None
    if isinstance(before, nodes.Pipe):
        return replace(before, stages=(*before.stages, *after.stages))
    if isinstance(before, nodes.Name) or _makes_layer(before):
        return None
    return replace(after, source=before)


def _makes_layer(value: nodes.Expression) -> bool:
    inner = value.value if isinstance(value, nodes.Named) else value
    return isinstance(inner, nodes.Call) and class_of(inner) is not None


def holds_name(node: Any, name: str) -> bool:
    """Whether a tree uses a name."""
    if isinstance(node, nodes.Name):
        return node.id == name
    if isinstance(node, tuple):
        return any(holds_name(item, name) for item in node)
    if isinstance(node, nodes.Node):
        return any(holds_name(getattr(node, field), name) for field in type(node).__fields__)
    return False
