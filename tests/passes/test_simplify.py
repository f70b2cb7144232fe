"""Steps that change nothing."""

from __future__ import annotations

import pytest

from graphc.ir.primitives import apply
from graphc.ir.primitives import elementwise as rows
from graphc.ir.primitives import movement as move
from graphc.passes.simplify import simplify
from tests.passes.compared import assert_same_values, counts, leaf

X = leaf(2, 3, 4)
ZERO = leaf(1)


def reshaped(x, *shape):
    return apply(move.RESHAPE, x, shape=shape)


def turned(x, *order):
    return apply(move.TRANSPOSE, x, permutation=order)


@pytest.mark.parametrize(
    ("result", "left"),
    [
        (reshaped(X, 2, 3, 4), {}),
        (reshaped(reshaped(X, 6, 4), 24), {"reshape": 1}),
        (reshaped(reshaped(reshaped(X, 24), 4, 6), 2, 3, 4), {}),
        (turned(X, 0, 1, 2), {}),
        (turned(turned(X, 1, 2, 0), 2, 0, 1), {}),
        (turned(turned(X, 1, 2, 0), 1, 2, 0), {"transpose": 1}),
        (apply(move.BROADCAST, X, shape=(2, 3, 4)), {}),
        (apply(rows.CAST, X, dtype="float32"), {}),
        (apply(rows.CAST, X, dtype="int32"), {"cast": 1}),
        (apply(move.PAD, X, widths=((0, 0),) * 3, mode="constant", value=0), {}),
        (apply(move.PAD, X, widths=((0, 0), (1, 0), (0, 0)), mode="constant", value=0), {"pad": 1}),
        (apply(move.STOP_GRADIENT, X), {}),
        (apply(rows.MAXIMUM, apply(rows.MAXIMUM, X, ZERO), ZERO), {"maximum": 1}),
        (apply(rows.MAXIMUM, ZERO, apply(rows.MAXIMUM, X, ZERO)), {"maximum": 1}),
        (apply(rows.MINIMUM, apply(rows.MAXIMUM, X, ZERO), ZERO), {"maximum": 1, "minimum": 1}),
        (apply(rows.ADD, apply(rows.ADD, X, ZERO), ZERO), {"add": 2}),
    ],
)
def test_a_step_that_changes_nothing_is_left_out(result, left):
    (made,) = simplify([result])
    assert counts([made]) == left
    assert_same_values([X, ZERO], [result], [made])
