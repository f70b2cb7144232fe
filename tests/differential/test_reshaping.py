"""Reshaping, padding, cropping and upsampling against the installed Keras."""

from __future__ import annotations

import pytest

from graphc.declare.trace import trace_layer
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import UNKNOWN, variable
from tests.differential.harness import L, T, check_accepted, check_rejected, check_stricter
from tests.differential.shapes import H, W, check_symbolic, fault_of, output_of
from tests.differential.values import check_values

IMAGE = T(9, 8, 4)
FIRST = T(4, 9, 8)
STEPS = T(11, 4)
VOLUME = T(6, 7, 5, 4)
FIRST_VOLUME = T(4, 6, 7, 5)

ACCEPTED = [
    (L("Flatten"), IMAGE),
    (L("Flatten"), T()),
    (L("Flatten"), T(7)),
    (L("Flatten"), T(None, 4)),
    (L("Flatten"), T(0, 4)),
    (L("Flatten", "channels_first"), FIRST),
    (L("Flatten", data_format="channels_first"), T()),
    (L("Flatten", data_format="channels_first"), T(None, 3)),
    (L("Reshape", (36, 8)), IMAGE),
    (L("Reshape", [-1]), IMAGE),
    (L("Reshape", (2, -1, 3)), IMAGE),
    (L("Reshape", (-1, 1)), IMAGE),
    (L("Reshape", ()), T(1, 1)),
    (L("Reshape", (1, 1, 1)), T()),
    (L("Reshape", (-1,)), T()),
    (L("Reshape", (0, 3)), T(2, 0)),
    (L("Reshape", (-1, 2)), T(None, 4)),
    (L("Reshape", (4, 4)), T(None, 4)),
    (L("Reshape", (2, 2)), T(4, dtype="int32", masked=True)),
    (L("Permute", (2, 1)), STEPS),
    (L("Permute", (3, 1, 2)), IMAGE),
    (L("Permute", [1]), T(5)),
    (L("Permute", (1, 3, 2)), T(None, 8, None)),
    (L("Permute", (1, 2, 3)), IMAGE),
    (L("RepeatVector", 3), T(5)),
    (L("RepeatVector", 1), T(None)),
    (L("RepeatVector", n=4), T(5, dtype="float16")),
    (L("Cropping1D"), STEPS),
    (L("Cropping1D", 3), STEPS),
    (L("Cropping1D", (0, 4)), STEPS),
    (L("Cropping1D", [2, 0]), T(None, 4)),
    (L("Cropping1D", 0), STEPS),
    (L("Cropping1D", (4, 6)), STEPS),
    (L("Cropping2D"), IMAGE),
    (L("Cropping2D", 3), IMAGE),
    (L("Cropping2D", (1, 2)), IMAGE),
    (L("Cropping2D", ((1, 0), (0, 2))), IMAGE),
    (L("Cropping2D", (1, (0, 2))), IMAGE),
    (L("Cropping2D", 2, "channels_first"), FIRST),
    (L("Cropping2D", ((1, 2), (3, 0))), T(None, None, 4)),
    (L("Cropping3D"), VOLUME),
    (L("Cropping3D", 2), T(6, 7, 5, 4)),
    (L("Cropping3D", (1, 2, 0)), VOLUME),
    (L("Cropping3D", ((1, 0), (0, 2), (1, 1)), "channels_first"), FIRST_VOLUME),
    (L("Cropping3D", 1), T(None, 7, None, 4)),
    (L("ZeroPadding1D"), STEPS),
    (L("ZeroPadding1D", 3), T(None, 4)),
    (L("ZeroPadding1D", (0, 4), "channels_first"), T(4, 11)),
    (L("ZeroPadding1D", 0), STEPS),
    (L("ZeroPadding2D"), IMAGE),
    (L("ZeroPadding2D", 3, "channels_first"), FIRST),
    (L("ZeroPadding2D", (1, 2)), IMAGE),
    (L("ZeroPadding2D", ((1, 0), (0, 2))), T(None, 8, 4)),
    (L("ZeroPadding3D"), VOLUME),
    (L("ZeroPadding3D", (1, 2, 0)), VOLUME),
    (L("ZeroPadding3D", ((1, 0), (0, 2), (1, 1)), "channels_first"), FIRST_VOLUME),
    (L("UpSampling1D"), STEPS),
    (L("UpSampling1D", 3), T(None, 4)),
    (L("UpSampling2D"), IMAGE),
    (L("UpSampling2D", 3, "channels_first"), FIRST),
    (L("UpSampling2D", (1, 2)), T(None, 8, 4)),
    (L("UpSampling2D", interpolation="bilinear"), IMAGE),
    (L("UpSampling2D", (2, 3), None, "BICUBIC"), T(9, None, 4)),
    (L("UpSampling2D", interpolation="lanczos3", data_format="channels_first"), FIRST),
    (L("UpSampling2D", interpolation="lanczos5", dtype="mixed_float16"), IMAGE),
    (L("UpSampling2D", 1, interpolation="nearest"), IMAGE),
    (L("UpSampling3D"), VOLUME),
    (L("UpSampling3D", (1, 2, 3), "channels_first"), FIRST_VOLUME),
    (L("UpSampling3D", 2), T(None, None, 5, 4)),
]

