"""One harness for every tensor function: its types, values and rejections against Keras'.

A case is a call: `C("mean", X(2, None), axis=1)`. An `X` stands for a tensor: its shape, where
None is a size that is not known, its dtype and the range of its random elements.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from operator import attrgetter
from typing import Any

import jax
import ml_dtypes
import numpy as np
import pytest

import graphc.ops  # noqa: F401 - fills the table
from graphc.declare import OPS
from graphc.declare.trace import StaticResult, Trace, trace_op
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import UNKNOWN, SymbolicDim, variable
from graphc.ir.types import TensorType
from tests.differential.harness import keras
from tests.reference.evaluate import run_trace
from tests.reference.kernel import numpy_dtype

CASES_BETWEEN_CLEARING = 200
_RUNS = count(1)

# How many there are of a size that is not known, where a case runs on arrays.
UNKNOWN_SIZE = 5


class X:
    """A tensor argument."""

    def __init__(
        self,
        *shape: int | None,
        dtype: str = "float32",
        low: float = -2,
        high: float = 2,
        values: Any = None,
    ) -> None:
        self.shape, self.dtype, self.low, self.high = shape, dtype, low, high
        self.values = values

    def type(self, dim: Callable[[], Any]) -> TensorType:
        return TensorType(tuple(dim() if d is None else d for d in self.shape), self.dtype)

    def array(self, random: np.random.Generator) -> Any:
        shape = tuple(UNKNOWN_SIZE if d is None else d for d in self.shape)
        if self.values is not None:
            return np.broadcast_to(np.array(self.values), shape).astype(numpy_dtype(self.dtype))
        if self.dtype == "bool":
            return random.random(shape) < 0.5
        if "int" in self.dtype:
            low = max(self.low, 0) if self.dtype.startswith("u") else self.low
            return random.integers(int(low), int(self.high) + 1, shape).astype(self.dtype)
        reals = random.uniform(self.low, self.high, shape)
        if self.dtype.startswith("complex"):
            reals = reals + 1j * random.uniform(self.low, self.high, shape)
        return reals.astype(numpy_dtype(self.dtype))

    def __repr__(self) -> str:
        dims = "x".join("?" if d is None else str(d) for d in self.shape)
        return f"[{dims}]" + (f":{self.dtype}" if self.dtype != "float32" else "")


def N(
    *shape: int | None, low: int = 0, high: int = 3, dtype: str = "int32", values: Any = None
) -> X:
    """A tensor of small whole numbers."""
    return X(*shape, dtype=dtype, low=low, high=high, values=values)


class C:
    """A call of a tensor function, and what about it to compare.

    `spec` is a reason not to compare with the types that Keras infers (`compute_output_spec`),
    where its computation gives others; `run` a reason not to compare values.
    """

    def __init__(self, name: str, *args: Any, **kwargs: Any) -> None:
        self.name, self.args, self.kwargs = name, args, kwargs
        self.spec = self.run = ""
        self.tolerance = 1e-5

    def but(self, *, spec: str = "", run: str = "", tolerance: float = 1e-5) -> C:
        self.spec, self.run, self.tolerance = spec, run, tolerance
        return self

    def __repr__(self) -> str:
        given = [*map(repr, self.args), *(f"{k}={v!r}" for k, v in self.kwargs.items())]
        return f"{self.name}({', '.join(given)})"


def replaced(value: Any, change: Callable[[X], Any]) -> Any:
    """Arguments with something else for each `X` in them."""
    if isinstance(value, (list, tuple)):
        return type(value)(replaced(item, change) for item in value)
    if isinstance(value, dict):
        return {key: replaced(item, change) for key, item in value.items()}
    return change(value) if isinstance(value, X) else value


def keras_function(name: str) -> Any:
    return attrgetter(OPS[name].public_path.removeprefix("keras."))(keras)


def check_case(case: C) -> None:
    """Compare a call with Keras': types as inferred, then types and values as computed."""
    if not case.spec:
        results = keras_results(case)
        ours, theirs = our_types(case), types_of(results)
        assert ours == theirs, f"{case}: {ours}, and Keras has {theirs}"
        assert OPS[case.name].class_name == type(results[0]._keras_history.operation).__name__
    if not case.run:
        compare_values(case)


