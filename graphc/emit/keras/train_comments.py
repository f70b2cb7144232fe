"""The comments of a train block, on the arguments that its keys become."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from graphc.emit.keras.comments import Comments
from graphc.emit.keras.tree import Aside, Comment, CommentedCall
from graphc.syntax import nodes

if TYPE_CHECKING:
    from graphc.emit.keras.translator import Translator


class TrainComments:
    """The comments `above` a train block, and those in it by key."""

    def __init__(self, translator: Translator, item: nodes.Train) -> None:
        tree = translator.program.tree
        comments = Comments(tree)
        after = max((i.span.end for i in tree.items if i.span.end <= item.span.start), default=0)
        heading = comments.heading(item, after)
        if heading == translator.module.title:
            heading = []
        self.above = [Comment(f"# {line}") for line in heading]
        self._by_key: dict[str, list[Comment]] = {}
        comments.skip_to(item.span.start)
        for entry in item.entries:
            found = comments.until(entry.span.end)
            beside = comments.beside(entry)
            if beside is not None:
                found.append(Aside(beside.span.text))
            if found:
                self._by_key[entry.name] = found
        self._last = comments.until(item.span.end)

    def evaluated(self, made: ast.Call) -> ast.stmt:
        """A call as a statement."""
        is_plain = not self._are_on(made)
        return ast.Expr(made) if is_plain else CommentedCall(made, self._by_key, [])

    def returned(self, made: ast.Call) -> ast.stmt:
        """A call that is returned, with the comments at the block's end."""
        if not self._are_on(made) and not self._last:
            return ast.Return(made)
        return CommentedCall(made, self._by_key, self._last, is_returned=True)

    def _are_on(self, made: ast.Call) -> bool:
        return any(keyword.arg in self._by_key for keyword in made.keywords)
