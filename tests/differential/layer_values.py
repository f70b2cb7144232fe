"""What a layer computes on random numbers, for the cases of `check_layer`: inputs are `T`.

Ours runs primitive by primitive, with a name for each size that is not known.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from graphc.declare.trace import Trace, trace_layer
from graphc.ir.dims import BATCH, variable
from graphc.ir.types import TensorType
from tests.differential.harness import L, T, keras, theirs
from tests.reference.evaluate import run_tensors
from tests.reference.kernel import numpy_dtype

EXAMPLES = 3
# How many there are of a size that is not known.
UNKNOWN_SIZE = 5


class Given:
    """An input of both sides: an array, and a mask of its first two axes if it has one."""

    def __init__(self, spec: T, random: np.random.Generator) -> None:
        dims = tuple(UNKNOWN_SIZE if dim is None else dim for dim in spec.dims)
        self.array = _draw((EXAMPLES, *dims), spec.dtype, random)
        self.mask = _draw_mask((EXAMPLES, *dims)[:2], random) if spec.masked else None
        names = iter("TUVWXYZ")
        shape = (BATCH, *[variable(next(names)) if dim is None else dim for dim in spec.dims])
        self.type = TensorType(shape, spec.dtype, shape[:2] if spec.masked else None)

    def tensor(self) -> Any:
        tensor = keras.ops.convert_to_tensor(self.array)
        if self.mask is not None:
            keras.src.backend.set_keras_mask(tensor, keras.ops.convert_to_tensor(self.mask))
        return tensor


def check_values(layer: L, *inputs: Any, tolerance: float = 1e-5) -> None:
    """Compare outputs and their masks with Keras' for random inputs and weights."""
    random = np.random.default_rng(sum(map(ord, repr((layer, inputs)))))
    given = _each(list(inputs), lambda spec: Given(spec, random))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        weights, outputs = _run_keras(layer, inputs, given, random)
    made = layer.ours()
    types = _each(given, lambda item: item.type)
    trace = trace_layer(made, dict(zip(made.parameters, types, strict=False)))
    known = _known(trace, keras.tree.flatten(given), weights)
    got = run_tensors(trace.outputs, known)
    for tensor, ours, correct in zip(trace.outputs, got, outputs, strict=True):
        assert ours.shape == tuple(correct.shape), layer
        wide, expected = ours.astype("float32"), np.asarray(correct).astype("float32")
        np.testing.assert_allclose(wide, expected, rtol=tolerance, atol=tolerance)
        mask = keras.src.backend.get_keras_mask(correct)
        assert (tensor.mask is None) == (mask is None), f"mask of {layer!r}"
        if tensor.mask is not None:
            np.testing.assert_array_equal(run_tensors([tensor.mask], known)[0], np.asarray(mask))


def _each(value: Any, change: Any) -> Any:
    return [_each(item, change) for item in value] if isinstance(value, list) else change(value)


def _run_keras(
    layer: L, specs: tuple[Any, ...], given: list[Any], random: np.random.Generator
) -> tuple[list[Any], list[Any]]:
    made = layer.theirs()
    # Weights without values first: XLA would compile a program for each shape to draw them.
    with keras.StatelessScope(initialize_variables=False):
        made(*theirs(specs))
    weights = [_draw(tuple(w.shape), w.dtype, random) for w in made.weights]
    for weight, value in zip(made.weights, weights, strict=True):
        weight._initialize(keras.ops.convert_to_tensor(value))
    return weights, keras.tree.flatten(made(*_each(given, Given.tensor)))


def _known(trace: Trace, given: list[Given], weights: list[Any]) -> dict[Any, Any]:
    known = dict(zip(trace.inputs, [item.array for item in given], strict=True))
    known.update(zip([tensor for _, tensor in trace.weights], weights, strict=True))
    for tensor, item in zip(trace.inputs, given, strict=True):
        if item.mask is not None:
            assert tensor.mask is not None
            known[tensor.mask] = item.mask
    return known


def _draw(shape: tuple[int, ...], dtype: str, random: np.random.Generator) -> Any:
    if dtype == "bool":
        return random.random(shape) < 0.5
    if "int" in dtype:
        return random.integers(0, 6, shape).astype(dtype)
    return random.normal(size=shape).astype(numpy_dtype(dtype))


def _draw_mask(shape: tuple[int, ...], random: np.random.Generator) -> Any:
    mask = random.random(shape) < 0.6
    mask[:, :1] = True  # Keras divides by how many are left
    return mask
