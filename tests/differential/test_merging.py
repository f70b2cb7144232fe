"""Merging, joining and multiplying layers against the installed Keras."""

from __future__ import annotations

from itertools import product

import pytest

from graphc.declare.trace import trace_layer
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import BATCH, UNKNOWN, variable
from graphc.ir.types import TensorType
from tests.differential.harness import L, T, check_accepted, check_rejected
from tests.differential.values import check_values

ELEMENTWISE = ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum")
SEVERAL = [name for name in ELEMENTWISE if name != "Subtract"]
A = T(4, 5)
MASKED = T(4, 5, masked=True)

PAIRS = [
    [A, A],
    [A, T(1, 5)],
    [T(4, 1), T(1, 5)],
    [A, T(5)],
    [T(5), A],
    [A, T(1)],
    [A, T()],
    [T(), T()],
    [T(3, 4, 5), T(4, 5)],
    [T(3, 4, 5), T(1, 5)],
    [T(None, 5), T(None, 5)],
    [T(None, 5), T(1, 5)],
    [T(None, 5), T(5)],
    [A, T(4, 5, dtype="int32")],
    [T(4, 5, dtype="float16"), A],
    [T(4, 5, dtype="uint8"), T(4, 5, dtype="bool")],
    [MASKED, A],
    [A, MASKED],
    [MASKED, MASKED],
    [MASKED, T(1, 5, masked=True)],
    [T(None, 5, masked=True), T(None, 5, masked=True)],
]

UNEQUAL = [
    [A, T(4, 6)],
    [A, T(3, 5)],
    [A, T(4)],
    [T(2, 4, 5), T(3, 5)],
    [T(None, 5), T(None, 6)],
]


@pytest.mark.parametrize(("name", "xs"), list(product(ELEMENTWISE, PAIRS)), ids=repr)
def test_two(name, xs):
    check_accepted(L(name), xs)


@pytest.mark.parametrize("name", SEVERAL)
def test_one_and_more(name):
    check_accepted(L(name), [A])
    check_accepted(L(name), [MASKED])
    check_accepted(L(name), [A, A, T(5), T(1, 1)])
    check_accepted(L(name), [MASKED, MASKED, MASKED])
    check_accepted(L(name), [MASKED, A, MASKED])
    check_accepted(L(name, dtype="mixed_float16"), [A, T(4, 5, dtype="int32")])
    check_accepted(L(name, dtype="float64"), [A, A])


@pytest.mark.parametrize(("name", "xs"), list(product(ELEMENTWISE, UNEQUAL)), ids=repr)
def test_shapes_that_do_not_meet(name, xs):
    check_rejected(L(name), xs)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_a_tensor_alone_is_no_list(name):
    check_rejected(L(name), A)


def test_subtract_takes_two():
    check_rejected(L("Subtract"), [A])
    check_rejected(L("Subtract"), [A, A, A])


def test_a_known_size_beside_an_unknown_one():
    # Keras forgets the 4; an unknown size that meets it is 4, or 1 and repeated.
    for name in ELEMENTWISE:
        trace = trace_layer(L(name).ours(), {"inputs": [A.ours(), T(None, 5).ours()]})
        assert str(trace.outputs[0].type) == "[B, 4, 5]"


JOINED = [
    (L("Concatenate"), [A, A]),
    (L("Concatenate"), [A, T(4, 2), T(4, 1)]),
    (L("Concatenate", 1), [A, T(7, 5)]),
    (L("Concatenate", axis=-2), [A, T(7, 5)]),
    (L("Concatenate", 0), [A, A]),
    (L("Concatenate"), [A]),
    (L("Concatenate"), [T(5), T(2)]),
    (L("Concatenate", 0), [T(), T()]),
    (L("Concatenate"), [T(None, 5), T(None, 2)]),
    (L("Concatenate", 1), [T(None, 5), T(3, 5)]),
    (L("Concatenate"), [T(4, None), T(4, 2)]),
    (L("Concatenate"), [A, T(4, 2, dtype="int32")]),
    (L("Concatenate", dtype="mixed_float16"), [A, T(4, 2, dtype="int32")]),
    (L("Concatenate"), [MASKED, A]),
    (L("Concatenate"), [A, MASKED]),
    (L("Concatenate"), [MASKED, T(4, 2, masked=True)]),
    (L("Concatenate", 1), [MASKED, T(7, 5, masked=True)]),
    (L("Concatenate", 1), [MASKED, T(7, 5)]),
    (L("Concatenate", 1), [T(None, 5, masked=True), T(7, 5)]),
    (L("Concatenate"), [T(4, masked=True), T(3, masked=True)]),
]

