"""A diagram as DOT, the language of Graphviz."""

from __future__ import annotations

from html import escape
from itertools import pairwise

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
from graphc.render.columns import columns, letters
from graphc.render.drawing import Drawing
from graphc.render.ink import INK
from graphc.render.links import source_link
from graphc.render.palette import CHANGES, PALETTE, PAPER, Colours

_FONT = "Helvetica,Arial,sans-serif"
_LEGEND_ROW = 6  # families side by side


def to_dot(diagram: Diagram, drawing: Drawing) -> str:
    """The diagram's DOT source: the same text for the same diagram."""
    return _Writer(diagram, drawing).source()


_BACKSLASH = "&#92;"  # never as it is: quotes after it, and Graphviz' escapes (`\\N`), stay apart


def dot_text(text: str) -> str:
    """A text for HTML-like labels: all of it shows, and none of it is obeyed.

    Graphviz looks for escapes once in a label, and halves the backslashes.
    """
    return escape(printable(text), quote=False).replace("\\", 2 * _BACKSLASH)


def attribute_text(text: str) -> str:
    """A text for an attribute, its lines kept. Graphviz looks for escapes twice in a tooltip."""
    lines = [escape(printable(line), quote=False) for line in text.split("\n")]
    return "&#10;".join(line.replace("\\", 4 * _BACKSLASH) for line in lines)


