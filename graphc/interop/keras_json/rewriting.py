"""Trees made anew from their leaves up."""

from __future__ import annotations

from collections.abc import Callable
from operator import is_
from typing import Any

from graphc.syntax import nodes


def rewritten(
    node: Any, change: Callable[[Any], Any], whole: Callable[[Any], Any] | None = None
) -> Any:
    """A tree with each node changed, after those in it and in the order of the text.

    What nothing is changed in is what it was. `whole` is asked before what is in a node is looked
    at, and gives what stands for all of it, or None.
    """
    if isinstance(node, tuple):
        items = tuple([rewritten(item, change, whole) for item in node])
        return node if all(map(is_, items, node)) else items
    if not isinstance(node, nodes.Node):
        return node
    found = None if whole is None else whole(node)
    if found is not None:
        return found
    fields = {
        name: rewritten(getattr(node, name), change, whole)
        for name in type(node).__fields__
        if name not in _PLAIN
    }
    if any(fields[name] is not getattr(node, name) for name in fields):
        rest = {name: getattr(node, name) for name in type(node).__fields__ if name in _PLAIN}
        node = type(node)(**fields, **rest)
    return change(node)


_PLAIN = ("span", "name_span")
