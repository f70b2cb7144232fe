"""Convolutions against the installed Keras."""

from __future__ import annotations

from itertools import product

import pytest

from graphc.declare.trace import trace_layer
from graphc.diagnostics.fault import CALL
from graphc.ir.dims import UNKNOWN
from graphc.ir.types import TensorType
from tests.differential.harness import (
    I,
    L,
    T,
    check_accepted,
    check_layer,
    check_rejected,
    check_stricter,
)
from tests.differential.shapes import H, check_symbolic, fault_of

IMAGE = T(9, 8, 4)
STEPS = T(11, 4)
VOLUME = T(6, 7, 5, 4)

ACCEPTED = [
    (L("Conv1D", 6, 3), STEPS),
    (L("Conv1D", 6, 3, 2, "same"), STEPS),
    (L("Conv1D", 6, 3, padding="causal"), STEPS),
    (L("Conv1D", 6, 3, padding="causal", strides=2), STEPS),
    (L("Conv1D", 6, 3, padding="causal", dilation_rate=4), STEPS),
    (L("Conv1D", 6, 3, padding="causal", groups=2), T(None, 4)),
    (L("Conv1D", 6, 3, padding="CAUSAL"), T(2, 4)),
    (L("Conv1D", 6, 3, padding="causal", data_format="channels_first"), T(4, 11)),
    (L("Conv1D", 6, (3,), strides=(2,), dilation_rate=[1]), STEPS),
    (L("Conv1D", 6, 11), STEPS),
    (L("Conv1D", 6, 3, activation="softmax", data_format="channels_first"), T(4, 11)),
    (L("Conv1D", 6, 3), T(11, 4, masked=True)),
    (L("Convolution1D", 6, 3), STEPS),
    (L("Conv2D", 6, 3), IMAGE),
    (L("Conv2D", 6, (3, 2), (2, 1), "same"), IMAGE),
    (L("Conv2D", 6, [1, 5], padding="VALID"), IMAGE),
    (L("Conv2D", 6, 3, dilation_rate=2), IMAGE),
    (L("Conv2D", 6, 3, dilation_rate=(1, 3)), IMAGE),
    (L("Conv2D", 6, 3, groups=2), IMAGE),
    (L("Conv2D", 8, 3, groups=4, use_bias=False), IMAGE),
    (L("Conv2D", 6, 3, data_format="channels_first"), T(4, 9, 8)),
    (L("Conv2D", 6, 3, data_format="Channels_First", padding="same", strides=2), T(4, 9, 8)),
    (L("Conv2D", 6, 3, data_format="channels_last", activation="relu"), IMAGE),
    (L("Conv2D", 6, 3, activation=None), IMAGE),
    (L("Conv2D", 6, 3), T(None, None, 4)),
    (L("Conv2D", 6, 3, strides=2, padding="same"), T(None, 8, 4)),
    (L("Conv2D", 6, 3, padding="same"), T(1, 1, 4)),
    (L("Conv2D", 6, 3, trainable=False), IMAGE),
    (L("Conv2D", 6, 3), T(9, 8, 4, dtype="int32")),
    (L("Conv2D", 6, 3), T(9, 8, 4, dtype="uint8")),
    (L("Conv2D", 6, 3), T(9, 8, 4, dtype="float16")),
    (L("Conv2D", 6, 3, dtype="float16"), IMAGE),
    (L("Conv2D", 6, 3, dtype="bfloat16"), IMAGE),
    (L("Conv2D", 6, 3, dtype="mixed_float16"), IMAGE),
    (L("Conv2D", 6, 3, dtype="mixed_bfloat16"), T(9, 8, 4, dtype="int32")),
    (L("Conv2D", 6, 3, kernel_regularizer=I("L2", 0.1), bias_constraint=I("NonNeg")), IMAGE),
    (L("Conv2D", 6, 3, kernel_initializer="he_normal", activity_regularizer=I("L1", 0.1)), IMAGE),
    (L("Conv2D", 6, 3, lora_rank=2), IMAGE),
    (L("Conv2D", 6, 3, lora_rank=2, lora_alpha=4, use_bias=False), IMAGE),
    (L("Conv2D", 6, 3, lora_rank=2, dtype="mixed_float16"), IMAGE),
    (L("Conv2D", 6, 3, name="stem"), IMAGE),
    (L("Convolution2D", 6, 3), IMAGE),
    (L("Conv3D", 6, 3), VOLUME),
    (L("Conv3D", 6, (1, 3, 2), 2, "same"), VOLUME),
    (L("Conv3D", 6, 3, groups=2, data_format="channels_first"), T(4, 6, 7, 5)),
    (L("Conv3D", 6, 2, dilation_rate=2), T(None, 7, None, 4)),
    (L("Convolution3D", 6, 3), VOLUME),
    (L("DepthwiseConv1D", 3), STEPS),
    (L("DepthwiseConv1D", 3, 2, "same", 5), STEPS),
    (L("DepthwiseConv1D", 3, data_format="channels_first", dilation_rate=2), T(4, 11)),
    (L("DepthwiseConv2D", 3), IMAGE),
    (L("DepthwiseConv2D", (3, 1), (1, 1), "same", 2, activation="relu6"), IMAGE),
    (L("DepthwiseConv2D", 3, strides=2, use_bias=False), IMAGE),
    (L("DepthwiseConv2D", 3, data_format="channels_first", depth_multiplier=3), T(4, 9, 8)),
    (L("DepthwiseConv2D", 3, dilation_rate=(2, 1)), T(None, 8, 4)),
    (L("DepthwiseConv2D", 3, strides=2, dilation_rate=2), IMAGE),
    (L("DepthwiseConv2D", 3, dtype="mixed_float16"), T(9, 8, 4, dtype="int32")),
    (L("DepthwiseConv2D", 3, depthwise_initializer="zeros"), IMAGE),
    (L("SeparableConv1D", 6, 3), STEPS),
    (L("SeparableConv1D", 6, 3, 2, "same", depth_multiplier=2), STEPS),
    (L("SeparableConvolution1D", 6, 3, data_format="channels_first"), T(4, 11)),
    (L("SeparableConv2D", 6, 3), IMAGE),
    (L("SeparableConv2D", 6, (2, 3), (2, 1), "same", use_bias=False), IMAGE),
    (L("SeparableConv2D", 6, 3, depth_multiplier=3, dilation_rate=2), IMAGE),
    (L("SeparableConv2D", 6, 3, strides=2, dilation_rate=2), IMAGE),
    (L("SeparableConvolution2D", 6, 3, data_format="channels_first"), T(4, None, 8)),
    (L("SeparableConv2D", 6, 3, pointwise_constraint=I("MaxNorm", 2), dtype="bfloat16"), IMAGE),
    (L("Conv1DTranspose", 6, 3), STEPS),
    (L("Conv1DTranspose", 6, 3, 2, "same"), STEPS),
    (L("Conv1DTranspose", 6, 3, 2, "same", 1), STEPS),
    (L("Conv1DTranspose", 6, 3, 2, "valid", (0,)), STEPS),
    (L("Conv1DTranspose", 6, 2, 5), T(None, 4)),
    (L("Convolution1DTranspose", 6, 3, data_format="channels_first"), T(4, 11)),
    (L("Conv2DTranspose", 6, 3), IMAGE),
    (L("Conv2DTranspose", 6, 3, 2, padding="same"), IMAGE),
    (L("Conv2DTranspose", 6, (1, 4), (3, 2), "valid"), IMAGE),
    (L("Conv2DTranspose", 6, 3, (2, 3), "same", (1, 2)), IMAGE),
    (L("Conv2DTranspose", 6, 3, dilation_rate=2), IMAGE),
    (L("Conv2DTranspose", 6, 3, dilation_rate=2, padding="same"), T(None, 8, 4)),
    (L("Conv2DTranspose", 6, 3, 2, data_format="channels_first", activation="relu"), T(4, 9, 8)),
    (L("Conv2DTranspose", 6, 3, dtype="mixed_float16", use_bias=False), T(9, 8, 4, dtype="uint8")),
    (L("Convolution2DTranspose", 6, 3, trainable=False), IMAGE),
    (L("Conv3DTranspose", 6, 3), VOLUME),
    (L("Conv3DTranspose", 6, (1, 2, 3), (2, 1, 3), "same"), VOLUME),
    (L("Convolution3DTranspose", 6, 2, 2, "same", "channels_first", 1), T(4, 6, None, 5)),
]

