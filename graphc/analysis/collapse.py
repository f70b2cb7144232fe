"""Diagrams with some of their groups closed: each becomes one box."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from graphc.analysis.diagram import (
    Diagram,
    Edge,
    Group,
    Node,
    Part,
    groups_of,
    layer_count,
    nodes_of,
)
from graphc.ir.types import TensorType
from graphc.record import replace


def collapse(diagram: Diagram, *, depth: int | None, expand_nested: bool = False) -> Diagram:
    """Close the groups below `depth` levels.

    Without a depth blocks stay open, and nested models do if `expand_nested` says so, as in
    Keras' `plot_model`.
    """

    def is_open(group: Group, level: int) -> bool:
        if depth is not None:
            return level < depth
        return group.category != "model" or expand_nested

    closed: list[Group] = []
    for part in diagram.parts:
        closed += _closed(part, 0, is_open)
    return close(diagram, closed) if closed else diagram


def _closed(part: Part, level: int, is_open: Callable[[Group, int], bool]) -> Iterator[Group]:
    if isinstance(part, Node):
        return
    if not is_open(part, level):
        yield part
        return
    for each in part.parts:
        yield from _closed(each, level + 1, is_open)


def close(diagram: Diagram, groups: list[Group]) -> Diagram:
    """Draw these groups, none of which is inside another, as one box each."""
    home = {node.id: group.id for group in groups for node in nodes_of([group])}
    entering: dict[str, dict[tuple[str, int], TensorType | None]] = {}
    leaving: dict[str, dict[tuple[str, int], TensorType | None]] = {}
    edges: dict[object, Edge] = {}
    gone = {group.id for group in groups if group.change == "removed"}
    for edge in diagram.edges:
        source, target = home.get(edge.source, edge.source), home.get(edge.target, edge.target)
        tensor = (edge.source, edge.output)
        if source == target:
            continue
        key: object = (tensor, target) if target != edge.target else edge
        is_gone = edge.change == "removed"
        if source != edge.source and (not is_gone or source in gone):
            leaving.setdefault(source, {}).setdefault(tensor, edge.type)
        if target != edge.target and (not is_gone or target in gone):
            entering.setdefault(target, {}).setdefault(tensor, edge.type)
        output = edge.output
        if source != edge.source:
            given = list(leaving.get(source, ()))
            output = given.index(tensor) if tensor in given else 0
        moved = replace(edge, source=source, target=target, output=output)
        if key in edges and edges[key].change != edge.change:
            moved = replace(edges[key], change="")  # what is gone inside came in all the same
            edges[key] = moved
        edges.setdefault(key, moved)
    boxes = {
        group.id: _box(group, entering.get(group.id, {}), leaving.get(group.id, {}))
        for group in groups
    }
    parts = tuple(_replaced(part, boxes) for part in diagram.parts)
    return replace(diagram, parts=parts, edges=tuple(edges.values()))


def _replaced(part: Part, boxes: dict[str, Node]) -> Part:
    if isinstance(part, Node):
        return part
    if part.id in boxes:
        return boxes[part.id]
    return replace(part, parts=tuple(_replaced(each, boxes) for each in part.parts))


def _box(
    group: Group,
    entering: dict[tuple[str, int], TensorType | None],
    leaving: dict[tuple[str, int], TensorType | None],
) -> Node:
    outputs = dict(leaving)
    inside = _changes_inside(group)
    results: list[str] = []
    messages = []
    for node in nodes_of([group]):
        results += node.results
        if node.results:
            for index, type in enumerate(node.outputs):
                outputs.setdefault((node.id, index), type)
        if node.message is not None:
            messages.append(node.message)
    return Node(
        group.id,
        group.name,
        group.type,
        group.category,
        tuple(type for type in entering.values() if type is not None),
        tuple(type for type in outputs.values() if type is not None),
        group.totals,
        group.weights,
        (),
        None,
        group.is_trainable,
        group.span,
        group.layer or group.id,
        group.call,
        group.calls,
        tuple(results),
        messages[0] if messages else None,
        layer_count(group),
        group.count,
        group.change or ("changed" if inside else ""),
        (*group.changes, *inside) if group.change not in ("added", "removed") else (),
    )


def _changes_inside(group: Group) -> tuple[str, ...]:
    """How many layers in a group are new, gone or not what they were: "2 added"."""
    counts = Counter(node.change for node in nodes_of(group.parts) if node.change)
    for each in groups_of(group.parts):
        # Of groups that are new or gone, the layers say so.
        if each.change not in ("", "added", "removed"):
            counts[each.change] += 1
    return tuple(f"{count} {change}" for change, count in sorted(counts.items()))
