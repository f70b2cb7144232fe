"""Functions of many arguments against NumPy's, on arguments that nobody thought of."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from graphc.declare import OPS
from graphc.declare.trace import Trace, trace_op
from graphc.ir.dims import Dim, substitute, variable
from graphc.ir.types import TensorType
from graphc.ops.padding import same_padding
from tests.reference.evaluate import run_trace


def run(
    name: str, arrays: list[Any], *args: Any, before: tuple[Any, ...] = (), symbolic: bool
) -> Any:
    """Run a function on arrays, with a name for each size if asked."""
    sizes = {size: variable(f"S{size}") for array in arrays for size in array.shape if size > 1}
    types = [
        TensorType(tuple(sizes.get(n, n) if symbolic else n for n in a.shape), a.dtype.name)
        for a in arrays
    ]
    trace = trace_op(OPS[name], (*before, *types, *args), {})
    assert isinstance(trace, Trace)
    return run_trace(trace, arrays)[0]


@st.composite
def einsums(draw: st.DrawFn) -> tuple[str, list[Any]]:
    sizes = {letter: draw(st.integers(1, 4)) for letter in "abcd"}
    specs = draw(st.lists(st.text("abcd", min_size=0, max_size=4), min_size=1, max_size=3))
    known = sorted(set("".join(specs)))
    output = draw(st.permutations(known).map(lambda p: p[: draw(st.integers(0, len(known)))]))
    random = np.random.default_rng(draw(st.integers(0, 99)))
    arrays = [random.integers(-3, 4, [sizes[c] for c in spec]).astype("float32") for spec in specs]
    return f"{','.join(specs)}->{''.join(output)}", arrays


@settings(max_examples=150, deadline=None)
@given(einsums(), st.booleans())
def test_einsum(case: tuple[str, list[Any]], symbolic: bool) -> None:
    subscripts, arrays = case
    expected = np.einsum(subscripts, *arrays)
    got = run("einsum", arrays, before=(subscripts,), symbolic=symbolic)
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-4)


PLACES = st.integers(-6, 6)
ENDS = st.none() | PLACES
STEPS = st.none() | st.sampled_from([1, 2, 3, -1, -2])
ITEMS = st.builds(slice, ENDS, ENDS, STEPS) | st.none() | st.just(Ellipsis) | st.integers(-1, 0)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(1, 5), min_size=1, max_size=3), st.lists(ITEMS, max_size=4))
def test_get_item(shape: list[int], items: list[Any]) -> None:
    axes = sum(item is not None and item is not Ellipsis for item in items)
    if axes > len(shape) or items.count(Ellipsis) > 1:
        return
    x = np.arange(np.prod(shape), dtype="int32").reshape(shape)
    got = run("get_item", [x], tuple(items), symbolic=False)
    np.testing.assert_array_equal(got, x[tuple(items)])


POSITIVE = st.sampled_from([None, 1, 2, 3])


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 9), st.builds(slice, ENDS, ENDS, POSITIVE))
def test_get_item_of_a_symbolic_size(size: int, item: slice) -> None:
    x = np.arange(size, dtype="int32")
    got = run("get_item", [x], item, symbolic=True)
    np.testing.assert_array_equal(got, x[item])


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 40), st.integers(1, 9), st.integers(1, 6))
def test_same_padding(size: int, span: int, stride: int) -> None:
    places = -(-size // stride)
    total = max((places - 1) * stride + span - size, 0)
    assert same_padding(size, span, stride) == (total // 2, total - total // 2)
    before, after = same_padding(variable("H"), span, stride)
    known: list[Dim] = [substitute(dim, {"H": size}) for dim in (before, after)]
    assert known[0] == total // 2
    assert (size + known[0] + known[1] - span) // stride + 1 == places


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=3), st.data())
def test_transpose_reshape_and_back(shape: list[int], data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(shape))))
    x = np.arange(np.prod(shape), dtype="int32").reshape(shape)
    np.testing.assert_array_equal(
        run("transpose", [x], tuple(order), symbolic=True), x.transpose(order)
    )
    flat = run("reshape", [x], (-1, *shape[1:]), symbolic=False)
    np.testing.assert_array_equal(flat, x)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(-20, 20), min_size=1, max_size=12), st.integers(1, 12))
def test_top_k_is_the_end_of_sort(numbers: list[int], k: int) -> None:
    x = np.array(numbers, "int32")
    count = min(k, len(numbers))
    got = run("top_k", [x], count, symbolic=False)
    np.testing.assert_array_equal(got, sorted(numbers, reverse=True)[:count])
