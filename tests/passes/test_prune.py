"""Loops without what nobody uses, and what their gradients keep."""

from __future__ import annotations

import numpy as np

from graphc.ir.primitives.control import SCAN
from graphc.ir.tensor import Tensor, steps_of
from graphc.ir.types import TensorType
from graphc.ops.loop import scan_steps
from graphc.ops.random import uniform
from graphc.ops.reduction import sum_
from graphc.passes.differentiate import gradients
from graphc.passes.prune import prune
from graphc.runtime.execute import Compiled

X = Tensor(TensorType((5, 3), "float32"))
Y = Tensor(TensorType((5, 3), "float32"))
W = Tensor(TensorType((3,), "float32"))
ARRAYS = [np.random.default_rng(i).normal(size=(5, 3)).astype("float32") for i in range(2)]


def test_outputs_that_nobody_uses_are_left_out_with_what_they_need() -> None:
    start = Tensor(TensorType((3,), "float32"))
    ends, (sums, products) = scan_steps(
        lambda state, each: ((state[0] + each[0],), (state[0] * 2, each[1] * W)), [start], [X, Y]
    )
    (pruned,) = prune([sums])
    (loop,) = [step for step in steps_of([pruned]) if step.primitive is SCAN]
    assert loop.operands == (start, X)
    assert len(loop.types) == 2
    given = [np.ones(3, "float32"), *ARRAYS, np.ones(3, "float32")]
    (whole,) = Compiled([start, X, Y, W], [sums])(*given)
    (less,) = Compiled([start, X, Y, W], [pruned])(*given)
    np.testing.assert_array_equal(less, whole)
    kept = prune([*ends, products])
    (loop,) = [step for step in steps_of(kept) if step.primitive is SCAN]
    assert loop.operands == (start, X, Y, W)


def test_what_a_loop_draws_is_the_same_in_its_gradient() -> None:
    _, (dropped,) = scan_steps(lambda _, each: ((), (each[0] * uniform((3,)),)), (), [X])
    (loss, out), (slope,) = gradients(sum_(dropped), [X], [dropped])
    _, found, slopes = Compiled([X], [loss, out, slope])(ARRAYS[0])
    np.testing.assert_allclose(found, ARRAYS[0] * slopes, rtol=1e-6)
    assert len(np.unique(slopes)) == 15


def test_gradients_of_weights_are_taken_for_all_steps_at_once() -> None:
    kernel = Tensor(TensorType((3, 3), "float32"))
    start = Tensor(TensorType((2, 3), "float32"))
    sequence = Tensor(TensorType((5, 2, 3), "float32"))
    (last,), _ = scan_steps(
        lambda state, each: ((state[0] @ kernel + each[0],), ()), [start], [sequence]
    )
    _, slopes = gradients(sum_(last * last), [kernel])
    loops = [step for step in steps_of(slopes) if step.primitive is SCAN]
    # The second one carries the state's cotangent alone.
    assert [step.attributes["carried"] for step in loops] == [1, 1]
