"""Keeps what an error left out of a graph, for those who draw what is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphc.elaborate.frame import Frame
from graphc.elaborate.report import source_text
from graphc.source import Span
from graphc.syntax import nodes


def note_fault(
    frame: Frame, name: str, type_name: str, arguments: Mapping[str, Any], span: Span
) -> None:
    """Note the call that the last error is about."""
    error = frame.run.last_error
    if frame.builder is not None and error is not None:
        frame.builder.fault(name, type_name, error.message, span, frame.path, arguments)


class StageFaults:
    """Notes a stage of a pipe that makes nothing of what is known, unless it notes itself."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.errors = frame.run.errors_met
        self.faults = 0 if frame.builder is None else len(frame.builder.model.faults)

    def note(self, stage: nodes.Expression, piped: Any) -> None:
        """Note the stage, which has made nothing of what was piped in."""
        frame = self.frame
        if frame.builder is None or len(frame.builder.model.faults) > self.faults:
            return
        error = frame.run.last_error
        is_new = frame.run.errors_met > self.errors
        message = error.message if error is not None and is_new else "it has errors of its own"
        name, target = "", stage
        if isinstance(stage, nodes.Named):
            target = stage.value
            name = stage.name.id if isinstance(stage.name, nodes.Name) else ""
        called = target.function if isinstance(target, nodes.Call) else target
        type_name = source_text(called.span)
        frame.builder.fault(name, type_name, message, stage.span, frame.path, {"": piped})
