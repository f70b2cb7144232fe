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
TOLERANCE = {"float16": 2e-3, "bfloat16": 2e-2}
"""How far values may be apart, relative to the largest; 1e-5 in other dtypes."""


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


def drawn_inputs(model: Model, open_size: int = OPEN_SIZE) -> list[Any]:
    """An array for each input, in order; each size that is open has this one."""
    random = np.random.default_rng(1)
    return [_drawn(_sizes(t.shape, open_size), t.dtype, random) for t in model.inputs.values()]


def _drawn(shape: tuple[int, ...], dtype: str, random: np.random.Generator) -> Any:
    if dtype == "bool" or "int" in dtype:
        return random.integers(0, 2, shape).astype(dtype)
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
        assert one.shape == other.shape, what
        wide, right = (np.asarray(each).astype("float64") for each in (one, other))
        largest = np.max(np.abs(right[np.isfinite(right)]), initial=1e-30)
        tolerance = TOLERANCE.get(str(other.dtype), 1e-5)
        np.testing.assert_allclose(wide, right, rtol=0, atol=tolerance * largest, err_msg=what)
