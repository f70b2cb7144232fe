"""Pooling against the installed Keras."""

from __future__ import annotations

from itertools import product

import pytest

from graphc.declare.trace import trace_layer
from graphc.diagnostics.fault import CALL, Fault
from graphc.ir.dims import BATCH, UNKNOWN
from graphc.ir.types import TensorType
from tests.differential.harness import (
    L,
    T,
    check_accepted,
    check_layer,
    check_rejected,
    check_stricter,
)
from tests.differential.shapes import check_symbolic, fault_of
from tests.differential.values import check_values

IMAGE = T(9, 8, 4)
STEPS = T(11, 4)
VOLUME = T(6, 7, 5, 4)
MODES = ("Average", "Max")
INPUTS = {1: STEPS, 2: IMAGE, 3: VOLUME}
FIRST = {1: T(4, 11), 2: T(4, 9, 8), 3: T(4, 6, 7, 5)}
OPEN = {1: T(None, 4), 2: T(None, 8, 4), 3: T(6, None, None, 4)}


def each_rank(*names):
    return [(f"{name}{rank}D", rank) for name in names for rank in (1, 2, 3)]


@pytest.mark.parametrize(("name", "rank"), each_rank("MaxPooling", "AveragePooling"))
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("data_format", [None, "channels_first"])
def test_windows_of_each_rank(name, rank, padding, data_format):
    x = FIRST[rank] if data_format else INPUTS[rank]
    check_accepted(L(name, 2, padding=padding, data_format=data_format), x)
    check_accepted(L(name, 3, 2, padding, data_format), x)
    check_accepted(L(name, (1, 2, 3)[-rank:], 2, padding, data_format), x)


@pytest.mark.parametrize(("name", "rank"), each_rank("MaxPooling", "AveragePooling"))
def test_open_sizes_dtypes_and_masks(name, rank):
    for padding in ("valid", "same"):
        check_accepted(L(name, 2, 1, padding), OPEN[rank])
    dims = INPUTS[rank].dims
    for dtype in ("int32", "uint8", "float16", "float64", "bool"):
        check_accepted(L(name, 2), T(*dims, dtype=dtype))
    for policy in ("float16", "bfloat16", "mixed_float16", "float64"):
        check_accepted(L(name, 2, dtype=policy), INPUTS[rank])
        check_accepted(L(name, 2, dtype=policy), T(*dims, dtype="int32"))
    check_accepted(L(name, 2), T(*dims, masked=True))


ACCEPTED = [
    (L("MaxPooling1D"), STEPS),
    (L("MaxPool1D", 3, 1, "same"), STEPS),
    (L("MaxPooling2D"), IMAGE),
    (L("MaxPooling2D", (2, 3), strides=(3, 1)), IMAGE),
    (L("MaxPooling2D", 2, 2, "valid", "channels_last", "pool"), IMAGE),
    (L("MaxPooling2D", 2, data_format="CHANNELS_FIRST"), T(4, 9, 8)),
    (L("MaxPool2D", (9, 8)), IMAGE),
    (L("MaxPool3D", [2, 1, 2]), VOLUME),
    (L("MaxPooling3D"), VOLUME),
    (L("AvgPool1D", 11), STEPS),
    (L("AvgPool2D", 12, padding="same"), IMAGE),
    (L("AvgPool3D", 2, 3), VOLUME),
    (L("GlobalMaxPool1D"), STEPS),
    (L("GlobalAvgPool1D"), STEPS),
    (L("GlobalMaxPool2D"), IMAGE),
    (L("GlobalAvgPool2D", "channels_first"), IMAGE),
    (L("GlobalMaxPool3D", keepdims=True), VOLUME),
    (L("GlobalAvgPool3D", "channels_last", True), VOLUME),
]

REJECTED = [
    (L("MaxPooling2D", 9), IMAGE),
    (L("MaxPooling2D", (2, 9)), T(None, 8, 4)),
    (L("MaxPooling2D", 9, data_format="channels_first"), T(4, 9, 8)),
    (L("AveragePooling1D", 12), STEPS),
    (L("MaxPooling3D", 6), VOLUME),
    (L("MaxPooling2D", 0), IMAGE),
    (L("MaxPooling2D", -1), IMAGE),
    (L("MaxPooling2D", (2, 2, 2)), IMAGE),
    (L("MaxPooling2D", "2"), IMAGE),
    (L("MaxPooling2D", None), IMAGE),
    (L("MaxPooling2D", 2, 0), IMAGE),
    (L("MaxPooling2D", 2, -1), IMAGE),
    (L("MaxPooling2D", 2, padding="SAME"), IMAGE),
    (L("MaxPooling1D", 2, padding="causal"), STEPS),
    (L("MaxPooling2D", 2, data_format="NCHW"), IMAGE),
    (L("AveragePooling2D"), IMAGE),
    (L("MaxPooling1D"), IMAGE),
    (L("MaxPooling2D"), STEPS),
    (L("AveragePooling3D", 2), IMAGE),
    (L("GlobalMaxPooling1D"), IMAGE),
    (L("GlobalAveragePooling1D"), T(4)),
    (L("GlobalAveragePooling2D"), STEPS),
    (L("GlobalMaxPooling3D"), IMAGE),
    (L("GlobalMaxPooling2D", data_format="last"), IMAGE),
    (L("GlobalMaxPooling2D", pool_size=2), IMAGE),
]


