"""One layer or model in several models of a file: made once, and handed from function to function."""

from __future__ import annotations

import numpy as np
import pytest

from graphc.emit.keras import NotEmitted
from tests.emit.built import check, emitted, fresh_process, keras, run

TOWER = """
model tower {
    input x: [8]
    output x -> Dense(8)
}
"""

CASES = {
    "in_two_models": TOWER + """
        model left {
            input a: [8]
            output a -> tower
        }
        model right {
            input b: [8]
            output b -> tower -> Dense(3)
        }
        model net {
            input x: [8]
            output x -> left, x -> right, x -> tower
        }
    """,
    "in_a_block_that_is_applied_again": TOWER + """
        block twice(units=8) {
            input x
            output x -> tower -> Dense(units) -> tower
        }
        model net {
            input x: [8]
            output x -> twice() -> twice(8) -> tower
        }
    """,
    "in_blocks_of_several_models": TOWER + """
        block inner() {
            input x
            output x -> tower -> relu
        }
        block outer() {
            input x
            output x -> inner() -> Dense(8)
        }
        model left(depth=2) {
            input x: [8]
            for i in range(depth) {
                x = x -> outer()
            }
            output x
        }
        model net {
            input x: [8]
            output x -> left, x -> left(depth=1), x -> inner()
        }
    """,
    "in_a_model_that_is_made_twice": TOWER + """
        model left {
            input a: [8]
            output a -> tower -> Dense(8)
        }
        model net {
            input x: [8]
            output x -> left() -> left() as other
        }
    """,
    "in_what_is_shared_itself": TOWER + """
        model middle {
            input a: [8]
            output a -> tower -> Dense(8)
        }
        model left {
            input a: [8]
            output a -> middle -> tower
        }
        model net {
            input x: [8]
            output x -> left -> middle -> tower
        }
    """,
    "in_wrappers": TOWER + """
        model left {
            input a: [5, 8]
            output a -> TimeDistributed(tower)
        }
        model net {
            input x: [5, 8]
            output x -> left -> TimeDistributed(tower)
        }
    """,
    "without_an_input": """
        sequential head {
            Dense(8, relu)
            Dense(8)
        }
        model left {
            input a: [8]
            output a -> head
        }
        model net {
            input x: [8]
            output x -> left -> head
        }
    """,
    "in_a_sequential": TOWER + """
        sequential left {
            input [8]
            tower
            Dense(8)
        }
        model net {
            input x: [8]
            output x -> left -> tower
        }
    """,
    "with_another_name": TOWER + """
        model left {
            input a: [8]
            output a -> tower
        }
        model net {
            input x: [8]
            output x -> left -> tower as shared
        }
    """,
    "a_constant": """
        const shared = Dense(8, relu)
        model left {
            input a: [8]
            output a -> shared -> Dense(8)
        }
        model net {
            input x: [8]
            output x -> left -> shared -> Dense(8)
        }
    """,
    "a_constant_in_a_block": """
        const shared = Dense(8) as once
        block twice() {
            input x
            output x -> shared -> shared
        }
        model net {
            input x: [8]
            output x -> twice() -> twice()
        }
    """,
    "constants_in_a_list": """
        const shared = [Dense(8), Dense(8)]
        model left {
            input a: [8]
            output a -> shared[0] -> shared[1]
        }
        model net {
            input x: [8]
            output x -> left -> shared[0]
        }
    """,
    "given_to_a_model": """
        model left(layer=Dense(8)) {
            input a: [8]
            output a -> layer -> Dense(8)
        }
        model net {
            input x: [8]
            own = Dense(8)
            output x -> left(layer=own) -> left(layer=own) -> left() -> own
        }
    """,
    "written_out": TOWER + """
        block unit(width) {
            input x
            output x -> Dense(width) -> tower
        }
        model left {
            input a: [8]
            once = unit(8)
            output a -> once -> once
        }
        model net {
            input x: [8]
            output x -> left -> tower
        }
    """,
}  # fmt: skip


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_is_one(name, flat):
    model, program = emitted(CASES[name], flat=flat)
    check(model, program)


@pytest.mark.parametrize("flat", [False, True])
def test_each_call_builds_a_model_of_its_own(flat):
    """Nothing is kept in the module: two models have nothing in common, and all build alone."""
    _, program = emitted(CASES["in_two_models"], flat=flat)
    with fresh_process():
        space = {"__name__": "emitted"}
        first = run(program, space=space)
        second = space["build_model"]()
        assert not {id(w) for w in first.weights} & {id(w) for w in second.weights}
        assert first.count_params() == second.count_params() == 72 + 27
        assert space["build_left"]().count_params() == 72
        assert space["build_right"]().count_params() == 72 + 27


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of Keras and JAX with each other
@pytest.mark.parametrize("flat", [False, True])
def test_trains_as_one(flat, tmp_path):
    _, program = emitted(CASES["in_two_models"], flat=flat)
    keras.utils.clear_session(free_memory=False)
    built = run(program)
    x = np.random.default_rng(0).normal(size=(4, 8)).astype("float32")
    left, _, tower = built(x)
    np.testing.assert_array_equal(left, tower)
    built.get_layer("tower").set_weights([np.eye(8, dtype="float32"), np.zeros(8, "float32")])
    np.testing.assert_allclose(built(x)[0], x, rtol=1e-6)
    built.save_weights(tmp_path / "net.weights.h5")
    keras.utils.clear_session(free_memory=False)
    again = run(program)
    again.load_weights(tmp_path / "net.weights.h5")
    np.testing.assert_allclose(again(x)[1], built(x)[1], rtol=1e-6)


def test_names_that_no_one_layer_can_have():
    text = (
        TOWER
        + """
        model left {
            input a: [8]
            output a -> tower as one -> tower() as two
        }
        model net {
            input x: [8]
            output x -> left -> tower as two -> tower() as one
        }
    """
    )
    with pytest.raises(NotEmitted, match="other names"):
        emitted(text)
