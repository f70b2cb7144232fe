"""Values for models: weights, inputs, targets, and what the slow reference kernels make of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphc.analysis.weight_keys import keyed_weights
from graphc.declare.trace import trace_layer
from graphc.ir.dims import UNKNOWN, Dim, SymbolicDim, evaluate, variables
from graphc.ir.types import TensorType
from graphc.layers.model_layer import ModelLayer
from graphc.model import Model
from graphc.runtime.dtypes import numpy_dtype
from tests.reference.evaluate import run_trace

EXAMPLES = 2
OPEN_SIZE = 5
EXACT = 1e-5
TOLERANCE = {"float16": 2e-3, "bfloat16": 2e-2}
"""How far values may be apart, relative to the largest, in these dtypes; EXACT in others."""


def drawn_weights(model: Model) -> dict[str, Any]:
    """The weights that a model starts with, moved so that none of them is without effect."""
    random = np.random.default_rng(0)
    return {
        path: _moved(array, random, is_positive="variance" in path)
        for path, array in model.init_weights(seed=3).items()
    }


def _moved(array: Any, random: np.random.Generator, *, is_positive: bool) -> Any:
    if array.dtype.kind in "iub":
        return array
    moves = random.normal(scale=0.1, size=array.shape)
    return (array + (abs(moves) if is_positive else moves)).astype(array.dtype)


def drawn_inputs(model: Model, open_size: int = OPEN_SIZE, below: int = 2) -> list[Any]:
    """An array for each input, in order: open sizes are this one, whole numbers below the other.

    What may be looked up in a table is whole, also where it is given as fractions.
    """
    random = np.random.default_rng(1)
    are_whole = any(path.endswith("embeddings") for path in keyed_weights(model.model_graph))
    return [
        _drawn(_sizes(type.shape, open_size), type.dtype, below, random, are_whole=are_whole)
        for type in model.inputs.values()
    ]


def _drawn(
    shape: tuple[int, ...], dtype: str, below: int, random: np.random.Generator, *, are_whole: bool
) -> Any:
    if are_whole or dtype == "bool" or "int" in dtype:
        return random.integers(0, below, shape).astype(numpy_dtype(dtype))
    return random.normal(size=shape).astype(numpy_dtype(dtype))


def _sizes(shape: tuple[Dim, ...], open_size: int = OPEN_SIZE) -> tuple[int, ...]:
    """A shape of one batch."""
    return (EXAMPLES, *[_size(dim, open_size) for dim in shape[1:]])


def _size(dim: Dim, open_size: int) -> int:
    if dim is UNKNOWN:
        return open_size
    sizes = dict.fromkeys(variables(dim), open_size) if isinstance(dim, SymbolicDim) else {}
    return evaluate(dim, sizes)


def drawn_targets(model: Model) -> list[Any]:
    """What a train block's losses compare each output with."""
    random = np.random.default_rng(2)
    names = list(model.outputs)
    assert model.train is not None
    made = []
    losses = model.train.for_outputs("loss", names)
    for type, (loss,) in zip(model.outputs.values(), losses, strict=True):
        shape = _sizes(type.shape)
        is_sparse = "sparse" in str(loss).lower()
        made.append(
            random.integers(0, 2, shape[:-1])
            if is_sparse
            else random.uniform(size=shape).astype("float32")
        )
    return made


def reference(model: Model, weights: dict[str, Any], inputs: list[Any]) -> list[Any]:
    """A model's outputs, by loops over primitives."""
    layer = ModelLayer.of(model.model_graph, model.name)
    given = zip(model.inputs.items(), inputs, strict=True)
    types = {name: TensorType(array.shape, type.dtype) for (name, type), array in given}
    trace = trace_layer(layer, types)
    keys = _keys_by_route(model)
    found = [keys.get(spec.path) for spec, _ in trace.weights]
    # Layers that others wrap, which a trace may meet by another way: what is left, in its order.
    left = iter([key for key in weights if key not in found])
    arrays = [weights[next(left) if key is None else key] for key in found]
    return run_trace(trace, inputs, arrays)


def _keys_by_route(model: Model) -> dict[str, str]:
    """The keys of weights by the models and layers that lead to them."""
    keys: dict[str, str] = {}
    for key, weight in keyed_weights(model.model_graph).items():
        route = "/".join((*weight.models, weight.path))
        keys[route] = key
        keys[route.rpartition("/")[0]] = key  # of a `weight` statement, which is no layer of ours
    return keys


def assert_close(got: list[Any], expected: list[Any], what: str) -> None:
    """Outputs are the same up to rounding."""
    assert len(got) == len(expected), what
    for one, other in zip(got, expected, strict=True):
        assert_near(one, other, TOLERANCE.get(str(other.dtype), EXACT), what)


def assert_near(got: Any, expected: Any, tolerance: float, what: str) -> None:
    """Arrays are the same up to a part of the largest number."""
    assert got.shape == expected.shape, what
    one, other = (np.asarray(each).astype("float64") for each in (got, expected))
    largest = np.max(np.abs(other[np.isfinite(other)]), initial=1e-30)
    np.testing.assert_allclose(one, other, rtol=0, atol=tolerance * largest, err_msg=what)
