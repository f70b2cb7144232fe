"""What differs between two models, by structure: not by line, not by order, hardly by name."""

from __future__ import annotations

from collections.abc import Iterator

from graphc.analysis.diagram import Diagram
from graphc.analysis.diff_comparison import Comparison
from graphc.analysis.diff_delta import (
    Delta,
)
from graphc.analysis.diff_findings import Change, Finding, findings
from graphc.analysis.diff_interface import interface, retargeted, training
from graphc.declare.definition import Definition
from graphc.ir.dims import Dim
from graphc.record import Record


class Total(Record):
    """A total of both models."""

    what: str
    before: Dim
    after: Dim

    @property
    def percent(self) -> float | None:
        """By how much it has grown, where both are numbers and there was something."""
        if not isinstance(self.before, int) or not isinstance(self.after, int) or not self.before:
            return None
        return 100 * (self.after - self.before) / self.before


class Difference(Record):
    """What differs between two models."""

    before: Diagram
    after: Diagram
    findings: tuple[Finding, ...]
    """The causes, in the order of the model."""
    follows: tuple[Change, ...]
    """Layers that are the same, but for shapes and costs that other changes gave them."""
    interface: tuple[Delta, ...]
    training: tuple[Delta, ...]
    totals: tuple[Total, ...]

    @property
    def is_empty(self) -> bool:
        """Whether the two are the same network, trained the same way."""
        return not (
            self.findings
            or self.follows
            or self.interface
            or self.training
            or any(total.before != total.after for total in self.totals)
        )


def diff(
    before: Diagram,
    after: Diagram,
    *,
    train_before: Definition | None = None,
    train_after: Definition | None = None,
) -> Difference:
    """Compare two models, given as diagrams with everything open."""
    compared = Comparison(before, after)
    changes = list(compared.changes())
    causes = [change for change in changes if change.kind]
    return Difference(
        before,
        after,
        findings(causes),
        tuple(change for change in changes if not change.kind),
        (*interface(compared.matching), *retargeted(compared.matching, compared.moved)),
        tuple(training(train_before, train_after)),
        tuple(_totals(before, after)),
    )


def _totals(before: Diagram, after: Diagram) -> Iterator[Total]:
    mine, theirs = before.totals, after.totals
    for what, value, other in (
        ("params", mine.parameters.total, theirs.parameters.total),
        ("trainable", mine.parameters.trainable, theirs.parameters.trainable),
        ("weight bytes", mine.parameters.weight_bytes, theirs.parameters.weight_bytes),
        ("MACs", mine.macs, theirs.macs),
        ("FLOPs", mine.flops, theirs.flops),
        ("output bytes", mine.output_bytes, theirs.output_bytes),
    ):
        yield Total(what, value, other)
