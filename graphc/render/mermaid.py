"""A diagram as Mermaid, which GitHub and GitLab draw in READMEs and pull requests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from graphc.analysis.diagram import Diagram, Edge, Group, Node, Part, shared_calls
from graphc.diagnostics.glyphs import printable
from graphc.render.box_text import Line, box_lines, heading, subheading, type_text
from graphc.render.drawing import Drawing
from graphc.render.ink import INK
from graphc.render.palette import CHANGES, PALETTE

_PLAIN = re.compile(r"[A-Za-z0-9 ,:()\[\]?=+×→·…_/-]|[^\x00-\x7f]")


def to_mermaid(diagram: Diagram, drawing: Drawing) -> str:
    """The diagram's Mermaid source: the same text for the same diagram."""
    return "\n".join(_Writer(diagram, drawing).lines()) + "\n"


def mermaid_text(text: str) -> str:
    """A text for a quoted label: Mermaid's own marks, Markdown's and HTML's are numbered."""
    return "".join(
        character if _PLAIN.fullmatch(character) else f"#{ord(character)};"
        for character in printable(text)
    )


class _Writer:
    def __init__(self, diagram: Diagram, drawing: Drawing) -> None:
        self.diagram = diagram
        self.drawing = drawing
        self.ids: dict[str, str] = {}
        self.groups: dict[str, str] = {}
        self.classes: dict[str, list[str]] = {}

    def lines(self) -> Iterator[str]:
        """The source, line by line."""
        if self.drawing.title:
            yield from ("---", f"title: {_quoted(self.drawing.title)}", "---")
        yield f"flowchart {self.drawing.rankdir}"
        for part in self.diagram.parts:
            yield from self._part(part, "    ")
        for edge in self.diagram.edges:
            yield f"    {self._edge(edge)}"
        for calls in shared_calls(self.diagram.parts).values():
            for before, after in pairwise(calls):
                yield f"    {self._id(before)} -. same weights .- {self._id(after)}"
        yield from map("    {}".format, self._changed_edges())
        for name, members in self.classes.items():
            yield f"    classDef {name} {self._style(name)}"
            yield f"    class {','.join(members)} {name}"

    def _part(self, part: Part, indent: str, within: str = "") -> Iterator[str]:
        if isinstance(part, Node):
            yield indent + self._node(part, within)
            return
        group = self.groups[part.id] = f"g{len(self.groups)}"
        yield f'{indent}subgraph {group}["{self._title(part, within)}"]'
        if self.drawing.rankdir in ("LR", "RL"):
            yield f"{indent}    direction {self.drawing.rankdir}"
        for each in part.parts:
            yield from self._part(each, indent + "    ", part.name)
        yield f"{indent}end"
        self._mark(group, part)

    def _node(self, node: Node, within: str) -> str:
        name = self.ids[node.id] = f"n{len(self.ids)}"
        lines = [self._title(node, within)]
        lines += [_unbroken(line) for line in box_lines(node, self.drawing, within)]
        self._mark(name, node)
        return f'{name}["{"<br>".join(lines)}"]'

    def _title(self, part: Part, within: str) -> str:
        mark = CHANGES[part.change][0] + " " if part.change else ""
        name = subheading(part, self.drawing, within)
        title = f"<b>{mermaid_text(mark + heading(part))}</b>"
        return f"{title} {mermaid_text(name)}" if name else title

    def _mark(self, name: str, part: Part) -> None:
        kind = part.change or part.category
        if isinstance(part, Node) and part.message is not None:
            kind = "fault"
        self.classes.setdefault(kind, []).append(name)

    def _id(self, part: Part) -> str:
        return self.groups[part.id] if isinstance(part, Group) else self.ids[part.id]

    def _edge(self, edge: Edge) -> str:
        arrow = "-->"
        if self.drawing.show_edge_shapes and edge.type is not None:
            arrow = f'-- "{mermaid_text(type_text(edge.type, self.drawing))}" -->'
        return f"{self.ids[edge.source]} {arrow} {self.ids[edge.target]}"

    def _changed_edges(self) -> Iterator[str]:
        for name, (_, shade) in CHANGES.items():
            numbers = [str(i) for i, edge in enumerate(self.diagram.edges) if edge.change == name]
            if numbers:
                dashes = ",stroke-dasharray:5 4" if name == "removed" else ""
                stroke = shade.of(self.drawing.paper).border
                yield f"linkStyle {','.join(numbers)} stroke:{stroke},stroke-width:2px{dashes}"

    def _style(self, name: str) -> str:
        shade = (CHANGES[name][1] if name in CHANGES else PALETTE[name]).of(self.drawing.paper)
        if name in ("block", "model", "repeat"):
            return (
                f"fill:{INK[self.drawing.paper].levels[0]},stroke:{shade.border},color:{shade.text}"
            )
        return f"fill:{shade.fill},stroke:{shade.border},color:{shade.text}"


def _unbroken(line: Line) -> str:
    """A line of a box. Mermaid breaks long ones, which a shape is not to be broken at."""
    text = mermaid_text(line.text)
    return text.replace(", ", ",\N{NO-BREAK SPACE}") if line.kind == "shape" else text


def _quoted(text: str) -> str:
    """A title in the front matter, which is YAML."""
    import json

    return json.dumps(printable(text), ensure_ascii=False)
