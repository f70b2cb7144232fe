"""Which groups of a diagram are open, and what is drawn once."""

from __future__ import annotations

from graphc.analysis.collapse import collapse
from graphc.analysis.diagram import Diagram
from graphc.analysis.fold import fold as folded
from graphc.analysis.fold import merge_boxes


def view(
    diagram: Diagram, *, depth: int | None = None, expand_nested: bool = False, fold: bool = False
) -> Diagram:
    """The diagram as it is asked for.

    `fold` draws repeated parts once. Groups are open `depth` levels deep, and closed ones of one
    block in a row are one box with their number; without a depth, see `collapse`.
    """
    shown = folded(diagram) if fold else diagram
    shown = collapse(shown, depth=depth, expand_nested=expand_nested)
    return merge_boxes(shown) if depth is not None else shown
