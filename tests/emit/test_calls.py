"""Calls in emitted programs: what is given by place, by name, as a list, and to models."""

from __future__ import annotations

import json

import keras
import numpy as np
import pytest

from tests.emit.built import check, emitted, fresh_process, run

flat_or_not = pytest.mark.parametrize("flat", [False, True])


def call_of(program: str, name: str) -> str:
    """The line in which something stands."""
    (line,) = (each for each in program.splitlines() if name in each)
    return line.strip()


@flat_or_not
def test_training_reaches_models_and_layers(flat):
    ours, program = emitted(
        """
model inner {
    input x: [4]
    output x -> Dense(4) -> Dropout(0.5)
}
model net {
    input x: [4]
    y = (x, training=False) -> inner
    output (y, training=True) -> Dropout(0.2) as last
}
""",
        flat=flat,
    )
    check(ours, program)
    assert "training=False)" in program
    assert call_of(program, "0.2").endswith("training=True)")


@flat_or_not
def test_lists_of_numbers_are_tensors(flat):
    ours, program = emitted(
        """
const mean = [0.1, 0.2, 0.3]
model net {
    input x: [3]
    y = (x - mean) / [1.0, 2.0, 3.0]
    z = [3, 2, 1] * y -> add([1.0, 1.0, 1.0])
    output where(z > [0.0, 1.0, 0.0], z, 0.0), y -> take([0, 2], axis=1)
}
""",
        flat=flat,
    )
    built = check(ours, program)
    x = np.array([[1.1, 2.2, 3.3]], "float32")
    y = np.array([[1.0, 1.0, 1.0]])
    z, taken = built(x)
    np.testing.assert_allclose(z, np.array([3, 2, 1]) * y + 1, rtol=1e-5)
    np.testing.assert_allclose(taken, y[:, [0, 2]], rtol=1e-5)
    assert call_of(program, "ops.take(").count("convert_to_tensor") == 0


@flat_or_not
def test_lists_of_numbers_are_tensors_in_lists_and_by_name(flat):
    ours, program = emitted(
        """
model net {
    input x: [3]
    y = concatenate([x, [[1.0, 2.0, 3.0]]], axis=0)
    z = [y, [[3.0, 2.0, 1.0]]] -> concatenate(axis=0)
    u = x -> average(axis=1, weights=[0.0, 1.0, 3.0])
    v = (x, [1.0, 1.0, 2.0]) -> multiply
    output z, u, v
}
""",
        flat=flat,
    )
    z, u, v = check(ours, program)(np.array([[1.0, 2.0, 6.0]], "float32"))
    np.testing.assert_array_equal(z, [[1, 2, 6], [1, 2, 3], [3, 2, 1]])
    np.testing.assert_allclose(u, [5.0])
    np.testing.assert_array_equal(v, [[1, 2, 12]])


@flat_or_not
def test_a_layer_takes_a_constant_beside_a_tensor(flat):
    ours, program = emitted(
        """
model net {
    input x: [2]
    y = [x, convert_to_tensor([[3.0, 4.0]])] -> Concatenate(axis=0)
    output y -> Dense(2, kernel_initializer=ones)
}
""",
        flat=flat,
    )
    built = check(ours, program)
    np.testing.assert_array_equal(built(np.array([[1.0, 2.0]])), [[3, 3], [7, 7]])
    assert "class" not in program


@flat_or_not
@pytest.mark.parametrize("wrapped", [False, True])
def test_states_of_stacked_cells_come_one_by_one(flat, wrapped):
    layer = "RNN([LSTMCell(4), GRUCell(3)], return_state=True)"
    more = ", a, b, c" if wrapped else ""
    ours, program = emitted(
        f"""
model net {{
    input x: [5, 2]
    y, h, c1, g{more} = x -> {f"Bidirectional({layer})" if wrapped else layer}
    output y, c1 -> Dense(2), g
}}
""",
        flat=flat,
    )
    built = check(ours, program)
    assert [each.shape for each in built.outputs] == [
        (None, 6 if wrapped else 3),
        (None, 2),
        (None, 3),
    ]


def test_tensors_by_name_stay_so():
    ours, program = emitted("""
model net {
    input q: [5, 8]
    input v: [7, 8]
    a = (query=q, value=v, key=v) -> MultiHeadAttention(2, 4) as named
    b = (q, v, v) -> MultiHeadAttention(2, 4) as placed
    output a, (inputs=b) -> Dense(2)
}
""")
    check(ours, program)
    assert "(query=q, value=v, key=v)" in program
    assert "(q, v, v)" in program
    assert "layers.Dense(2)(inputs=b)" in program


