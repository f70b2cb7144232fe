"""Gradients of a layer beside those of JAX: of a sum of its outputs' elements, each with a factor."""

from __future__ import annotations

import warnings
from typing import Any

import jax
import numpy as np

from graphc.ir.primitives import apply
from graphc.ir.primitives.elementwise import MULTIPLY
from graphc.ir.primitives.reduction import REDUCE_SUM
from graphc.ir.tensor import Tensor
from graphc.ir.types import TensorType
from graphc.passes.derivatives.table import is_differentiable, zeros
from graphc.passes.differentiate import gradients
from graphc.runtime.execute import Compiled
from tests.differential.harness import keras
from tests.differential.values import Compared, Given, replaced
from tests.reference.evaluate import sizes_of
from tests.reference.specialize import specialize

DTYPES = ("float32", "bool")


def check_gradients(compared: Compared) -> None:
    """Hold the gradients of float32 inputs and trainable weights to those of JAX."""
    arrays = [*compared.weights, *(item.array for item in compared.given), *compared.expected]
    if not compared.expected or compared.expected[0].dtype != "float32":
        return
    if any(x.dtype.kind == "f" and x.dtype != np.float32 for x in map(np.asarray, arrays)):
        return
    random = np.random.default_rng(5)
    factors = [random.normal(size=x.shape).astype("float32") for x in compared.expected]
    trainable = [weight.trainable for weight in compared.made.weights]
    tensors = [tensor for _, tensor in compared.trace.weights]
    sources = [t for t, is_one in zip(tensors, trainable, strict=True) if is_one]
    sources += [tensor for tensor in compared.trace.inputs if is_differentiable(tensor)]
    ours = _ours(compared, factors, sources)
    for mine, theirs in zip(ours, _theirs(compared, factors, trainable), strict=True):
        scale = max(1.0, float(np.abs(theirs).max(initial=0)))
        np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-4 * scale)


def _ours(compared: Compared, factors: list[Any], sources: list[Tensor]) -> list[Any]:
    known = compared.known
    leaves = {
        tensor: Tensor(TensorType(array.shape, tensor.dtype)) for tensor, array in known.items()
    }
    results = specialize(compared.trace.outputs, leaves, sizes_of(known))
    weights = [Tensor(TensorType(result.shape, "float32")) for result in results]
    total = zeros(TensorType((), "float32"))
    for result, weight in zip(results, weights, strict=True):
        if is_differentiable(result):
            axes = tuple(range(result.rank))
            total = total + apply(REDUCE_SUM, apply(MULTIPLY, result, weight), axes=axes)
    _, made = gradients(total, [leaves[source] for source in sources])
    return list(Compiled([*leaves.values(), *weights], made)(*known.values(), *factors))


def _theirs(compared: Compared, factors: list[Any], trainable: list[bool]) -> list[Any]:
    made, given = compared.made, compared.given

    def loss(weights: Any, arrays: Any) -> Any:
        waiting = iter(arrays)
        positional, named = replaced(
            (compared.inputs, compared.call), Given, lambda item: item.theirs_of(next(waiting))
        )
        with keras.StatelessScope(state_mapping=list(zip(made.weights, weights, strict=True))):
            outputs = keras.tree.flatten(made(*positional, training=False, **named))
        return sum(
            (output * factor).sum()
            for output, factor in zip(outputs, factors, strict=True)
            if output.dtype == "float32"
        )

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        of_weights, of_inputs = jax.grad(loss, argnums=(0, 1), allow_int=True)(
            list(map(jax.numpy.asarray, compared.weights)),
            [jax.numpy.asarray(item.array) for item in given],
        )
    kept = [each for each, is_one in zip(of_weights, trainable, strict=True) if is_one]
    kept += [
        each for each, item in zip(of_inputs, given, strict=True) if item.array.dtype.kind == "f"
    ]
    return list(map(np.asarray, kept))
