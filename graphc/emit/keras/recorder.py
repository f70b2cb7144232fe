"""What each part of the source came to while it was elaborated."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from graphc.elaborate.frame import Frame
from graphc.elaborate.observer import Observer
from graphc.elaborate.values import Template
from graphc.ir.graph import LayerUse
from graphc.source import Span
from graphc.syntax import nodes

Place = tuple[int, int, int]


def place(span: Span) -> Place:
    """A key for a place in the source."""
    return id(span.file), span.start, span.end


class Made:
    """A layer or a call of a function, and the execution of the body that made it."""

    __slots__ = ("frame", "order", "use")

    def __init__(self, use: LayerUse, frame: Frame, order: int) -> None:
        self.use, self.frame, self.order = use, frame, order


class Entry:
    """One execution of a body; of a block, the execution around it and the place of its use."""

    __slots__ = ("around", "frame", "order", "span", "template")

    def __init__(
        self, template: Template, frame: Frame, around: Frame | None, span: Span, order: int
    ) -> None:
        self.template, self.frame, self.around = template, frame, around
        self.span, self.order = span, order


class Call:
    """One call of a layer or function: what it takes, and what names stood for then."""

    __slots__ = ("arguments", "frame", "is_single", "model", "names", "node", "order", "use")

    def __init__(self, node: int, arguments: Any, frame: Frame, order: int) -> None:
        assert frame.builder is not None
        self.model = frame.builder.model
        self.node, self.arguments, self.frame, self.order = node, arguments, frame, order
        record = self.model.record(node)
        self.use, self.is_single = record.use, record.is_single
        self.names: dict[str, Any] = dict(frame.names)


class Recorder(Observer):
    """Remembers."""

    def __init__(self) -> None:
        self.order = 0
        self.entries: dict[Template, list[Entry]] = defaultdict(list)
        self.by_frame: dict[int, Entry] = {}
        self.values: dict[int, list[Any]] = defaultdict(list)
        self.stages: dict[int, list[tuple[Any, Any]]] = defaultdict(list)
        self.bound: dict[int, list[Frame]] = defaultdict(list)
        self.made_at: dict[Place, list[Made]] = defaultdict(list)
        self.all_made: list[Made] = []
        self.calls_at: dict[Place, list[Call]] = defaultdict(list)
        self.all_calls: list[Call] = []
        self.called_uses: set[int] = set()
        self.types: dict[tuple[int, str], list[Any]] = defaultdict(list)

    def next(self) -> int:
        """The number of this event."""
        self.order += 1
        return self.order

    def entered(self, template: Template, frame: Frame, around: Frame | None, span: Span) -> None:
        """Remember an execution."""
        entry = Entry(template, frame, around, span, self.next())
        self.entries[template].append(entry)
        self.by_frame[id(frame)] = entry

    def executed(self, statement: nodes.Statement, frame: Frame) -> None:
        """Remember what the statement bound."""
        targets: list[str] = []
        if isinstance(statement, nodes.Assign):
            targets = [each.name for each in nodes.bound_targets(statement.targets)]
            for each in nodes.bound_targets(statement.targets):
                targets += _dim_names(each.annotation)
        elif isinstance(statement, (nodes.Input, nodes.Weight)) and statement.name:
            targets = [statement.name, *_dim_names(statement.annotation)]
        for name in targets:
            self.types[id(statement), name].append(frame.names.get(name))
        self.bound[id(statement)].append(frame)

    def evaluated(self, node: nodes.Expression, value: Any, frame: Frame) -> None:
        """Remember the value."""
        self.values[id(node)].append(value)

    def carried(self, stage: nodes.Expression, value: Any, piped: Any, frame: Frame) -> None:
        """Remember the stage."""
        self.stages[id(stage)].append((value, piped))

    def made(self, use: LayerUse, frame: Frame) -> None:
        """Remember the layer."""
        event = Made(use, frame, self.next())
        self.made_at[place(use.span)].append(event)
        self.all_made.append(event)

    def called(self, node: int, arguments: Any, frame: Frame) -> None:
        """Remember the call."""
        event = Call(node, arguments, frame, self.next())
        self.calls_at[place(event.model.record(node).span)].append(event)
        self.called_uses.add(id(event.use))
        self.all_calls.append(event)


def _dim_names(annotation: nodes.Annotation | None) -> list[str]:
    if annotation is None:
        return []
    return [dim.id for dim in annotation.dims if isinstance(dim, nodes.Name)]
