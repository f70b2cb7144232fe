"""The colours of diagrams, by layer family, on light and on dark paper.

Borders were chosen by searching OKLCH for the largest distance between the closest families, as seen
with full colour vision and, simulated, with protanopia and deuteranopia. Fills are pale (or deep)
tints of the same hue, so that text reads the same on all of them.
"""

from __future__ import annotations

from collections.abc import Mapping

from graphc.record import Record

_INK = "#1c2430"
_CHALK = "#e8ecf2"


class Colours(Record):
    """The colours of one box."""

    fill: str
    border: str
    text: str


class Shade(Record):
    """A family's colours in both themes."""

    light: Colours
    dark: Colours

    def of(self, theme: str) -> Colours:
        """The colours in the theme "light" or "dark"."""
        return self.dark if theme == "dark" else self.light


def _shade(fill: str, border: str, dark_fill: str, dark_border: str) -> Shade:
    return Shade(Colours(fill, border, _INK), Colours(dark_fill, dark_border, _CHALK))


PALETTE: Mapping[str, Shade] = {
    "input": _shade("#ecf0f8", "#3f4a61", "#272a31", "#8792a8"),
    "core": _shade("#d9ebff", "#497dda", "#1c2a43", "#6d9df3"),
    "convolution": _shade("#ffe4cc", "#d47700", "#3c240d", "#f09a44"),
    "pooling": _shade("#ffdeef", "#ad4782", "#3c1f2f", "#d87bad"),
    "recurrent": _shade("#ebe4ff", "#6d4cb2", "#2c2540", "#a58ae6"),
    "normalization": _shade("#d9f1dd", "#57a86b", "#1a301f", "#5fae72"),
    "regularization": _shade("#f4efea", "#8b7e6d", "#2d2924", "#a99c8c"),
    "attention": _shade("#f4e9c8", "#cea700", "#332908", "#ebc850"),
    "reshaping": _shade("#dcf6f9", "#71ced9", "#152f32", "#8fe1eb"),
    "merging": _shade("#dee9ff", "#2430a0", "#202943", "#5b74d6"),
    "activation": _shade("#e6f4dc", "#95c972", "#212f17", "#b3e293"),
    "preprocessing": _shade("#fcede3", "#5f371c", "#34271f", "#a3765a"),
    "operation": _shade("#eff0f2", "#a2a4ab", "#292a2c", "#c1c3ca"),
    "weight": _shade("#f1f1e2", "#6f6d3f", "#2b2b1e", "#8c8b60"),
    "block": _shade("#f5f7fa", "#aab4c2", "#1a1f27", "#566275"),
    "model": _shade("#f4f2fb", "#9a90c8", "#1f1c2b", "#6f659c"),
    "repeat": _shade("#fafafa", "#b4b4b8", "#1b1c1e", "#606369"),
    "fault": Shade(
        Colours("#ffe3de", "#d82422", "#8c1210"), Colours("#40201c", "#f3594e", "#ffd9d4")
    ),
}
"""By `Node.category` and `Group.category`; the last is that of what has a message."""

PAPER: Mapping[str, Colours] = {
    "light": Colours("#ffffff", "#c9d1dc", _INK),
    "dark": Colours("#12151b", "#3a4250", _CHALK),
}
"""The paper of each theme, its lines (the edges are darker), and the text on it."""

CHANGES: Mapping[str, tuple[str, Shade]] = {
    "added": ("+", _shade("#d6f3e0", "#1a7f4b", "#12321f", "#4cc38a")),
    "removed": ("\u2212", _shade("#ffe0e0", "#b4232b", "#3f1a1d", "#ff8d8f")),
    "changed": ("~", _shade("#fff0c9", "#8f6400", "#352a0b", "#f2c94c")),
    "moved": ("\u2195", _shade("#dfeaff", "#2f5fc4", "#18264a", "#86aaf5")),
}
"""By `Node.change`: a sign, for who sees no colours, and its colours."""


def shade(category: str) -> Shade:
    """The colours of a family; those of an operation for one that is not known."""
    return PALETTE.get(category, PALETTE["operation"])
