"""A diagram as DOT, the language of Graphviz."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import PurePath
from urllib.parse import quote

from graphviz import Digraph

from graphc.analysis.diagram import (
    Diagram,
    Edge,
    Group,
    Node,
    Part,
    all_parts,
    nodes_of,
    shared_calls,
)
from graphc.diagnostics.glyphs import printable
from graphc.render.box_text import (
    Line,
    box_lines,
    heading,
    subheading,
    tooltip,
    type_text,
)
from graphc.render.drawing import Drawing
from graphc.render.palette import CHANGES, PALETTE, PAPER, Paper, Shade

_FONT = "Helvetica,Arial,sans-serif"
_LEGEND_ROW = 6  # families side by side


def to_dot(diagram: Diagram, drawing: Drawing) -> str:
    """The diagram's DOT source: the same text for the same diagram."""
    return _Writer(diagram, drawing).source()


def dot_text(text: str) -> str:
    """A text for HTML-like labels: all of it shows, and none of it is obeyed."""
    return escape(printable(text), quote=False)


def attribute_text(text: str) -> str:
    r"""A text for an attribute: lines stay, and Graphviz' own escapes (`\N`) mean nothing."""
    lines = [escape(printable(line), quote=False) for line in text.split("\n")]
    return "&#10;".join(line.replace("\\", "&#92;") for line in lines)


