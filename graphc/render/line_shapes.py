"""The source with what each line makes of it beside it: the shape so far, and the parameters."""

from __future__ import annotations

from typing import Any

from graphc.analysis.parameters import count, layer_weights
from graphc.elaborate.program import Program
from graphc.ir.graph import CallRecord, LayerUse, ModelGraph
from graphc.layers.owners import Around
from graphc.record import Record
from graphc.source import Span

_GAP = 3
_WIDEST = 88  # a source line longer than this does not push the column further right


class _Made(Record):
    """What the calls on one line make."""

    shapes: tuple[str, ...]
    parameters: int
    times: int


def annotated_source(program: Program) -> str:
    """The lines of a file, each with the output shape of its last stage and its parameters.

    A line that runs several times (in a loop, in a block) shows the first and the last shape,
    how often it ran, and the parameters of all its layers together.
    """
    made = _made_by_line(program)
    count = len(program.file.line_starts) - program.file.text.endswith("\n")
    texts = [program.file.line_text(line).expandtabs(4) for line in range(1, count + 1)]
    noted = [len(text) for line, text in enumerate(texts, start=1) if line in made]
    column = min(max(noted, default=0), _WIDEST) + _GAP
    lines = [
        f"{text:<{column - 1}} | {_note(made[line])}" if line in made else text
        for line, text in enumerate(texts, start=1)
    ]
    return "\n".join(lines) + "\n"


def _note(made: _Made) -> str:
    shape = _shape_text(made)
    return f"{shape}   {made.parameters:,} params" if made.parameters else shape


def _shape_text(made: _Made) -> str:
    first, last = made.shapes[0], made.shapes[-1]
    distinct = len(set(made.shapes))
    text = first
    if last != first:
        text += f" … {last}"
    elif distinct > 1:
        text += f" and {distinct - 1} other{'s' if distinct > 2 else ''}"
    return f"{text} ×{made.times}" if made.times > 1 else text


def _made_by_line(program: Program) -> dict[int, _Made]:
    lines: dict[int, _Line] = {}
    for graph in program.models.values():
        for record in graph.records():
            if not record.outputs:
                continue
            is_first = record.use.calls[0] == record.id
            # A block's last call is what the line that uses the block makes.
            for key, span in ((record.id, record.span), *((use, use.span) for use in record.path)):
                if span.file is program.file:
                    line = lines.setdefault(_end_line(span), _Line())
                    line.stages.setdefault(span.end, {})[key] = record
                    if is_first:
                        line.uses[record.use] = graph
    return {number: _made(line) for number, line in lines.items()}


class _Line:
    """The calls on a line by where they end, the last one of each block use; and the layers."""

    def __init__(self) -> None:
        self.stages: dict[int, dict[Any, CallRecord]] = {}
        self.uses: dict[LayerUse, ModelGraph] = {}


def _end_line(span: Span) -> int:
    return span.file.line_and_column(max(span.start, span.end - 1))[0]


def _made(line: _Line) -> _Made:
    """The last stage on a line speaks for the line; all its layers have parameters."""
    records = list(line.stages[max(line.stages)].values())
    shapes = [", ".join(str(type) for type in record.outputs or ()) for record in records]
    weights = (w for use, graph in line.uses.items() for w in layer_weights(use, Around(graph)))
    parameters = count(weights).total
    return _Made(tuple(shapes), parameters, len(records))
