"""What keeps a step of training from being computed, and where the source has it.

Losses, metrics, regularizers and constraints find faults without knowing a place: once there is
one, each of them is tried alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from graphc.analysis.every_use import every_use
from graphc.diagnostics.codes import TARGET_MISMATCH, Code
from graphc.diagnostics.diagnostic import Diagnostic
from graphc.diagnostics.fault import Fault
from graphc.ir.graph import ModelGraph
from graphc.ir.tensor import Tensor
from graphc.ir.types import TensorType
from graphc.runtime.arguments import InputError
from graphc.runtime.lower import lower
from graphc.runtime.train.goals import Goal, at_fault, loss_of
from graphc.source import Span
from graphc.training.keys import TrainConfig

Types = Mapping[str, TensorType]


class Misfit(InputError):
    """What training cannot be done with, of the model or its train block."""

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        super().__init__("\n".join(each.message for each in diagnostics))
        self.diagnostics = diagnostics


def misfit_of(train: TrainConfig, *path: str | int, code: Code, message: str) -> InputError:
    """The error for what a key of a training, or an item of its value, is at fault for."""
    span = train.places.find(*path)
    return InputError(message) if span is None else Misfit([Diagnostic(code, message, span)])


def misfit(
    fault: Fault, model: ModelGraph, goals: Sequence[Goal], inputs: Types, targets: Types,
    weights: Types,
) -> Misfit:  # fmt: skip
    """The error for a fault of a model that is trained on batches of these types."""
    found = [*_of_layers(model), *_of_outputs(model, goals, inputs, targets, weights)]
    whole = Diagnostic(fault.code, f"{model.name} {fault.message}", model.span, help=fault.help)
    return Misfit(found or [whole])


def _of_layers(model: ModelGraph) -> Iterator[Diagnostic]:
    """Regularizers and constraints that are not made for the weights they are of."""
    for use in every_use(model):
        for spec in use.weights or ():
            if not spec.is_trainable:
                continue
            type = TensorType(spec.shape, spec.dtype)
            for rule, name in ((spec.regularizer, "penalty"), (spec.constraint, "project")):
                fault = None if rule is None else _fault_of(getattr(rule, name), Tensor(type))
                if fault is not None:
                    yield Diagnostic(
                        fault.code,
                        f"{use.layer.subject} `{use.name}` {fault.message}",
                        use.span,
                        f"the {_name(rule)} of its `{spec.path}`, {type}",
                        help=fault.help,
                    )


def _of_outputs(
    model: ModelGraph, goals: Sequence[Goal], inputs: Types, targets: Types, weights: Types
) -> Iterator[Diagnostic]:
    """Losses and metrics that do not take such targets or sample weights."""
    try:
        outputs = lower(model, dict(inputs), training=True).outputs
    except Fault:
        return  # it is a layer's own
    records = {output.name: model.record(output.ref.node) for output in model.outputs}
    for goal in goals:
        if not goal.needs_target:
            continue
        output, target = outputs[goal.output], Tensor(targets[goal.output])
        given = weights.get(goal.output)
        weight = None if given is None else Tensor(given)
        works: list[tuple[object, Span | None, Callable[[], object]]] = []
        if goal.loss is not None:
            works.append((goal.loss, goal.span, partial(loss_of, goal, target, output, weight)))
        for measured in goal.metrics:
            metric = measured.metric
            states = tuple(Tensor(type) for type in metric.state_types(output.type))
            own = weight if measured.is_weighted else None
            update = partial(metric.update, states, target, output, own)
            works.append((metric, measured.span, update))
        made = records[goal.output].span
        whose = f" and sample weights {weight.type}" if weight is not None else ""
        given_text = f"with targets {target.type}{whose}"
        for rule, asked, work in works:
            fault = _fault_of(work)
            if fault is not None:
                span, label, others = at_fault(asked, made, output.type)
                yield Diagnostic(
                    TARGET_MISMATCH,
                    f"{_name(rule)} of `{goal.output}` {fault.message}",
                    span,
                    f"{label}, {given_text}" if label else given_text,
                    others,
                    help=fault.help,
                )


def _name(rule: object) -> str:
    return str(getattr(rule, "type_name", type(rule).__name__))


def _fault_of(work: Callable[..., object], *given: Tensor) -> Fault | None:
    try:
        work(*given)
    except Fault as fault:
        return fault
    return None
