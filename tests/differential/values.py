"""The other half of the harness: what a layer computes, in numbers, beside what Keras computes.

`check_layer` settles types; here the trace runs step by step through the reference kernels.
"""

from __future__ import annotations

import warnings
from typing import Any

import jax
import numpy as np

from graphc.declare.trace import Trace, trace_layer
from graphc.ir.dims import BATCH
from graphc.ir.types import TensorType
from tests.differential.harness import L, keras
from tests.reference.evaluate import run_tensors, run_trace

EXAMPLES = 2


class X:
    """An array argument: dims without the batch, a dtype, and for how many steps it is masked.

    Whole numbers run from 0 to `below`; fractions are normally distributed around `center`.
    """

    def __init__(
        self,
        *dims: int,
        dtype: str = "float32",
        masked: bool = False,
        below: int = 5,
        center: float = 0.0,
        seed: int = 0,
    ) -> None:
        self.dims, self.dtype, self.masked, self.seed = dims, dtype, masked, seed
        random = np.random.default_rng(seed)
        shape = (EXAMPLES, *dims)
        if dtype.startswith(("int", "uint")):
            self.array = random.integers(0, below, size=shape).astype(dtype)
        elif dtype == "bool":
            self.array = random.random(shape) < 0.7
        else:
            self.array = (random.normal(size=shape) + center).astype(dtype)
        self.mask = random.random(shape[:2]) < 0.6 if masked else None

    def type(self) -> TensorType:
        shape = (BATCH, *self.dims)
        return TensorType(shape, self.dtype, shape[:2] if self.masked else None)

    def symbolic(self) -> Any:
        tensor = keras.KerasTensor(self.array.shape, dtype=self.dtype)
        if self.mask is not None:
            mask = keras.KerasTensor(self.mask.shape, dtype="bool")
            keras.src.backend.set_keras_mask(tensor, mask)
        return tensor

    def theirs(self) -> Any:
        array = jax.numpy.asarray(self.array)
        if self.mask is not None:
            keras.src.backend.set_keras_mask(array, jax.numpy.asarray(self.mask))
        return array

    def __repr__(self) -> str:
        shown = ", ".join(map(str, self.dims)) + (f":{self.dtype}" * (self.dtype != "float32"))
        return f"X({shown}{', masked' * self.masked})"


def check_values(layer: L, *inputs: Any, tolerance: float = 1e-5, **call: Any) -> Trace:
    """Compare what a layer computes with Keras', for random weights; gives the trace.

    Arguments are `X`, lists of them, or static.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made, weights = _built(layer, inputs, call)
        arguments = convert(list(inputs), X.theirs)
        options = {name: convert(value, X.theirs) for name, value in call.items()}
        with jax.disable_jit():  # to compile it takes longer than to run it once
            expected = keras.tree.flatten(made(*arguments, training=False, **options))

    ours = layer.ours()
    types = dict(zip(ours.parameters, convert(list(inputs), X.type), strict=False))
    types.update({name: convert(value, X.type) for name, value in call.items()})
    trace = trace_layer(ours, types)
    given = [x for x in keras.tree.flatten([*inputs, *call.values()]) if isinstance(x, X)]
    got = run_trace(trace, [x.array for x in given], weights, masks=[x.mask for x in given])
    assert len(got) == len(expected)
    for mine, correct in zip(got, expected, strict=True):
        assert tuple(mine.shape) == tuple(correct.shape)
        np.testing.assert_allclose(
            np.asarray(mine, "float64"),
            np.asarray(correct, "float64"),
            rtol=tolerance,
            atol=tolerance,
        )
    # Of the first output only: what attention scores carry is left from an inner softmax.
    _check_mask(trace, trace.outputs[0], expected[0], given, weights)
    return trace


def _built(layer: L, inputs: Any, call: Any) -> tuple[Any, list[Any]]:
    """Keras' layer, built without the initializers, and the weights put into it."""
    with keras.StatelessScope(initialize_variables=False):
        made = layer.theirs()
        arguments = convert(list(inputs), X.symbolic)
        made(*arguments, **{name: convert(value, X.symbolic) for name, value in call.items()})
    weights = [_draw(weight, index) for index, weight in enumerate(made.weights)]
    for weight, value in zip(made.weights, weights, strict=True):
        weight._value = jax.numpy.asarray(value)
    if hasattr(made, "finalize_state"):
        made.finalize_state()
    return made, weights


def _check_mask(trace: Trace, tensor: Any, correct: Any, given: list[X], weights: Any) -> None:
    """Where Keras' result carries a mask, ours has the same one."""
    expected = keras.src.backend.get_keras_mask(correct)
    assert (tensor.mask is None) == (expected is None)
    if expected is None:
        return
    known: dict[Any, Any] = {}
    for made, x in zip(trace.inputs, given, strict=True):
        known[made] = x.array
        if x.mask is not None:
            known[made.mask] = x.mask
    known.update(zip([made for _, made in trace.weights], weights, strict=True))
    (mask,) = run_tensors([tensor.mask], known)
    np.testing.assert_array_equal(mask, np.asarray(expected))


def _draw(weight: Any, seed: int) -> Any:
    if "int" in weight.dtype:
        return np.zeros(weight.shape, weight.dtype)
    values = np.random.default_rng(100 + seed).normal(size=tuple(weight.shape))
    if "var" in weight.name or "stddev" in weight.name:
        values = abs(values) + 0.5
    return values.astype(weight.dtype)


def convert(value: Any, change: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return type(value)(convert(item, change) for item in value)
    return change(value) if isinstance(value, X) else value