@pytest.mark.parametrize(("layer", "x"), ACCEPTED, ids=repr)
def test_accepted(layer, x):
    check_accepted(layer, x)


@pytest.mark.parametrize(("layer", "x"), REJECTED, ids=repr)
def test_rejected(layer, x):
    check_rejected(layer, x)


@pytest.mark.parametrize(("name", "rank"), each_rank("GlobalMaxPooling", "GlobalAveragePooling"))
@pytest.mark.parametrize("keepdims", [False, True])
def test_global(name, rank, keepdims):
    check_accepted(L(name, keepdims=keepdims), INPUTS[rank])
    check_accepted(L(name, "channels_first", keepdims), FIRST[rank])
    check_accepted(L(name, keepdims=keepdims), OPEN[rank])
    dims = INPUTS[rank].dims
    check_accepted(L(name, keepdims=keepdims), T(*dims, masked=True))
    check_accepted(L(name, keepdims=keepdims), T(*dims, dtype="int32"))
    check_accepted(L(name, keepdims=keepdims, dtype="mixed_float16"), T(*dims, dtype="uint8"))
    check_accepted(L(name, keepdims=keepdims, dtype="float16"), INPUTS[rank])


def test_the_mask_of_an_average_is_used_up():
    check_accepted(L("GlobalAveragePooling1D"), T(7, 4, masked=True, dtype="int32"))
    check_accepted(L("GlobalAveragePooling1D", keepdims=True), T(None, 4, masked=True))
    check_accepted(L("GlobalAveragePooling1D", dtype="float16"), T(7, 4, masked=True))
    check_accepted(L("GlobalAveragePooling1D"), T(7, 4), mask=T(7, dtype="bool"))
    trace = trace_layer(
        L("GlobalAveragePooling1D").ours(),
        {"inputs": TensorType((BATCH, 7, 4), "float32", (BATCH, 7))},
    )
    assert "select" in {step.primitive.name for step in trace.steps}


ADAPTIVE = each_rank("AdaptiveAveragePooling", "AdaptiveMaxPooling")


@pytest.mark.parametrize(("name", "rank"), ADAPTIVE)
def test_adaptive(name, rank):
    for size in (1, 2, 3, (2, 1, 3)[-rank:], [4] * rank):
        check_accepted(L(name, size), INPUTS[rank])
        check_accepted(L(name, size, "channels_first"), FIRST[rank])
        check_accepted(L(name, size), OPEN[rank])
    check_accepted(L(name, 20), INPUTS[rank])
    check_accepted(L(name, 2), T(*INPUTS[rank].dims, dtype="int32"))
    check_accepted(L(name, 2, dtype="mixed_bfloat16"), INPUTS[rank])
    check_rejected(L(name, (2,) * (rank + 1)), INPUTS[rank])
    check_rejected(L(name, -1), INPUTS[rank])
    check_rejected(L(name, None), INPUTS[rank])
    check_rejected(L(name), INPUTS[rank])
    check_rejected(L(name, 2, data_format="Channels_Last"), INPUTS[rank])


@pytest.mark.parametrize(("name", "rank"), ADAPTIVE)
def test_adaptive_nonsense_that_keras_takes(name, rank):
    # Keras gives these a shape without looking, and fails when they run.
    for layer, x in [
        (L(name, 2), T(4)),
        (L(name, 2), T(2, 2, 2, 2, 2, 4)),
        (L(name, 0), INPUTS[rank]),
    ]:
        check_stricter(layer, x)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "size", "window", "stride", "padding"),
    list(
        product(
            ("MaxPooling1D", "AveragePooling1D"),
            (1, 2, 3, 7, 8, None),
            (1, 2, 3, 4, 9),
            (None, 1, 2, 3, 5),
            ("valid", "same"),
        )
    ),
)
def test_every_size_window_stride_and_padding(name, size, window, stride, padding):
    check_layer(L(name, window, stride, padding), T(size, 4))