def check_rejected(case: C) -> None:
    """Keras and we both turn a call down, on tensors of which only the types are known."""
    assert keras_rejects(case), f"Keras takes {case}"
    with pytest.raises(Fault, match=r"^(needs|takes|has) "):
        our_types(case)


def keras_rejects(case: C) -> bool:
    try:
        keras_results(case)
        random = np.random.default_rng(0)
        args, kwargs = replaced((case.args, case.kwargs), lambda x: x.array(random))
        keras_function(case.name)(*args, **kwargs)
    except Exception:  # noqa: BLE001 - Keras rejects with whatever it stumbles over
        return True
    return False


# Types


def keras_results(case: C) -> list[Any]:
    args, kwargs = replaced((case.args, case.kwargs), lambda x: keras.KerasTensor(x.shape, x.dtype))
    return flat(keras_function(case.name)(*args, **kwargs))


def types_of(results: list[Any]) -> Any:
    return [(tuple(t.shape), truncated(keras.backend.standardize_dtype(t.dtype))) for t in results]


def our_types(case: C) -> Any:
    trace = our_trace(case, lambda: UNKNOWN)
    if isinstance(trace, StaticResult):
        return trace.value
    return [(tuple(map(plain, t.shape)), truncated(t.dtype)) for t in trace.outputs]


def our_trace(case: C, dim: Callable[[], Any]) -> Trace | StaticResult:
    args, kwargs = replaced((case.args, case.kwargs), lambda x: x.type(dim))
    return trace_op(OPS[case.name], args, kwargs)


def plain(dim: Any) -> int | None:
    return None if isinstance(dim, SymbolicDim) else dim


def flat(result: Any) -> list[Any]:
    return (
        [r for part in result for r in flat(part)]
        if isinstance(result, (list, tuple))
        else [result]
    )


# Values


def compare_values(case: C) -> None:
    """Run both on the same random arrays; we infer types with a name for each unknown size."""
    if next(_RUNS) % CASES_BETWEEN_CLEARING == 0:
        jax.clear_caches()  # each compiled function keeps some megabytes
    seed = sum(map(ord, repr(case)))
    random = np.random.default_rng(seed)
    arrays: list[Any] = []

    def array(x: X) -> Any:
        arrays.append(x.array(random))
        return arrays[-1]

    args, kwargs = replaced((case.args, case.kwargs), array)
    args, kwargs = replaced_arrays((args, kwargs))
    expected = [np.asarray(t) for t in flat(keras_function(case.name)(*args, **kwargs))]
    trace = our_trace(case, named_dims())
    assert isinstance(trace, Trace)
    got = run_trace(trace, arrays)
    ours = [(a.shape, truncated(a.dtype.name)) for a in got]
    theirs = [(a.shape, a.dtype.name) for a in expected]
    assert ours == theirs, f"{case}: {ours}, and Keras has {theirs}"
    for a, b in zip(got, expected, strict=True):
        limit = tolerance(b, case)
        np.testing.assert_allclose(comparable(a), comparable(b), rtol=limit, atol=limit)


def replaced_arrays(value: Any) -> Any:
    """Arrays as Keras' tensors, in dtypes that its backend keeps."""
    if isinstance(value, (list, tuple)):
        return type(value)(replaced_arrays(item) for item in value)
    if isinstance(value, dict):
        return {key: replaced_arrays(item) for key, item in value.items()}
    return (
        keras.ops.convert_to_tensor(value) if isinstance(value, np.ndarray | np.generic) else value
    )


def named_dims() -> Callable[[], Any]:
    names = iter("TUVWXYZ")
    return lambda: variable(next(names))


def truncated(dtype: str) -> str:
    """What jax makes of a dtype: it has no 64-bit ones unless asked."""
    narrow = {"int64": "int32", "uint64": "uint32", "float64": "float32", "complex128": "complex64"}
    return narrow.get(dtype, dtype)


def comparable(array: Any) -> Any:
    return array.astype(np.float32) if array.dtype == ml_dtypes.bfloat16 else array


def tolerance(array: Any, case: C) -> float:
    small = {"float16": 2e-3, "bfloat16": 2e-2}
    return max(case.tolerance, small.get(array.dtype.name, 0))