def calls_in(built):
    """The calls of a model's layers, as Keras writes them."""
    layers = json.loads(built.to_json())["config"]["layers"]
    return {layer["name"]: layer["inbound_nodes"] for layer in layers}


@flat_or_not
def test_models_are_called_by_the_name_of_their_inputs(flat):
    """In Keras these are one argument, whatever the model calls each of them."""
    ours, program = emitted(
        """
model pair {
    input a: [4]
    input b: [4]
    output a - b
}
sequential one {
    input [4]
    ReLU()
}
model net {
    input x: [4]
    input y: [4]
    u = (inputs=[x, y], training=False) -> pair
    v = (b=x, a=y) -> pair
    w = (inputs=x) -> one
    output u, v, w, (y, x) -> pair
}
""",
        flat=flat,
    )
    built = check(ours, program)
    assert program.count("(inputs=[x, y]") == program.count("(inputs=[y, x]") == 1
    assert "(inputs=x)" in program
    x, y = np.ones((1, 4)), np.full((1, 4), 3.0)
    made = [each[0, 0] for each in built([x, y])]
    assert made == [-2, 2, 1, 2]
    read = keras.models.model_from_json(json.dumps(ours.keras_json()))
    assert calls_in(read) == calls_in(built)


OUTPUTS = """
model net {{
    input x: [4]
    a = x -> Dense(1) as "first-one"
    b = x -> Dense(1)
    output {outputs}
}}
"""


@flat_or_not
@pytest.mark.parametrize(
    ("outputs", "keys"),
    [
        ("a, b", None),
        ("a, a, dense = b", None),
        ("a1 = a, b", ["a1", "b"]),
        ("left = a, b", None),  # Keras has them sorted, and the layers' order with them
        ("b, dense_1 = a", ["b", "dense_1"]),
    ],
)
def test_outputs_are_a_dict_where_the_source_names_them(outputs, keys, flat):
    ours, program = emitted(OUTPUTS.format(outputs=outputs), flat=flat)
    built = check(ours, program)
    made = built(np.zeros((1, 4), "float32"))
    assert (sorted(made) if isinstance(made, dict) else None) == (keys and sorted(keys))
    document = ours.keras_json()["config"]["output_layers"]
    assert (list(document) if isinstance(document, dict) else None) == keys


@flat_or_not
def test_models_are_called_as_the_source_says(flat):
    ours, program = emitted(
        """
model inner as "my inner" {
    input x: [4]
    output x -> Dense(4)
}
sequential tower as tower_2 {
    input [4]
    Dense(2)
}
model net(width=3) as "net-1.0" {
    input x: [4]
    y = x -> inner
    output y -> tower, (y -> inner()) -> tower() as other
}
""",
        flat=flat,
    )
    built = check(ours, program)
    assert built.name == "net-1.0"
    assert ours.keras_json()["config"]["name"] == "net-1.0"
    models = [each.name for each in built.layers if hasattr(each, "layers")]
    assert models == ["my inner", "my inner_1", "tower_2", "other"]


@flat_or_not
def test_outputs_of_models_that_take_lists_come_one_by_one(flat):
    ours, program = emitted(
        """
model two {
    input a: [4]
    input b: [4]
    output {"s": a + b, "m": [a * b]}
}
model alone {
    input x: [4]
    input [x]
    output [x * 2]
}
model net {
    input x: [4]
    xs = [x, x * 2]
    m, s = xs -> two
    output m, s, [x] -> alone -> Dense(2)
}
""",
        flat=flat,
    )
    m, s, _ = check(ours, program)(np.full((1, 4), 3.0, "float32"))
    assert (float(m[0, 0]), float(s[0, 0])) == (18, 9)


FORMS = """
model tower {
    input user: [4]
    input item: [4]
    input {"user": user, "item": item}
    output user * 2 + item
}

model alone {
    input x: [4]
    input [x]
    output x -> Dense(3)
}

model net {
    input x: [4]
    input b: [4]
    input y: [4]
    input [[y, x], {"q": b}]
    a = (x, y) -> tower
    c = (item=x, user=b) -> tower
    output a -> alone, [c] -> alone
}

train net {
    loss = mse
    optimizer = sgd
    epochs = 1
}
"""


