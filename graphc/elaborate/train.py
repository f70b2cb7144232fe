"""Train blocks: the arguments of Keras' `compile` and `fit`, checked against the model."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from graphc.declare.definition import bad_argument, registry
from graphc.declare.places import Path, Places
from graphc.declare.rules import REJECTED
from graphc.diagnostics.codes import (
    MISSING_ARGUMENT,
    REPEATED_ARGUMENT,
    UNKNOWN_NAME,
    UNKNOWN_TRAIN_KEY,
)
from graphc.diagnostics.diagnostic import Edit, Fix, Label
from graphc.diagnostics.fault import Fault
from graphc.diagnostics.suggest import did_you_mean, nearest
from graphc.elaborate.arguments import evaluate_argument, holds_unknown
from graphc.elaborate.foreign import ARGUMENTS
from graphc.elaborate.frame import FileScope, Frame
from graphc.elaborate.report import report_fault
from graphc.elaborate.values import UNKNOWN_VALUE
from graphc.ir.graph import ModelGraph
from graphc.source import Span
from graphc.syntax import nodes

if TYPE_CHECKING:
    from graphc.training.keys import TrainConfig

_CHECKED = ("loss", "metrics", "weighted_metrics")
"""The keys whose values have to fit the model's outputs."""
_DATA = ("x", "y", "data", "sample_weight", "validation_data")


def elaborate_train(
    item: nodes.Train, scope: FileScope, models: dict[str, ModelGraph]
) -> TrainConfig | None:
    """The configuration of a train block; None where something of it is unknown."""
    frame = Frame(scope)
    model = models.get(item.model)
    if model is None:
        _report_unknown_model(item, frame, list(models))
        return None
    cls: Any = registry("train")["TrainConfig"]  # only files with a train block pay for it
    subject = f"train {item.model}"
    values: dict[str, Any] = {}
    spans: dict[str, Span] = {}
    is_known = True
    for entry in item.entries:
        argument = cls.arguments.get(entry.name)
        if argument is None:
            _report_unknown_key(entry, frame, list(cls.arguments))
            is_known = False
            continue
        if entry.name in spans:
            frame.report(
                REPEATED_ARGUMENT,
                f"{subject} got `{entry.name}` twice",
                entry.name_span,
                others=(Label(spans[entry.name], "given first here"),),
            )
            continue
        spans[entry.name] = entry.value.span
        value = evaluate_argument(entry.value, argument.rule, frame)
        if holds_unknown(value):
            is_known = False
            continue
        accepted = argument.rule.accept(value)
        if accepted is REJECTED:
            path, rule = argument.rule.part_at_fault(value)
            place = _places([entry]).find(entry.name, *path) or entry.value.span
            for key in path:
                value = value[key]
            fault = bad_argument(entry.name, rule, value)
            report_fault(frame, fault, subject, place, arguments={entry.name: place})
            is_known = False
            continue
        values[entry.name] = accepted
    return _configured(cls, values, spans, frame, item, model) if is_known else None


def _configured(
    cls: type[TrainConfig],
    values: dict[str, Any],
    spans: dict[str, Span],
    frame: Frame,
    item: nodes.Train,
    model: ModelGraph,
) -> TrainConfig | None:
    try:
        config = cls.placed(values, _places(item.entries))
    except Fault as fault:
        if fault.code is MISSING_ARGUMENT and _has_errors(frame, item.span):
            return None  # it may be among the entries that did not parse
        report_fault(frame, fault, f"train {item.model}", item.model_span, arguments=spans)
        return None
    if model.is_complete:
        for entry in item.entries:
            if entry.name in _CHECKED and values.get(entry.name) is not None:
                _check_outputs(entry, config, model, frame)
    return config


def _has_errors(frame: Frame, span: Span) -> bool:
    return any(
        each.is_error and each.span.file is span.file and span.start <= each.span.start < span.end
        for each in frame.run.sink.diagnostics
    )


def _check_outputs(
    entry: nodes.TrainEntry, config: TrainConfig, model: ModelGraph, frame: Frame
) -> None:
    """Check that a loss or metric can be computed from the output that it is for."""
    key, span = entry.name, entry.value.span
    names = [output.name for output in model.outputs]
    try:
        config.check_form(key, model.name, names)
    except Fault as fault:
        places = {name: _key_span(entry.value, name) for name in fault.arguments}
        report_fault(frame, fault, "", span, arguments=places)
        return
    for index, output in enumerate(model.outputs):
        for number, each in enumerate(config.for_outputs(key, names)[index]):
            try:
                each.check_output(output.type)
            except Fault as fault:
                subject = getattr(each, "type_name", type(each).__name__)
                made = model.record(output.ref.node).span
                others = (Label(made, f"the output `{output.name}` has shape {output.type}"),)
                place = config.places.find(*config.path(key, names, index, number)) or span
                report_fault(frame, fault, subject, place, others=others)


def _places(entries: Iterable[nodes.TrainEntry]) -> Places:
    """Where the source has the values of entries, and the items of literals in them."""
    found: dict[Path, Span] = {}
    waiting: list[tuple[Path, nodes.Expression]] = [((x.name,), x.value) for x in entries]
    while waiting:
        path, node = waiting.pop()
        found[path] = node.span
        if isinstance(node, (nodes.ListDisplay, nodes.TupleDisplay)):
            waiting.extend(((*path, place), item) for place, item in enumerate(node.items))
        elif isinstance(node, nodes.DictDisplay):
            # Backwards, since what is put in last is looked at first: of two items of the same
            # key, the later one is the dict's.
            waiting.extend(
                ((*path, key.value), item)
                for key, item in reversed(node.items)
                if isinstance(key, nodes.Literal) and isinstance(key.value, (str, int))
            )
    return Places(found)


def _key_span(node: nodes.Expression, name: str) -> Span:
    """Where a dict in the source has a key, if it does."""
    if isinstance(node, nodes.DictDisplay):
        for key, _ in node.items:
            if isinstance(key, nodes.Literal) and key.value == name:
                return key.span
    return node.span


def _report_unknown_model(item: nodes.Train, frame: Frame, names: list[str]) -> None:
    if frame.scope.values.get(item.model) is UNKNOWN_VALUE:
        return
    best = nearest(item.model, names)
    frame.report(
        UNKNOWN_NAME,
        f"no model is named `{item.model}` in this file",
        item.model_span,
        help=did_you_mean(item.model, names),
        fix=Fix(f"write {best}", (Edit(item.model_span, best),)) if best else None,
    )


def _key_help(name: str, keys: list[str]) -> str:
    if name in _DATA:
        return "data is given on the command line, never in the file"
    optimizer = registry("optimizer")["Adam"]
    ours = ARGUMENTS.get(name, name)
    if ours in optimizer.arguments:
        return f"it belongs to the optimizer: optimizer = Adam({ours}=…)"
    return did_you_mean(name, keys) or "its keys are the arguments of Keras' compile and fit"


def _report_unknown_key(entry: nodes.TrainEntry, frame: Frame, keys: list[str]) -> None:
    best = nearest(entry.name, keys)
    frame.report(
        UNKNOWN_TRAIN_KEY,
        f"a train block has no key `{entry.name}`",
        entry.name_span,
        help=_key_help(entry.name, keys),
        fix=Fix(f"write {best}", (Edit(entry.name_span, best),)) if best else None,
    )
