"""The page: its parts joined to one text that needs nothing from anywhere else.

Everything that comes from the user's files is in one JSON text, which the scripts show as text.
"""

from __future__ import annotations

import html
from importlib.resources import files

from graphc.analysis.diagram import Diagram
from graphc.render.page.colours import colours_css
from graphc.render.page.page_data import Href, Start, page_data
from graphc.render.page.script_text import script_json
from graphc.render.single_page import single_page

# In the order of use: each knows those before it.
SCRIPTS = (
    "model", "text", "box", "structure", "order", "place", "layout", "route", "scene", "draw",
    "view", "pan", "minimap", "state", "record", "search", "keys", "export", "controls",
)  # fmt: skip
STYLES = ("page", "drawing")


def diagram_html(
    diagram: Diagram,
    *,
    title: str | None = None,
    theme: str = "auto",
    rankdir: str = "TB",
    depth: int | None = None,
    href: Href | None = None,
) -> str:
    """The page of a diagram in which everything is open; the page closes what does not fit.

    `theme` is "light", "dark", or "auto" for what the reader's system prefers. `rankdir` is how it is
    laid out at first: "TB" or "LR" ("BT" and "RL" are taken for these). `depth` says how many levels
    are open at first, whether they fit or not. `href` gives a link for a
    source file's name and line, if there is one.
    """
    # Half a character, as in a file's name that is no UTF-8, cannot be written.
    shown = (title or diagram.name).encode("utf-8", "replace").decode()
    data = page_data(diagram, Start(shown, theme, rankdir in ("LR", "RL"), depth), href)
    script = "'use strict';\n(() => {\n" + _joined(SCRIPTS, "js") + "})();\n"
    style = colours_css(diagram) + _joined(STYLES, "css")
    values = {"title": html.escape(shown), "data": script_json(data)}
    return single_page(_asset("page.html"), style, script, values)


def _asset(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")


def _joined(names: tuple[str, ...], kind: str) -> str:
    return "".join(_asset(f"{name}.{kind}") for name in names)
