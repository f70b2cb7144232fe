"""Where expressions and statements are evaluated: a run, a file, a body."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from graphc.declare.values import value_text
from graphc.diagnostics.codes import LIMIT_EXCEEDED, Code
from graphc.diagnostics.diagnostic import Diagnostic, Fix, Label, Sink
from graphc.elaborate.builder import GraphBuilder, holds_tensor
from graphc.elaborate.limits import REPORT_STEPS, LimitReached, Limits
from graphc.elaborate.naming import Namer
from graphc.elaborate.observer import Observer
from graphc.elaborate.tape import Tape
from graphc.elaborate.values import Template
from graphc.ir.graph import BlockUse
from graphc.ir.types import TensorType
from graphc.source import SourceFile, Span
from graphc.syntax import nodes

_LOOPS_SHOWN = 3


class Run:
    """One elaboration: its sink, its limits, and the traces that repeated layers share."""

    def __init__(self, sink: Sink, limits: Limits, observer: Observer | None = None) -> None:
        self.sink = sink
        self.limits = limits
        self.observer = observer
        self.steps = 0
        self.allowed_steps = limits.steps
        self.place: Span | None = None
        """What is being evaluated."""
        self.layers = 0
        self.signatures: dict[Any, Any] = {}
        self.active: list[Template] = []
        self.errors_met = 0
        """How many errors have been met, those told already counted again."""
        self.last_error: Diagnostic | None = None
        self._places: dict[tuple[str, str, int, int], Diagnostic] = {}
        self._missing: set[tuple[str, str]] = set()

    def report(self, diagnostic: Diagnostic) -> None:
        """Add a diagnostic, unless one of its code stands at the same place already.

        A line in a loop or a block is evaluated again and again: its mistake is reported once.
        """
        self.step(diagnostic.span, REPORT_STEPS)
        if diagnostic.is_error:
            self.errors_met += 1
            self.last_error = diagnostic
        if _place(diagnostic.code, diagnostic.span) not in self._places:
            self._places[_place(diagnostic.code, diagnostic.span)] = diagnostic
            self.sink.add(diagnostic)

    def is_met_again(self, code: Code, span: Span) -> bool:
        """Whether an error of a code stands at a place, so that no more needs to be said there."""
        found = self._places.get(_place(code, span))
        if found is None:
            return False
        self.step(span, REPORT_STEPS // 10)
        self.errors_met += 1
        self.last_error = found
        return True

    def is_first_use(self, scope: FileScope, name: str) -> bool:
        """Whether a name that stands for nothing is used in a file for the first time."""
        key = (scope.file.name, name)
        if key in self._missing:
            return False
        self._missing.add(key)
        return True

    def step(self, span: Span | None, count: int = 1) -> None:
        """Count one evaluation, or one that takes as long as several."""
        self.steps += count
        self.place = span = span or self.place
        if self.steps > self.allowed_steps and span is not None:
            self._stop_long(span, f"checking takes more than {self.allowed_steps:,} steps")

    def count_layer(self, span: Span) -> None:
        """Count one layer or call."""
        self.layers += 1
        self.allowed_steps += self.limits.layer_steps
        if self.layers > self.limits.layers:
            self._stop_long(
                span,
                f"the model has more than {self.limits.layers:,} layers",
                help="--max-layers sets the limit",
            )

    def _stop_long(self, span: Span, message: str, *, help: str | None = None) -> None:
        """End a run that takes too long, perhaps for what a mistake repeats: that comes first."""
        if self.sink.error_count:
            raise LimitReached
        self.stop(span, message, help=help)

    def stop(self, span: Span, message: str, *, help: str | None = None) -> None:
        """End the run: a limit is reached."""
        self.sink.add(Diagnostic(LIMIT_EXCEEDED, message, span, help=help))
        raise LimitReached


def _place(code: Code, span: Span) -> tuple[str, str, int, int]:
    return (code.id, span.file.name, span.start, span.end)


class FileScope:
    """The names that a file defines, imports, or has lost to an error."""

    def __init__(self, file: SourceFile, run: Run) -> None:
        self.file = file
        self.run = run
        self.values: dict[str, Any] = {}


class Frame:
    """A body being executed: `names` binds what its statements bind."""

    def __init__(
        self,
        scope: FileScope,
        builder: GraphBuilder | None = None,
        namer: Namer | None = None,
        path: tuple[BlockUse, ...] = (),
    ) -> None:
        self.scope = scope
        self.run = scope.run
        self.builder = builder
        self.home = builder
        """That of the model which the layers made here belong to, if it is another."""
        self.namer = namer or Namer()
        self.path = path
        self.loops: list[tuple[tuple[nodes.Targets, ...], Any]] = []
        """The loops around, innermost last: their names, and the item of this turn."""
        self.names: dict[str, Any] = {}
        self.kind = ""
        self.inputs: dict[str, Any] = {}
        """Values for the body's inputs, by name."""
        self.first_input: Any = None
        """What the first `input` statement stands for."""
        self.input_form: nodes.InputForm | None = None
        """What says in which dicts and lists inputs are taken."""
        self.outputs: list[tuple[str | None, Any, Span]] = []
        self.output_structure: list[Any] = []
        """What each output is: a place among all, a list or dict of places in others, or a tuple:
        tensors of a list, which go beside the others if there are any."""
        self.current: Any = None
        """What the lines of a sequential have made so far."""
        self.waits_for_input = False
        """Whether this is a sequential whose input shape nothing says."""
        self.input_types: tuple[TensorType, ...] | None = None
        """The types a sequential without an input is called with."""
        self.input_shapes: dict[str, nodes.Annotation] = {}
        """Shapes given on the command line, by input."""
        self.used_shapes: set[str] = set()
        self.tapes: tuple[Tape, ...] = ()
        """The block instances being made around this body: they note the layers made in it."""
        self.replay: Tape | None = None
        """The block instance being applied again: its layers are taken from here."""

    def report(
        self,
        code: Code,
        message: str,
        span: Span,
        label: str = "",
        *,
        others: tuple[Label, ...] = (),
        help: str | None = None,
        fix: Fix | None = None,
    ) -> None:
        """Add a diagnostic, with the uses of the blocks and the loops that lead here."""
        uses = tuple(
            Label(use.span, f"in {use.block}, used here")
            for use in reversed(self.path)
            if use.span != span
        )
        loops = tuple(_turns(self.loops[-_LOOPS_SHOWN:]))
        self.run.report(Diagnostic(code, message, span, label, others + uses + loops, help, fix))


