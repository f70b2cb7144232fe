"""Long lists of numbers, as constants of the file: in a pipe nobody would find its next stage."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphc.interop.keras_json import build
from graphc.interop.keras_json.constants import all_names
from graphc.interop.keras_json.rewriting import rewritten
from graphc.syntax import nodes
from graphc.syntax.write import write_expression

MOST_INLINE = 50
"""How many numbers stand where they are used."""

NAME = "table"


def with_tables(
    items: list[nodes.Item], free: Callable[[str], str]
) -> tuple[list[nodes.Item], list[nodes.Item]]:
    """The constants that hold the long lists, and the items with names in their place.

    `free` makes a name one that nothing else has.
    """
    made: dict[str, nodes.Item] = {}  # by their texts, in which 1 is not 1.0
    names: dict[str, str] = {}
    bound: set[str] = set()

    def named(value: nodes.Expression) -> nodes.Expression:
        text = write_expression(value)
        if not made:
            bound.update(each for item in items for each in all_names(item))
        if text not in names:
            names[text] = free(NAME)
            while names[text] in bound:
                names[text] = free(NAME)
            made[text] = nodes.Const(build.SPAN, names[text], build.SPAN, value)
        return build.name(names[text])

    changed = [_outlined(item, named) for item in items]
    return list(made.values()), changed


def _outlined(
    item: nodes.Item, named: Callable[[nodes.Expression], nodes.Expression]
) -> nodes.Item:
    counts: dict[int, int] = {}  # numbers in lists of nothing else, by the ids of the lists

    def count(node: Any) -> Any:
        if isinstance(node, nodes.ListDisplay):
            counted = [_count(each, counts) for each in node.items]
            if all(counted):
                counts[id(node)] = sum(counted)
        return node

    rewritten(item, count)
    if not any(number > MOST_INLINE for number in counts.values()):
        return item
    return _replaced(item, counts, named)  # type: ignore[no-any-return]  # an item like this one


def _count(node: nodes.Expression, counts: dict[int, int]) -> int:
    """How many numbers an expression is; 0 where it is something else."""
    if isinstance(node, nodes.Unary):
        return _count(node.operand, counts)
    if isinstance(node, nodes.Literal):
        return int(isinstance(node.value, (bool, int, float)))
    if isinstance(node, nodes.Binary):
        return min(_count(node.left, counts), _count(node.right, counts))
    if isinstance(node, nodes.Call):
        return int(node.function == build.name("float"))
    return counts.get(id(node), 0)


def _replaced(
    node: Any, counts: dict[int, int], named: Callable[[nodes.Expression], nodes.Expression]
) -> Any:
    """A tree with the outermost of the long lists replaced."""
    if isinstance(node, tuple):
        return tuple(_replaced(each, counts, named) for each in node)
    if not isinstance(node, nodes.Node):
        return node
    if counts.get(id(node), 0) > MOST_INLINE:
        assert isinstance(node, nodes.Expression)
        return named(node)
    fields = {name: _replaced(getattr(node, name), counts, named) for name in type(node).__fields__}
    return type(node)(**fields)