UNJOINED = [
    (L("Concatenate"), A),
    (L("Concatenate"), [A, T(3, 5)]),
    (L("Concatenate", 1), [A, T(4, 6)]),
    (L("Concatenate"), [A, T(5)]),
    (L("Concatenate"), [A, T(1, 5)]),
    (L("Concatenate", 3), [A, A]),
    (L("Concatenate", -4), [A, A]),
    (L("Concatenate", "last"), [A, A]),
    (L("Concatenate", (1, 2)), [A, A]),
    (L("Concatenate", None), [A, A]),
]


@pytest.mark.parametrize(("layer", "xs"), JOINED, ids=repr)
def test_joined(layer, xs):
    check_accepted(layer, xs)


@pytest.mark.parametrize(("layer", "xs"), UNJOINED, ids=repr)
def test_not_joined(layer, xs):
    check_rejected(layer, xs)


MULTIPLIED = [
    (L("Dot", 1), [T(5), T(5)]),
    (L("Dot", -1), [T(5), T(5)]),
    (L("Dot", 1), [A, T(4, 3)]),
    (L("Dot", 2), [A, T(3, 5)]),
    (L("Dot", -1), [A, T(3, 5)]),
    (L("Dot", (2, 1)), [A, T(5, 3)]),
    (L("Dot", [1, 2]), [A, T(3, 4)]),
    (L("Dot", (-1, -2)), [A, T(5, 3)]),
    (L("Dot", (1, 2)), [T(5), A]),
    (L("Dot", (2, 1)), [A, T(5)]),
    (L("Dot", -1), [A, T(5)]),
    (L("Dot", (3, 1)), [T(2, 3, 5), T(5, 7)]),
    (L("Dot", (1, 3)), [T(5, 2, 3), T(7, 8, 5)]),
    (L("Dot", (2, 1)), [T(2, 5, 3), T(5, 7, 8)]),
    (L("Dot", 2), [T(None, 5), T(3, 5)]),
    (L("Dot", 1), [T(None, 5), T(None, 3)]),
    (L("Dot", -1, True), [A, T(3, 5)]),
    (L("Dot", 1, normalize=True), [T(5), T(5)]),
    (L("Dot", -1), [A, T(3, 5, dtype="int32")]),
    (L("Dot", -1), [MASKED, T(3, 5, masked=True)]),
]

UNMULTIPLIED = [
    (L("Dot", 1), [T(5), T(6)]),
    (L("Dot", -1), [A, T(5, 4)]),
    (L("Dot", (1, 1)), [A, T(5, 4)]),
    (L("Dot", 3), [A, A]),
    (L("Dot", (1, 3)), [A, A]),
    (L("Dot", (1, -4)), [A, A]),
    (L("Dot", (1, 2, 3)), [A, A]),
    (L("Dot", (1.5, 2)), [A, A]),
    (L("Dot", "1"), [A, A]),
    (L("Dot", None), [A, A]),
    (L("Dot"), [A, A]),
    (L("Dot", 1), A),
    (L("Dot", 1), [A]),
    (L("Dot", 1), [A, A, A]),
    (L("Dot", 1), [T(), T()]),
]


@pytest.mark.parametrize(("layer", "xs"), MULTIPLIED, ids=repr)
def test_multiplied(layer, xs):
    check_accepted(layer, xs)


def test_normalized_in_half_precision():
    # Its values are left out: the bound on the inverse norm, 1e7, is infinite there.
    check_accepted(L("Dot", -1, normalize=True, dtype="float16"), [A, T(3, 5)])


@pytest.mark.parametrize(("layer", "xs"), UNMULTIPLIED, ids=repr)
def test_not_multiplied(layer, xs):
    check_rejected(layer, xs)


