from __future__ import annotations

import numpy as np
import pytest

import graphc.layers  # noqa: F401 - fills the registries
from graphc.declare import OPS, registry
from graphc.declare.trace import Trace, trace_layer, trace_op
from graphc.ir.dims import BATCH
from graphc.ir.primitives import PRIMITIVES, apply
from graphc.ir.primitives.movement import RESHAPE
from graphc.ir.primitives.opaque import OPAQUE
from graphc.ir.tensor import Tensor
from graphc.ir.types import TensorType
from tests.reference.evaluate import run_tensors, run_trace
from tests.reference.kernel import KERNELS


def test_every_primitive_has_a_kernel():
    assert set(KERNELS) == set(PRIMITIVES) - {OPAQUE.name}  # what that computes, nobody knows


def test_dense():
    layer = registry("layer")["Dense"](2)
    trace = trace_layer(layer, {"inputs": TensorType((BATCH, 3), "float32")})
    kernel, bias = np.arange(6.0).reshape(3, 2), np.array([10.0, 20.0])
    (outputs,) = run_trace(trace, [np.eye(3)[:2]], [kernel, bias])
    np.testing.assert_array_equal(outputs, [[10, 21], [12, 23]])


def test_symbolic_sizes_are_those_of_the_arrays():
    trace = trace_op(OPS["mean"], (TensorType((BATCH, 2), "float32"),), {"axis": 0})
    assert isinstance(trace, Trace)
    (result,) = run_trace(trace, [np.array([[1, 2], [3, 4], [8, 0]])])
    np.testing.assert_array_equal(result, [4, 2])


def test_a_result_of_another_shape_than_inferred_is_an_error():
    x = Tensor(TensorType((2, 3), "float32"))
    result = apply(RESHAPE, x, shape=(3, 2))
    with pytest.raises(AssertionError, match="is not"):
        run_tensors([result], {x: np.zeros((2, 2), "float32")})
