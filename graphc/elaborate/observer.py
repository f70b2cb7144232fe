"""What happens while a file is elaborated, for those who translate it into other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphc.elaborate.frame import Frame
    from graphc.elaborate.values import Template
    from graphc.ir.graph import LayerUse
    from graphc.source import Span
    from graphc.syntax import nodes


class Observer:
    """Is told what each part of the source came to; this one forgets it."""

    def entered(self, template: Template, frame: Frame, around: Frame | None, span: Span) -> None:
        """A body begins to be executed: of a model, or of a block used `around` it at a place."""

    def executed(self, statement: nodes.Statement, frame: Frame) -> None:
        """A statement has been executed."""

    def evaluated(self, node: nodes.Expression, value: Any, frame: Frame) -> None:
        """An expression has got a value."""

    def carried(self, stage: nodes.Expression, value: Any, piped: Any, frame: Frame) -> None:
        """Something is piped into the value of a stage."""

    def made(self, use: LayerUse, frame: Frame) -> None:
        """A layer has been made, or a function on tensors is about to be called."""

    def called(self, node: int, arguments: Any, frame: Frame) -> None:
        """A layer or a function on tensors has been called, which is a node of the graph."""
