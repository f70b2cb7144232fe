"""The comments of a file, handed out to the statements that they stand before."""

from __future__ import annotations

import ast

from graphc.emit.keras.tree import Comment
from graphc.syntax import nodes


class Comments:
    """The comments of one file, in order."""

    def __init__(self, tree: nodes.File | None) -> None:
        self.waiting = list(tree.comments) if tree is not None else []

    def skip_to(self, offset: int) -> None:
        """Forget the comments before an offset."""
        self.waiting = [each for each in self.waiting if each.span.start >= offset]

    def before(self, node: nodes.Node, *, is_first: bool = False) -> list[ast.stmt]:
        """The comments that stand before a statement; an empty one for a blank line."""
        found = self._taken(node.span.start)
        first = found[0].span.start if found else node.span.start
        is_apart = not is_first and _is_after_blank(node.span.file.text, first)
        return [*([Comment("")] if is_apart else []), *_statements(found)]

    def until(self, offset: int) -> list[Comment]:
        """The comments up to an offset."""
        return _statements(self._taken(offset))

    def beside(self, node: nodes.Node) -> nodes.Comment | None:
        """The comment on the line on which a statement ends."""
        return self.behind(node.span.file.text, node.span.end)

    def behind(self, text: str, end: int) -> nodes.Comment | None:
        """The comment that follows an offset on its line."""
        following = self.waiting[0] if self.waiting else None
        if following is None or text[end : following.span.start].strip(" \t"):
            return None
        return self.waiting.pop(0)

    def _taken(self, offset: int) -> list[nodes.Comment]:
        found: list[nodes.Comment] = []
        while self.waiting and self.waiting[0].span.start < offset:
            found.append(self.waiting.pop(0))
        return found

    def heading(self, node: nodes.Item, after: int) -> list[str]:
        """The lines of the comment that stands right above a definition."""
        text = node.span.file.text
        lines: list[str] = []
        end = node.span.start
        for each in reversed(self.waiting):
            if each.span.start >= end or each.span.start < after:
                continue
            if not _is_alone(each) or text[each.span.end : end].count("\n") > 1:
                break
            lines.insert(0, each.span.text.lstrip("#").strip())
            end = each.span.start
        return lines


def _statements(comments: list[nodes.Comment]) -> list[Comment]:
    return [Comment(each.span.text) for each in comments]


def _is_alone(comment: nodes.Comment) -> bool:
    text = comment.span.file.text
    start = text.rfind("\n", 0, comment.span.start) + 1
    return not text[start : comment.span.start].strip()


def _is_after_blank(text: str, start: int) -> bool:
    line = text.rfind("\n", 0, start)
    before = text.rfind("\n", 0, max(line, 0))
    return line > 0 and not text[before + 1 : line].strip()
