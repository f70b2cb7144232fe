"""What a layer makes of the shape of one input, in which sizes may have names."""

from __future__ import annotations

from typing import Any

import pytest

from graphc.declare.trace import trace_layer
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import BATCH, evaluate, variable
from graphc.ir.types import TensorType
from tests.differential.harness import L

H, W = variable("H"), variable("W")


def output_of(layer: L, *dims: Any) -> TensorType:
    """The type of the output for an input [B, *dims]."""
    made = layer.ours()
    types = {made.parameters[0]: TensorType((BATCH, *dims), "float32")}
    return trace_layer(made, types).outputs[0].type


def fault_of(layer: L, *dims: Any) -> Fault:
    """The fault of an input [B, *dims]."""
    with pytest.raises(Fault) as caught:
        output_of(layer, *dims)
    return caught.value


def check_symbolic(layer: L, expected: str) -> None:
    """An output for images [B, H, W, 3] reads so, and has the sizes that it has for numbers."""
    symbolic = output_of(layer, H, W, 3)
    assert str(symbolic) == expected
    for height, width in ((5, 8), (7, 6), (12, 11)):
        sizes = {"B": 2, "H": height, "W": width}
        concrete = output_of(layer, height, width, 3).shape
        assert [evaluate(d, sizes) for d in symbolic.shape[1:]] == list(concrete[1:])