REJECTED = [
    (L("Conv2D", 6, 3), T(784)),
    (L("Conv2D", 6, 3), T(28, 28)),
    (L("Conv2D", 6, 3), T(5, 28, 28, 3)),
    (L("Conv1D", 6, 3), T()),
    (L("Conv3D", 6, 3), IMAGE),
    (L("DepthwiseConv2D", 3), STEPS),
    (L("SeparableConv2D", 6, 3), STEPS),
    (L("Conv2DTranspose", 6, 3), STEPS),
    (L("Conv1DTranspose", 6, 3), T(6)),
    (L("Conv3DTranspose", 6, 3), IMAGE),
    (L("Conv2D", 6, 10), IMAGE),
    (L("Conv2D", 6, (3, 9)), IMAGE),
    (L("Conv2D", 6, 4, dilation_rate=3), IMAGE),
    (L("Conv1D", 6, 12), STEPS),
    (L("DepthwiseConv1D", 12), STEPS),
    (L("SeparableConv2D", 6, 10), T(9, None, 4)),
    (L("Conv2D", 6, 10, data_format="channels_first"), T(4, 12, 9)),
    (L("Conv2D", 6, 3), T(9, 8, None)),
    (L("DepthwiseConv2D", 3), T(9, 8, None)),
    (L("SeparableConv1D", 6, 3), T(9, None)),
    (L("Conv2DTranspose", 6, 3), T(9, 8, None)),
    (L("Conv2D", 6, 3, groups=3), IMAGE),
    (L("Conv2D", 7, 3, groups=2), IMAGE),
    (L("Conv2D", 6, 3, groups=0), IMAGE),
    (L("Conv2D", 0, 3), IMAGE),
    (L("Conv2D", -2, 3), IMAGE),
    (L("Conv2D", 6, 0), IMAGE),
    (L("Conv2D", 6, (3, 3, 3)), IMAGE),
    (L("Conv2D", 6, "3"), IMAGE),
    (L("Conv2D", 6, 3, strides=0), IMAGE),
    (L("Conv2D", 6, 3, strides=(1,)), IMAGE),
    (L("Conv2D", 6, 3, strides=2, dilation_rate=2), IMAGE),
    (L("Conv2D", 6, 3, strides=(2, 1), dilation_rate=(1, 2)), IMAGE),
    (L("Conv2D", 6, 3, dilation_rate=0), IMAGE),
    (L("Conv2D", 6, 3, padding="causal"), IMAGE),
    (L("Conv2D", 6, 3, padding="full"), IMAGE),
    (L("Conv2D", 6, 3, data_format="NHWC"), IMAGE),
    (L("Conv2D", 6, 3, activation="rely"), IMAGE),
    (L("Conv2D", 6, 3, kernel_initializer="lucky"), IMAGE),
    (L("Conv2D", 6, 3, filter=3), IMAGE),
    (L("Conv2D", 6), IMAGE),
    (L("Conv2D", 6, 3, lora_rank=2, kernel_constraint=I("NonNeg")), IMAGE),
    (L("DepthwiseConv1D", 3, padding="causal"), STEPS),
    (L("DepthwiseConv2D", 3, depth_multiplier=0), IMAGE),
    (L("DepthwiseConv2D", 3, groups=2), IMAGE),
    (L("SeparableConv2D", 0, 3), IMAGE),
    (L("SeparableConv2D", 6, 3, depth_multiplier=-1), IMAGE),
    (L("SeparableConv1D", 6, 3, padding="causal"), STEPS),
    (L("Conv2DTranspose", 6, 3, strides=2, dilation_rate=2), IMAGE),
    (L("Conv2DTranspose", 6, 3, output_padding=1), IMAGE),
    (L("Conv2DTranspose", 6, 3, 2, output_padding=(1, 2)), IMAGE),
    (L("Conv2DTranspose", 6, 3, 2, output_padding=-1), IMAGE),
    (L("Conv2DTranspose", 6, 3, groups=2), IMAGE),
    (L("Conv1DTranspose", 6, 3, padding="causal"), STEPS),
]

