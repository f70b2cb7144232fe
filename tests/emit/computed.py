"""What an emitted program computes, beside what the model does by our own program on NumPy.

The weights go by a file: ours writes it, Keras reads it.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np

from graphc.diagnostics.fault import Fault
from graphc.model import Model
from graphc.runtime.arguments import InputError
from tests.emit.built import keras, run
from tests.emit.values import drawn_inputs, drawn_weights

global_state = keras.src.backend.common.global_state

OPEN_SIZES = (5, 2, 8, 12, 16, 32)
"""Sizes to try for those that a model leaves open: not every one has room for its windows."""

TOLERANCES = {"bfloat16": 3e-2, "float16": 4e-3}
"""How far values may be apart, relative to the largest, where a program computes with a dtype;
1e-4 elsewhere: what rounding comes to in a model of many layers."""

REFUSED = (
    "not accept dtype bool",  # subtracted
    "rsqrt does not accept dtype int32",  # which Keras takes for floats until it runs
    "requires arguments to have the same dtypes, got int32, float16",
    "precision 'F16_F16_F32' is not supported",  # of attention in half precision, on CPUs
    "cuDNN is not detected",  # flash attention
    "cannot reshape array of shape",  # attention whose values are not as wide as its keys
    "must have the same pytree structure",  # an LSTMCell in a list of cells
    "nse must be specified",  # what is sparse
    "out of bounds for uint32",  # a seed below zero
    "is part of a cycle",  # Equalization returns its input where it has nothing to do
)
"""What Keras on jax says of models that it builds, and cannot run."""


class NotComparable(Exception):
    """There are no values to compare: the message says why."""


def check_values(model: Model, program: str, folder: Path) -> None:
    """A program with the weights of our file gives the outputs that ours does."""
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
            if any(each in str(error) for each in REFUSED):
                raise NotComparable(str(error)) from error
            raise
    names = list(model.outputs)
    if isinstance(getattr(built, "_outputs_struct", None), dict):
        names.sort()  # as Keras flattens a dict
    # Of arrays the dtype depends on the backend: jax has no float64 at first.
    dtypes = [keras.backend.standardize_dtype(each.dtype) for each in built.outputs]
    wanted = [model.outputs[name].dtype for name in names]
    assert dtypes == wanted, f"{dtypes}, not {wanted}: {program}"
    tolerance = max([1e-4, *(size for name, size in TOLERANCES.items() if name in program)])
    for name, array in zip(names, got, strict=True):
        if "float" in wanted[names.index(name)] and array.dtype.kind in "iub":
            raise NotComparable(
                "Keras announces floats, and computes with the integers it is given"
            )
        assert_near(array, expected[name], tolerance, f"{name} of {program}")


def assert_near(got: Any, expected: Any, tolerance: float, what: str) -> None:
    """Arrays are the same up to a part of the largest number."""
    assert got.shape == expected.shape, what
    one, other = (np.asarray(each).astype("float64") for each in (got, expected))
    largest = np.max(np.abs(other[np.isfinite(other)]), initial=1e-30)
    np.testing.assert_allclose(one, other, rtol=0, atol=tolerance * largest, err_msg=what)


def our_values(model: Model, weights: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """Inputs, and what a model makes of them; open sizes are the first that it works with."""
    program = model.compile(weights)
    reasons = []
    for size in OPEN_SIZES:
        inputs = drawn_inputs(model, size)
        try:
            return inputs, program.run(*inputs)
        except (InputError, Fault, IndexError) as error:  # of ids that an Embedding has no row for
            reasons.append(str(error))
    raise NotComparable(f"no open size works: {reasons[0]}")


def their_values(built: Any, inputs: list[Any]) -> list[Any]:
    """The outputs of a Keras model, in its order."""
    outputs = built.predict_on_batch(inputs if len(inputs) > 1 else inputs[0])
    return list(keras.tree.flatten(outputs))