def _turns(loops: list[tuple[tuple[nodes.Targets, ...], Any]]) -> Iterator[Label]:
    """What the names of loops stand for; tensors and layers say nothing."""
    for targets, item in loops:
        shown = [
            f"{target.name} = {value_text(value)}"
            for target, value in _bound(targets, item)
            if isinstance(value, (int, float, str, list, tuple)) and not holds_tensor(value)
        ]
        if shown:
            yield Label(targets[0].span.to(targets[-1].span), ", ".join(shown))


def _bound(targets: tuple[nodes.Targets, ...], item: Any) -> Iterator[tuple[nodes.Target, Any]]:
    """The names of a loop with what this turn binds them to, where there is a value for each."""
    if len(targets) == 1:
        (target,) = targets
        if isinstance(target, nodes.Target):
            yield target, item
            return
        targets = target.items
    if isinstance(item, (list, tuple)) and len(item) == len(targets):
        for each, value in zip(targets, item, strict=True):
            yield from _bound((each,), value)


E = TypeVar("E", bound=nodes.Node)

EVALUATORS: dict[type, Callable[[Any, Frame], Any]] = {}
EXECUTORS: dict[type, Callable[[Any, Frame], None]] = {}


def evaluates(
    kind: type[E],
) -> Callable[[Callable[[E, Frame], Any]], Callable[[E, Frame], Any]]:
    """Register the function that evaluates one kind of expression."""

    def register(function: Callable[[E, Frame], Any]) -> Callable[[E, Frame], Any]:
        EVALUATORS[kind] = function
        return function

    return register


def executes(
    kind: type[E],
) -> Callable[[Callable[[E, Frame], None]], Callable[[E, Frame], None]]:
    """Register the function that executes one kind of statement."""

    def register(function: Callable[[E, Frame], None]) -> Callable[[E, Frame], None]:
        EXECUTORS[kind] = function
        return function

    return register


def evaluate(node: nodes.Expression, frame: Frame) -> Any:
    """The value of an expression; `UNKNOWN_VALUE` after an error."""
    frame.run.step(node.span)
    value = EVALUATORS[type(node)](node, frame)
    if frame.run.observer is not None:
        frame.run.observer.evaluated(node, value, frame)
    return value


def execute(body: tuple[nodes.Statement, ...], frame: Frame) -> None:
    """Execute the statements of a body."""
    for statement in body:
        frame.run.step(statement.span)
        EXECUTORS[type(statement)](statement, frame)
        if frame.run.observer is not None:
            frame.run.observer.executed(statement, frame)
