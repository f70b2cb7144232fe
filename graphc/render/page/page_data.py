"""A diagram as plain data for the page's scripts.

Parts are numbered in the order in which they are met, groups before what is in them, and edges
name them by these numbers. What many parts have in common (types, weights, source lines) stands in
tables, and what is empty is left out: a model of 10,000 layers is some megabytes.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeAlias

from graphc.analysis.diagram import Diagram, Edge, Node, Part, Totals, layer_count
from graphc.analysis.parameters import OwnedWeight
from graphc.ir.dims import Dim, shape_text
from graphc.ir.types import TensorType
from graphc.record import Record
from graphc.render.page.colours import categories, family
from graphc.render.palette import CHANGES
from graphc.source import Span

Href: TypeAlias = Callable[[str, int], str | None]
"""The link to a line of a source file, by the file's name and the line."""

_SAFE = 2**53  # JavaScript's numbers are exact up to here
_LONGEST_LINE = 200


class Start(Record):
    """How a page begins."""

    title: str
    theme: str = "auto"
    is_across: bool = False
    depth: int | None = None


def page_data(diagram: Diagram, start: Start, href: Href | None = None) -> dict[str, Any]:
    """All that the page shows."""
    tables = _Tables(href)
    parts = [tables.part(part) for part in diagram.parts]
    changes = {part["change"] for part in tables.parts if "change" in part}
    return {
        "title": start.title,
        "name": diagram.name,
        "kind": diagram.kind,
        "theme": start.theme,
        "isAcross": start.is_across,
        "depth": start.depth,
        "isComplete": diagram.is_complete,
        "layers": sum(map(_layers, diagram.parts)),
        "totals": _totals(diagram.totals),
        "families": [[family(name), name] for name in categories(diagram)],
        "changes": [[name, sign] for name, (sign, _) in CHANGES.items() if name in changes],
        "parts": parts,
        "edges": [tables.edge(edge) for edge in diagram.edges],
        "types": tables.types.rows,
        "weights": tables.weights.rows,
        "lines": tables.lines.rows,
    }


class _Table:
    """Rows, each once, by what tells them apart."""

    def __init__(self) -> None:
        self.rows: list[Any] = []
        self._places: dict[Hashable, int] = {}

    def place(self, key: Hashable, row: Callable[[], Any]) -> int:
        """Where a row stands; it is made if it is new."""
        found = self._places.get(key)
        if found is None:
            found = self._places[key] = len(self.rows)
            self.rows.append(row())
        return found


class _Tables:
    """The tables while the parts are gone through."""

    def __init__(self, href: Href | None) -> None:
        self.href = href
        self.types = _Table()
        self.weights = _Table()
        self.lines = _Table()
        self.parts: list[dict[str, Any]] = []
        self.numbers: dict[str, int] = {}

    def part(self, part: Part) -> dict[str, Any]:
        """A node's or group's record."""
        self.numbers[part.id] = len(self.numbers)
        shown: dict[str, Any] = {
            "name": part.name,
            "type": part.type,
            "category": part.category,
            "totals": _totals(part.totals),
            "line": self._line(part.span),
            "isTrainable": part.is_trainable,
        }
        self.parts.append(shown)
        if part.calls > 1:
            shown |= {"layer": part.layer, "call": part.call, "calls": part.calls}
        if part.count > 1:
            shown["count"] = part.count
        if part.change:
            shown |= {"change": part.change, "changes": list(part.changes)}
        weights = [self._weight(weight) for weight in part.weights]
        if isinstance(part, Node):
            shown |= self._node(part)
        else:
            shown["layers"] = layer_count(part)
            shown["parts"] = [self.part(each) for each in part.parts]
            # The page adds them up itself, but a repeated part has more than is drawn of it.
            weights = [] if set(weights) == _weights_in(shown) else weights
        if weights:
            shown["weights"] = weights
        return shown

    def edge(self, edge: Edge) -> list[Any]:
        """From, output, to, argument with its place, type; and between two models its change."""
        argument = edge.argument + "".join(f"[{place}]" for place in edge.place)
        type = None if edge.type is None else self._type(edge.type)
        return [
            self.numbers[edge.source], edge.output, self.numbers[edge.target], argument, type,
            *([edge.change] if edge.change else []),
        ]  # fmt: skip

    def _node(self, node: Node) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "inputs": [self._type(type) for type in node.inputs],
            "outputs": [self._type(type) for type in node.outputs],
        }
        optional = {
            "config": [list(pair) for pair in node.config],
            "activation": node.activation,
            "results": list(node.results),
            "message": node.message,
            "layers": node.hidden,
        }
        return shown | {key: value for key, value in optional.items() if value not in ([], None, 0)}

    def _type(self, type: TensorType) -> int:
        mask = None if type.mask is None else shape_text(type.mask)
        row = (shape_text(type.shape), type.dtype, mask)
        return self.types.place(row, lambda: list(row))

    def _weight(self, weight: OwnedWeight) -> int:
        spec = weight.spec
        initializer = None if spec.initializer is None else str(spec.initializer)
        row = (weight.path, shape_text(spec.shape), spec.dtype, weight.is_trainable, initializer)
        return self.weights.place(weight.owner, lambda: list(row))

    def _line(self, span: Span) -> int:
        file, line = span.file, span.line

        def row() -> list[str | int | None]:
            text = file.line_text(line).strip()[:_LONGEST_LINE]
            return [file.name, line, text, self.href(file.name, line) if self.href else None]

        return self.lines.place((id(file), line), row)


def _layers(part: Part) -> int:
    """How many layers a part has; one that is called again is no other layer."""
    if part.call > 1:
        return 0
    if isinstance(part, Node):
        return layer_count(part)
    return part.count * sum(map(_layers, part.parts))


def _weights_in(shown: dict[str, Any]) -> set[int]:
    if "weights" in shown:
        return set(shown["weights"])
    return {place for each in shown.get("parts", ()) for place in _weights_in(each)}


def _totals(totals: Totals) -> list[int | str]:
    """Trainable and other parameters, bytes of weights, MACs, FLOPs, bytes of outputs."""
    parameters = totals.parameters
    return [
        _plain(parameters.trainable),
        _plain(parameters.non_trainable),
        _plain(parameters.weight_bytes),
        _plain(totals.macs),
        _plain(totals.flops),
        _plain(totals.output_bytes),
    ]


def _plain(count: Dim) -> int | str:
    """A count; as text where it is a formula or more than a number in the page can hold."""
    if isinstance(count, int):
        return count if count < _SAFE else f"{count:,}"
    return str(count)