VALUES = [
    (L("MaxPooling1D", 3, 2, "same"), STEPS),
    (L("MaxPooling2D", (2, 3), (3, 1), "same"), IMAGE),
    (L("MaxPooling2D", 2, 3, "same"), T(None, None, 4)),
    (L("MaxPooling2D", 3, 2, data_format="channels_first"), T(4, 9, 8)),
    (L("MaxPooling3D", 2, 1), T(3, 4, 5, 2)),
    (L("AveragePooling1D", 3, 2, "same"), T(None, 4)),
    (L("AveragePooling1D", 3, 1), STEPS),
    (L("AveragePooling2D", (2, 3), (3, 1), "same"), IMAGE),
    (L("AveragePooling2D", 4, 3, "same", "channels_first"), T(4, 9, 8)),
    (L("AveragePooling3D", (1, 2, 3), None, "same"), T(3, 4, 5, 2)),
    (L("GlobalMaxPooling1D", keepdims=True), STEPS),
    (L("GlobalMaxPooling2D", "channels_first"), T(4, 9, 8)),
    (L("GlobalAveragePooling1D"), T(7, 4, masked=True)),
    (L("GlobalAveragePooling1D", keepdims=True), T(None, 4, masked=True)),
    (L("GlobalAveragePooling2D"), T(9, None, 4)),
    (L("GlobalAveragePooling3D", "channels_first", True), T(4, 3, 4, 5)),
    *((L(f"Adaptive{name}Pooling1D", size), STEPS) for name in MODES for size in (1, 4, 20)),
    *((L(f"Adaptive{name}Pooling1D", 3), T(None, 4)) for name in MODES),
    *((L(f"Adaptive{name}Pooling2D", (3, 5)), IMAGE) for name in MODES),
    *((L(f"Adaptive{name}Pooling2D", 3, "channels_first"), T(4, 9, 8)) for name in MODES),
    *((L(f"Adaptive{name}Pooling3D", (2, 1, 3)), T(3, 4, 5, 2)) for name in MODES),
]


@pytest.mark.parametrize(("layer", "x"), VALUES, ids=repr)
def test_values(layer, x):
    check_values(layer, x)


# Symbolic sizes

SYMBOLIC = [
    (L("MaxPooling2D"), "[B, H // 2, W // 2, 3]"),
    (L("MaxPooling2D", 3, 2), "[B, (H - 3) // 2 + 1, (W - 3) // 2 + 1, 3]"),
    (L("MaxPooling2D", 3, 2, "same"), "[B, (H + 1) // 2, (W + 1) // 2, 3]"),
    (L("MaxPooling2D", 2, 3, "same"), "[B, (H + 2) // 3, (W + 2) // 3, 3]"),
    (L("MaxPooling2D", 3, 1), "[B, H - 2, W - 2, 3]"),
    (L("AveragePooling2D", (3, 2)), "[B, H // 3, W // 2, 3]"),
    (L("AveragePooling2D", 3, 1, "same"), "[B, H, W, 3]"),
    (L("GlobalAveragePooling2D"), "[B, 3]"),
    (L("GlobalMaxPooling2D", "channels_first", True), "[B, H, 1, 1]"),
    (L("AdaptiveAveragePooling2D", 7), "[B, 7, 7, 3]"),
    (L("AdaptiveMaxPooling2D", (1, 2)), "[B, 1, 2, 3]"),
]


@pytest.mark.parametrize(("layer", "expected"), SYMBOLIC, ids=repr)
def test_symbolic_sizes(layer, expected):
    check_symbolic(layer, expected)


# What the user reads


def test_a_window_too_large_in_the_layers_words():
    fault = fault_of(L("MaxPooling2D", (2, 5)), 28, 4, 3)
    assert fault.code.id == "E0304"
    assert fault.message == (
        "needs an input at least as large as its window of 2 × 5, got [B, 28, 4, 3]"
    )
    assert fault.label == "a window of 5 over 4"
    assert fault.help == 'give it padding="same", or a smaller pool_size'
    assert fault.arguments == ("pool_size",)


def test_wrong_rank():
    fault = fault_of(L("GlobalAveragePooling2D"), 49)
    assert fault.message == "needs a rank-4 input (batch, height, width, channels), got [B, 49]"
    assert fault.help == f"reshape it first: Reshape([7, 7, 1]) -> {CALL}"
    fault = fault_of(L("MaxPooling3D"), UNKNOWN, UNKNOWN)
    assert fault.message == (
        "needs a rank-5 input (batch, depth, height, width, channels), got [B, ?, ?]"
    )


def test_a_misspelt_padding():
    with pytest.raises(Fault) as caught:
        L("MaxPooling2D", 2, padding="sane").ours()
    assert caught.value.message == 'needs `padding` to be "valid" or "same", got "sane"'
    assert caught.value.help == 'did you mean "same"?'
