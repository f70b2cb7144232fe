"""A diagram as a file of any format that graphc draws."""

from __future__ import annotations

import math
from pathlib import Path

from graphc.analysis.diagram import Diagram, nodes_of
from graphc.analysis.fold import fold as folded
from graphc.analysis.view import view
from graphc.render.drawing import Drawing
from graphc.render.links import source_link

FORMATS = ("png", "svg", "pdf", "dot", "mmd", "html", "text")
"""What a diagram is drawn as; a file's ending says which."""

ENDINGS = {"mermaid": "mmd", "gv": "dot", "htm": "html", "txt": "text"}
_DRAWN = ("png", "svg", "pdf")  # laid out by Graphviz

MOST_BOXES = 1500
"""More than this Graphviz takes minutes for, and nobody reads."""


class TooLarge(Exception):
    """A diagram has more boxes than can be laid out; the message says what to do."""


def format_of(path: str) -> str | None:
    """The format that a file's ending stands for, None for another."""
    ending = Path(path).suffix.lstrip(".").lower()
    ending = ENDINGS.get(ending, ending)
    return ending if ending in FORMATS else None


def picture(
    diagram: Diagram,
    output: str,
    drawing: Drawing,
    *,
    depth: int | None = None,
    expand_nested: bool = False,
    fold: bool = False,
) -> bytes:
    """Draw a diagram in which everything is open as one of `FORMATS`.

    The last three say how much of it shows, see `graphc.analysis.view.view`; a page closes and
    opens groups by itself, and begins at `depth`. Raises `TooLarge`, and for png, svg and pdf
    `NoGraphviz` and `GraphvizFailed`.
    """
    if output == "html":
        return _page(folded(diagram) if fold else diagram, drawing, depth)
    shown = view(diagram, depth=depth, expand_nested=expand_nested, fold=fold)
    if output == "mmd":
        from graphc.render.mermaid import to_mermaid

        return to_mermaid(shown, drawing).encode()
    if output == "text":
        from graphc.render.terminal import to_terminal

        return to_terminal(shown, drawing).encode()
    from graphc.render.dot import to_dot

    if output in _DRAWN:
        check_size(shown)
    source = to_dot(shown, drawing)
    if output == "dot":
        return source.encode()
    from graphc.render.graphviz_engine import draw

    return draw(source, output, dpi=_dpi(source, drawing) if output == "png" else None)


def _page(diagram: Diagram, drawing: Drawing, depth: int | None) -> bytes:
    from graphc.render.page import diagram_html

    return diagram_html(
        diagram,
        title=drawing.title,
        theme=drawing.theme or "auto",
        rankdir=drawing.rankdir,
        depth=depth,
        href=source_link if drawing.links else None,
    ).encode()


_DPI = 200  # that of Keras' plot_model
_LEAST_DPI = 96  # still read without effort
_MOST_PIXELS = 8_000_000  # of a bitmap whose dpi nobody has asked for
_LONGEST_SIDE = 32_767  # pixels that Graphviz' bitmaps have at most


def _dpi(source: str, drawing: Drawing) -> float:
    """Pixels to an inch: what is asked for, or what suits the size; never more than can be."""
    from graphc.render.graphviz_engine import size_inches

    width, height = size_inches(source)
    dpi: float = drawing.dpi or _DPI
    if drawing.dpi is None:
        dpi = min(dpi, max(_LEAST_DPI, math.sqrt(_MOST_PIXELS / (width * height))))
    return min(dpi, _LONGEST_SIDE / (max(width, height) + 1))


def check_size(diagram: Diagram) -> None:
    """Raise `TooLarge` for more boxes than Graphviz can lay out in a reasonable time."""
    boxes = sum(1 for _ in nodes_of(diagram.parts))
    if boxes > MOST_BOXES:
        raise TooLarge(
            f"{diagram.name} has {boxes:,} boxes, more than the {MOST_BOXES:,} that can be laid out"
        )