EACH = [
    (L("Flatten"), IMAGE),
    (L("Reshape", (-1, 2)), IMAGE),
    (L("Permute", (2, 1)), STEPS),
    (L("RepeatVector", 2), T(5)),
    (L("Cropping1D"), STEPS),
    (L("Cropping2D", 1), IMAGE),
    (L("Cropping3D", 1), VOLUME),
    (L("ZeroPadding1D"), STEPS),
    (L("ZeroPadding2D"), IMAGE),
    (L("ZeroPadding3D"), VOLUME),
    (L("UpSampling1D"), STEPS),
    (L("UpSampling2D"), IMAGE),
    (L("UpSampling2D", interpolation="bilinear"), IMAGE),
    (L("UpSampling3D"), VOLUME),
]

REJECTED = [
    (L("Flatten", data_format="rows"), IMAGE),
    (L("Flatten", 1), IMAGE),
    (L("Reshape", (5, 5)), IMAGE),
    (L("Reshape", (-1, 7)), IMAGE),
    (L("Reshape", (-1, 0)), IMAGE),
    (L("Reshape", ()), T(2)),
    (L("Reshape", (2,)), T()),
    (L("Reshape", (-1, -1)), IMAGE),
    (L("Reshape", (-2, 8)), IMAGE),
    (L("Reshape", 288), IMAGE),
    (L("Reshape"), IMAGE),
    (L("Permute", (1, 2)), IMAGE),
    (L("Permute", (2, 1)), T(5)),
    (L("Permute", (0, 1)), STEPS),
    (L("Permute", (1, 1)), STEPS),
    (L("Permute", (1, 3)), STEPS),
    (L("Permute", 2), STEPS),
    (L("Permute", ("1", "2")), STEPS),
    (L("RepeatVector", 0), T(5)),
    (L("RepeatVector", -1), T(5)),
    (L("RepeatVector", True), T(5)),
    (L("RepeatVector", (2,)), T(5)),
    (L("RepeatVector", 2), STEPS),
    (L("RepeatVector", 2), T()),
    (L("Cropping1D", 6), STEPS),
    (L("Cropping1D", (5, 6)), STEPS),
    (L("Cropping1D", -1), STEPS),
    (L("Cropping1D", (1, 2, 3)), STEPS),
    (L("Cropping1D", ((1, 2),)), STEPS),
    (L("Cropping1D", 1, data_format="channels_first"), STEPS),
    (L("Cropping1D"), IMAGE),
    (L("Cropping2D", 4), IMAGE),
    (L("Cropping2D", ((0, 0), (4, 4))), T(None, 8, 4)),
    (L("Cropping2D", -1), IMAGE),
    (L("Cropping2D", (1, -1)), IMAGE),
    (L("Cropping2D", (1, 2, 3)), IMAGE),
    (L("Cropping2D", ((1, 2, 3), 1)), IMAGE),
    (L("Cropping2D", 1), STEPS),
    (L("Cropping2D", "1"), IMAGE),
    (L("Cropping2D", None), IMAGE),
    (L("Cropping3D", 3), VOLUME),
    (L("Cropping3D", (1, 2)), VOLUME),
    (L("Cropping3D", 1), IMAGE),
    (L("Cropping3D", 3, "channels_first"), FIRST_VOLUME),
    (L("ZeroPadding1D", -1), STEPS),
    (L("ZeroPadding1D", (1, 2, 3)), STEPS),
    (L("ZeroPadding1D"), IMAGE),
    (L("ZeroPadding2D", (1, 2, 3)), IMAGE),
    (L("ZeroPadding2D", ((1, -2), 1)), IMAGE),
    (L("ZeroPadding2D"), STEPS),
    (L("ZeroPadding2D", padding=None), IMAGE),
    (L("ZeroPadding3D", (1, 2)), VOLUME),
    (L("ZeroPadding3D"), IMAGE),
    (L("UpSampling1D", 0), STEPS),
    (L("UpSampling1D", (2,)), STEPS),
    (L("UpSampling1D", True), STEPS),
    (L("UpSampling1D", 2, data_format="channels_first"), STEPS),
    (L("UpSampling1D"), IMAGE),
    (L("UpSampling2D", 0), IMAGE),
    (L("UpSampling2D", (2, 2, 2)), IMAGE),
    (L("UpSampling2D", 2.5), IMAGE),
    (L("UpSampling2D"), STEPS),
    (L("UpSampling2D", 2, "last"), IMAGE),
    (L("UpSampling2D", interpolation=None), IMAGE),
    (L("UpSampling3D", (2, 2)), VOLUME),
    (L("UpSampling3D"), IMAGE),
    (L("UpSampling3D", interpolation="bilinear"), VOLUME),
]

