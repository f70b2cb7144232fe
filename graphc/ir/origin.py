"""Where steps come from: the call of a layer that each was traced in.

What traces a model says whose computation comes next, and every step that is made meanwhile keeps
it. Passes make their steps in the name of those that they replace.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from graphc.ir.graph import CallRecord
from graphc.record import Record
from graphc.source import Span


class Origin(Record):
    """A call of a layer, in the calls of the models around it."""

    call: CallRecord
    around: Origin | None = None

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other

    @property
    def calls(self) -> tuple[CallRecord, ...]:
        """The calls from the outermost model's to this one."""
        return (*(self.around.calls if self.around is not None else ()), self.call)

    @property
    def path(self) -> str:
        """The layer's name behind those of the models and blocks around it: `encoder.dense_1`."""
        return ".".join(call.name for call in self.calls)

    @property
    def span(self) -> Span:
        """The place of the call."""
        return self.call.span


_CURRENT: ContextVar[Origin | None] = ContextVar("origin", default=None)

current_origin = _CURRENT.get
"""Whose steps are being made, if that is known."""


@contextmanager
def made_for(origin: Origin | None) -> Iterator[None]:
    """Let the steps that are made in the `with` statement be of this origin."""
    token = _CURRENT.set(origin)
    try:
        yield
    finally:
        _CURRENT.reset(token)
