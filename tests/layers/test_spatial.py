"""Sizes of sliding windows: symbolic ones are the concrete ones after substitution."""

from __future__ import annotations

from itertools import product

import pytest

from graphc.declare import registry
from graphc.declare.trace import trace_layer
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import BATCH, evaluate, variable
from graphc.ir.types import TensorType
from graphc.layers.spatial import grid_shape

STEPS = variable("T")
WINDOWS = list(product((1, 2, 3, 4, 7), (1, 2, 3, 5), ("valid", "same")))


def places(layer, steps):
    trace = trace_layer(layer, {"inputs": TensorType((BATCH, steps, 4), "float32")})
    return trace.outputs[0].shape[1]


@pytest.mark.parametrize("name", ["Conv1D", "Conv1DTranspose", "MaxPooling1D", "AveragePooling1D"])
def test_symbolic_sizes_are_the_concrete_ones(name):
    cls = registry("layer")[name]
    for window, stride, padding in WINDOWS:
        filters = () if "Pooling" in name else (6,)
        check_sizes(cls(*filters, window, stride, padding))


@pytest.mark.parametrize("name", ["Conv1D", "DepthwiseConv1D", "Conv1DTranspose"])
@pytest.mark.parametrize("dilation", [2, 3])
def test_dilated_windows(name, dilation):
    cls = registry("layer")[name]
    for window, _, padding in WINDOWS:
        filters = () if name.startswith("Depthwise") else (6,)
        check_sizes(cls(*filters, window, 1, padding, dilation_rate=dilation))


def check_sizes(layer):
    symbolic = places(layer, STEPS)
    for steps in range(1, 20):
        expected = evaluate(symbolic, {"T": steps})
        if expected >= 1:
            assert places(layer, steps) == expected, (layer, steps)
            continue
        with pytest.raises(Fault) as caught:
            places(layer, steps)
        assert caught.value.code.id == "E0304", (layer, steps)


@pytest.mark.parametrize("spatial_rank", [1, 2, 3])
def test_a_suggested_shape_holds_every_element(spatial_rank):
    suggested = 0
    for elements in range(1, 4000):
        shape = grid_shape((elements,), spatial_rank)
        if shape is not None:
            suggested += 1
            assert len(shape) == spatial_rank + 1
            product_of = 1
            for size in shape:
                product_of *= size
            assert product_of == elements
    assert suggested > 20
