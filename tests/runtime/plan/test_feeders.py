"""Groups that fill images just before windows slide over them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from graphc.ir.primitives.contraction import CONV
from graphc.ir.primitives.row import apply
from graphc.ir.primitives.window import REDUCE_WINDOW_MAX
from graphc.ops.activation import relu
from graphc.ops.arithmetic import add
from graphc.ops.elementary import exp
from graphc.ops.linear_algebra import matmul
from graphc.runtime.plan.windows.geometry import Geometry
from tests.passes.compared import leaf
from tests.runtime.plan.test_program import planned, same
from tests.runtime.plan.test_windows import geometries


def slid(geometry, x, kernel, groups=1):
    return apply(
        CONV, x, kernel, strides=geometry.strides, padding=geometry.padding,
        dilation=geometry.dilation, input_dilation=geometry.spread, groups=groups,
    )  # fmt: skip


CACHES = st.sampled_from([1, 300, 1500, 1 << 20])


def check(x, y, weights, cache, *, is_kept, is_added):
    """Compile what is slid over; what it was made of may be wanted again, and as a result."""
    if is_added and y.shape == x.shape:
        y = add(y, x)
    results = [y, x] if is_kept else [y]
    program, constants = planned([x], weights, results, cache=cache)
    same(program, constants, [x], results)


@pytest.mark.parametrize("is_depthwise", [False, True])
@settings(max_examples=60, deadline=None)
@given(geometries(2), CACHES, st.booleans(), st.booleans())
def test_convolutions(is_depthwise, geometry, cache, is_kept, is_added):
    groups = geometry.channels if is_depthwise else 1
    x = leaf(geometry.images, *geometry.sizes, geometry.channels)
    kernel = leaf(*geometry.window, geometry.channels // groups, geometry.channels)
    weights = [kernel, leaf(geometry.channels)]
    y = relu(add(slid(geometry, exp(add(x, x)), kernel, groups), weights[1]))
    check(x, y, weights, cache, is_kept=is_kept, is_added=is_added)


@settings(max_examples=60, deadline=None)
@given(geometries(2, spread=False), CACHES, st.booleans(), st.booleans())
def test_pooling(geometry, cache, is_kept, is_added):
    assume(all(d == 1 for d in geometry.dilation))
    around = ((0, 0), *geometry.padding, (0, 0))
    window, strides = (1, *geometry.window, 1), (1, *geometry.strides, 1)
    x = leaf(geometry.images, *geometry.sizes, geometry.channels)
    y = apply(REDUCE_WINDOW_MAX, exp(add(x, x)), window=window, strides=strides, padding=around)
    check(x, y, [], cache, is_kept=is_kept, is_added=is_added)


@pytest.mark.parametrize("edge", [30, 33])
def test_tiles(edge):
    ones = (1, 1)
    geometry = Geometry(8, (edge, edge), 32, (3, 3), ones, ((1, 1), (1, 1)), ones, ones, True)
    x = leaf(8, edge, edge, 32, dtype="float64")
    kernel = leaf(3, 3, 32, 32, dtype="float64")
    results = [slid(geometry, exp(x), kernel), x]
    program, constants = planned([x], [kernel], results, cache=1 << 14)
    size = 8 * 8 * edge * edge * 32
    assert program.arena_size < 3 * size
    same(program, constants, [x], results)


@pytest.mark.parametrize("strides", [(1, 1), (2, 2)])
def test_what_is_between_a_product_and_windows_is_never_whole(strides):
    x, wide, kernel = leaf(2, 64, 64, 4), leaf(4, 48), leaf(3, 3, 1, 48)
    between = relu(matmul(x, wide))
    padding, ones = ((1, 1), (1, 1)), (1, 1)
    y = apply(
        CONV, between, kernel, strides=strides, padding=padding, dilation=ones,
        input_dilation=ones, groups=48,
    )  # fmt: skip
    program, constants = planned([x], [wide, kernel], [y], cache=1 << 19)
    inputs, whole, outputs = (4 * int(np.prod(t.shape)) for t in (x, between, y))
    assert program.arena_size < inputs + outputs + whole / 2
    same(program, constants, [x], [y])


def test_what_others_need_too_is_whole():
    x, wide, kernel = leaf(1, 64, 64, 4), leaf(4, 48), leaf(3, 3, 1, 48)
    between = relu(matmul(x, wide))
    ones = (1, 1)
    y = apply(
        CONV, between, kernel, strides=ones, padding=((1, 1), (1, 1)), dilation=ones,
        input_dilation=ones, groups=48,
    )  # fmt: skip
    results = [add(y, between)]
    program, constants = planned([x], [wide, kernel], results, cache=1 << 19)
    assert program.arena_size >= 2 * 4 * 64 * 64 * 48
    same(program, constants, [x], results)
