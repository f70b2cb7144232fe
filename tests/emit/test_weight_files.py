"""Files of weights that programs load: each weight finds its layer, whatever order Keras has."""

from __future__ import annotations

import numpy as np
import pytest

from tests.emit.built import emitted, keras, run

# Keras takes outputs that are a dict in the order of their names.
UNSORTED_NAMES = """
model net {
    input x: [4]
    output z = x -> Dense(3), a = x -> Dense(3)
}
"""
SORTED_NAMES = """
model net {
    input x: [4]
    output a = x -> Dense(3), z = x -> Dense(3)
}
"""
UNSTATED_NAMES = """
model net {
    input x: [4]
    z = x -> Dense(3)
    a = x -> Dense(3)
    output a, z
}
"""
# A weight is a layer called on its block's input there, which is then further from the output.
WEIGHT_OF_A_BLOCK = """
block scaled() {
    input y
    weight w: [3] = ones
    output w * y
}
model net {
    input x: [4]
    a = x -> Dense(3) -> ReLU()
    b = x -> Dense(3) -> scaled()
    output [a, b] -> Concatenate()
}
"""
# What has its size from `first` would be a way from it to the output, longer than its own.
SIZE_OF_ANOTHER = """
model net {
    input x: [2 * T + 1, 4]
    input y: [8]
    a = x -> Dense(4) as first
    a = a[:, 1:] -> Dense(4)
    b = y -> Dense(4) as second
    b = broadcast_to(b[:, None], [b.shape[0], T, 4]) -> Dense(4) -> Dense(4) -> Dense(4)
    output [a, b] -> Concatenate(axis=1)
}
"""


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize(
    "text",
    [UNSORTED_NAMES, WEIGHT_OF_A_BLOCK, SIZE_OF_ANOTHER],
    ids=["names", "weight", "size"],
)
def test_every_weight_finds_its_layer(text, flat, tmp_path):
    model, program = emitted(text, flat=flat)
    arrays = model.init_weights(seed=1)
    model.save_weights(tmp_path / "net.weights.h5", arrays)
    keras.utils.clear_session(free_memory=False)
    built = run(program)
    built.load_weights(tmp_path / "net.weights.h5")
    assert [weight.path for weight in built.weights] == list(arrays)
    for weight in built.weights:
        np.testing.assert_array_equal(weight, arrays[weight.path])


def test_outputs_with_sorted_names_are_a_dict():
    for flat in (False, True):
        _, program = emitted(SORTED_NAMES, flat=flat)
        assert list(run(program)(np.zeros((1, 4)))) == ["a", "z"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of Keras and JAX with each other
@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize(
    "net", [SORTED_NAMES, UNSORTED_NAMES, UNSTATED_NAMES], ids=["sorted", "unsorted", "unstated"]
)
def test_losses_by_name_are_those_of_their_outputs(net, flat):
    train = """
    train net {
        loss = {"z": "mse", "a": "mae"}
        metrics = {"a": ["mae", "mse"]}
        loss_weights = {"z": 1.0, "a": 0.0}
    }
    """
    model, program = emitted(net + train, flat=flat)
    space = {"__name__": "emitted"}
    built = run(program, space=space)
    space["compile_model"](built)
    built.set_weights([np.zeros(weight.shape) for weight in built.weights])
    values = {"z": 3.0, "a": 100.0}
    y = [np.full((4, 3), values[name]) for name in model.outputs]
    history = space["train"](built, np.ones((4, 4)), y).history
    assert history["loss"] == pytest.approx([9.0])
    assert [10_000.0] in history.values()  # the mean squared error of `a`