@flat_or_not
def test_inputs_have_the_form_that_the_source_gives_them(flat):
    ours, program = emitted(FORMS, flat=flat)
    built = check(ours, program)
    config = built.get_config()
    assert config["input_layers"] == [
        [["y", 0, 0], ["x", 0, 0]],
        {"q": ["b", 0, 0]},
    ]
    calls = {each["name"]: each["inbound_nodes"] for each in config["layers"]}
    by_place, by_name = calls["tower"]
    assert sorted(by_place["args"][0]) == sorted(by_name["kwargs"]["inputs"]) == ["item", "user"]
    assert [isinstance(call["args"][0], list) for call in calls["alone"]] == [False, True]
    loaded = keras.models.model_from_json(json.dumps(ours.keras_json()))
    assert loaded.get_config() == config
    for part in ("train", "test"):
        assert f'[[data["y_{part}"], data["x_{part}"]], {{"q": data["b_{part}"]}}]' in program


def test_frozen_models_say_so_of_each_layer():
    ours, _ = emitted("""
sequential tower {
    input [4]
    Dense(4)
    Dense(2)
}
model net {
    input x: [4]
    output x -> tower(trainable=False) -> Dense(1)
}
""")
    layers = ours.keras_json()["config"]["layers"]
    (tower,) = (each for each in layers if each["class_name"] == "Sequential")
    inner = [each["config"] for each in tower["config"]["layers"]]
    assert {each["trainable"] for each in inner if "trainable" in each} == {False}
    assert layers[-1]["config"]["trainable"] is True


@flat_or_not
def test_inline_blocks_name_layers_as_their_users_do(flat):
    ours, program = emitted(
        """
inline block unit(i, filters) {
    input x
    output x -> Dense(filters) as f"dense{i}" -> ReLU()
}
inline block two(i) {
    input x
    y = x -> unit(i, 8) -> BatchNormalization()
    output y -> unit(i + 1, 4)
}
block around(i) {
    input x
    output x -> inner(i) -> ReLU() as last
}
inline block inner(i) {
    input x
    output x -> Dense(i) as own
}
model net {
    input x: [4]
    x = x -> ReLU() -> unit(0, 8) -> two(1)
    for i in range(3) {
        x = x -> around(i + 1) -> ReLU()
    }
    output x
}
""",
        flat=flat,
    )
    check(ours, program)
    if not flat:
        assert 'name=f"dense{i}"' in program
        assert "unit(y, i + 1, 4)" in program


def test_inline_blocks_in_models_and_in_blocks():
    ours, program = emitted(
        """
inline block unit(filters) {
    input x
    output x -> Dense(filters) as own
}
block around() {
    input x
    output x -> unit(3)
}
model net {
    input x: [4]
    output x -> unit(2) -> around
}
"""
    )
    check(ours, program)


def test_what_sequentials_give_is_one_tensor():
    ours, program = emitted("""
sequential chain {
    input [4]
    Dense(4)
    relu
}
model net {
    input x: [4]
    output x -> chain -> Dense(2)
}
""")
    with fresh_process():
        assert run(program).output_shape == (None, 2)
    assert "flatten" not in program
    nested = ours.keras_json()["config"]["layers"][1]
    assert nested["config"]["output_layers"] == ["relu", 0, 0]


@pytest.mark.parametrize("flat", [False, True])
def test_masks_that_are_none(flat: bool) -> None:
    ours, program = emitted(
        """
model net {
    input x: [5, 4]
    y = ([x, x], mask=[None, None]) -> Attention()
    output (y, mask=None, initial_state=None) -> LSTM(3)
}
""",
        flat=flat,
    )
    check(ours, program)
    assert "mask=[None, None]" in program
    assert "mask=None, initial_state=None" in program or "initial_state=None, mask=None" in program


@pytest.mark.parametrize("flat", [False, True])
def test_layers_called_as_functions_for_masks(flat: bool) -> None:
    _, program = emitted(
        """
model net {
    input x: [5, 4]
    y = x -> Masking()
    z = [y, y] -> Concatenate() -> Dense(4) as not_equal
    output z -> LSTM(3), y -> GRU(2)
}
""",
        flat=flat,
    )
    with fresh_process():
        names = [layer.name for layer in run(program).layers]
    assert {"concatenate", "not_equal"} <= set(names)