# Keras gives these a shape, and fails or gives nothing when they run.
REJECTED_BY_US_ALONE = [
    # an output of size 0 (its own formula) or below: (1 - 1) * 1 + 2 % 2 + 0
    (L("Conv1DTranspose", 6, 2, 1, "same", 0), T(1, 4)),
    # True is 1 to Python, and a mistake to people
    (L("Conv2D", 6, True), IMAGE),
]


@pytest.mark.parametrize(("layer", "x"), ACCEPTED, ids=repr)
def test_accepted(layer, x):
    check_accepted(layer, x)


@pytest.mark.parametrize(("layer", "x"), REJECTED, ids=repr)
def test_rejected(layer, x):
    check_rejected(layer, x)


@pytest.mark.parametrize(("layer", "x"), REJECTED_BY_US_ALONE, ids=repr)
def test_nonsense_that_keras_takes(layer, x):
    check_stricter(layer, x)


SWEEP = [
    (name, size, window, stride, padding, dilation)
    for name, size, window, stride, padding, dilation in product(
        ("Conv1D", "DepthwiseConv1D", "SeparableConv1D", "Conv1DTranspose"),
        (1, 2, 5, 8, None),
        (1, 2, 3, 5),
        (1, 2, 3),
        ("valid", "same"),
        (1, 2),
    )
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "size", "window", "stride", "padding", "dilation"), SWEEP)
def test_every_size_window_stride_and_padding(name, size, window, stride, padding, dilation):
    first = () if name.startswith("Depthwise") else (6,)
    layer = L(name, *first, window, stride, padding, dilation_rate=dilation)
    check_layer(layer, T(size, 4))
    if name == "Conv1DTranspose" and size != 1:
        for extra in range(stride):
            check_layer(
                L(name, *first, window, stride, padding, extra, dilation_rate=dilation), T(size, 4)
            )


