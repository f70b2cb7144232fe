"""What programs read and never write: held once."""

from __future__ import annotations

import gc

import numpy as np
import pytest

import graphc
from graphc.runtime.deferred import Deferred
from graphc.runtime.plan.arena import ALIGNMENT
from graphc.runtime.plan.constants import aligned, kept

MODELS = """
model dense { input x: [300]
    output y = x -> Dense(400, activation="relu") -> Dense(10) }
model windows { input x: [12, 12, 3]
    output y = x -> Conv2D(32, 5) -> BatchNormalization() -> ReLU() -> Conv2D(128, 5, strides=2)
        -> BatchNormalization() -> Flatten() -> Dense(500) }
model recurrent { input x: [7, 64]
    output y = x -> LSTM(160, recurrent_initializer="glorot_uniform") -> Dense(10) }
model attention { input x: [9, 256]
    output y = (x, x) -> MultiHeadAttention(4, 64) -> LayerNormalization() -> Dense(300) }
"""


def root_of(array):
    """The array that owns another one's memory."""
    while array.base is not None:
        base = array.base
        array = base.obj if isinstance(base, memoryview) else base
    return array


def arrays_in(values):
    for value in values:
        if isinstance(value, np.ndarray):
            yield value
        elif isinstance(value, list | tuple):
            yield from arrays_in(value)


def constants_of(*programs):
    """What programs read from outside of their arenas, each once, by its address."""
    found = {}
    for program in programs:
        space = program._run.__globals__
        arena = root_of(space["a0"])  # an input is copied there
        roots = map(root_of, arrays_in(space.values()))
        found.update((root.ctypes.data, root) for root in roots if root is not arena)
    return found


def test_equal_arrays_are_one_while_somebody_has_it():
    array = np.arange(100.0)
    first, second = kept(array), kept(array.copy())
    assert root_of(first) is root_of(second)
    assert root_of(kept(array.reshape(10, 10))) is not root_of(first)
    assert root_of(kept(array.view(np.int64))) is not root_of(first)
    assert first.ctypes.data % ALIGNMENT == 0
    array[0] = 7
    np.testing.assert_array_equal(first, np.arange(100.0))
    assert root_of(kept(array)) is not root_of(first)


def test_what_lies_well_is_left_where_it_is():
    good = kept(np.ones((20, 20)))
    assert aligned(good) is good
    turned = aligned(good.T[:10])
    assert turned.flags.c_contiguous
    assert turned.ctypes.data % ALIGNMENT == 0
    repeated = np.broadcast_to(np.ones(100), (50, 100))
    assert aligned(repeated) is repeated


@pytest.mark.parametrize("batch", [1, 16])
@pytest.mark.parametrize("name", ["dense", "windows", "recurrent", "attention"])
def test_a_program_holds_weights_once(name, batch):
    function = graphc.parse(MODELS, model=name).compile()
    (type,) = function.inputs.values()
    program = function.program(((batch, *type.shape[1:]),))
    assert held(program) <= 1.1 * weights_of(function)


def test_programs_for_other_sizes_hold_the_same_weights():
    text = """model m { input x: [H, W, 3]
        output y = x -> Conv2D(64, 5, activation="relu") -> Conv2D(128, 5, strides=2)
            -> BatchNormalization() -> GlobalMaxPooling2D() -> Dense(10) }"""
    function = graphc.parse(text).compile()
    programs = [function.program(((2, *size, 3),)) for size in ((30, 30), (34, 40))]
    assert held(*programs) <= 1.1 * weights_of(function)


def held(*programs):
    return sum(root.nbytes for root in constants_of(*programs).values())


def weights_of(function):
    return sum(array.nbytes for array in function.weights.values())


def test_arrays_are_made_for_each_program_and_not_kept():
    model = graphc.parse(MODELS, model="dense")
    counts = dict.fromkeys(model.init_weights(), 0)

    def deferred(key, array):
        def make():
            counts[key] += 1
            return array.copy()

        return Deferred(array.shape, array.dtype, make)

    weights = model.init_weights(seed=1)
    function = model.compile({key: deferred(key, array) for key, array in weights.items()})
    assert set(counts.values()) == {0}
    x = np.ones((2, 300), "float32")
    np.testing.assert_array_equal(function(x), model.compile(weights)(x))
    assert set(counts.values()) == {1}
    function(x), function(x[:1])
    assert set(counts.values()) == {2}


def test_nothing_is_left_of_programs_that_are_gone():
    before = {id(x) for x in gc.get_objects() if isinstance(x, np.ndarray)}
    function = graphc.parse(MODELS, model="dense").compile(seed=9)
    function(np.ones((3, 300), "float32"))
    del function
    gc.collect()
    after = [x for x in gc.get_objects() if isinstance(x, np.ndarray) and id(x) not in before]
    assert not [x.shape for x in after if x.nbytes > 100_000]
