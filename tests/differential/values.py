"""The other half of the harness: what a layer computes, in numbers, beside what Keras computes.

`check_layer` settles types; here the trace runs step by step through the reference kernels. It is
made with a name for each size that is not known.
"""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import jax
import numpy as np

from graphc.declare.trace import Trace, trace_layer
from graphc.ir.dims import BATCH, variable
from graphc.ir.tensor import Tensor
from graphc.ir.types import TensorType
from tests.differential.harness import L, T, keras
from tests.reference.evaluate import bound, run_tensors
from tests.reference.kernel import numpy_dtype

EXAMPLES = 3
# How many there are of a size that is not known.
UNKNOWN_SIZE = 5


def check_values(layer: L, *inputs: Any, tolerance: float = 1e-5, **call: Any) -> None:
    """Compare outputs and their mask with Keras' for random inputs and weights.

    `inputs` are given by position and `call` by name: `T`, lists of them, or static.
    """
    random = np.random.default_rng(sum(map(ord, repr((layer, inputs, call)))))
    inputs, call = replaced((inputs, call), T, lambda spec: Given(spec, random))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made, weights = built(layer, inputs, call, random)
        positional, named = replaced((inputs, call), Given, Given.theirs)
        expected = keras.tree.flatten(made(*positional, training=False, **named))

    trace = _trace(layer, inputs, call)
    given = [item for item in keras.tree.flatten([*inputs, *call.values()]) if type(item) is Given]
    known = bound(trace, [item.array for item in given], weights, [item.mask for item in given])
    got = run_tensors(trace.outputs, known)
    for ours, correct in zip(got, expected, strict=True):
        assert ours.shape == tuple(correct.shape), layer
        wide, right = np.asarray(ours, "float64"), np.asarray(correct, "float64")
        np.testing.assert_allclose(wide, right, rtol=tolerance, atol=tolerance)
    # Of the first output only: what attention scores carry is left from an inner softmax.
    ours, correct = trace.outputs[0].mask, keras.src.backend.get_keras_mask(expected[0])
    assert (ours is None) == (correct is None), f"mask of {layer!r}"
    if ours is not None:
        np.testing.assert_array_equal(run_tensors([ours], known)[0], np.asarray(correct))
    more_checks(Compared(made, trace, known, weights, given, inputs, call, expected))


class Compared(NamedTuple):
    """A layer whose outputs were compared: Keras' layer, our trace, and what both were given."""

    made: Any
    trace: Trace
    known: dict[Tensor, Any]
    weights: list[Any]
    given: list[Given]
    inputs: Any
    call: Any
    expected: list[Any]


def more_checks(compared: Compared) -> None:
    """What else is compared: nothing, unless a sweep puts something here."""


class Given:
    """A tensor argument of both sides: an array, and a mask of its first two axes if it has one."""

    def __init__(self, spec: T, random: np.random.Generator) -> None:
        shape = (EXAMPLES, *[UNKNOWN_SIZE if dim is None else dim for dim in spec.dims])
        self.array = _elements(spec, shape, random)
        assert self.array.shape == shape
        self.mask = _mask(shape[:2], random) if spec.masked else None
        names = iter("TUVWXYZ")
        dims = (BATCH, *[variable(next(names)) if dim is None else dim for dim in spec.dims])
        self.type = TensorType(dims, spec.dtype, dims[:2] if spec.masked else None)

    def symbolic(self) -> Any:
        tensor = keras.KerasTensor(self.array.shape, dtype=self.type.dtype)
        if self.mask is not None:
            mask = keras.KerasTensor(self.mask.shape, dtype="bool")
            keras.src.backend.set_keras_mask(tensor, mask)
        return tensor

    def theirs(self) -> Any:
        return self.theirs_of(jax.numpy.asarray(self.array))

    def theirs_of(self, array: Any) -> Any:
        if self.mask is not None:
            keras.src.backend.set_keras_mask(array, jax.numpy.asarray(self.mask))
        return array


def replaced(value: Any, kind: type, change: Any) -> Any:
    """A value with something else for each item of a kind in it."""
    if isinstance(value, (list, tuple)):
        return type(value)(replaced(item, kind, change) for item in value)
    if isinstance(value, dict):
        return {key: replaced(item, kind, change) for key, item in value.items()}
    return change(value) if isinstance(value, kind) else value


def built(layer: L, inputs: Any, call: Any, random: np.random.Generator) -> tuple[Any, list[Any]]:
    """Keras' layer, built without the initializers, and the weights put into it."""
    with keras.StatelessScope(initialize_variables=False):
        made = layer.theirs()
        positional, named = replaced((inputs, call), Given, Given.symbolic)
        made(*positional, **named)
    weights = [_weight(weight, random) for weight in made.weights]
    for weight, value in zip(made.weights, weights, strict=True):
        weight._value = jax.numpy.asarray(value)
    # Or leaving the next scope, as in a recurrent layer's loop, would initialize them again.
    state = keras.src.backend.common.global_state
    state.set_global_attribute("uninitialized_variables", [])
    if hasattr(made, "finalize_state"):
        made.finalize_state()
    return made, weights


def _trace(layer: L, inputs: Any, call: Any) -> Trace:
    made = layer.ours()
    positional, named = replaced((inputs, call), Given, lambda item: item.type)
    return trace_layer(made, {**dict(zip(made.parameters, positional, strict=False)), **named})


def _elements(spec: T, shape: tuple[int, ...], random: np.random.Generator) -> Any:
    if spec.values is not None:
        return np.array(spec.values, spec.dtype)
    if spec.dtype == "bool":
        return random.random(shape) < 0.6
    if "int" in spec.dtype:
        return random.integers(0, spec.below, shape).astype(spec.dtype)
    return (random.normal(size=shape) + spec.center).astype(numpy_dtype(spec.dtype))


def _mask(shape: tuple[int, ...], random: np.random.Generator) -> Any:
    mask = random.random(shape) < 0.6
    # Keras divides by how many are left.
    mask[range(shape[0]), random.integers(0, shape[1], shape[0])] = True
    return mask


def _weight(weight: Any, random: np.random.Generator) -> Any:
    if "int" in weight.dtype:
        return np.zeros(weight.shape, weight.dtype)
    values = random.normal(size=tuple(weight.shape))
    if "var" in weight.name or "stddev" in weight.name:
        values = abs(values) + 0.5
    return values.astype(numpy_dtype(weight.dtype))
