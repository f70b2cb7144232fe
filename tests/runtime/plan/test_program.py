"""Programs on memory that is laid out beforehand."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from graphc.ir.primitives.contraction import DOT_GENERAL
from graphc.ir.primitives.reduction import REDUCE_SUM
from graphc.ir.primitives.row import apply
from graphc.ops.activation import relu, tanh
from graphc.ops.arithmetic import add, greater, subtract, where
from graphc.ops.convert import as_tensor
from graphc.ops.creation import ones
from graphc.ops.elementary import exp
from graphc.ops.linear_algebra import matmul
from graphc.ops.reduction import amax
from graphc.ops.shaping import reshape, transpose
from graphc.runtime.execute import Compiled
from graphc.runtime.plan.program import Planned
from tests.passes.compared import leaf
from tests.samples.rows import load as load_sample


def planned(inputs, weights, results, **options):
    rng = np.random.default_rng(0)
    constants = {x: rng.standard_normal(x.shape).astype(x.dtype) for x in weights}
    return Planned(inputs, constants, results, **options), constants


def same(program, constants, inputs, results):
    rng = np.random.default_rng(1)
    arrays = [rng.standard_normal(x.shape).astype(x.dtype) for x in inputs]
    right = Compiled([*inputs, *constants], results)(*arrays, *constants.values())
    for ours, correct in zip(program(*arrays), right, strict=True):
        np.testing.assert_allclose(ours, correct, rtol=1e-5, atol=1e-5)


def test_what_follows_a_product_is_done_in_its_place():
    x, kernel, bias = leaf(2, 8), leaf(8, 4), leaf(4)
    results = [relu(add(matmul(x, kernel), bias))]
    program, constants = planned([x], [kernel, bias], results)
    names = [line.split("(")[0].strip() for line in program.source.splitlines()[1:-1]]
    assert names == ["copyto", "dot", "add", "maximum"]
    assert program.arena_size == 2 * 64  # the input and one result
    same(program, constants, [x], results)


def test_rows_are_done_block_by_block():
    x, kernel, bias = leaf(1000, 8), leaf(8, 4), leaf(4)
    hidden = relu(add(matmul(x, kernel), bias))
    results = [amax(exp(hidden * hidden - hidden), axis=1)]
    program, constants = planned([x], [kernel, bias], results, cache=1 << 13)
    assert "for " in program.source
    # The input, the sums, and no more than some rows of what is in between.
    assert program.arena_size < 4 * (8 * 1000 + 1000) + 2 * 4 * 4 * 300
    same(program, constants, [x], results)


def test_a_copy_of_a_factor_lies_in_the_arena():
    x, kernel = leaf(4, 8, 16), leaf(16, 4)
    results = [matmul(transpose(x, (1, 0, 2)), kernel)]
    program, constants = planned([x], [kernel], results)
    size = 4 * 4 * 8 * 16
    assert program.arena_size == program.largest_live_set == size + size + 4 * 8 * 4 * 4
    same(program, constants, [x], results)


def test_an_operand_that_is_wanted_again_is_left_alone():
    x = leaf(4, 4)
    y = exp(x)
    results = [add(y, 1.0), transpose(y), subtract(y, transpose(y))]
    program, constants = planned([x], [], results)
    same(program, constants, [x], results)


def test_the_same_input_twice_in_two_orders():
    x = leaf(5, 5)
    y = exp(x)
    results = [add(y, transpose(y))]
    program, constants = planned([x], [], results)
    same(program, constants, [x], results)


def test_an_input_a_weight_and_a_constant_as_results():
    x, kernel = leaf(2, 3), leaf(3)
    results = [x, kernel, reshape(x, (3, 2)), ones((2,)), x]
    program, constants = planned([x], [kernel], results)
    same(program, constants, [x], results)


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "float16"])
@pytest.mark.parametrize("axes", [(2,), (1, 2), (1,), (0, 2)])
def test_rows_are_added_up_in_any_dtype(dtype, axes):
    x = leaf(6, 4, 40, dtype=dtype)
    results = [apply(REDUCE_SUM, x, axes=axes), apply(REDUCE_SUM, transpose(x), axes=(2,))]
    program, _ = planned([x], [], results)
    is_by_blas = dtype in ("float32", "float64") and 2 in axes and 0 not in axes
    assert ("dot(" in program.source) == is_by_blas
    array = np.random.default_rng(0).integers(-9, 9, x.shape).astype(dtype)
    for ours, right in zip(program(array), Compiled([x], results)(array), strict=True):
        np.testing.assert_array_equal(ours, right)  # whole numbers, which nothing rounds


@pytest.mark.parametrize("shape", [(1, 10), (1, 1, 7), (1, 1), (3, 1)])
def test_one_row_goes_with_numbers(shape):
    x = leaf(*shape)
    results = [exp(x - amax(x, axis=-1, keepdims=True)) / amax(x, axis=-1, keepdims=True)]
    program, _ = planned([x], [], results)
    same(program, {}, [x], results)


def test_what_overflows_is_a_result_and_settings_stay():
    x = leaf(3)
    program, _ = planned([x], [], [exp(x * 1000)])
    before = np.geterr()
    np.testing.assert_array_equal(program(np.ones(3, np.float32))[0], np.inf)
    assert np.geterr() == before


def test_infinities_and_nans_are_added_up():
    x = leaf(4, 3)
    program, _ = planned([x], [], [apply(REDUCE_SUM, x, axes=(1,))])
    array = np.array([[1, np.inf, 2], [np.inf, -np.inf, 0], [np.nan, 0, 0], [1, 2, 3]], np.float32)
    np.testing.assert_array_equal(program(array)[0], [np.inf, np.nan, np.nan, 6])


def test_pairs_of_rows_are_multiplied_where_they_lie():
    x, y = leaf(2, 30, 5), leaf(2, 5, 30)
    batch = ((0, 1), (0, 1))
    results = [
        apply(DOT_GENERAL, x, transpose(y, (0, 2, 1)), contracting=((2,), (2,)), batch=batch),
        apply(DOT_GENERAL, x, x, contracting=((2,), (2,)), batch=batch),
    ]
    program, _ = planned([x, y], [], results)
    assert program.source.count("vecdot") == 2
    assert "matmul" not in program.source
    same(program, {}, [x, y], results)


def test_small_floats_are_added_up_in_wider_ones():
    x = leaf(5000, 2, dtype="float16")
    program = Planned([x], {}, [apply(REDUCE_SUM, x, axes=(0,))])
    (sums,) = program(np.ones((5000, 2), "float16"))
    np.testing.assert_array_equal(sums, [5000, 5000])  # float16's own sums stop at 2048


def test_held_arrays_are_read_where_they_are():
    x, kernel = leaf(2, 8), leaf(8, 4)
    array = np.random.default_rng(0).standard_normal((8, 4)).astype("float32")
    results = [matmul(x, kernel), matmul(x, transpose(transpose(kernel)))]
    program = Planned([x], {}, results, held={kernel: array})
    rows = np.ones((2, 8), "float32")
    for _ in range(2):
        array *= 2
        np.testing.assert_allclose(program(rows)[0], rows @ array, rtol=1e-5)
    with pytest.raises(ValueError, match="not in order"):
        Planned([x], {}, results, held={kernel: array.T.copy().T})


def test_what_is_put_replaces_what_was_held():
    weight, slot, slope = leaf(64, 40), leaf(64, 40), leaf(64, 40)
    rate = leaf()
    slot_after = slot + (slope - slot) * 0.5
    after = weight - rate * slot_after
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal((64, 40)).astype("float32") for _ in range(3)]
    w, s, g = (array.copy() for array in arrays)
    program = Planned(
        [rate], {}, [], held=dict(zip((weight, slot, slope), arrays, strict=True)),
        puts={weight: after, slot: slot_after}, cache=1 << 12,
    )  # fmt: skip
    assert "_new" not in program.source  # nothing is copied
    for _ in range(2):
        assert program(np.float32(0.1)) == ()
        s = s + (g - s) * np.float32(0.5)
        w = w - np.float32(0.1) * s
    np.testing.assert_allclose(arrays[0], w, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(arrays[1], s, rtol=1e-5, atol=1e-6)
    assert (arrays[2] == g).all()


@pytest.mark.parametrize(("rows", "is_turned"), [(1, False), (64, True), (128, True), (129, False)])
def test_few_rows_times_a_large_factor_that_lies_transposed(rows, is_turned):
    x, kernel, small = leaf(rows, 256), leaf(512, 256), leaf(5, 512)
    hidden = matmul(x, transpose(kernel))
    results = [relu(hidden), matmul(hidden, transpose(small))]
    program, _ = planned([x, kernel, small], [], results)
    assert ("copyto" in program.source.split("def run")[1].split("dot(")[1]) == is_turned
    same(program, {}, [x, kernel, small], results)


def test_what_comes_later_waits_for_its_call():
    x, weight, count = leaf(6, 5), leaf(6, 5), leaf()
    w, n = np.full((6, 5), 2, "float32"), np.array(1, "float32")
    hidden = exp(x) * weight
    program = Planned(
        [x], {}, [hidden - 1], held={weight: w, count: n}, later=[hidden * 3],
        puts={weight: weight + exp(hidden * 0) * weight, count: count + 1},
    )  # fmt: skip
    for _ in range(2):  # the first of which is not gone on with
        (made,) = program(np.zeros((6, 5), "float32"))
        assert (made == 1).all()
        assert (w == 2).all()
        assert n == 1
    (later,) = program.go_on()
    assert (later == 6).all()
    assert (w == 4).all()
    assert n == 2
    (made,) = program(np.zeros((6, 5), "float32"))
    assert (made == 3).all()
    waiting = Planned([x], {}, [x * 2], held={weight: w}, later=[], puts={weight: x})
    waiting(np.ones((6, 5), "float32"))
    assert (w == 4).all()
    assert waiting.go_on() == ()
    assert (w == 1).all()


def test_what_reads_the_same_is_done_beside_it():
    """Both slots in one loop, behind the numbers that both need."""
    arrays = {leaf(64, 40): np.ones((64, 40), "float32") for _ in range(4)}
    weight, first, second, slope = arrays
    count = leaf()
    rate = exp(count) * 0.01 + 1
    mean = first + (slope - first) * 0.5
    square = second + (slope * slope - second) * 0.5
    puts = {weight: weight - mean * rate / (square + 1), first: mean, second: square}
    program = Planned([count], {}, [], held=arrays, puts=puts, cache=1 << 12)
    loops = [line for line in program.source.splitlines() if line.startswith("    for ")]
    assert len(loops) == 1
    before, after = program.source.split(loops[0])
    assert "exp" in before
    assert "subtract" in after
    right = Compiled([count, *arrays], list(puts.values()))(np.float32(0), *arrays.values())
    program(np.float32(0))
    for tensor, expected in zip(puts, right, strict=True):
        np.testing.assert_allclose(arrays[tensor], expected, rtol=1e-6)


def test_weights_are_updated_by_smaller_rows_than_their_gradients_are_made_by():
    """A gradient is a product that has no rows; all that reads it goes over it once."""
    x, slope, rate = leaf(64, 320), leaf(64, 256), leaf()
    weight, first, second = (leaf(320, 256) for _ in range(3))
    held = (weight, first, second)
    gradient = apply(DOT_GENERAL, x, slope, contracting=((0,), (0,)))
    mean = first + (gradient - first) * 0.1
    square = second + (gradient * gradient - second) * 0.01
    puts = {weight: weight - mean * rate / (square * square + 1), first: mean, second: square}
    arrays = dict(
        zip(held, np.random.default_rng(0).standard_normal((3, 320, 256), "f"), strict=True)
    )
    before = {tensor: array.copy() for tensor, array in arrays.items()}
    program = Planned([x, slope, rate], {}, [], held=arrays, puts=puts, cache=1 << 18)
    assert program.source.count("for ") == 1
    # The gradient, what it is of, and no more than blocks of what is in between.
    assert program.arena_size < 4 * (320 * 256 + 64 * (320 + 256)) + 2 * (1 << 17)
    given = [np.ones(each.shape, "f") / 8 for each in (x, slope, rate)]
    program(*given)
    right = Compiled([x, slope, rate, *before], list(puts.values()))(*given, *before.values())
    for tensor, expected in zip(puts, right, strict=True):
        np.testing.assert_allclose(arrays[tensor], expected, rtol=1e-6, atol=1e-6)


def test_what_is_put_while_others_still_want_what_was_there():
    x, y = leaf(6, 5), leaf(6, 5)
    a, b = np.ones((6, 5), "float32"), np.full((6, 5), 2, "float32")
    # Rows of y are wanted for all of x, and both change places.
    turned = exp(y - y) * amax(x, axis=0)
    program = Planned([], {}, [turned], held={x: a, y: b}, puts={x: y, y: x * 3})
    (made,) = program()
    assert (made == 1).all()
    assert (a == 2).all()
    assert (b == 3).all()
    last = Planned([], {}, [], held={x: a, y: b}, puts={x: x * y, y: amax(x, axis=0) + y})
    last()
    assert (a == 6).all()
    assert (b == 5).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_what_a_mask_leaves_out_is_zero_whatever_it_was(dtype):
    x, g = leaf(3, 5, dtype=dtype), leaf(3, 5, dtype=dtype)
    results = [where(greater(x, 0), g, as_tensor(0.0, dtype))]
    program = Planned([x, g], {}, results)
    assert "where=" not in program.source
    keep = np.arange(15).reshape(3, 5) % 2 - 0.5
    bad = np.where(keep > 0, -3.5, np.nan)
    bad[0, 0] = np.inf
    (made,) = program(keep.astype(dtype), bad.astype(dtype))
    assert made.tobytes() == np.where(keep > 0, -3.5, 0).astype(dtype).tobytes()


@pytest.mark.parametrize("shape", [(64, 5), (8, 9, 3), (40, 1, 2, 3)])
def test_columns_are_added_up_by_products(shape):
    x = leaf(*shape)
    results = [apply(REDUCE_SUM, x * x, axes=tuple(range(len(shape) - 1)))]
    program, constants = planned([x], [], results)
    assert "dot(" in program.source
    same(program, constants, [x], results)


def test_nothing_is_shared_between_calls():
    x = leaf(3)
    program, _ = planned([x], [], [add(x, 1.0), x])
    given = np.zeros(3, "float32")
    first = program(given)
    first[1][:] = 9
    second = program(given + 5)
    np.testing.assert_array_equal(first[0], [1, 1, 1])
    np.testing.assert_array_equal(second[0], [6, 6, 6])
    np.testing.assert_array_equal(given, [0, 0, 0])


def test_threads_take_turns():
    x, kernel = leaf(64, 64), leaf(64, 64)
    program, _ = planned([x], [kernel], [tanh(matmul(tanh(x), kernel))])
    arrays = [np.full((64, 64), i, "float32") for i in range(16)]
    alone = [program(array)[0] for array in arrays]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda array: program(array)[0], arrays * 4))
    for index, result in enumerate(together):
        np.testing.assert_array_equal(result, alone[index % 16])


@pytest.mark.parametrize(("name", "most"), [("mobilenet_v2", 5e6), ("resnet50", 15e6)])
def test_the_arena_is_about_as_large_as_what_is_needed_at_once(name, most):
    function = load_sample(name).compile()
    program = function.program(((1, 224, 224, 3),))
    assert program.arena_size <= most
    assert program.arena_size <= 1.1 * program.largest_live_set