# Symbolic sizes

SYMBOLIC = [
    (L("Conv2D", 8, 3), "[B, H - 2, W - 2, 8]"),
    (L("Conv2D", 8, 3, strides=2), "[B, (H - 3) // 2 + 1, (W - 3) // 2 + 1, 8]"),
    (L("Conv2D", 8, 3, padding="same"), "[B, H, W, 8]"),
    (L("Conv2D", 8, 3, strides=2, padding="same"), "[B, (H + 1) // 2, (W + 1) // 2, 8]"),
    (L("Conv2D", 8, 2, strides=3, padding="same"), "[B, (H + 2) // 3, (W + 2) // 3, 8]"),
    (L("Conv2D", 8, 3, dilation_rate=2), "[B, H - 4, W - 4, 8]"),
    (L("Conv2DTranspose", 8, 3), "[B, H + 2, W + 2, 8]"),
    (L("Conv2DTranspose", 8, 3, strides=2), "[B, 2*H + 1, 2*W + 1, 8]"),
    (L("Conv2DTranspose", 8, 3, strides=2, padding="same"), "[B, 2*H, 2*W, 8]"),
    (L("DepthwiseConv2D", 3, strides=2), "[B, (H - 3) // 2 + 1, (W - 3) // 2 + 1, 3]"),
    (L("SeparableConv2D", 8, 3, padding="same"), "[B, H, W, 8]"),
]


@pytest.mark.parametrize(("layer", "expected"), SYMBOLIC, ids=repr)
def test_symbolic_sizes(layer, expected):
    check_symbolic(layer, expected)