class _Writer:
    def __init__(self, diagram: Diagram, drawing: Drawing) -> None:
        self.diagram = diagram
        self.drawing = drawing
        self.paper = PAPER[drawing.paper]
        self.ink = INK[drawing.paper]
        self.ids = {node.id: f"n{place}" for place, node in enumerate(nodes_of(diagram.parts))}
        self.columns = columns(diagram, drawing.wrap)
        self.column_of = {
            node.id: place for place, parts in enumerate(self.columns) for node in nodes_of(parts)
        }
        self.marks = self._marks()
        self.left: set[str] = set()
        """The letters that have an edge to them already."""

    def source(self) -> str:
        paper, ink, drawing = self.paper, self.ink, self.drawing
        graph = Digraph(
            "model",
            graph_attr={
                "rankdir": drawing.rankdir,
                "bgcolor": paper.fill,
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
                "color": ink.line,
                "fontname": _FONT,
                "fontsize": "9",
                "fontcolor": ink.muted,
                "arrowsize": "0.7",
            },
        )
        self._title(graph)
        with graph.subgraph(name="cluster_model") as body:
            assert body is not None
            body.attr(color=paper.fill, margin="0")
            self._legend(body)
            for place, parts in enumerate(self.columns):
                self._column(body, place, parts)
        if len(self.columns) > 1:
            self._side_by_side(graph)
        for edge in self.diagram.edges:
            self._edge(graph, edge)
        self._sharing(graph)
        text: str = graph.source
        return text

    def _title(self, graph: Digraph) -> None:
        if self.drawing.title:
            title = f"<<b>{dot_text(self.drawing.title)}</b><br/> >"
            graph.attr(label=title, labelloc="t", fontsize="16")

    def _legend(self, graph: Digraph) -> None:
        """The families that occur, below the drawing."""
        present = {part.category for part in all_parts(self.diagram.parts)}
        cells = [
            self._sample(name, PALETTE[name].of(self.drawing.paper))
            for name in PALETTE
            if name in present
        ]
        changes = {part.change for part in all_parts(self.diagram.parts)}
        changes |= {edge.change for edge in self.diagram.edges}
        cells += [
            self._sample(f"{sign} {name}", shade.of(self.drawing.paper))
            for name, (sign, shade) in CHANGES.items()
            if name in changes
        ]
        if shared_calls(self.diagram.parts):
            cells.append(
                f'<td color="{self.ink.accent}" style="dashed">'
                f'<font color="{self.ink.accent}" point-size="9">same weights</font></td>'
            )
        if len(cells) < 2 or not self.drawing.legend:
            return
        rows = [cells[i : i + _LEGEND_ROW] for i in range(0, len(cells), _LEGEND_ROW)]
        table = "".join(f"<tr>{''.join(row)}</tr>" for row in rows)
        graph.attr(
            label=f'<<table border="0" cellborder="1" cellspacing="6" cellpadding="3">{table}</table>>',
            labelloc="b",
        )

    def _sample(self, name: str, shade: Colours) -> str:
        return (
            f'<td bgcolor="{shade.fill}" color="{shade.border}" style="rounded">'
            f'<font color="{shade.text}" point-size="9">{name}</font></td>'
        )

    def _marks(self) -> dict[tuple[str, int], str]:
        """A letter for each tensor that goes on in another column."""
        crossing = dict.fromkeys(
            (edge.source, edge.output)
            for edge in self.diagram.edges
            if self.column_of[edge.source] != self.column_of[edge.target]
        )
        return dict(zip(crossing, letters(len(crossing)), strict=True))

    def _column(self, graph: Digraph, place: int, parts: list[Part]) -> None:
        """One column, under a point that keeps it in its place."""
        if len(self.columns) == 1:
            for part in parts:
                self._part(graph, part, 0)
            return
        with graph.subgraph(name=f"cluster_column{place}") as column:
            assert column is not None
            column.attr(color=self.paper.fill, label="", margin="10")
            column.node(f"top{place}", shape="point", style="invis", width="0.01", height="0.01")
            for part in parts:
                self._part(column, part, 0)
            for (source, _), mark in self.marks.items():
                if self.column_of[source] == place:
                    self._mark(column, f"to{mark}", mark)
            for mark in self._arriving(place):
                self._mark(column, f"from{mark}{place}", mark)
                column.edge(f"top{place}", f"from{mark}{place}", style="invis")
            if not self._arriving(place):
                first = self.ids[next(nodes_of(parts)).id]
                column.edge(f"top{place}", first, style="invis")

    def _arriving(self, place: int) -> list[str]:
        """The letters of the tensors that a column takes from those before it."""
        return list(
            dict.fromkeys(
                self.marks[edge.source, edge.output]
                for edge in self.diagram.edges
                if self.column_of[edge.target] == place and self.column_of[edge.source] != place
            )
        )

    def _mark(self, graph: Digraph, name: str, mark: str) -> None:
        graph.node(
            name,
            label=f"<<b>{mark}</b>>",
            shape="circle",
            style="filled",
            fillcolor=self.paper.fill,
            color=self.ink.accent,
            fontcolor=self.ink.accent,
            fontsize="10",
            fixedsize="true",
            width="0.28",
            tooltip=f"goes on at {mark}",
        )

    def _side_by_side(self, graph: Digraph) -> None:
        graph.attr(newrank="true")
        tops = [f"top{place}" for place in range(len(self.columns))]
        with graph.subgraph() as row:
            assert row is not None
            row.attr(rank="same")
            for top in tops:
                row.node(top)
        for before, after in pairwise(tops):
            graph.edge(before, after, style="invis")

    def _part(self, graph: Digraph, part: Part, level: int, within: str = "") -> None:
        if isinstance(part, Group):
            self._group(graph, part, level, within)
        else:
            self._node(graph, part, within)

    def _node(self, graph: Digraph, node: Node, within: str) -> None:
        graph.node(
            self.ids[node.id],
            label=f"<{self._table(node, within)}>",
            tooltip=attribute_text(tooltip(node)),
            **self._link(node),
        )

    def _table(self, node: Node, within: str) -> str:
        shade = PALETTE[node.category].of(self.drawing.paper)
        border, width = shade.border, 1
        if node.message is not None:
            border, width = self.ink.error, 2
        elif node.change:
            border, width = CHANGES[node.change][1].of(self.drawing.paper).border, 2
        rows = [self._head(node, shade, within)]
        rows += [self._row(line) for line in box_lines(node, self.drawing, within)]
        style = ' style="rounded,dashed"' if node.change == "removed" else ' style="rounded"'
        return (
            f'<table border="{width}" cellborder="0" cellspacing="0" cellpadding="3"'
            f' color="{border}" bgcolor="{shade.fill}"{style}>{"".join(rows)}</table>'
        )

    def _head(self, node: Node, shade: Colours, within: str) -> str:
        mark = CHANGES[node.change][0] + " " if node.change else ""
        title = f"<b>{mark}{dot_text(heading(node))}</b>"
        name = subheading(node, self.drawing, within)
        if name:
            title += f'<font point-size="10">  {dot_text(name)}</font>'
        return f'<tr><td align="center"><font color="{shade.text}"> {title} </font></td></tr>'

    def _row(self, line: Line) -> str:
        color = {
            "shape": self.paper.text,
            "error": self.ink.error,
            "change": self.paper.text,
        }.get(line.kind, self.ink.muted)
        size = 11 if line.kind == "shape" else 10
        return (
            f'<tr><td align="center"><font color="{color}" point-size="{size}">'
            f" {dot_text(line.text)} </font></td></tr>"
        )

    def _group(self, graph: Digraph, group: Group, level: int, within: str) -> None:
        shade = PALETTE[group.category].of(self.drawing.paper)
        border = shade.border
        if group.change:
            border = CHANGES[group.change][1].of(self.drawing.paper).border
        name = subheading(group, self.drawing, within)
        title = f"<b>{dot_text(heading(group))}</b>"
        if name:
            title += f'<font point-size="10">  {dot_text(name)}</font>'
        with (
            graph.subgraph(name=f"cluster_around_{group.id}") as around,
            around.subgraph(name=f"cluster_{group.id}") as cluster,
        ):
            # The frame around the frame keeps groups side by side apart.
            around.attr(label="", color="transparent", fillcolor="transparent", margin="5")
            cluster.attr(
                label=f'<<font color="{shade.text}">{title}</font>>',
                style="rounded,filled" if group.category != "repeat" else "rounded,filled,dashed",
                fillcolor=self.ink.levels[level % len(self.ink.levels)],
                color=border,
                penwidth="2" if group.change else "1",
                labeljust="l",
                labelloc="t",
                margin="12",
                fontsize="12",
                tooltip=attribute_text(tooltip(group)),
                **self._link(group),
            )
            for part in group.parts:
                self._part(cluster, part, level + 1, group.name)

    def _link(self, part: Part) -> dict[str, str]:
        if not self.drawing.links:
            return {}
        return {"URL": source_link(part.span.file.name, part.span.line)}

    def _edge(self, graph: Digraph, edge: Edge) -> None:
        attributes = {}
        if edge.change:
            attributes["color"] = CHANGES[edge.change][1].of(self.drawing.paper).border
            attributes["penwidth"] = "2"
        if edge.change == "removed":
            attributes["style"] = "dashed"
        if self.drawing.show_edge_shapes and edge.type is not None:
            attributes["label"] = f"<&nbsp;{dot_text(type_text(edge.type, self.drawing))}>"
        source, target = self.ids[edge.source], self.ids[edge.target]
        place = self.column_of[edge.target]
        if self.column_of[edge.source] == place:
            graph.edge(source, target, **attributes)
            return
        mark = self.marks[edge.source, edge.output]
        if mark not in self.left:
            self.left.add(mark)
            graph.edge(source, f"to{mark}", **attributes)
        attributes.pop("label", None)
        graph.edge(f"from{mark}{place}", target, **attributes)

    def _sharing(self, graph: Digraph) -> None:
        """Dashed lines between the calls of one layer."""
        for calls in shared_calls(self.diagram.parts).values():
            for before, after in pairwise(calls):
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
            color=self.ink.accent,
            tooltip="the same weights",
            **ends,
        )
