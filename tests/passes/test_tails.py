"""The last steps before large results, taken block by block."""

from __future__ import annotations

import numpy as np

from graphc.ir.primitives import apply
from graphc.ir.primitives import elementwise as rows
from graphc.ir.tensor import Tensor
from graphc.ir.types import TensorType
from graphc.ops.linear_algebra import matmul
from graphc.passes.tails import tails
from graphc.runtime.execute import Compiled
from graphc.runtime.train.program import BLOCK, Program
from tests.passes.compared import leaf

X, Y = leaf(4, 6), leaf(4, 6)
RATE = leaf()
PRODUCT = matmul(X, leaf(6, 6))


def squared(x: Tensor) -> Tensor:
    return apply(rows.MULTIPLY, x, x)


def test_steps_of_one_shape_are_taken_up_to_what_is_no_such_step() -> None:
    moved = squared(apply(rows.ADD, PRODUCT, Y))
    (tail,) = tails([moved], 24, 8)
    assert {id(x) for x in tail.given} == {id(PRODUCT), id(Y)}
    assert tail.scalars == ()
    assert [x.shape for x in (*tail.leaves, *tail.results)] == [(8,), (8,), (8,)]


def test_results_that_have_steps_in_common_are_computed_together() -> None:
    shared = apply(rows.MULTIPLY, squared(X), apply(rows.EXP, RATE))
    both = tails([shared, squared(shared), squared(squared(Y))], 24, 8)
    assert sorted(sorted(tail.places) for tail in both) == [[0, 1], [2]]
    assert [x.shape for x in both[0].scalars] == [()]


def test_what_gains_nothing_stays() -> None:
    assert tails([squared(squared(X))], 25, 8) == []  # small
    assert tails([squared(X)], 24, 8) == []  # a single step
    assert tails([X, PRODUCT], 24, 8) == []
    row = apply(rows.ADD, squared(leaf(1, 6)), leaf(1, 6))
    assert tails([row], 24, 8) == []


def test_a_program_gives_the_same_with_blocks() -> None:
    size = 5 * BLOCK + 7
    x, y = (Tensor(TensorType((size,), "float32")) for _ in range(2))
    rate = Tensor(TensorType((), "float32"))
    moved = apply(rows.SUBTRACT, x, apply(rows.MULTIPLY, squared(y), rate))
    is_less = apply(rows.LT, apply(rows.MULTIPLY, moved, moved), y)
    total = apply(rows.ADD, rate, rate)
    results = {("moved",): moved, ("total",): total, ("is_less",): is_less, ("y",): y}
    program = Program([(("x",), x), (("y",), y), (("rate",), rate)], results)
    random = np.random.default_rng(0)
    arrays = [random.normal(size=size).astype("float32") for _ in range(2)]
    arrays.append(np.asarray(0.3, np.float32))
    made = program(dict(zip([("x",), ("y",), ("rate",)], arrays, strict=True)))
    expected = Compiled([x, y, rate], list(results.values()))(*arrays)
    assert set(made) == set(results)
    for name, wanted in zip(results, expected, strict=True):
        found = made[name]
        assert found.dtype == wanted.dtype
        assert np.array_equal(found, wanted)
