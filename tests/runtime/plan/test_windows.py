"""Each way to slide windows, beside the kernel."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from graphc.record import replace
from graphc.runtime.kernels.convolution import conv
from graphc.runtime.kernels.window import reduce_window_max, reduce_window_sum
from graphc.runtime.plan.call import Table
from graphc.runtime.plan.memory import held, known
from graphc.runtime.plan.windows.depthwise import Depthwise
from graphc.runtime.plan.windows.geometry import Geometry
from graphc.runtime.plan.windows.im2col import Im2col
from graphc.runtime.plan.windows.of_kernel import OfKernel
from graphc.runtime.plan.windows.planes import Planes
from graphc.runtime.plan.windows.pooling import Pooling
from graphc.runtime.plan.windows.scattered import Scattered
from graphc.runtime.plan.windows.winograd import Winograd

SPACE = {
    name: getattr(np, name) for name in ("copyto", "dot", "matmul", "einsum", "maximum", "add")
}


def call_all(calls):
    for call in calls:
        values = [x.rows if isinstance(x, Table) else x for x in call.arrays]
        names = [f"a{i}" for i in range(len(call.arrays))]
        exec(call.text.format(*names), SPACE, dict(zip(names, values, strict=True)))


def rooms(strategy):
    """Scratch full of garbage."""
    return [np.full(size, 255, np.uint8) for size in strategy.scratch]


def run(strategy, x, out):
    """All blocks; the result, a row for each place."""
    geometry = strategy.geometry
    result = np.full((geometry.images * int(np.prod(geometry.places)), out), np.nan, x.dtype)
    width = int(np.prod(geometry.places[1:]))
    done = 0
    scratch = rooms(strategy)
    for block in strategy.blocks:
        start = (block.images[0] * geometry.places[0] + block.rows[0]) * width
        stop = ((block.images[1] - 1) * geometry.places[0] + block.rows[1]) * width
        assert start == done, "blocks follow each other"
        done = stop
        scratch = scratch if strategy.lasts else rooms(strategy)
        call_all(strategy.calls(block, x, result[start:stop], scratch))
    assert done == len(result)
    return result.reshape(geometry.images, *geometry.places, out)


AXES = st.integers(1, 3)
CACHES = st.sampled_from([1, 700, 5000, 1 << 20])


@st.composite
def geometries(draw, axes=None, *, spread=True):
    axes = draw(AXES) if axes is None else axes
    ones = st.just(1)

    def each(strategy):
        return tuple(draw(strategy) for _ in range(axes))

    made = Geometry(
        draw(st.integers(1, 3)),
        each(st.integers(1, 9)),
        draw(st.integers(1, 3)),
        each(st.integers(1, 4)),
        each(st.integers(1, 3)),
        each(st.tuples(st.integers(-1, 3), st.integers(-1, 3))),
        each(st.integers(1, 2)),
        each(st.integers(1, 3) if spread else ones),
        True,
    )
    assume(all(n > 0 for n in made.padded))
    assume(
        all(
            n >= d * (k - 1) + 1
            for n, d, k in zip(made.padded, made.dilation, made.window, strict=True)
        )
    )
    return made


def images(geometry, *, order="C"):
    rng = np.random.default_rng(0)
    shape = (geometry.images, *geometry.sizes, geometry.channels)
    return np.asarray(rng.standard_normal(shape), "float32", order)


def expected(geometry, x, kernel, groups=1):
    return conv(
        x, kernel, geometry.strides, geometry.padding, geometry.dilation, geometry.spread, groups
    )


def kernel_of(geometry, out, order):
    """A kernel, and its place; in memory it may have its last two axes the other way round."""
    shape = (*geometry.window, geometry.channels, out)
    made = np.random.default_rng(1).standard_normal(shape).astype("float32")
    if order == "plain":
        return made, held(made)
    base = np.ascontiguousarray(made.swapaxes(-1, -2))
    return made, view_of(base.swapaxes(-1, -2), base)


ORDERS = st.sampled_from(["plain", "turned"])


@pytest.mark.parametrize("way", [Im2col, Scattered])
@settings(max_examples=60, deadline=None)
@given(geometries(), st.integers(1, 3), CACHES, ORDERS)
def test_convolution(way, geometry, out, cache, order):
    if way is Scattered:
        geometry = replace(geometry, strides=(1,) * len(geometry.sizes))
    x = images(geometry)
    kernel, place = kernel_of(geometry, out, order)
    got = run(way(geometry, place, cache), x, out)
    np.testing.assert_allclose(got, expected(geometry, x, kernel), rtol=1e-5, atol=1e-5)


@settings(max_examples=40, deadline=None)
@given(geometries(spread=False), st.integers(1, 3), CACHES)
def test_planes(geometry, out, cache):
    assume(geometry.taps > 1)
    geometry = replace(geometry, strides=(1,) * len(geometry.sizes))
    x = images(geometry)
    kernel = np.random.default_rng(1).standard_normal((*geometry.window, geometry.channels, out))
    kernel = kernel.astype("float32")
    right = expected(geometry, x, kernel)
    np.testing.assert_allclose(
        run(Planes(geometry, kernel, cache), x, out), right, rtol=1e-5, atol=1e-5
    )
    # Images whose rows are farther apart than they are long.
    wide = np.repeat(x, 2, axis=1)[:, ::2]
    np.testing.assert_allclose(
        run(Planes(geometry, kernel, cache), wide, out), right, rtol=1e-5, atol=1e-5
    )


@settings(max_examples=120, deadline=None)
@given(geometries(), st.integers(1, 4), CACHES)
def test_gradients_of_kernels(geometry, out, cache):
    """Images [N, *sizes, C] seen as [C, *sizes, N], and the gradient of results as the kernel."""
    x = images(geometry)
    shape = (geometry.images, *geometry.places, out)
    slopes = np.random.default_rng(1).standard_normal(shape).astype("float32")
    last = x.ndim - 1
    reach = [(m - 1) * s for m, s in zip(geometry.places, geometry.strides, strict=True)]
    padding = tuple(
        (low, far + (k - 1) * d + 1 - (n - 1) * u - 1 - low)
        for (low, _), far, k, d, n, u in zip(
            geometry.padding, reach, geometry.window, geometry.dilation, geometry.sizes,
            geometry.spread, strict=True,
        )
    )  # fmt: skip
    attributes = {
        "strides": geometry.dilation, "padding": padding, "dilation": geometry.strides,
        "input_dilation": geometry.spread, "groups": 1,
    }  # fmt: skip
    seen, kernel = x.swapaxes(0, last), np.moveaxis(slopes, 0, -2)
    strategy = OfKernel(view_of(seen, x), view_of(kernel, slopes), attributes, cache)
    result = np.full((geometry.channels, *geometry.window, out), np.nan, "float32")
    scratch = rooms(strategy)
    for block in strategy.blocks:
        for room in scratch[:3]:
            room.fill(255)
        call_all(strategy.calls(block, seen, result, scratch))
    right = conv(np.ascontiguousarray(seen), kernel, **attributes)
    np.testing.assert_allclose(result, right, rtol=1e-4, atol=1e-4)


def view_of(view, base):
    """The place of a view that begins where its base does."""
    return replace(held(base), shape=view.shape, strides=view.strides)


@settings(max_examples=80, deadline=None)
@given(geometries(2), CACHES, st.sampled_from([known, held]))
def test_depthwise(geometry, cache, placed):
    x = images(geometry)
    kernel = np.random.default_rng(1).standard_normal((*geometry.window, 1, geometry.channels))
    kernel = kernel.astype("float32")
    got = run(Depthwise(geometry, placed(kernel), cache), x, geometry.channels)
    right = expected(geometry, x, kernel, geometry.channels)
    np.testing.assert_allclose(got, right, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("m", [2, 4])
@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 3), st.tuples(st.integers(3, 14), st.integers(3, 14)), st.integers(1, 4),
    st.tuples(*[st.tuples(st.integers(0, 2), st.integers(0, 2))] * 2), st.integers(1, 3), CACHES,
)  # fmt: skip
def test_winograd(m, count, sizes, channels, padding, out, cache):
    ones = (1, 1)
    geometry = Geometry(count, sizes, channels, (3, 3), ones, padding, ones, ones, True)
    x = images(geometry)
    kernel = np.random.default_rng(1).standard_normal((3, 3, channels, out)).astype("float32")
    got = run(Winograd(geometry, kernel, m, cache), x, out)
    np.testing.assert_allclose(got, expected(geometry, x, kernel), rtol=1e-5, atol=2e-5)


@pytest.mark.parametrize("name", ["maximum", "add"])
@settings(max_examples=60, deadline=None)
@given(geometries(spread=False), CACHES)
def test_pooling(name, geometry, cache):
    assume(all(d == 1 for d in geometry.dilation))
    x = images(geometry)
    kernel, empty = (reduce_window_max, -np.inf) if name == "maximum" else (reduce_window_sum, 0)
    got = run(Pooling(geometry, name, empty, x.dtype, cache), x, geometry.channels)
    around = ((0, 0), *geometry.padding, (0, 0))
    right = kernel(x, (1, *geometry.window, 1), (1, *geometry.strides, 1), around)
    np.testing.assert_allclose(got, right, rtol=1e-5, atol=1e-5)


def test_small_images_share_a_block_and_large_ones_are_cut():
    geometry = Geometry(6, (8, 8), 4, (3, 3), (1, 1), ((1, 1), (1, 1)), (1, 1), (1, 1), True)
    kernel = held(np.zeros((3, 3, 4, 4), "float32"))
    row = 8 * (9 * 4 + 4) * 4  # the windows of a row, and their results
    together = Im2col(geometry, kernel, 2 * 8 * row).blocks
    assert [block.images for block in together] == [(0, 2), (2, 4), (4, 6)]
    cut = Im2col(geometry, kernel, 4 * row).blocks
    assert [block.rows for block in cut[:2]] == [(0, 4), (4, 8)]
    assert len(cut) == 12
