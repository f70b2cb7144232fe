"""What a model's body leaves behind: its outputs, and what does not lead to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphc.declare.op import Op
from graphc.diagnostics.codes import (
    DISCONNECTED_OUTPUT,
    NO_INPUT,
    NO_OUTPUT,
    REPEATED_LAYER_NAME,
    UNKNOWN_INPUT_SHAPE,
    UNUSED_LAYER,
)
from graphc.diagnostics.diagnostic import Diagnostic, Label
from graphc.diagnostics.suggest import did_you_mean
from graphc.elaborate.builder import to_refs
from graphc.elaborate.frame import Frame
from graphc.elaborate.input_form import give_form
from graphc.elaborate.report import names_text, source_text
from graphc.elaborate.shared_weights import check_shared_weights
from graphc.elaborate.values import TensorValue
from graphc.ir.graph import CallRecord, ModelGraph, OutputRecord, tensor_refs
from graphc.ir.structure import Structure, is_plain
from graphc.source import Span
from graphc.syntax import nodes


def finish_model(frame: Frame, node: nodes.Definition, model: ModelGraph, *, failed: bool) -> None:
    """Give a model its outputs, once its body has been executed; `failed` if that had errors."""
    _report_unused_shapes(frame, node)
    if node.kind == "sequential" and frame.current is not None:
        frame.outputs, frame.output_structure = [(None, frame.current, node.name_span)], [0]
    has_gaps = frame.builder is not None and frame.builder.has_gaps
    failed = failed or has_gaps or is_broken(node.body)
    if not failed and node.kind == "model":
        failed = _lacks_ends(frame, node, model)
    failed = not give_form(frame, model) or failed
    _add_outputs(frame, model)
    is_known = len(model.outputs) == len(frame.outputs)
    model.is_complete = not failed and is_known and bool(model.outputs)
    if model.is_complete:
        model.output_structure = _structure(frame.output_structure)
        _check_connected(frame, model)
        check_shared_weights(frame, model)
        _drop_unused(frame, model)


def _structure(parts: Sequence[Any]) -> Structure:
    if len(parts) == 1:
        made = list(parts[0]) if isinstance(parts[0], tuple) else parts[0]
    else:
        made = [place for part in parts for place in (part if isinstance(part, tuple) else (part,))]
    return None if is_plain(made) else made


def is_broken(body: Sequence[nodes.Statement]) -> bool:
    """Whether something in a body did not parse, so that what is missing may stand there."""
    for statement in body:
        if isinstance(statement, nodes.Broken):
            return True
        if isinstance(statement, nodes.For) and is_broken(statement.body):
            return True
        if isinstance(statement, nodes.If) and any(is_broken(b.body) for b in statement.branches):
            return True
    return False


def _report_unused_shapes(frame: Frame, node: nodes.Definition) -> None:
    for name in frame.input_shapes:
        if name not in frame.used_shapes:
            known = list(frame.inputs)
            has = f"it has {names_text(known)}" if known else "it has none"
            wrong = (
                f"{node.name} has no input `{name}` to give a shape to; {has}"
                if name
                else f"{node.name} needs the name of the input to give a shape to; {has}"
            )
            # Several may be wrong, and all show at the model's name.
            frame.run.sink.add(
                Diagnostic(
                    UNKNOWN_INPUT_SHAPE,
                    wrong,
                    node.name_span,
                    help=did_you_mean(name, known)
                    if name or not known
                    else f'write --input "{known[0]}=[…]"',
                )
            )


def _lacks_ends(frame: Frame, node: nodes.Definition, model: ModelGraph) -> bool:
    if frame.inputs and not model.inputs:
        return True  # their shapes are not known, which has been reported
    if not model.inputs:
        frame.report(
            NO_INPUT,
            f"{node.name} needs an input, got none",
            node.name_span,
            help="begin it with: input x: [...]",
        )
        return True
    if not frame.outputs:
        frame.report(
            NO_OUTPUT,
            f"{node.name} needs an output, got none",
            node.name_span,
            help="end it with: output x",
        )
        return True
    return False


def _add_outputs(frame: Frame, model: ModelGraph) -> None:
    stated: dict[str, Span] = {}
    taken: set[str] = {name for name, _, _ in frame.outputs if name is not None}
    for name, value, span in frame.outputs:
        if name is not None:
            if name in stated:
                frame.report(
                    REPEATED_LAYER_NAME,
                    f"two outputs are named `{name}`",
                    span,
                    others=(Label(stated[name], "named here first"),),
                )
            stated.setdefault(name, span)
        if isinstance(value, TensorValue):
            free = name if name is not None else _free_name(value.name, taken)
            model.outputs.append(OutputRecord(free, to_refs(value), value.type, name is not None))


def _free_name(name: str, taken: set[str]) -> str:
    free, number = name, 1
    while free in taken:
        free = f"{name}_{number}"
        number += 1
    taken.add(free)
    return free


def _check_connected(frame: Frame, model: ModelGraph) -> None:
    """Report outputs that depend on no input: Keras finds no way back from them."""
    fed = set(model.inputs)
    for record in model.records():
        if any(ref.node in fed for _, value in record.arguments for ref, _ in tensor_refs(value)):
            fed.add(record.id)
    for output, (name, _, span) in zip(model.outputs, frame.outputs, strict=True):
        if output.ref.node not in fed:
            model.is_complete = False
            frame.report(
                DISCONNECTED_OUTPUT,
                f"the output `{name or source_text(span)}` depends on no input",
                span,
            )


def _drop_unused(frame: Frame, model: ModelGraph) -> None:
    """Keep the inputs and what leads to the outputs, as Keras does; report the other layers."""
    reached = model.leading_to({output.ref.node for output in model.outputs})
    reached.update(model.inputs)
    dropped = [record for record in model.records() if record.id not in reached]
    inner = {
        ref.node
        for record in dropped
        for _, value in record.arguments
        for ref, _ in tensor_refs(value)
    }
    for record in dropped:
        # Of a chain that leads nowhere, the end says it for all.
        if record.id not in inner and all(call not in reached for call in record.use.calls):
            _report_unused(frame, record)
    if dropped:
        model.keep_only(reached)


def _report_unused(frame: Frame, record: CallRecord) -> None:
    use = record.use
    if isinstance(use.layer, Op):
        subject = f"`{source_text(record.span)}`"
    else:
        subject = f"{use.type_name} `{use.name}`" if use.is_named else use.type_name
    frame.report(
        UNUSED_LAYER,
        f"{subject} reaches no output, and is left out",
        record.span,
        others=tuple(
            Label(each.span, f"in {each.block}, used here") for each in reversed(record.path)
        ),
    )