def test_the_batch_axis_is_no_axis_to_multiply_along():
    # Keras gives this a shape, and fails when it runs.
    layer, xs = L("Dot", 0), [A, A]
    layer.theirs()([x.theirs() for x in xs])
    with pytest.raises(Fault) as caught:
        trace_layer(layer.ours(), {"inputs": [x.ours() for x in xs]})
    assert caught.value.message == ("needs `axes` other than the batch axis 0, got 0 for [B, 4, 5]")


def test_an_unknown_size_may_be_the_other_one():
    # Keras takes "unknown" for a size that no number equals.
    trace = trace_layer(L("Dot", 1).ours(), {"inputs": [T(None, 3).ours(), T(4, 5).ours()]})
    assert str(trace.outputs[0].type) == "[B, 3, 5]"


VALUES = [
    *product(
        [L(name) for name in ELEMENTWISE], [[A, A], [MASKED, A], [A, T(5)], [T(4, 1), T(1, 5)]]
    ),
    *product([L(name) for name in SEVERAL], [[MASKED, MASKED, MASKED], [A, MASKED, A]]),
    *product([L("Average"), L("Multiply")], [[T(4, 5, dtype="int32"), T(4, 5, dtype="int32")]]),
    *JOINED[:4],
    *JOINED[-6:-1],
    *MULTIPLIED,
]


@pytest.mark.parametrize(("layer", "xs"), VALUES, ids=repr)
def test_values(layer, xs):
    check_values(layer, xs)


# Symbolic sizes, and what the user reads

S, C = variable("S"), variable("C")


def output_of(layer, *shapes):
    types = [TensorType((BATCH, *dims), "float32") for dims in shapes]
    return str(trace_layer(layer.ours(), {"inputs": types}).outputs[0].type)


def fault_of(layer, *shapes):
    with pytest.raises(Fault) as caught:
        output_of(layer, *shapes)
    return caught.value


def test_symbolic_sizes():
    assert output_of(L("Add"), (S, C), (S, C), (C,)) == "[B, S, C]"
    assert output_of(L("Multiply"), (S, 1), (1, C)) == "[B, S, C]"
    assert output_of(L("Concatenate"), (S, C), (S, 4), (S, C)) == "[B, S, 2*C + 4]"
    assert output_of(L("Concatenate", 1), (S, C), (UNKNOWN, C)) == "[B, ?, C]"
    assert output_of(L("Dot", -1), (S, C), (2 * S, C)) == "[B, S, 2*S]"


def test_unequal_shapes_are_both_shown():
    fault = fault_of(L("Add"), (32, 32, 64), (16, 16, 64))
    assert fault.code.id == "E0302"
    assert fault.message == (
        "needs inputs of one shape, or that broadcast, got [B, 32, 32, 64] and [B, 16, 16, 64]"
    )
    assert fault.label == "32 is not 16"
    assert fault.inputs == ("inputs",)


def test_shapes_of_other_ranks_are_shown_as_they_are():
    fault = fault_of(L("Add"), (4, 5), (6,), (5,))
    assert fault.message.endswith("got [B, 4, 5], [B, 6] and [B, 5]")


def test_symbolic_sizes_that_may_differ():
    fault = fault_of(L("Add"), (S, 4), (C, 4))
    assert fault.label.startswith("S is not C: at ")


def test_concatenation_along_another_axis_is_suggested():
    fault = fault_of(L("Concatenate"), (8, 64), (16, 64))
    assert fault.message == (
        "needs inputs that agree on every axis but axis 2, got [B, 8, 64] and [B, 16, 64]"
    )
    assert fault.label == "axis 1: 8 is not 16"
    assert fault.help == "they agree with axis=1"


def test_a_single_tensor():
    fault = fault_of_single(L("Add"), A)
    assert fault.code.id == "E0309"
    assert fault.message == "needs a list of tensors, got a single tensor"
    assert fault_of_single(L("Subtract"), A).message == (
        "needs a list of 2 tensors, got a single tensor"
    )


def fault_of_single(layer, x):
    with pytest.raises(Fault) as caught:
        trace_layer(layer.ours(), {"inputs": x.ours()})
    return caught.value
