"""A diagram in the terminal, drawn with box characters.

Each group is laid out by itself and is one box of the level around it; tensors enter and leave it
through its border.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from graphc.analysis.diagram import Diagram, Edge, Group, Node, Part, nodes_of
from graphc.diagnostics.glyphs import columns, printable
from graphc.render.box_text import box_lines, heading, subheading
from graphc.render.drawing import Drawing
from graphc.render.layering import Item, Link, arrange
from graphc.render.palette import CHANGES
from graphc.render.text_canvas import Canvas
from graphc.render.text_wires import Wire, draw_wires, height_of

_GAP = 3
Tensor = tuple[str, int]


def to_terminal(diagram: Diagram, drawing: Drawing, *, color: bool = False) -> str:
    """The diagram as lines of text: the same for the same diagram."""
    drawn = _Level(diagram.parts, diagram.edges, drawing, "").draw()
    title = f"{printable(drawing.title)}\n\n" if drawing.title else ""
    # Most terminals are dark, and what is made for dark paper shows on light paper too.
    return title + drawn.text(color=color, theme=drawing.theme or "dark")


class _Box:
    """A part drawn, and where tensors enter and leave it."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self.entries: dict[Tensor, list[int]] = {}
        self.exits: dict[Tensor, int] = {}


class _Level:
    """The parts of one group, laid out."""

    def __init__(
        self, parts: Sequence[Part], edges: Iterable[Edge], drawing: Drawing, within: str
    ) -> None:
        self.parts = parts
        self.drawing = drawing
        self.within = within
        self.owner = {node.id: i for i, part in enumerate(parts) for node in nodes_of([part])}
        self.edges = [e for e in edges if e.source in self.owner or e.target in self.owner]
        self.inner: list[list[Edge]] = [[] for _ in parts]
        self.arriving: list[list[Edge]] = [[] for _ in parts]
        self.leaving: list[list[Edge]] = [[] for _ in parts]
        for edge in self.edges:
            source, target = self.owner.get(edge.source), self.owner.get(edge.target)
            if target is not None and source == target:
                self.inner[target].append(edge)
                continue
            if source is not None:
                self.leaving[source].append(edge)
            if target is not None:
                self.arriving[target].append(edge)
        self.entered: dict[Tensor, Item] = {}
        self.left: dict[Tensor, Item] = {}

    def draw(self) -> Canvas:
        """The level without a border."""
        return self.laid_out().canvas

    def laid_out(self) -> _Box:
        """The level, and where tensors come in at its top and go out at its bottom."""
        boxes = [self._box(i, part) for i, part in enumerate(self.parts)]
        items = [Item(box.canvas.width) for box in boxes]
        links: list[Link] = []
        for index, box in enumerate(boxes):
            used: dict[Tensor, int] = {}
            for edge in self._targets(index):
                tensor = (edge.source, edge.output)
                ports = box.entries[tensor]
                port = ports[min(used.get(tensor, 0), len(ports) - 1)]
                used[tensor] = used.get(tensor, 0) + 1
                source = self.owner.get(edge.source)
                if source is None:
                    start = self.entered.setdefault(tensor, Item(1, is_dummy=True))
                    links.append(Link(start, 0, items[index], port))
                else:
                    exit_port = boxes[source].exits[tensor]
                    links.append(Link(items[source], exit_port, items[index], port))
        for index, box in enumerate(boxes):
            for edge in self.leaving[index]:
                tensor = (edge.source, edge.output)
                if edge.target not in self.owner and tensor not in self.left:
                    end = self.left[tensor] = Item(1, is_dummy=True)
                    links.append(Link(items[index], box.exits[tensor], end, 0))
        first, last = list(self.entered.values()), list(self.left.values())
        ranks = arrange([*first, *items, *last], links, _GAP, first=first, last=last)
        canvas = self._paint(boxes, items, links, ranks)
        drawn = _Box(canvas)
        drawn.entries = {tensor: [item.x] for tensor, item in self.entered.items()}
        drawn.exits = {tensor: item.x for tensor, item in self.left.items()}
        return drawn

    def _targets(self, index: int) -> list[Edge]:
        """The edges into a part: each tensor once into a group, however often it is used inside."""
        edges = self.arriving[index]
        if isinstance(self.parts[index], Node):
            return edges
        return list({(edge.source, edge.output): edge for edge in edges}.values())

    def _paint(
        self, boxes: list[_Box], items: list[Item], links: list[Link], ranks: list[list[Item]]
    ) -> Canvas:
        box_of = dict(zip(items, boxes, strict=True))
        heights = [
            max((box_of[item].canvas.height for item in row if item in box_of), default=0)
            for row in ranks
        ]
        wires: list[list[Wire]] = [[] for _ in ranks]
        for link in links:
            stops = [link.source, *link.path, link.target]
            for place, (a, b) in enumerate(pairwise(stops)):
                start = a.x + (link.source_port if place == 0 else 0)
                end = b.x + (link.target_port if b is link.target else 0)
                is_arrow = b is link.target and b in box_of
                wires[a.rank].append(Wire(start, end, is_arrow=is_arrow))
        width = max((item.x + item.width for row in ranks for item in row), default=0)
        canvas = Canvas(width)
        y = 0
        for rank, row in enumerate(ranks):
            for item in row:
                box = box_of.get(item)
                top = y
                if box is not None:
                    canvas.paste(box.canvas, item.x, y)
                    top = y + box.canvas.height
                    ports = {
                        w.start for w in wires[rank] if item.x <= w.start < item.x + item.width
                    }
                else:
                    ports = {item.x}
                for port in ports:
                    canvas.vertical(port, top, y + heights[rank])
            y += heights[rank]
            draw_wires(canvas, y, wires[rank])
            y += height_of(wires[rank])
        return canvas

    def _box(self, index: int, part: Part) -> _Box:
        if isinstance(part, Node):
            return self._node(index, part)
        return self._group(index, part)

    def _node(self, index: int, node: Node) -> _Box:
        mark = CHANGES[node.change][0] + " " if node.change else ""
        name = printable(subheading(node, self.drawing, self.within))
        title = printable(mark + heading(node))
        lines = [f"{title}  {name}" if name else title]
        lines += [printable(line.text) for line in box_lines(node, self.drawing, self.within)]
        arriving = self.arriving[index]
        outputs = list(dict.fromkeys((e.source, e.output) for e in self.leaving[index]))
        width = max(max(map(columns, lines)) + 4, 2 * len(arriving) + 3, 2 * len(outputs) + 3)
        style = node.change or ("fault" if node.message is not None else node.category)
        canvas = Canvas(width)
        canvas.frame(0, 0, width, len(lines) + 2, style)
        for row, line in enumerate(lines):
            start = (width - columns(line)) // 2
            canvas.write(start, row + 1, line, "title" if row == 0 else "")
        box = _Box(canvas)
        for port, edge in zip(_ports(width, len(arriving)), arriving, strict=True):
            box.entries.setdefault((edge.source, edge.output), []).append(port)
        for port, tensor in zip(_ports(width, len(outputs)), outputs, strict=True):
            box.exits[tensor] = port
            canvas.write(port, canvas.height - 1, "┬", style)
        return box

    def _group(self, index: int, group: Group) -> _Box:
        edges = [*self.inner[index], *self.arriving[index], *self.leaving[index]]
        inside = _Level(group.parts, edges, self.drawing, group.name).laid_out()
        name = printable(subheading(group, self.drawing, self.within))
        title = f" {printable(heading(group))}{'  ' + name if name else ''} "
        width = max(inside.canvas.width + 4, columns(title) + 4)
        shift = (width - inside.canvas.width) // 2
        canvas = Canvas(width)
        canvas.frame(
            0, 0, width, inside.canvas.height + 2, group.change or group.category, square=True
        )
        canvas.paste(inside.canvas, shift, 1)
        box = _Box(canvas)
        taken = set()
        for tensor, (x,) in inside.entries.items():
            box.entries[tensor] = [x + shift]
            taken.add(x + shift)
        for tensor, x in inside.exits.items():
            box.exits[tensor] = x + shift
            canvas.write(x + shift, canvas.height - 1, "┬", group.change or group.category)
        canvas.write(2, 0, title, "title")
        for x in taken:
            canvas.write(x, 0, "┼" if x < 2 or x >= 2 + columns(title) else "│", group.category)
        return box


def _ports(width: int, count: int) -> list[int]:
    """Where edges meet a box of this width: evenly, the middle for one."""
    return [
        round(width * (place + 1) / (count + 1)) - (width % 2 == 0 and count == 1)
        for place in range(count)
    ]