def test_cost_of_a_convolution():
    trace = trace_layer(
        L("Conv2D", 8, 3, groups=2, use_bias=False).ours(),
        {"inputs": TensorType((1, 10, 10, 4), "float32")},
    )
    assert trace.cost.macs == 8 * 8 * 3 * 3 * 2 * 8
    assert trace.cost.flops == 2 * trace.cost.macs


# What the user reads


def test_wrong_rank_says_the_axes_and_a_shape_to_take():
    fault = fault_of(L("Conv2D", 32, 3), 784)
    assert fault.code.id == "E0301"
    assert fault.message == ("needs a rank-4 input (batch, height, width, channels), got [B, 784]")
    assert fault.label == "needs rank 4, got rank 2"
    assert fault.help == f"reshape it first: Reshape([28, 28, 1]) -> {CALL}"
    assert fault.inputs == ("inputs",)


@pytest.mark.parametrize(
    ("layer", "dims", "shape"),
    [
        (L("Conv2D", 8, 3), (784,), "[28, 28, 1]"),
        (L("Conv2D", 8, 3), (3072,), "[32, 32, 3]"),
        (L("Conv2D", 8, 3), (28, 28), "[28, 28, 1]"),
        (L("Conv2D", 8, 3), (UNKNOWN, 28), "[-1, 28, 1]"),
        (L("Conv2D", 8, 3, data_format="channels_first"), (3072,), "[3, 32, 32]"),
        (L("Conv1D", 8, 3), (100,), "[100, 1]"),
        (L("Conv1D", 8, 3), (9, 28, 28, 3), "[7056, 3]"),
        (L("Conv3D", 8, 3), (4096,), "[16, 16, 16, 1]"),
        (L("Conv3D", 8, 3), (81,), "[3, 3, 3, 3]"),
        (L("Conv3DTranspose", 8, 3), (5, 6, 7), "[5, 6, 7, 1]"),
    ],
    ids=repr,
)
def test_help_names_a_shape_that_fits(layer, dims, shape):
    assert fault_of(layer, *dims).help == f"reshape it first: Reshape({shape}) -> {CALL}"


@pytest.mark.parametrize("dims", [(), (10,), (H,), (UNKNOWN, UNKNOWN)], ids=repr)
def test_no_help_without_a_shape_that_fits(dims):
    assert fault_of(L("Conv2D", 8, 3), *dims).help is None


def test_an_axis_too_many_is_one_for_time_distributed():
    help = fault_of(L("Conv2D", 8, 3), 5, 28, 28, 3).help
    assert help == f"use Conv3D, or apply it to each step: TimeDistributed({CALL})"
    help = fault_of(L("DepthwiseConv2D", 3), 5, 28, 28, 3).help
    assert help == f"apply it to each step: TimeDistributed({CALL})"


def test_a_kernel_too_large_in_the_layers_words():
    fault = fault_of(L("Conv2D", 8, (3, 5)), 28, 4, 3)
    assert fault.code.id == "E0304"
    assert fault.message == (
        "needs an input at least as large as its window of 3 × 5, got [B, 28, 4, 3]"
    )
    assert fault.label == "a window of 5 over 4"
    assert fault.help == 'give it padding="same", or a smaller kernel_size'
    assert fault.arguments == ("kernel_size",)


def test_a_dilated_kernel_too_large():
    fault = fault_of(L("Conv1D", 8, 3, dilation_rate=4), 8, 3)
    assert "its dilated window of 9, got [B, 8, 3]" in fault.message
    assert fault.help == 'give it padding="same", or a smaller kernel_size or dilation_rate'


def test_channels_that_groups_do_not_divide():
    fault = fault_of(L("Conv2D", 6, 3, groups=2), 28, 28, 3)
    assert fault.code.id == "E0302"
    assert fault.message == "needs channels that 2 groups share evenly, got [B, 28, 28, 3]"
    assert fault.arguments == ("groups",)


def test_faults_of_channels_first_show_the_input_as_it_is():
    fault = fault_of(L("Conv2D", 6, 9, data_format="channels_first"), 3, 28, 8)
    assert "got [B, 3, 28, 8]" in fault.message