class _Writer:
    def __init__(self, diagram: Diagram, drawing: Drawing) -> None:
        self.diagram = diagram
        self.drawing = drawing
        self.paper: Paper = PAPER[drawing.theme]
        self.leaves = [node.id for node in nodes_of(diagram.parts)]
        self.ids = {node: f"n{place}" for place, node in enumerate(self.leaves)}

    def source(self) -> str:
        paper, drawing = self.paper, self.drawing
        graph = Digraph(
            "model",
            graph_attr={
                "rankdir": drawing.rankdir,
                "bgcolor": paper.background,
                "fontname": _FONT,
                "fontcolor": paper.text,
                "nodesep": "0.3",
                "ranksep": "0.5" if drawing.show_edge_shapes else "0.35",
                "pad": "0.2",
                "compound": "true",
                "tooltip": attribute_text(self.diagram.name),
            },
            node_attr={"shape": "plain", "fontname": _FONT, "fontsize": "11"},
            edge_attr={
                "color": paper.line,
                "fontname": _FONT,
                "fontsize": "9",
                "fontcolor": paper.muted,
                "arrowsize": "0.7",
            },
        )
        self._title(graph)
        with graph.subgraph(name="cluster_model") as body:
            assert body is not None
            body.attr(color=paper.background, margin="0")
            self._legend(body)
            for part in self.diagram.parts:
                self._part(body, part, 0)
        for edge in self.diagram.edges:
            self._edge(graph, edge)
        self._sharing(graph)
        return graph.source

    def _title(self, graph: Digraph) -> None:
        if self.drawing.title:
            title = f"<<b>{dot_text(self.drawing.title)}</b><br/> >"
            graph.attr(label=title, labelloc="t", fontsize="16")

    def _legend(self, graph: Digraph) -> None:
        """The families that occur, below the drawing."""
        present = {part.category for part in all_parts(self.diagram.parts)}
        cells = [
            self._sample(name, PALETTE[name].of(self.drawing.theme))
            for name in PALETTE
            if name in present
        ]
        changes = {part.change for part in all_parts(self.diagram.parts)} - {""}
        cells += [
            self._sample(f"{CHANGES[name].symbol} {name}", CHANGES[name].of(self.drawing.theme))
            for name in CHANGES
            if name in changes
        ]
        if len(cells) < 2 or not self.drawing.legend:
            return
        rows = [cells[i : i + _LEGEND_ROW] for i in range(0, len(cells), _LEGEND_ROW)]
        table = "".join(f"<tr>{''.join(row)}</tr>" for row in rows)
        graph.attr(
            label=f'<<table border="0" cellborder="1" cellspacing="6" cellpadding="3">{table}</table>>',
            labelloc="b",
        )

    def _sample(self, name: str, shade: Shade) -> str:
        return (
            f'<td bgcolor="{shade.fill}" color="{shade.border}" style="rounded">'
            f'<font color="{shade.text}" point-size="9">{name}</font></td>'
        )

    def _part(self, graph: Digraph, part: Part, level: int) -> None:
        if isinstance(part, Group):
            self._group(graph, part, level)
        else:
            self._node(graph, part)

    def _node(self, graph: Digraph, node: Node) -> None:
        graph.node(
            self.ids[node.id],
            label=f"<{self._table(node)}>",
            tooltip=attribute_text(tooltip(node)),
            **self._link(node),
        )

    def _table(self, node: Node) -> str:
        shade = PALETTE[node.category].of(self.drawing.theme)
        border, width = shade.border, 1
        if node.message is not None:
            border, width = self.paper.error, 2
        elif node.change:
            border, width = CHANGES[node.change].of(self.drawing.theme).border, 2
        rows = [self._head(node, shade)]
        rows += [self._row(line) for line in self._wrapped(node)]
        style = ' style="rounded,dashed"' if node.change == "removed" else ' style="rounded"'
        return (
            f'<table border="{width}" cellborder="0" cellspacing="0" cellpadding="4"'
            f' color="{border}" bgcolor="{self.paper.box}"{style}>{"".join(rows)}</table>'
        )

    def _head(self, node: Node, shade: Shade) -> str:
        mark = CHANGES[node.change].symbol + " " if node.change else ""
        title = f"<b>{mark}{dot_text(heading(node))}</b>"
        name = subheading(node, self.drawing)
        if name:
            title += f'<font point-size="10">  {dot_text(name)}</font>'
        return (
            f'<tr><td bgcolor="{shade.fill}" align="center"><font color="{shade.text}">'
            f"{title}</font></td></tr>"
        )

    def _row(self, line: Line) -> str:
        color = {
            "shape": self.paper.text,
            "error": self.paper.error,
            "change": self.paper.text,
        }.get(line.kind, self.paper.muted)
        size = 11 if line.kind == "shape" else 10
        return (
            f'<tr><td align="center"><font color="{color}" point-size="{size}">'
            f"{dot_text(line.text)}</font></td></tr>"
        )

    def _wrapped(self, node: Node) -> Iterator[Line]:
        import textwrap

        for line in box_lines(node, self.drawing):
            if line.kind in ("error", "change") and len(line.text) > 44:
                for text in textwrap.wrap(line.text, 44):
                    yield Line(line.kind, text)
            else:
                yield line

    def _group(self, graph: Digraph, group: Group, level: int) -> None:
        shade = PALETTE[group.category].of(self.drawing.theme)
        border = shade.border
        if group.change:
            border = CHANGES[group.change].of(self.drawing.theme).border
        name = subheading(group, self.drawing)
        title = f"<b>{dot_text(heading(group))}</b>"
        if name:
            title += f'<font point-size="10">  {dot_text(name)}</font>'
        with graph.subgraph(name=f"cluster_{group.id}") as cluster:
            assert cluster is not None
            cluster.attr(
                label=f'<<font color="{shade.text}">{title}</font>>',
                style="rounded,filled" if group.category != "repeat" else "rounded,filled,dashed",
                fillcolor=self.paper.levels[level % len(self.paper.levels)],
                color=border,
                penwidth="2" if group.change else "1",
                labeljust="l",
                margin="12",
                fontsize="12",
                tooltip=attribute_text(tooltip(group)),
                **self._link(group),
            )
            for part in group.parts:
                self._part(cluster, part, level + 1)

    def _link(self, part: Part) -> dict[str, str]:
        if not self.drawing.links:
            return {}
        path = PurePath(part.span.file.name).as_posix()
        return {"URL": f"{quote(path)}#L{part.span.line}"}

    def _edge(self, graph: Digraph, edge: Edge) -> None:
        attributes = {}
        if self.drawing.show_edge_shapes and edge.type is not None:
            attributes["label"] = f"<{dot_text(type_text(edge.type, self.drawing))}>"
        graph.edge(self.ids[edge.source], self.ids[edge.target], **attributes)

    def _sharing(self, graph: Digraph) -> None:
        """Dashed lines between the calls of one layer."""
        for calls in shared_calls(self.diagram.parts).values():
            for before, after in zip(calls, calls[1:], strict=False):
                self._share(graph, before, after)

    def _share(self, graph: Digraph, before: Part, after: Part) -> None:
        ends = {}
        for part, end in ((before, "ltail"), (after, "lhead")):
            if isinstance(part, Group):
                ends[end] = f"cluster_{part.id}"
        graph.edge(
            self.ids[next(nodes_of([before])).id],
            self.ids[next(nodes_of([after])).id],
            style="dashed",
            dir="none",
            constraint="false",
            color=self.paper.accent,
            fontcolor=self.paper.accent,
            label="same weights",
            **ends,
        )
