"""Loops: what they carry, what they capture, and what stays outside."""

from __future__ import annotations

import numpy as np
import pytest

from graphc.diagnostics.fault import Fault
from graphc.ir.dims import BATCH, UNKNOWN, variable
from graphc.ir.primitives import apply, step_cost
from graphc.ir.primitives.control import SCAN
from graphc.ir.primitives.random import RANDOM_BITS
from graphc.ir.tensor import Tensor, steps_of
from graphc.ir.types import TensorType
from graphc.ops.convert import as_tensor, cast
from graphc.ops.linear_algebra import matmul
from graphc.ops.loop import scan_steps
from tests.reference.evaluate import run_tensors

TIME = variable("T")


def tensor(*shape: object, dtype: str = "float32") -> Tensor:
    return Tensor(TensorType(shape, dtype))


def body_of(result: Tensor) -> list[str]:
    assert result.step is not None
    assert result.step.primitive is SCAN
    return [step.primitive.name for step in steps_of(result.step.attributes["body"].results)]


def captured_by(result: Tensor) -> tuple[Tensor, ...]:
    step = result.step
    assert step is not None
    return step.operands[step.attributes["carried"] + step.attributes["scanned"] :]


def test_a_running_sum():
    xs, start = tensor(TIME, 2), tensor(2)
    (total,), (sums,) = scan_steps(
        lambda carried, slices: ((carried[0] + slices[0],), (carried[0] + slices[0],)),
        (start,),
        (xs,),
    )
    assert total.type == TensorType((2,), "float32")
    assert sums.type == TensorType((TIME, 2), "float32")
    values = {xs: np.arange(6.0, dtype="float32").reshape(3, 2), start: np.ones(2, "float32")}
    last, all_sums = run_tensors((total, sums), values)
    np.testing.assert_array_equal(last, [7, 10])
    np.testing.assert_array_equal(all_sums, [[1, 2], [3, 5], [7, 10]])


def test_in_reverse_outputs_stand_where_their_slices_stood():
    xs, start = tensor(3), tensor()
    _, (sums,) = scan_steps(
        lambda carried, slices: ((carried[0] + slices[0],), (carried[0] + slices[0],)),
        (start,),
        (xs,),
        reverse=True,
    )
    values = {xs: np.array([1, 2, 4], "float32"), start: np.array(0, "float32")}
    (got,) = run_tensors((sums,), values)
    np.testing.assert_array_equal(got, [7, 6, 4])


def test_what_does_not_change_is_computed_outside():
    xs, start, kernel = tensor(5, BATCH, 3), tensor(BATCH, 4), tensor(3, 4)
    (last,), _ = scan_steps(
        lambda carried, slices: ((carried[0] + matmul(slices[0], kernel * kernel),), ()),
        (start,),
        (xs,),
    )
    assert body_of(last) == ["dot_general", "add"]
    (outside,) = captured_by(last)
    assert outside.step is not None
    assert outside.step.primitive.name == "multiply"


def test_weights_asked_for_inside_are_captured():
    made: list[Tensor] = []

    def step(carried, slices):
        made.append(tensor(3))
        return (carried[0] + slices[0] * cast(made[0], "float32"),), ()

    (last,), _ = scan_steps(step, (tensor(3),), (tensor(5, 3),))
    assert captured_by(last) == (made[0],)


def test_scalars_are_made_inside():
    (last,), _ = scan_steps(
        lambda carried, slices: ((1 - carried[0] + slices[0],), ()), (tensor(3),), (tensor(5, 3),)
    )
    assert captured_by(last) == ()
    assert body_of(last) == ["constant", "subtract", "add"]


def test_random_numbers_are_drawn_at_each_step():
    def step(carried, slices):
        bits = cast(apply(RANDOM_BITS, shape=(3,), seed=None), "float32")
        return (carried[0] + bits,), ()

    (last,), _ = scan_steps(step, (tensor(3),), (tensor(5, 3),))
    assert body_of(last) == ["random_bits", "cast", "add"]


def test_random_numbers_drawn_before_are_the_same_at_each_step():
    bits = cast(apply(RANDOM_BITS, shape=(3,), seed=None), "float32")
    (last,), _ = scan_steps(
        lambda carried, _: ((carried[0] + bits,), ()), (tensor(3),), (tensor(5, 3),)
    )
    assert captured_by(last) == (bits,)


def test_a_result_may_be_what_came_in():
    around = tensor(3)
    (kept,), (copies, same) = scan_steps(
        lambda carried, slices: (carried, (slices[0], around)), (tensor(3),), (tensor(5, 3),)
    )
    assert kept.type == TensorType((3,), "float32")
    assert copies.type == same.type == TensorType((5, 3), "float32")
    assert captured_by(kept) == (around,)


def test_a_loop_that_needs_nothing_of_its_steps():
    x = tensor(3)
    nothing, made = scan_steps(lambda *_: ((), (x * x,)), (), (), length=4)
    assert nothing == ()
    (got,) = run_tensors(made, {x: np.array([1, 2, 3], "float32")})
    np.testing.assert_array_equal(got, [[1, 4, 9]] * 4)
    assert scan_steps(lambda *_: ((), ()), (), (), length=4) == ((), ())


def test_loops_inside_loops():
    weight = tensor(2)

    def outer(carried, slices):
        (inner,), _ = scan_steps(
            lambda c, s: ((c[0] + s[0] * weight,), ()), (carried[0],), (slices[0],)
        )
        return (inner,), ()

    xs, start = tensor(3, 4, 2), tensor(2)
    (last,), _ = scan_steps(outer, (start,), (xs,))
    assert body_of(last) == ["scan"]
    values = {
        xs: np.ones((3, 4, 2), "float32"),
        start: np.zeros(2, "float32"),
        weight: np.array([1, 2], "float32"),
    }
    (got,) = run_tensors((last,), values)
    np.testing.assert_array_equal(got, [12, 24])


@pytest.mark.parametrize("length", [4, TIME, UNKNOWN])
def test_costs_are_those_of_all_steps(length):
    xs = tensor(length, BATCH, 3)
    kernel = tensor(3, 5)
    _, (ys,) = scan_steps(lambda _, slices: ((), (matmul(slices[0], kernel),)), (), (xs,))
    assert ys.shape == (length, BATCH, 5)
    assert ys.step is not None
    assert step_cost(ys.step).macs == (UNKNOWN if length is UNKNOWN else length * BATCH * 15)


def test_sequences_of_different_lengths():
    with pytest.raises(Fault) as caught:
        scan_steps(lambda _, slices: ((), slices), (), (tensor(4, 3), tensor(5, 3)))
    assert caught.value.message == "needs as many steps in each sequence, got 4 and 5"


def test_a_state_keeps_its_type():
    start = tensor(2)
    with pytest.raises(Fault) as caught:
        scan_steps(
            lambda carried, _: ((as_tensor(carried[0], "float16"),), ()), (start,), (tensor(5, 2),)
        )
    assert caught.value.message == (
        "needs a state that keeps its type from step to step, got [2] before and float16[2] after"
    )
