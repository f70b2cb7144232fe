"""What stands in a part of the source: the names, the pipes, the statements in statements."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphc.syntax import nodes


def parts(node: Any) -> Iterator[nodes.Node]:
    """The nodes that stand in a node, or in a tuple of them, one level down."""
    if isinstance(node, tuple):
        for each in node:
            if isinstance(each, nodes.Node):
                yield each
            else:
                yield from parts(each)
    elif isinstance(node, nodes.Node):
        for field in type(node).__fields__:
            value = getattr(node, field)
            yield from parts(value if isinstance(value, tuple) else (value,))


def names_in(node: nodes.Node) -> list[nodes.Name]:
    """The names in an expression."""
    if isinstance(node, nodes.Name):
        return [node]
    return [name for each in parts(node) for name in names_in(each)]


def inner_pipes(node: nodes.Node) -> list[nodes.Pipe]:
    """The pipes in an expression, those in choices apart."""
    own = [node] if isinstance(node, nodes.Pipe) else []
    if isinstance(node, nodes.Conditional):
        return []
    return [*own, *(pipe for each in parts(node) for pipe in inner_pipes(each))]


def has_long_pipe(node: nodes.Node) -> bool:
    """Whether a pipe of several stages stands in an expression."""
    is_long = isinstance(node, nodes.Pipe) and len(node.stages) > 1
    return is_long or any(map(has_long_pipe, parts(node)))


def only_name(targets: tuple[nodes.Targets, ...]) -> str | None:
    """The name that is bound, if it is one."""
    if len(targets) == 1 and isinstance(targets[0], nodes.Target):
        return targets[0].name
    return None


def bound_names(body: tuple[nodes.Statement, ...]) -> list[str]:
    """The names that statements bind, sizes apart."""
    names: list[str] = []
    for each in body:
        if isinstance(each, (nodes.Assign, nodes.For)):
            names += [target.name for target in nodes.bound_targets(each.targets)]
        if isinstance(each, (nodes.Input, nodes.Weight)) and each.name:
            names.append(each.name)
        for inner in inner_bodies(each):
            names += bound_names(inner)
    return names


def dim_names(body: tuple[nodes.Statement, ...]) -> Iterator[str]:
    """The names in the shapes that statements state."""
    for each in body:
        annotations: list[nodes.Annotation | None] = []
        if isinstance(each, nodes.Input):
            annotations = [each.annotation]
        elif isinstance(each, nodes.Assign):
            annotations = [t.annotation for t in nodes.bound_targets(each.targets)]
        for annotation in annotations:
            for dim in annotation.dims if annotation is not None else ():
                yield from (n.id for n in names_in(dim))
        for inner in inner_bodies(each):
            yield from dim_names(inner)


def inner_bodies(node: nodes.Statement) -> list[tuple[nodes.Statement, ...]]:
    """The bodies of a loop or of a choice."""
    if isinstance(node, nodes.For):
        return [node.body]
    if isinstance(node, nodes.If):
        return [branch.body for branch in node.branches]
    return []


def is_looked_into(node: Any, name: str) -> bool:
    """Whether a name stands only where a list is indexed, piped, measured or walked through."""
    if isinstance(node, nodes.Name):
        return node.id != name
    if isinstance(node, nodes.Assign) and isinstance(node.value, nodes.Binary):
        left = node.value.left
        is_growth = isinstance(left, nodes.Name) and left.id == name
        if is_growth and only_name(node.targets) == name:
            return is_looked_into(node.value.right, name)
    skipped: nodes.Node | None = None
    if isinstance(node, nodes.Index):
        skipped = node.value
    elif isinstance(node, nodes.Pipe):
        skipped = node.source
    elif isinstance(node, nodes.For):
        skipped = node.iterable
    elif _is_call_of(node, "len", "reversed", "enumerate") and len(node.arguments) == 1:
        skipped = node.arguments[0].value
    if not isinstance(skipped, nodes.Name):
        skipped = None
    if isinstance(node, tuple):
        return all(is_looked_into(each, name) for each in node)
    if not isinstance(node, nodes.Node):
        return True
    return all(
        getattr(node, field) is skipped
        or (isinstance(node, nodes.Call) and field == "arguments" and skipped is not None)
        or is_looked_into(getattr(node, field), name)
        for field in type(node).__fields__
        if field != "span"
    )


def _is_call_of(node: Any, *names: str) -> bool:
    function = node.function if isinstance(node, nodes.Call) else None
    return isinstance(function, nodes.Name) and function.id in names
