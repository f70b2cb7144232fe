"""The page of a profile: its parts joined, and the tree of what takes time in what."""

from __future__ import annotations

import html
from importlib.resources import files
from typing import Any

from graphc.render.page.colours import families_css, family
from graphc.render.page.script_text import script_json
from graphc.render.profile_text import (
    TITLES,
    amount_text,
    by_time,
    facts,
    layer_cells,
    seconds_text,
    total_cells,
)
from graphc.render.single_page import single_page
from graphc.render.summary_text import bytes_text
from graphc.runtime.profile import LayerTime, Profile


def profile_html(profile: Profile, *, theme: str = "auto") -> str:
    """The page. `theme` is "light", "dark", or "auto" for what the reader's system prefers."""
    title = profile.model.encode("utf-8", "replace").decode()
    tree = flame_tree(profile)
    categories = {frame.category for layer in profile.layers for frame in layer.frames}
    style = families_css({*categories, "model", "operation"}) + _asset("flame.css")
    data = {"theme": theme, "tree": tree}
    values = {
        "title": html.escape(title),
        "time": html.escape(seconds_text(profile.seconds)),
        "facts": "".join(f"<p>{html.escape(line)}</p>" for line in facts(profile)),
        "table": _table(profile),
        "data": script_json(data),
    }
    return single_page(_asset("flame.html"), style, _asset("flame.js"), values)


def flame_tree(profile: Profile) -> dict[str, Any]:
    """The model with its parts, each in what it is a part of: the order is that of the model.

    The parts of a layer are its primitives. What takes no time is left out.
    """
    root = _node(profile.model, "Model", "model")
    for layer in profile.layers:
        if not layer.seconds:
            continue
        around = [root]
        for frame in layer.frames:
            around.append(_child(around[-1], frame.name, frame.type, family(frame.category)))
        for step in layer.steps:
            part = _node(step.primitive, "primitive", "operation")
            _add(part, step.seconds, 0, step.bytes)
            around[-1]["parts"].append(part)
        for each in around:
            _add(each, layer.seconds, layer.flops, layer.bytes)
    _describe(root, root["seconds"])
    return root


def _node(name: str, type: str, family: str) -> dict[str, Any]:
    return {"name": name, "type": type, "family": family, "seconds": 0.0, "flops": 0, "bytes": 0,
            "parts": []}  # fmt: skip


def _child(parent: dict[str, Any], name: str, type: str, family: str) -> dict[str, Any]:
    """The last part, if it is of this name: blocks and models go on from layer to layer."""
    parts: list[dict[str, Any]] = parent["parts"]
    if not parts or (parts[-1]["name"], parts[-1]["type"]) != (name, type):
        parts.append(_node(name, type, family))
    return parts[-1]


def _add(node: dict[str, Any], seconds: float, flops: int, moved: int) -> None:
    node["seconds"] += seconds
    node["flops"] += flops
    node["bytes"] += moved


def _describe(node: dict[str, Any], whole: float) -> None:
    """Put numbers into words, as the table has them."""
    seconds, flops, moved = node["seconds"], node.pop("flops"), node.pop("bytes")
    words = [seconds_text(seconds), f"{seconds / whole:.1%}" if whole else ""]
    if flops and seconds:
        words.append(f"{amount_text(flops)} FLOPs, {amount_text(flops / seconds, 'FLOP/s')}")
    if moved and seconds:
        words.append(f"{bytes_text(moved)} moved, {bytes_text(int(moved / seconds))}/s")
    node["text"] = " · ".join(word for word in words if word)
    for part in node["parts"]:
        _describe(part, whole)


def _table(profile: Profile) -> str:
    head = "".join(f'<th scope="col">{html.escape(title)}</th>' for title in TITLES)
    rows = "".join(_row(profile, layer) for layer in by_time(profile))
    last = "".join(f"<td>{html.escape(cell)}</td>" for cell in total_cells(profile))
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody><tfoot><tr>{last}</tr></tfoot></table>"


def _row(profile: Profile, layer: LayerTime) -> str:
    first, *cells = [
        html.escape(cell.encode("utf-8", "replace").decode())
        for cell in layer_cells(profile, layer)
    ]
    rest = "".join(f"<td>{cell}</td>" for cell in cells)
    return f'<tr><th scope="row"><bdi>{first}</bdi></th>{rest}</tr>'


def _asset(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")
