"""Which part of a model first made something that is no number."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from graphc.analysis.weight_keys import keyed_weights
from graphc.diagnostics.codes import LOSS_NOT_A_NUMBER
from graphc.diagnostics.diagnostic import Diagnostic
from graphc.ir.dtypes import is_float
from graphc.ir.graph import CallRecord
from graphc.ir.tensor import key, known_from
from graphc.runtime.execute import Compiled
from graphc.runtime.kernels.table import Array
from graphc.runtime.lower import lower
from graphc.runtime.train.learner import Batch, Learner
from graphc.source import Span

_HELP = "a smaller learning rate, `clipnorm` in the optimizer or inputs of about 1 may help"


def explanation(learner: Learner, batch: Batch, loss: float, epoch: int, number: int) -> Diagnostic:
    """What is wrong with a loss that is no number: the first thing that is none either."""
    what = "not a number" if np.isnan(loss) else "infinite"
    message = f"the loss is {what} at batch {number + 1} of epoch {epoch + 1}"
    cause, span, help = _cause(learner, batch)
    return Diagnostic(LOSS_NOT_A_NUMBER, f"{message}: {cause}", span, help=help)


def _cause(learner: Learner, batch: Batch) -> tuple[str, Span, str | None]:
    model = learner.model
    records = {record.name: record for record in map(model.record, model.inputs)}
    for name, array in batch.inputs.items():
        if bad := _bad(array):
            return f"the input `{name}` has {bad}", records[name].span, "mend the data"
    for name, array in learner.weights.items():
        if bad := _bad(array):
            span = keyed_weights(model)[name].span
            return f"the weight `{name}` has become {bad}", span or model.span, _HELP
    found = _first_call(learner, batch)
    if found is not None:
        record, bad = found
        where = f"{record.use.type_name} `{record.name}`"
        return f"{where} is the first to give {bad}", record.span, _HELP
    outputs = {output.name: model.record(output.ref.node).span for output in model.outputs}
    for name, array in batch.targets.items():
        if bad := _bad(array):
            return f"the target of `{name}` has {bad}", outputs[name], "mend the data"
    for name, array in batch.weights.items():
        if bad := _bad(array):
            return f"the sample weight of `{name}` has {bad}", outputs[name], "mend the data"
    span = learner.train.places.find("loss") or model.span
    return "what the model gives is finite, and the loss of it is not", span, None


def _first_call(learner: Learner, batch: Batch) -> tuple[CallRecord, str] | None:
    """The first call that gives a NaN, else the first that gives an infinity."""
    lowered = lower(learner.model, dict(batch.types.inputs), training=True)
    parameters = [
        *((tensor, batch.inputs[name]) for name, tensor in lowered.inputs.items()),
        *((tensor, learner.weights[name]) for name, tensor in lowered.weights),
    ]
    known = known_from(
        (tensor for tensor, _ in parameters), (tensor for _, tensor in lowered.calls)
    )
    calls = [
        (record, tensor)
        for record, tensor in lowered.calls
        if is_float(tensor.dtype) and key(tensor) in known
    ]
    program = Compiled(
        [tensor for tensor, _ in parameters], [tensor for _, tensor in calls], learner.seed
    )
    program.restart(learner.batches)
    results = program(*(array for _, array in parameters))
    made = [(record, array) for (record, _), array in zip(calls, results, strict=True)]
    return _first(made, np.isnan, "NaN") or _first(made, np.isinf, "an infinity")


def _first(
    made: Iterable[tuple[CallRecord, Array]], test: np.ufunc, what: str
) -> tuple[CallRecord, str] | None:
    return next(((record, what) for record, array in made if test(array).any()), None)


def _bad(array: Array) -> str | None:
    if array.dtype.kind not in "fcV":
        return None
    if np.isnan(array).any():
        return "NaN"
    return "an infinity" if np.isinf(array).any() else None
