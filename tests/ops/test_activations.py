"""What `activation=` names is what `keras.activations` has under that name, defaults included."""

from __future__ import annotations

import numpy as np
import pytest

from graphc.declare import OPS
from graphc.declare.rules import REJECTED
from graphc.declare.trace import Trace, trace_op
from graphc.ir.types import TensorType
from graphc.ops.activation import ACTIVATION, activations
from tests.differential.harness import keras
from tests.reference.evaluate import run_trace

NAMES = [name for name in activations() if name != "threshold"]  # which takes no tensor alone


@pytest.mark.parametrize("name", NAMES)
def test_values(name: str) -> None:
    x = np.linspace(-4, 4, 24, dtype="float32").reshape(4, 6)
    trace = trace_op(ACTIVATION.accept(name), (TensorType((4, 6), "float32"),), {})
    assert isinstance(trace, Trace)
    expected = np.asarray(keras.activations.get(name)(keras.ops.convert_to_tensor(x)))
    np.testing.assert_allclose(run_trace(trace, [x])[0], expected, rtol=1e-5, atol=1e-5)


def test_the_function_gelu_approximates_and_the_activation_does_not():
    assert OPS["gelu"].arguments["approximate"].default is True
    assert ACTIVATION.accept("gelu").arguments["approximate"].default is False
    assert ACTIVATION.accept(OPS["gelu"]) is ACTIVATION.accept("gelu")


def test_others_are_rejected():
    assert ACTIVATION.accept("gelus") is REJECTED
    assert ACTIVATION.accept(3) is REJECTED
    assert ACTIVATION.accept(None) is None
