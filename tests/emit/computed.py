"""What an emitted program computes, beside what the model does by our own program on NumPy.

The weights go by a file: ours writes it, Keras reads it.
"""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import Any

from graphc.diagnostics.fault import Fault
from graphc.emit.keras.nesting import closure
from graphc.ir.graph import ModelGraph, TensorRef
from graphc.model import Model
from graphc.runtime.arguments import InputError
from graphc.runtime.lookups import OutOfRange
from tests.emit.built import keras, run
from tests.emit.values import EXACT, TOLERANCE, assert_near, drawn_inputs, drawn_weights

global_state = keras.src.backend.common.global_state

OPEN_SIZES = (5, 2, 8, 12, 16, 32, 4)
"""Sizes to try for those that a model leaves open: not every one has room for its windows."""

LESS_EXACT = {
    # Keras makes the matrix of bands in float32, layers of float64 included: it is up to 5e-5 from
    # what both give in float64, ours 2e-6.
    "MelSpectrogram(": 1e-4,
    # A random graph has groups of equal numbers: rounding of their mean, over a deviation of
    # sqrt(epsilon), beside the offset alone.
    "GroupNormalization(-1)": 2e-5,
    # Another has numbers that were all made nearly 1: what is left of them after their mean, over
    # its deviation, is mostly rounding.
    'layers.LayerNormalization(axis=1, name="odd-name.1")': 1e-4,
}
"""How far values may be apart, relative to the largest, where 1e-5 is too little: of programs with
these calls."""

REFUSED = {
    r"out of bounds for uint32": r"seed=-\d",  # seeds are kept in an unsigned array
    r"cuDNN is not detected": r"flash_attention=True",  # which only runs on GPUs
    # The jax function that it calls takes values that are as wide as keys.
    r"cannot reshape array of shape": r"MultiHeadAttention\([^)]*value_dim=",
    r"precision 'F16_F16_F32' is not supported": r"Attention\([^)]*float16",  # on CPUs
    # Of cells in a list, it takes the states of the first for all of its states.
    r"must have the same pytree structure": r"RNN\(\[layers\.LSTMCell\(",
    r"nse must be specified": r"sparse=True",  # sparse results have no sizes in compiled programs
    r"is part of a cycle": r"layers\.Equalization\(",  # it is its input, for Keras' graph
    # Integers are not cast to the dtype that a layer computes with.
    r"rsqrt does not accept dtype int32": r"UnitNormalization\(",
    r"requires arguments to have the same dtypes, got u?int\d+, float16": r"Conv\w+\([^)]*float16",
    r"not accept dtype bool": r"Subtract\(|BatchNormalization\(",
}
"""What Keras on jax says of models that it builds, and cannot run; of what they hold."""


class NotComparable(Exception):
    """There are no values to compare: the message says why."""


def check_values(model: Model, program: str, folder: Path) -> None:
    """A program with the weights of our file gives the outputs that ours does."""
    if any(map(_normalizes_integers, closure(model.model_graph))):
        raise NotComparable(
            "Keras announces floats, and cuts them to the integers that it is given"
        )
    weights = drawn_weights(model)
    inputs, expected = our_values(model, weights)
    file = folder / "net.weights.h5"
    model.save_weights(file, weights)
    keras.utils.clear_session(free_memory=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            # Drawing the numbers that weights start with takes most of the time, for nothing.
            with keras.StatelessScope(initialize_variables=False):
                built = run(program)
            global_state.set_global_attribute("uninitialized_variables", [])
            if weights:
                built.load_weights(file)
            got = their_values(built, inputs)
        except (TypeError, ValueError, RuntimeError, OverflowError) as error:
            if any(
                re.search(said, str(error)) and re.search(held, program)
                for said, held in REFUSED.items()
            ):
                raise NotComparable(str(error)) from error
            raise
    names = list(model.outputs)
    if isinstance(getattr(built, "_outputs_struct", None), dict):
        names.sort()  # as Keras flattens a dict
    # Of arrays the dtype depends on the backend: jax has no float64 at first.
    dtypes = [keras.backend.standardize_dtype(each.dtype) for each in built.outputs]
    wanted = [model.outputs[name].dtype for name in names]
    assert dtypes == wanted, f"{dtypes}, not {wanted}: {program}"
    tolerance = tolerance_of(program)
    assert len(got) == len(names), program
    for name, array in zip(names, got, strict=True):
        values = expected[name]
        if array.dtype.kind == "b":
            # Keras announces floats, and adds truth values to truth values.
            values = values != 0
        assert_near(array, values, tolerance, f"{name} of {program}")


_OF_INTEGERS = ("Add", "Subtract", "Multiply", "Maximum", "Minimum", "Concatenate")
"""Layers that hand on integers, and announce floats."""


def _normalizes_integers(graph: ModelGraph) -> bool:
    """Whether an RMSNormalization is called with integers."""
    return any(
        record.use.type_name == "RMSNormalization"
        and any(_is_integer(graph, value) for _, value in record.arguments)
        for record in graph.records()
    )


def _is_integer(graph: ModelGraph, value: Any) -> bool:
    """Whether integers are what an argument is when Keras runs a model."""
    if isinstance(value, (list, tuple)):
        return all(_is_integer(graph, each) for each in value)
    if not isinstance(value, TensorRef):
        return False
    record = graph.record(value.node)
    if record.use.type_name in _OF_INTEGERS:
        return all(_is_integer(graph, each) for _, each in record.arguments)
    return "int" in record.outputs[value.output].dtype


def tolerance_of(program: str) -> float:
    """How far the values of a program may be apart, relative to the largest."""
    named = {**LESS_EXACT, **TOLERANCE}
    return max([EXACT, *(size for part, size in named.items() if part in program)])


def our_values(model: Model, weights: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """Inputs, and what a model makes of them; open sizes are the first that it works with."""
    compiled = model.compile(weights)
    dims = [dim for type in model.inputs.values() for dim in type.shape[1:]]
    is_open = not all(isinstance(dim, int) for dim in dims)
    has_rows = any("Embedding" in row.type for row in model.summary().rows)
    reasons = []
    for size in OPEN_SIZES if is_open else OPEN_SIZES[:1]:
        for below in (2, 1):
            inputs = drawn_inputs(model, size, below)
            try:
                return inputs, compiled.run(*inputs)
            except (InputError, Fault) as error:
                # Sizes may not fit each other, and an Embedding may not have a row for an id.
                if not (has_rows if isinstance(error, OutOfRange) else is_open):
                    raise
                reasons.append(str(error))
    raise NotComparable(f"nothing works with it: {reasons[0]}")


def their_values(built: Any, inputs: list[Any]) -> list[Any]:
    """The outputs of a Keras model, in its order."""
    outputs = built.predict_on_batch(inputs if len(inputs) > 1 else inputs[0])
    return list(keras.tree.flatten(outputs))
