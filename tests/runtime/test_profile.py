"""Where the time of a model goes."""

from __future__ import annotations

import numpy as np
import pytest

import graphc
from graphc.runtime.arguments import InputError
from graphc.runtime.profile import Clock, profile

NET = """
block stage(units) {
    input x: [..., C]
    output x -> Dense(units, relu) -> Dropout(0.5)
}
model tower {
    input x: [6]
    output x -> stage(8) as wide -> Dense(3) as code
}
model net {
    input left: [6]
    input right: [6]
    shared = tower
    output subtract(left -> shared, right -> shared) -> stage(2) as last
}
"""


@pytest.fixture(scope="module")
def made():
    run = graphc.parse(NET).compile()
    return profile(run, {"left": np.ones((5, 6)), "right": np.ones((5, 6))})


def test_layers_stand_in_their_models_and_blocks(made):
    frames = {layer.path: [frame.name for frame in layer.frames] for layer in made.layers}
    assert frames == {
        "tower.wide.dense": ["tower", "wide", "dense"],
        "tower.code": ["tower", "code"],
        "tower (2).wide.dense": ["tower (2)", "wide", "dense"],
        "tower (2).code": ["tower (2)", "code"],
        "subtract": ["subtract"],
        "last.dense": ["last", "dense"],
    }
    first = made.layers[0]
    assert [(frame.type, frame.category) for frame in first.frames] == [
        ("Functional", "model"), ("stage", "block"), ("Dense", "core"),
    ]  # fmt: skip
    assert [step.primitive for step in first.steps] == ["dot_general", "add", "maximum"]


def test_operations_are_those_of_the_summary(made):
    assert made.flops == 5 * graphc.parse(NET).summary().flops
    by_path = {layer.path: layer for layer in made.layers}
    assert by_path["last.dense"].flops == 5 * (2 * 3 * 2 + 2 + 2)


def test_bytes_are_what_the_steps_read_and_write(made):
    by_path = {layer.path: layer for layer in made.layers}
    assert by_path["subtract"].bytes == 4 * 3 * (5 * 3)
    product, shift = 5 * 6 + 6 * 8 + 5 * 8, 5 * 8 + 8 + 5 * 8
    dense = {step.primitive: step.bytes for step in by_path["tower.wide.dense"].steps}
    assert (dense["dot_general"], dense["add"]) == (4 * product, 4 * shift)


def test_times_add_up(made):
    assert 3 <= made.runs <= 20
    assert all(layer.seconds > 0 for layer in made.layers)
    assert made.measured == pytest.approx(sum(s.seconds for x in made.layers for s in x.steps))
    assert made.seconds > 0


def test_what_others_do_takes_no_time():
    text = """model net {
        input x: [8, 8, 3]
        output x -> Conv2D(4, 3, use_bias=False) -> BatchNormalization(center=False)
    }"""
    run = graphc.parse(text).compile()
    made = profile(run, {"x": np.ones((1, 8, 8, 3))})
    by_path = {layer.path: layer for layer in made.layers}
    assert by_path["batch_normalization"].flops > 0
    assert by_path["conv2d"].seconds > by_path["batch_normalization"].seconds


def test_loops_count_in_each_turn():
    run = graphc.parse("model net {\n input x: [T, 4]\n output x -> LSTM(3)\n}").compile()
    counts = []
    for length in (10, 20):
        (layer,) = profile(run, {"x": np.ones((2, length, 4))}).layers
        scan = next(step for step in layer.steps if step.primitive == "scan")
        counts.append(scan.bytes)
    assert counts[1] == 2 * counts[0]


def test_the_program_is_the_same_but_for_the_clock():
    run = graphc.parse(NET).compile(seed=1)
    x = np.ones((2, 6), "float32")
    clock = Clock()
    timed = run.compile(((2, 6), (2, 6)), clock)
    clock.start()
    (got,) = timed(x, 2 * x)
    np.testing.assert_array_equal(got, run(x, 2 * x))
    assert sorted(clock.times) == list(range(len(timed.timed)))
    assert "clock" not in run.program(((2, 6), (2, 6))).source


def test_inputs_that_do_not_fit():
    run = graphc.parse(NET).compile()
    with pytest.raises(InputError, match="`left` needs shape"):
        profile(run, {"left": np.ones((5, 7)), "right": np.ones((5, 6))})
