"""The palette as CSS: variables of both themes, and a class for each family that occurs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from graphc.analysis.diagram import Diagram, Group, Part
from graphc.render.palette import CHANGES, PALETTE, PAPER, Colours, shade


def colours_css(diagram: Diagram) -> str:
    """The rules, in the order of the palette."""
    return families_css(categories(diagram))


def families_css(categories: Iterable[str]) -> str:
    """The rules for these categories, in the order of the palette."""
    return "\n".join(_rules({family(category) for category in categories})) + "\n"


def categories(diagram: Diagram) -> list[str]:
    """The families that occur, in the palette's order."""
    found = set(_categories(diagram.parts))
    return [name for name in PALETTE if name in found] + sorted(found - set(PALETTE))


def family(category: str) -> str:
    """The class for a category: a name that is not known is nobody's class."""
    return category if category in PALETTE else "operation"


def _categories(parts: tuple[Part, ...]) -> Iterator[str]:
    for part in parts:
        yield "fault" if getattr(part, "message", None) is not None else part.category
        if isinstance(part, Group):
            yield from _categories(part.parts)


def _rules(families: set[str]) -> Iterator[str]:
    for theme, paper in PAPER.items():
        where = "[data-theme=dark]" if theme == "dark" else ":root"
        yield f"{where}{{--paper:{paper.fill};--line:{paper.border};--ink:{paper.text}}}"
        before = "[data-theme=dark] " if theme == "dark" else ""
        for name in PALETTE:
            if name in families | {"fault"}:
                yield f"{before}.{name}{{{_variables(shade(name).of(theme))}}}"
        for name, (_, colours) in CHANGES.items():
            yield f"{before}.{name}{{{_change(colours.of(theme))}}}"


def _variables(colours: Colours) -> str:
    return f"--fill:{colours.fill};--border:{colours.border};--text:{colours.text}"


def _change(colours: Colours) -> str:
    return f"--change-fill:{colours.fill};--change:{colours.border};--change-text:{colours.text}"
