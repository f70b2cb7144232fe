"""Models as functions on arrays."""

from __future__ import annotations

import numpy as np
import pytest

import graphc
from graphc.interop.weights.faults import WeightsError
from graphc.runtime.arguments import InputError
from graphc.runtime.lookups import OutOfRange

TWO = """
model two {
    input left: [T, 3]
    input ids: int32[T]
    y = ids -> Embedding(5, 3) as words
    output total = left + y
    output sums = left + y -> Dense(2) as head
}
"""


@pytest.fixture
def two():
    return graphc.parse(TWO).compile(seed=3)


def test_inputs_in_order_by_name_and_as_a_dict(two):
    left, ids = np.ones((2, 4, 3)), np.array([[0, 1, 2, 3], [4, 0, 0, 1]])
    first = two(left, ids)
    assert list(first) == ["total", "sums"]
    words = two.weights["words/embeddings"]
    np.testing.assert_allclose(first["total"], 1 + words[ids], rtol=1e-6)
    for again in (two(left=left, ids=ids), two({"ids": ids, "left": left}), two([left, ids])):
        np.testing.assert_array_equal(again["sums"], first["sums"])


def test_one_output_is_an_array():
    model = graphc.parse("model m { input x: [3]\n output x -> Dense(2, use_bias=False) as d }")
    kernel = np.arange(6.0).reshape(3, 2)
    y = model.compile({"d/kernel": kernel})(np.eye(3))
    assert y.dtype == np.float32
    np.testing.assert_array_equal(y, kernel)


def test_another_shape_is_another_program(two):
    for batch, steps in ((1, 2), (3, 5), (1, 2)):
        result = two(np.ones((batch, steps, 3)), np.zeros((batch, steps), int))
        assert result["sums"].shape == (batch, steps, 2)


@pytest.mark.parametrize(
    ("args", "named", "message"),
    [
        ((), {"left": 0, "ids": 0}, r"`left` needs shape \[B, T, 3\], got \[\]"),
        ((np.ones((2, 4, 3)),), {}, "two needs an array for its input `ids`"),
        ((np.ones((2, 4, 3)),), {"idx": 1}, r"two has no input `idx`, only `left`, `ids`; did you"),
        ((np.ones((2, 4, 3)), 1), {"ids": 1}, "the input `ids` of two is given twice"),
        ((1, 2, 3), {}, r"two has 2 inputs \(`left`, `ids`\), got 3 arrays"),
        (([1, 2, 3],), {}, r"two has 2 inputs \(`left`, `ids`\), got 3 arrays"),
        ((np.ones((2, 4, 3)), np.ones((2, 4))), {}, "`ids` needs int32, got float64"),
        ((np.ones((2, 4, 3)), np.ones((2, 5), int)), {}, r"`ids` needs shape .*, got \[2, 5\]"),
        ((np.ones((2, 4, 3)), np.ones((3, 4), int)), {}, r"`ids` needs shape .*, got \[3, 4\]"),
        ((np.full((2, 4, 3), "a"), 1), {}, "`left` needs float32, got text"),
        ((np.ones((2, 4, 3), complex), 1), {}, "`left` needs float32, got complex128"),
        (([[1], [1, 2]], 1), {}, "`left` needs an array, got lists of different lengths"),
        ((np.full((2, 4, 3), -1e99), 1), {}, r"`left` has 1e\+99, which float32 cannot hold"),
        (
            (np.ones((2, 4, 3)), np.full((2, 4), 2**40)),
            {},
            "`ids` has 1099511627776, which int32 cannot hold",
        ),
    ],
)
def test_what_does_not_fit(two, args, named, message):
    with pytest.raises(InputError, match=message):
        two(*args, **named)


@pytest.mark.parametrize("number", [5, -6])
def test_words_that_an_embedding_lacks(two, number):
    ids = np.array([[0, 1, 2, number]])
    for _ in range(2):  # the second time the program is there
        with pytest.raises(OutOfRange, match="`words` needs numbers from 0 to 4, got ") as raised:
            two(np.ones((1, 4, 3), "float32"), ids.astype("int32"))
    [found] = raised.value.diagnostics
    assert str(number) in found.message
    assert found.span.text == "Embedding(5, 3)"


def test_a_weight_that_is_not_given():
    model = graphc.parse("model m { input x: [3]\n output x -> Dense(2) as d }")
    with pytest.raises(InputError, match="m needs the weight `d/bias`"):
        model.compile({"d/kernel": np.ones((3, 2))})


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (np.ones((2, 3)), r"the weight `d/kernel` of m needs shape \[3, 2\], got \[2, 3\]"),
        (np.full((3, 2), "a"), "the weight `d/kernel` of m needs numbers, got text"),
        (np.ones((3, 2)) * 1j, "the weight `d/kernel` of m needs numbers, got complex128"),
        (None, "the weight `d/kernel` of m needs numbers, got objects"),
    ],
)
def test_weights_that_are_something_else(bad, message):
    model = graphc.parse("model m { input x: [3]\n output x -> Dense(2) as d }")
    with pytest.raises(InputError, match=message):
        model.compile({**model.init_weights(), "d/kernel": bad})
    with pytest.raises(InputError, match=message):
        model.trainer({**model.init_weights(), "d/kernel": bad}, loss="mse")


def test_sizes_that_several_inputs_share():
    model = graphc.parse(
        "model m {\n input a: [T, 2]\n input b: [T, 3]\n output concatenate([a, b], axis=-1)\n}"
    )
    run = model.compile()
    assert run(np.ones((2, 5, 2)), np.ones((2, 5, 3))).shape == (2, 5, 5)
    for shape, size in (((2, 7, 3), "T is 5"), ((3, 5, 3), "B is 2")):
        with pytest.raises(InputError, match=rf"`b` needs shape \[B, T, 3\].*; {size} in `a`"):
            run(np.ones((2, 5, 2)), np.ones(shape))
    with pytest.raises(InputError, match=r"got \[0, 5, 2\]: no size may be 0"):
        run(np.ones((0, 5, 2)), np.ones((0, 5, 3)))


def test_layers_and_models_that_are_shared_have_one_weight():
    text = """
    model encoder { input x: [3]
        output x -> Dense(3) as d }
    model m {
        input a: [3]
        input b: [3]
        shared = Dense(3)
        output (a -> encoder -> shared) + (b -> encoder -> shared)
    }
    """
    run = graphc.parse(text).compile(seed=1)
    assert len(run.weights) == 4
    a, b = np.ones((1, 3)), np.zeros((1, 3))
    np.testing.assert_allclose(run(a, b), run(b, a), rtol=1e-6)


def test_weights_that_stay_in_their_file(tmp_path):
    model = graphc.parse("model m { input x: [3]\n output x -> Dense(2) as d }")
    arrays = model.init_weights(seed=5)
    path = tmp_path / "w.safetensors"
    model.save_weights(path, arrays)
    run = model.compile(path)
    assert list(run.weights) == list(arrays)
    for count in (1, 4):  # each is a program of its own
        x = np.arange(3.0 * count).reshape(count, 3)
        np.testing.assert_array_equal(run(x), model.compile(arrays)(x))
    with pytest.raises(WeightsError):
        graphc.parse("model m { input x: [3]\n output x -> Dense(7) as d }").compile(path)
