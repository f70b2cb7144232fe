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

    def outlined(node: Any) -> nodes.Expression | None:
        is_long = isinstance(node, nodes.ListDisplay) and _count(node) > MOST_INLINE
        return named(node) if is_long else None

    changed = [rewritten(item, lambda node: node, outlined) for item in items]
    return list(made.values()), changed


def _count(node: nodes.Expression) -> int:
    """How many numbers an expression is, in lists or alone; 0 where there is anything else."""
    if isinstance(node, nodes.ListDisplay):
        counts = [_count(each) for each in node.items]
        return sum(counts) if all(counts) else 0
    if isinstance(node, nodes.Unary):
        return _count(node.operand)
    if isinstance(node, nodes.Literal):
        return int(isinstance(node.value, (bool, int, float)))
    if isinstance(node, nodes.Binary):
        return min(_count(node.left), _count(node.right))
    return int(isinstance(node, nodes.Call) and node.function == build.name("float"))