# Keras gives these a shape, and fails when they run.
REJECTED_BY_US_ALONE = [
    (L("ZeroPadding2D", -1), IMAGE),
    (L("ZeroPadding3D", -1), VOLUME),
    (L("UpSampling2D", interpolation="blurry"), IMAGE),
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


@pytest.mark.parametrize(("layer", "x"), EACH, ids=repr)
def test_dtypes_and_masks(layer, x):
    for dtype in ("int32", "uint8", "bool", "float16", "float64"):
        check_accepted(layer, T(*x.dims, dtype=dtype))
    for policy in ("float16", "bfloat16", "mixed_float16", "float64"):
        typed = L(layer.class_name, *layer.args, **layer.config, dtype=policy)
        check_accepted(typed, x)
        check_accepted(typed, T(*x.dims, dtype="int32"))
    check_accepted(layer, T(*x.dims, masked=True))


def test_none_in_a_target_shape_is_what_is_left():
    # Keras leaves the size unknown until it runs, and then takes it for -1.
    trace = trace_layer(L("Reshape", (None, 8)).ours(), {"inputs": IMAGE.ours()})
    assert str(trace.outputs[0].type) == "[B, 36, 8]"
    check_accepted(L("Reshape", (None, 8)), T(None, 8))


VALUES = [
    (L("Flatten"), IMAGE),
    (L("Flatten", "channels_first"), FIRST),
    (L("Reshape", (-1, 4)), T(None, 6, 2)),
    (L("Permute", (3, 1, 2)), IMAGE),
    (L("RepeatVector", 3), T(5, dtype="int32")),
    (L("Cropping1D", (2, 3)), STEPS),
    (L("Cropping2D", ((1, 0), (0, 2)), "channels_first"), FIRST),
    (L("Cropping2D", 1), T(None, None, 4)),
    (L("Cropping3D", (1, (2, 0), 0)), VOLUME),
    (L("ZeroPadding1D", (0, 4), "channels_first"), T(4, 11)),
    (L("ZeroPadding2D", ((1, 0), (0, 2))), IMAGE),
    (L("ZeroPadding3D", (1, 2, 0)), VOLUME),
    (L("UpSampling1D", 3), T(None, 4)),
    (L("UpSampling2D", (1, 2), "channels_first"), FIRST),
    (L("UpSampling2D", (2, 3), interpolation="bilinear"), IMAGE),
    (L("UpSampling2D", (2, 3), interpolation="bilinear"), T(None, 3, 4)),
    (L("UpSampling2D", 2, "channels_first", "bicubic"), FIRST),
    (L("UpSampling2D", (3, 1), interpolation="lanczos3"), IMAGE),
    (L("UpSampling2D", 2, interpolation="lanczos5"), IMAGE),
    (L("UpSampling3D", (1, 2, 3)), VOLUME),
]


@pytest.mark.parametrize(("layer", "x"), VALUES, ids=repr)
def test_values(layer, x):
    check_values(layer, x, tolerance=1e-4)


# Symbolic sizes

SYMBOLIC = [
    (L("Flatten"), "[B, 3*H*W]"),
    (L("Flatten", "channels_first"), "[B, 3*H*W]"),
    (L("Reshape", (-1, 3)), "[B, H*W, 3]"),
    (L("Permute", (3, 1, 2)), "[B, 3, H, W]"),
    (L("Cropping2D", ((1, 2), (0, 4))), "[B, H - 3, W - 4, 3]"),
    (L("ZeroPadding2D", ((1, 2), 4)), "[B, H + 3, W + 8, 3]"),
    (L("UpSampling2D"), "[B, 2*H, 2*W, 3]"),
    (L("UpSampling2D", (3, 1), interpolation="bilinear"), "[B, 3*H, W, 3]"),
]


@pytest.mark.parametrize(("layer", "expected"), SYMBOLIC, ids=repr)
def test_symbolic_sizes(layer, expected):
    check_symbolic(layer, expected)


@pytest.mark.parametrize(
    ("target", "expected"),
    [((W, -1), "[B, W, 3*H]"), ((3 * H, W), "[B, 3*H, W]"), ((-1, W * H), "[B, 3, H*W]")],
    ids=repr,
)
def test_target_shapes_may_name_sizes(target, expected):
    assert str(output_of(L("Reshape", target), H, W, 3)) == expected


# What the user reads


def test_a_reshape_that_does_not_fit():
    fault = fault_of(L("Reshape", (28, 28)), 28, 28, 3)
    assert fault.code.id == "E0302"
    assert (
        fault.message == "needs 784 elements per example for [28, 28], got 2352 in [B, 28, 28, 3]"
    )
    assert fault.label == "2352 is not 784"
    assert fault.help == "[84, 28] has 2352 elements"
    assert fault.arguments == ("target_shape",)


def test_a_reshape_that_does_not_divide():
    fault = fault_of(L("Reshape", (-1, 5)), 28, 28)
    assert fault.message == (
        "needs a multiple of 5 elements per example for [-1, 5], got 784 in [B, 28, 28]"
    )
    assert fault.help is None


def test_a_reshape_that_fits_some_sizes_alone():
    fault = fault_of(L("Reshape", (-1, 4)), variable("T"), 2)
    assert fault.message == (
        "needs a multiple of 4 elements per example for [-1, 4], got 2*T in [B, T, 2]"
    )
    assert "T % 2 == 0" in fault.help


def test_a_target_shape_that_is_a_number():
    with pytest.raises(Fault) as caught:
        L("Reshape", 784).ours()
    assert caught.value.message == (
        "needs `target_shape` to be a list of sizes, one of which may be -1, got 784"
    )
    assert caught.value.help == "write [784]"
    assert caught.value.replacement == "[784]"


def test_cropping_everything():
    fault = fault_of(L("Cropping2D", (2, (3, 5))), 28, 8, 3)
    assert fault.code.id == "E0304"
    assert fault.message == "needs more width than the 3 + 5 that it crops, got [B, 28, 8, 3]"
    assert fault.label == "nothing left of 8"


def test_unknown_sizes_stay_unknown():
    assert str(output_of(L("UpSampling2D"), UNKNOWN, 4, 3)) == "[B, ?, 8, 3]"
    assert str(output_of(L("Cropping2D", 1), UNKNOWN, 4, 3)) == "[B, ?, 2, 3]"
    assert str(output_of(L("Flatten"), UNKNOWN, 4)) == "[B, ?]"
    assert str(output_of(L("Reshape", (-1, 4)), UNKNOWN, 4)) == "[B, ?, 4]"
