"""What goes out of loops, and gates that are joined."""

from __future__ import annotations

import numpy as np
import pytest

from graphc.ir.primitives import contraction, control, movement
from graphc.ir.primitives import elementwise as rows
from graphc.ir.primitives.control import Body
from graphc.ir.primitives.row import apply, apply_all
from graphc.ir.tensor import steps_of
from graphc.passes.gates import join_gates
from graphc.passes.hoist import hoist
from tests.passes.compared import assert_same_values, counts, leaf


def scan(body, carried, scanned, around, length, *, reverse=False):
    """A loop of `body(states, slices, others)`, which gives new states and outputs."""
    states = [leaf(*x.shape) for x in carried]
    slices = [leaf(*x.shape[1:]) for x in scanned]
    others = [leaf(*x.shape) for x in around]
    after, outputs = body(states, slices, others)
    return apply_all(
        control.SCAN,
        *carried, *scanned, *around,
        body=Body((*states, *slices, *others), (*after, *outputs)),
        carried=len(carried), scanned=len(scanned), length=length, reverse=reverse,
    )  # fmt: skip


def product(x, y):
    return apply(contraction.DOT_GENERAL, x, y, contracting=((1,), (0,)))


def cut(x, start, size):
    starts, sizes = (0, start), (x.shape[0], size)
    return apply(movement.SLICE, x, starts=starts, sizes=sizes, strides=(1, 1))


def inside(results):
    (loop,) = (step for step in steps_of(results) if step.primitive is control.SCAN)
    return counts(loop.attributes["body"].results), loop


@pytest.mark.parametrize("reverse", [False, True])
def test_a_product_of_slices_is_one_of_the_whole_sequence(reverse):
    h, xs, w, u, b = leaf(2, 3), leaf(5, 2, 4), leaf(4, 3), leaf(3, 3), leaf(3)

    def body(states, slices, others):
        (state,), (x,), (w, u, b) = states, slices, others
        total = apply(rows.ADD, apply(rows.ADD, product(x, w), product(state, u)), b)
        new = apply(rows.TANH, total)
        return [new], [new]

    results = scan(body, [h], [xs], [w, u, b], 5, reverse=reverse)
    after = hoist(results)
    before, _ = inside(results)
    now, loop = inside(after)
    assert (before["dot_general"], now["dot_general"]) == (2, 1)
    assert (before["add"], now["add"]) == (2, 1)
    assert loop.attributes["scanned"] == 1
    assert len(loop.operands) == 3  # the state, the product of the sequence, and u
    assert_same_values([h, xs, w, u, b], results, after, rtol=1e-5, low=-1)


def test_what_no_slice_changes_is_done_once():
    h, xs, w = leaf(2, 3), leaf(5, 2, 3), leaf(3)

    def body(states, slices, others):
        factor = apply(rows.EXP, others[0])
        return [apply(rows.MULTIPLY, states[0], factor)], [apply(rows.ADD, slices[0], factor)]

    results = scan(body, [h], [xs], [w], 5)
    after = hoist(results)
    assert inside(after)[0] == {"multiply": 1}
    assert_same_values([h, xs, w], results, after, rtol=1e-6, low=-1)


def test_slices_with_fewer_axes_than_what_they_meet():
    h, xs, w = leaf(2, 3), leaf(5, 3), leaf(2, 1)

    def body(states, slices, others):
        scaled = apply(rows.MULTIPLY, slices[0], others[0])
        return [apply(rows.ADD, states[0], scaled)], []

    results = scan(body, [h], [xs], [w], 5)
    after = hoist(results)
    assert inside(after)[0] == {"add": 1}
    assert_same_values([h, xs, w], results, after)


def lstm(width, *, kinds=(rows.LOGISTIC, rows.LOGISTIC, rows.TANH, rows.LOGISTIC), shared=False):
    h, c, xs = leaf(2, width), leaf(2, width), leaf(5, 2, 4)
    w, u, b = leaf(4, 4 * width), leaf(width, 4 * width), leaf(4 * width)

    def body(states, slices, others):
        (state, cell), (x,), (w, u, b) = states, slices, others
        total = apply(rows.ADD, apply(rows.ADD, product(x, w), product(state, u)), b)
        i, f, g, o = (
            apply(kind, cut(total, place * width, width)) for place, kind in enumerate(kinds)
        )
        cell = apply(rows.ADD, apply(rows.MULTIPLY, f, cell), apply(rows.MULTIPLY, i, g))
        state = apply(rows.MULTIPLY, o, apply(rows.TANH, cell))
        return [state, cell], [total] if shared else [state]

    leaves = [h, c, xs, w, u, b]
    return leaves, scan(body, [h, c], [xs], [w, u, b], 5)


def test_gates_are_one_tangent():
    leaves, results = lstm(3)
    after = hoist(join_gates(results))
    now, _ = inside(after)
    assert now["logistic"] == 0
    assert now["tanh"] == 2
    assert now["dot_general"] == 1
    assert now["multiply"] == 4  # three of the cell, and one that halves
    assert_same_values(leaves, results, after, rtol=1e-5, low=-1)


def test_a_sum_that_is_wanted_as_it_is_stays():
    leaves, results = lstm(3, shared=True)
    after = join_gates(results)
    assert inside(after)[0]["logistic"] == 3
    assert_same_values(leaves, results, after)


def test_gates_of_another_kind_stay():
    leaves, results = lstm(3, kinds=(rows.LOGISTIC, rows.SIN, rows.TANH, rows.LOGISTIC))
    after = join_gates(results)
    assert inside(after)[0]["logistic"] == 2
    assert_same_values(leaves, results, after, low=-1)


def test_loops_without_anything_to_hoist_stay():
    h, xs = leaf(2, 3), leaf(5, 2, 3)
    results = scan(lambda s, x, _: ([apply(rows.ADD, s[0], x[0])], []), [h], [xs], [], 5)
    after = hoist(join_gates(results))
    assert inside(after)[0] == {"add": 1}
    assert_same_values([h, xs], results, after)
    assert np.all([step.primitive.name for step in steps_of(after)] == ["scan"])
