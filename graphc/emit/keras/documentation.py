"""The docstrings of functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphc.elaborate.values import Template
from graphc.emit.keras.comments import Comments
from graphc.syntax import nodes

if TYPE_CHECKING:
    from graphc.emit.keras.translator import Translator


def documentation(translator: Translator, template: Template) -> str:
    """The docstring of a function: the comment above what it is made of."""
    tree = translator.tree_of(template.file_scope)
    lines: list[str] = []
    if tree is not None:
        place = [item for item in tree.items if item is template.node]
        if place:
            index = tree.items.index(template.node)
            after = tree.items[index - 1].span.end if index else 0
            lines = Comments(tree).heading(template.node, after)
            if index == 0 and lines and lines[0] == _first_line(tree):
                lines = []
    if lines:
        return "\n".join(lines)
    if template.node.kind != "block":
        return f"Build the `{template.node.name}` model."
    applied = f"Apply the `{template.node.name}` block"
    takes_name = translator.block_function(template).takes_name
    return f"{applied}; its layers' names begin with `name`." if takes_name else f"{applied}."


def _first_line(tree: nodes.File) -> str:
    return tree.comments[0].span.text.lstrip("#").strip() if tree.comments else ""
