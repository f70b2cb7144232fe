"""The comments of a file, handed out to the statements that they stand before."""

from __future__ import annotations

import ast

from graphc.emit.keras.tree import Comment
from graphc.syntax import nodes


class Comments:
    """The comments of one file, in order; those on lines of their own are kept."""

    def __init__(self, tree: nodes.File | None) -> None:
        self.waiting = list(tree.comments) if tree is not None else []
        self.last_end = 0

    def skip_to(self, offset: int) -> None:
        """Forget the comments before an offset."""
        self.waiting = [each for each in self.waiting if each.span.start >= offset]

    def before(self, node: nodes.Node, *, is_first: bool = False) -> list[ast.stmt]:
        """The comments that stand before a statement; an empty one for a blank line."""
        found = self.until(node.span.start)
        text = node.span.file.text
        first = self._first_start(node, len(found), text)
        blank = not is_first and _is_after_blank(text, first)
        self.last_end = node.span.end
        return [*([Comment("")] if blank else []), *found]

    def _first_start(self, node: nodes.Node, count: int, text: str) -> int:
        return self._starts[0] if count and self._starts else node.span.start

    _starts: list[int] = []

    def until(self, offset: int) -> list[ast.stmt]:
        """The comments on lines of their own up to an offset."""
        made: list[ast.stmt] = []
        self._starts = []
        while self.waiting and self.waiting[0].span.start < offset:
            each = self.waiting.pop(0)
            if _is_alone(each):
                made.append(Comment(each.span.text))
                self._starts.append(each.span.start)
        return made

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


def _is_alone(comment: nodes.Comment) -> bool:
    text = comment.span.file.text
    start = text.rfind("\n", 0, comment.span.start) + 1
    return not text[start : comment.span.start].strip()


def _is_after_blank(text: str, start: int) -> bool:
    line = text.rfind("\n", 0, start)
    before = text.rfind("\n", 0, max(line, 0))
    return line > 0 and not text[before + 1 : line].strip()
