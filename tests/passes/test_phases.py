"""Convolutions over enlarged images, which go over the images themselves."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import graphc
from graphc.ir.primitives import apply
from graphc.ir.primitives.contraction import CONV
from graphc.ir.tensor import Tensor, steps_of
from graphc.ir.types import TensorType
from graphc.ops.repetition import repeat
from graphc.passes.divide import divide
from graphc.passes.phases import phases
from graphc.passes.simplify import simplify
from graphc.runtime.lower import lower
from tests.passes.compared import assert_same_values, counts, leaf


def conv(x: Tensor, kernel: Tensor, **changed) -> Tensor:
    rank = x.rank - 2
    usual = {
        "strides": (1,) * rank, "padding": ((0, 0),) * rank, "dilation": (1,) * rank,
        "input_dilation": (1,) * rank, "groups": 1,
    }  # fmt: skip
    return apply(CONV, x, kernel, **usual | changed)


def repeated(x: Tensor, *factors: int) -> Tensor:
    for axis, factor in enumerate(factors, start=1):
        x = repeat(x, factor, axis)
    return x


def steps(result: Tensor, *inputs: Tensor) -> dict[str, int]:
    return dict(counts(divide([result], inputs).results))


def macs(result: Tensor) -> int:
    """Of the convolutions, zeros between pixels among them."""
    total = 0
    for step in steps_of([result]):
        if step.primitive is CONV:
            *window, into, out = step.operands[1].shape
            places = 1
            for size in step.types[0].shape[:-1]:
                places *= size
            for size in window:
                places *= size
            total += places * into * out
    return total


@st.composite
def axes(draw):
    """Size, window, padding, stride, dilation, zeros between and repeats along an axis."""
    window, dilation = draw(st.integers(1, 5)), draw(st.integers(1, 2))
    padding = draw(st.tuples(st.integers(-1, 4), st.integers(-1, 4)))
    spread, repeats = draw(st.sampled_from([(1, 1), (1, 2), (1, 3), (2, 1), (3, 1), (2, 2)]))
    stride = draw(st.sampled_from([1, 1, 1, 2]))
    needed = (window - 1) * dilation + 1 + max(-padding[0], 0) + max(-padding[1], 0)
    return draw(st.integers(needed, needed + 4)), window, padding, stride, dilation, spread, repeats


@settings(max_examples=150, deadline=None)
@given(st.lists(axes(), min_size=1, max_size=2))
def test_values_stay(found):
    sizes, window, padding, strides, dilation, spread, repeats = zip(*found, strict=True)
    x, kernel = leaf(2, *sizes, 2), leaf(*window, 2, 3)
    before = conv(
        repeated(x, *repeats), kernel, padding=padding, strides=strides, dilation=dilation,
        input_dilation=spread,
    )  # fmt: skip
    (before,) = simplify([before])
    (after,) = phases([before], [x])
    assert before.shape == after.shape
    assert_same_values([x, kernel], [before], [after], rtol=2e-6)


@pytest.mark.parametrize(
    ("factors", "window", "padding", "small"),
    [
        ((3, 3), (3, 3), ((2, 2), (2, 2)), (2, 2)),  # as in the autoencoder of the seed
        ((2, 2), (3, 3), ((1, 1), (1, 1)), (2, 2)),
        ((2, 2), (3, 3), ((0, 0), (0, 0)), (2, 2)),
        ((2, 2), (5, 5), ((2, 2), (2, 2)), (3, 3)),
        ((2, 2), (4, 4), ((1, 2), (1, 2)), (3, 3)),
        ((4, 1), (3, 3), ((1, 1), (1, 1)), (2, 3)),
        ((2,), (3,), ((2, 0),), (2,)),
        ((2, 2, 2), (3, 3, 3), ((1, 1),) * 3, (2, 2, 2)),
    ],
)
def test_a_window_over_repeated_pixels_is_as_small_as_can_be(factors, window, padding, small):
    x, kernel = leaf(1, *[6] * len(factors), 3), leaf(*window, 3, 4)
    (before,) = simplify([conv(repeated(x, *factors), kernel, padding=padding)])
    (after,) = phases([before], [x])
    (step,) = (step for step in steps_of([after]) if step.primitive is CONV)
    assert step.operands[0].shape == x.shape
    assert step.operands[1].shape[:-2] == small
    assert_same_values([x, kernel], [before], [after], rtol=2e-6)


def test_a_transposed_convolution_multiplies_no_zeros():
    x, kernel = leaf(2, 5, 5, 3), leaf(2, 2, 3, 4)
    before = conv(x, kernel, padding=((1, 1), (1, 1)), input_dilation=(2, 2))
    (after,) = phases([before], [x])
    assert macs(before) == 4 * macs(after)
    assert_same_values([x, kernel], [before], [after], rtol=2e-6)


def test_single_pixels_are_multiplied_before_they_are_repeated():
    x, kernel = leaf(2, 5, 5, 3), leaf(1, 1, 3, 4)
    (before,) = simplify([conv(repeated(x, 2, 3), kernel)])
    (after,) = phases([before], [x])
    assert macs(before) == 6 * macs(after)
    assert_same_values([x, kernel], [before], [after], rtol=2e-6)


X, KERNEL, GROUPED = leaf(2, 5, 5, 4), leaf(3, 3, 4, 2), leaf(3, 3, 2, 2)


@pytest.mark.parametrize(
    ("x", "kernel", "changed"),
    [
        (X, KERNEL, {}),
        (X, GROUPED, {"groups": 2, "input_dilation": (2, 2)}),
        (X, KERNEL, {"strides": (2, 2), "input_dilation": (2, 2)}),
        (repeated(X, 2, 2), KERNEL, {"strides": (1, 2)}),
        (repeated(X, 2, 2), KERNEL, {"input_dilation": (2, 2)}),
        (repeated(X, 2, 2), KERNEL, {"dilation": (4, 4)}),
    ],
)
def test_others_stay(x, kernel, changed):
    (before,) = simplify([conv(x, kernel, **changed)])
    (after,) = phases([before], [X])
    assert counts([after]) == counts([before])


def test_a_kernel_that_the_inputs_change_stays():
    before = conv(X, KERNEL, input_dilation=(2, 2))
    (after,) = phases([before], [X, KERNEL])
    assert counts([after]) == {"conv": 1}


def test_batches_and_other_axes_may_repeat_themselves():
    x, kernel = leaf(2, 5, 5, 4), leaf(3, 3, 8, 2)
    (before,) = simplify([conv(repeat(repeat(x, 2, 3), 2, 0), kernel)])
    (after,) = phases([before], [x])
    assert counts([after]) == counts([before])


@pytest.mark.parametrize("shape", [(2, 6, 5, 3), None])
def test_models_enlarge_images_of_known_and_open_sizes(shape):
    model = graphc.parse("""
    model m {
        input x: [H, W, 3]
        y = x -> UpSampling2D(2) -> Conv2D(4, 3, padding="same", activation=relu)
        output y -> Conv2DTranspose(2, 3, strides=2, padding="same")
    }
    """).model_graph
    types = {record.name: record.layer.type for record in map(model.record, model.inputs)}
    made = lower(model, types if shape is None else {"x": TensorType(shape, "float32")})
    inputs, results = list(made.inputs.values()), simplify(list(made.outputs.values()))
    after = phases(results, inputs)
    convs = [step for step in steps_of(after) if step.primitive is CONV]
    assert [step.operands[1].shape for step in convs] == [(2, 2, 3, 16), (2, 2, 4, 8)]
    assert after[0].shape == results[0].shape
    if shape is not None:
        leaves = [*inputs, *(tensor for _, tensor in made.weights)]
        assert_same_values(leaves, results, after, rtol=2e-6)
