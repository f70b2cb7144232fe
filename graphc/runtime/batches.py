"""A model called on many examples, so many at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graphc.ir.dims import BATCH
from graphc.ir.types import TensorType
from graphc.runtime.arguments import InputError, checked_inputs
from graphc.runtime.executable import Executable
from graphc.runtime.kernels.table import Array


def in_batches(run: Executable, inputs: Any, size: int) -> dict[str, Array]:
    """The outputs for all examples, computed `size` at a time and put together.

    Raises `InputError` where an input or an output has no axis of examples.
    """
    arrays = checked_inputs(run.model.name, run.inputs, (inputs,), {})
    types = {**run.inputs, **{output.name: output.type for output in run.model.outputs}}
    check_examples(types)
    count = len(next(iter(arrays.values())))
    parts = [
        run.run({name: array[start : start + size] for name, array in arrays.items()})
        for start in range(0, max(count, 1), size)
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def check_examples(types: Mapping[str, TensorType]) -> None:
    """Raise `InputError` for something whose first axis is not that of examples."""
    for name, type in types.items():
        if not type.shape or type.shape[0] != BATCH:
            raise InputError(f"`{name}` of shape {type} has no examples to take some at a time of")
