"""The colours of what stands around the boxes: lines, small text, the ground of groups."""

from __future__ import annotations

from collections.abc import Mapping

from graphc.record import Record


class Ink(Record):
    """The colours of one theme."""

    line: str
    """Edges."""
    muted: str
    """Text that stands back."""
    levels: tuple[str, ...]
    """The grounds of groups within each other, in turn."""
    error: str
    accent: str
    """What links calls that share weights."""


INK: Mapping[str, Ink] = {
    "light": Ink("#5b6675", "#4f5a69", ("#f5f7fa", "#e9edf3", "#f5f7fa"), "#b42318", "#7a3db8"),
    "dark": Ink("#8b96a8", "#a3adbd", ("#181c23", "#20252e", "#181c23"), "#ff8d85", "#c39bf0"),
}
