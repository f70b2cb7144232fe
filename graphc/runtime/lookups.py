"""Numbers that look up what is not there, as those of words that an embedding does not have."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from graphc.diagnostics.codes import DATA_MISMATCH
from graphc.diagnostics.diagnostic import Diagnostic
from graphc.ir.graph import CallRecord, ModelGraph
from graphc.ir.tensor import key, known_from
from graphc.ir.types import TensorType
from graphc.runtime.arguments import InputError
from graphc.runtime.execute import Compiled
from graphc.runtime.kernels.table import Array
from graphc.runtime.lower import lower

_TEXT = re.compile(r"index (-?\d+) is out of bounds for axis \d+ with size (\d+)")
"""What NumPy says of them."""


class OutOfRange(InputError):
    """Numbers outside of what a layer has: `diagnostics` say where."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostics = [diagnostic]


def out_of_range(
    error: IndexError, model: ModelGraph, weights: Mapping[str, Any], inputs: Mapping[str, Array],
    *, training: bool | None = None,
) -> Exception:  # fmt: skip
    """The error to raise for one of NumPy's: it names the first call that cannot be computed."""
    if _TEXT.search(str(error)) is None:
        return error
    record, error = _first_call(error, model, weights, inputs, training)
    found = _TEXT.search(str(error))
    assert found is not None
    subject = model.name if record is None else f"{record.use.layer.subject} `{record.name}`"
    span = model.span if record is None else record.span
    number, size = map(int, found.groups())
    return OutOfRange(
        Diagnostic(
            DATA_MISMATCH, f"{subject} needs numbers from 0 to {size - 1:,}, got {number:,}", span
        )
    )


def _first_call(
    error: IndexError, model: ModelGraph, weights: Mapping[str, Any],
    inputs: Mapping[str, Array], training: bool | None,
) -> tuple[CallRecord | None, IndexError]:  # fmt: skip
    """The first call that raises such an error, and the error; none where it is of no call."""
    types = {name: TensorType(x.shape, x.dtype.name) for name, x in inputs.items()}
    lowered = lower(model, types, training=training)
    leaves = [*lowered.inputs.values(), *(tensor for _, tensor in lowered.weights)]
    arrays = [*inputs.values(), *(weights[name] for name, _ in lowered.weights)]
    known = known_from(leaves, (tensor for _, tensor in lowered.calls))
    calls = [(record, tensor) for record, tensor in lowered.calls if key(tensor) in known]
    found: CallRecord | None = None
    low, high = 0, len(calls)
    while low < high:
        middle = (low + high) // 2
        program = Compiled(leaves, [tensor for _, tensor in calls[: middle + 1]])
        try:
            program(*arrays)
        except IndexError as raised:
            if _TEXT.search(str(raised)) is not None:
                found, error = calls[middle][0], raised
            high = middle
        else:
            low = middle + 1
    return found, error
