"""Models of all kinds: imported, they have the layers that they have in Keras."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pytest

from graphc.analysis.parameters import model_parameters
from graphc.diagnostics.fault import Fault
from graphc.interop.keras_json import import_document
from graphc.interop.keras_json.source import parse_document
from tests.differential.graphs.keras_side import session
from tests.differential.harness import keras
from tests.emit.built import emitted, run
from tests.interop.keras_json.compare import check_import, configuration, imported

L, ops, Input, Model = keras.layers, keras.ops, keras.Input, keras.Model


@pytest.fixture(autouse=True)
def _counts():
    with session(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def lines(text):
    return [line.strip() for line in text.splitlines()]


def test_chain():
    x = Input((28, 28, 1), name="image")
    y = L.Flatten()(L.MaxPooling2D()(L.Conv2D(8, 3, activation="relu", name="first")(x)))
    text = check_import(Model(x, L.Dense(10, activation="softmax")(y), name="mnist"))
    assert text == (
        "model mnist {\n"
        "    input image: [28, 28, 1]\n"
        "    output image\n"
        "        -> Conv2D(8, 3, activation=relu) as first\n"
        "        -> MaxPooling2D()\n"
        "        -> Flatten()\n"
        "        -> Dense(10, softmax)\n"
        "}\n"
    )


def test_sequential():
    model = keras.Sequential([Input((8,)), L.Dense(4), L.Dropout(0.5)], name="small")
    assert check_import(model) == (
        "sequential small {\n    input [8]\n    Dense(4)\n    Dropout(0.5)\n}\n"
    )


def test_unbuilt_sequential():
    text, ours = imported(keras.Sequential([L.Dense(4), L.Dense(2)], name="small"))
    assert "input" not in text
    assert [use.name for use in ours.model_graph.unbuilt] == ["dense", "dense_1"]


def test_sequential_in_sequential():
    inner = keras.Sequential([Input((8,), name="x"), L.Dense(4)], name="first")
    text = check_import(keras.Sequential([Input((8,), name="x"), inner, L.Dense(2)], name="whole"))
    assert text.index("sequential first") < text.index("sequential whole")
    assert text.count("input x: [8]") == 2


def test_residual():
    x = Input((8, 8, 4))
    y = L.Conv2D(4, 3, padding="same")(x)
    text = check_import(Model(x, L.ReLU()(L.Add()([x, y]))))
    assert "[input_layer, x] -> Add() -> ReLU()" in text


def test_shared_layer():
    a, b = Input((32,), name="left"), Input((32,), name="right")
    tower = L.Dense(64, name="tower")
    text = check_import(Model([a, b], L.Dense(1)(ops.abs(tower(a) - tower(b)))))
    assert "tower = Dense(64) as tower" in lines(text)


def test_layer_called_behind_itself():
    a, b, x = L.Dense(4, name="A"), L.Dense(4, name="B"), Input((4,))
    assert "-> A -> Dense(4) as B -> A" in check_import(Model(x, a(b(a(x)))))


def test_shared_layer_of_two_shapes():
    pool, a, b = L.MaxPooling1D(2), Input((8, 3)), Input((16, 3))
    check_import(Model([a, b], [pool(b), pool(a)]))


def encoder():
    x = Input((28, 28, 1), name="img")
    return Model(x, L.GlobalMaxPooling2D()(L.Conv2D(16, 3)(x)), name="encoder")


def test_nested_model_called_twice():
    model, a, b = encoder(), Input((28, 28, 1)), Input((28, 28, 1))
    text = check_import(Model([a, b], [L.Add()([model(a), model(b)]), model(a)]))
    assert "-> encoder" in text
    assert "encoder()" not in text


def test_call_of_a_nested_model_as_output():
    # In the outputs, Keras counts the calls of a nested functional model from 1.
    x = Input((4,))
    cell = Model(x, L.Dense(4)(x), name="cell")
    y = Input((4,))
    first, second, third = cell(y), cell(cell(y)), cell(y)
    check_import(Model(y, [L.Add()([first, second]), third]))


def test_nested_model_of_several_inputs_and_outputs():
    a, b = Input((4,), name="a"), Input((4,), name="b")
    inner = Model([a, b], [L.Add()([a, b]), L.Subtract()([a, b])], name="inner")
    x, y = Input((4,)), Input((4,))
    total, rest = inner([x, y])
    text = check_import(Model([x, y], L.Concatenate()([total, rest, total])))
    assert "(input_layer, input_layer_1) -> inner" in text


def test_nested_models_of_dicts():
    a, b = Input((4,), name="a"), Input((4,), name="b")
    inner = Model({"b": b, "a": a}, {"z": L.Dense(1)(a), "h": L.Dense(2)(b)}, name="inner")
    x, y = Input((4,), name="x"), Input((4,), name="y")
    made = inner({"b": y, "a": x})
    text = check_import(Model([x, y], L.Concatenate()([made["h"], made["z"]])))
    assert "(x, y) -> inner" in text
    assert 'output {"z": y, "h": x}' in text


def test_inputs_that_may_be_left_out():
    with session():
        x, mask = Input((6, 4), name="x"), Input((6, 6), dtype="bool", optional=True, name="mask")
        y = L.MultiHeadAttention(2, 3)(x, x, attention_mask=mask)
        model = Model([x, mask], L.Dense(2)(y), name="net")
    text = check_import(model)
    assert "input mask: bool[6, 6] = None\n" in text
    for flat in (False, True):
        ours, program = emitted(text, flat=flat)
        with session():
            built = run(program)
        assert configuration(built) == configuration(model)
    read = keras.models.model_from_json(json.dumps(ours.keras_json()))
    assert configuration(read)["layers"][1]["config"]["optional"] is True


def test_frozen_model():
    model, x = encoder(), Input((28, 28, 1))
    model.trainable = False
    text = check_import(Model(x, L.Dense(2)(model(x))))
    assert "encoder(trainable=False)" in text
    assert text.count("trainable") == 1


@pytest.mark.parametrize("kind", ["model", "sequential"])
def test_a_model_that_is_frozen_as_a_whole(kind):
    """It comes back with the configuration that it had: no layer in it is trained."""
    with session():
        inner = keras.Sequential([Input((4,)), L.Dense(4), L.BatchNormalization()], name="inner")
        x = Input((4,))
        model = Model(x, L.Dense(2)(inner(L.Dense(4, trainable=False)(x))), name="net")
        if kind == "sequential":
            model = keras.Sequential([Input((4,)), inner, L.Dense(2)], name="net")
    model.trainable = False
    text = check_import(model)
    assert f"frozen {kind} net {{" in text
    assert "trainable" not in text
    for flat in (False, True):
        ours, program = emitted(text, flat=flat)
        with session():
            built = run(program)
        assert configuration(built) == configuration(model)
        assert not model_parameters(ours.model_graph).trainable
    # Of what it writes, Keras itself does not read the flag of a Sequential.
    read = keras.models.model_from_json
    assert configuration(read(json.dumps(ours.keras_json()))) == configuration(
        read(model.to_json())
    )


def test_a_model_made_as_a_frozen_one():
    """Its layers say that they are trained, and nothing in it is: Keras asks the model first."""
    x = Input((4,))
    inner = keras.Sequential([Input((3,)), L.Dense(2)], name="inner")
    y = L.BatchNormalization(trainable=False)(L.Dense(3)(x))
    chain = keras.Sequential([Input((4,)), L.Dense(3)], trainable=False)
    for model in (Model(x, inner(y), trainable=False), chain):
        text, ours = imported(model)
        assert text.count("frozen ") == 1
        assert "Dense(3, trainable=True)" in text
        assert model_parameters(ours.model_graph).trainable == len(model.trainable_weights) == 0


def test_trained_again_in_a_frozen_model():
    """What is trained in models that are frozen says so."""
    x, image = Input((4,)), Input((4,))
    inner = keras.Sequential([Input((4,)), L.Dense(3), L.Dense(2)], name="inner")
    encoder = Model(image, L.Dense(2, name="last")(inner(image)), name="encoder")
    model = Model(x, L.Dense(1)(encoder(x)))
    encoder.trainable = False
    inner.layers[0].trainable = True
    text, ours = imported(model)
    assert "frozen sequential inner_model {" in text
    assert "frozen model encoder {" in text
    assert "Dense(3, trainable=True)\n" in text
    assert text.count("trainable") == 1
    assert (
        model_parameters(ours.model_graph).trainable
        == sum(w.value.size for w in model.trainable_weights)
        == 18
    )


@pytest.mark.parametrize("training", [True, False])
def test_training_of_a_nested_model(training):
    model, x = encoder(), Input((28, 28, 1))
    text = check_import(Model(x, model(x, training=training)))
    assert f"(input_layer, training={training}) -> encoder" in text


def test_training():
    x = Input((4,))
    y = L.Dropout(0.1)(L.Dropout(0.2)(x, training=True))
    y = L.BatchNormalization()(L.BatchNormalization()(y, training=False))
    text = check_import(Model(x, y))
    assert "(input_layer, training=True) -> Dropout(0.2)" in text
    assert "(x, training=False)" in text
    assert text.count("training") == 2


def test_image_layers_say_nothing_of_training():
    x = Input((8, 8, 3))
    assert "training" not in check_import(Model(x, L.RandomFlip()(L.Resizing(4, 4)(x))))


def test_cells_and_states():
    x = Input((7, 5))
    y = L.RNN([L.LSTMCell(4), L.GRUCell(3)], return_sequences=True)(x)
    y, h, c = L.LSTM(4, return_sequences=True, return_state=True)(y)
    z = L.LSTM(4)(y, initial_state=[h, c])
    w = L.GRU(4)(y, initial_state=z)
    text = check_import(Model(x, [z, w]))
    assert "initial_state=[y, z]) -> LSTM(4)" in text


def test_outputs_that_nothing_takes_have_names():
    x = Input((7, 5))
    y, _, _ = L.LSTM(4, return_state=True)(x)
    first, *_ = ops.split(x, 5, axis=-1)
    text = check_import(Model(x, [y, first]))
    assert "x, y, z = " in text


def test_bidirectional():
    x = Input((7, 5))
    y = L.Bidirectional(L.LSTM(3, return_sequences=True))(x)
    backward = L.LSTM(3, go_backwards=True, activation="relu")
    text = check_import(Model(x, L.Bidirectional(L.LSTM(3), backward_layer=backward)(y)))
    assert "Bidirectional(LSTM(3, return_sequences=True))" in text
    assert "backward_layer=LSTM(3, relu, go_backwards=True)" in text


def test_time_distributed_models():
    x = Input((7, 5))
    inner = keras.Sequential([L.Dense(3), L.ReLU()], name="step")
    text = check_import(Model(x, L.TimeDistributed(inner)(x)))
    assert "TimeDistributed(step)" in text


def test_pipeline():
    x = Input((8, 8, 3))
    layer = keras.layers.Pipeline([L.RandomFlip(), L.Rescaling(1 / 255)])
    assert "Rescaling(1 / 255)" in check_import(Model(x, layer(x)))


def test_attention():
    q, v = Input((5, 8), name="q"), Input((7, 8), name="v")
    m = Input((5, 7), dtype="bool", name="m")
    x = L.MultiHeadAttention(2, 4)(q, v, attention_mask=m)
    y = L.MultiHeadAttention(2, 4)(query=q, value=v, key=v)
    z, scores = L.MultiHeadAttention(2, 4)(q, q, use_causal_mask=True, return_attention_scores=True)
    w = L.Attention()([q, v])
    text = check_import(Model([q, v, m], [x, y, z, scores, w]))
    assert "(q, v, attention_mask=m) -> MultiHeadAttention(2, 4)" in text
    assert "(query=q, value=v, key=v) -> MultiHeadAttention(2, 4)" in text
    assert "use_causal_mask=True" in text
    assert "[q, v] -> Attention()" in text


def test_operations():
    x = Input((10, 8), name="x")
    a, b = ops.split(x, 2, axis=-1)
    y = ops.where(a > 0, a, 0.0) * ops.softmax(b, axis=-1)
    y = ops.einsum("btd,bsd->bts", y, b)
    y = y[:, 0, None, ::2] + ops.expand_dims(ops.mean(x, axis=1), 1)[..., :5]
    y = 1 - ops.clip(y, -1, 1) ** 2
    y = ops.transpose(ops.concatenate([y, y], axis=1), (0, 2, 1))
    y = ops.cast(ops.logical_not(ops.reshape(y, (-1, 10)) > 0.5), "float32")
    text = check_import(Model(x, y / ops.sqrt(ops.maximum(y, 1.0))))
    for part in ("split(2, axis=-1)", '-> einsum("btd,bsd->bts")', "[:, 0, None, ::2]", "1 - "):
        assert part in text


def test_arrays_in_calls():
    x = Input((3,), name="x")
    check_import(
        Model(x, ops.matmul(x + np.array([1.0, 2.0, 3.0], "float32"), np.ones((3, 1), "float32")))
    )


def test_configurations():
    x = Input((8,))
    layer = L.Dense(
        4,
        activation=L.LeakyReLU(0.1),
        kernel_initializer=keras.initializers.HeNormal(),
        bias_initializer=keras.initializers.Constant(0.5),
        kernel_regularizer=keras.regularizers.L1L2(1e-4, 1e-3),
        bias_constraint=keras.constraints.MaxNorm(3),
        name="my-layer",
    )
    text = check_import(Model(x, L.Activation(keras.activations.gelu)(layer(x)), name="odd name!"))
    for part in (
        "LeakyReLU(0.1)",
        "kernel_initializer=he_normal",
        "bias_initializer=Constant(0.5)",
        "kernel_regularizer=L1L2(0.0001, 0.001)",
        "bias_constraint=MaxNorm(3)",
        'as "my-layer"',
        "model odd_name",
        "Activation(gelu)",
    ):
        assert part in text


def test_initializers_of_many_layers_are_a_constant():
    x = y = Input((8,))
    start = keras.initializers.VarianceScaling(2.0, mode="fan_out")
    for units in (8, 4, 2):
        y = L.Dense(units, kernel_initializer=start)(y)
    text = check_import(Model(x, y))
    assert text.startswith('const initializer = VarianceScaling(2.0, mode="fan_out")\n')


def test_names_that_mean_something_in_the_language():
    x = Input((4,), name="relu")
    y = L.Dense(3, name="if")(x)
    z = L.Dense(3, name="output")(y)
    tower = L.Dense(3, name="Dense")
    check_import(Model(x, tower(tower(z)), name="model"))


def test_names_of_another_session():
    x = Input((4,), name="x")
    y = L.Dense(4, name="dense_7")(x)
    text = check_import(Model(x, L.Dense(4, name="dense_8")(L.Dense(4, name="dense")(y))))
    assert "as dense_7" in text
    assert "Dense(4) ->" in text or "Dense(4)\n" in text


def test_named_operations_do_not_count():
    x = Input((4,), name="x")
    y = keras.src.ops.numpy.Add(name="first")(x, x)
    check_import(Model(x, (y + x) + x))


def test_inner_layers_take_no_name_of_another():
    x = Input((5, 4), name="x")
    y = L.Dense(4, name="time_dense")(x)
    y = L.TimeDistributed(L.Dense(3))(y)
    check_import(Model(x, L.Dense(2, name="dense")(y)))


def test_unknown_sizes():
    x = Input((None, None, 3))
    assert "[?, ?, 3]" in check_import(Model(x, L.Conv2D(2, 3)(x)))


def test_inputs_of_other_dtypes():
    x, y = Input((4,), dtype="int32", name="x"), Input((), name="y")
    text = check_import(Model([x, y], [L.Embedding(5, 3)(x), y * 2]))
    assert "input x: int32[4]" in text
    assert "input y: []" in text


def test_long_chains():
    x = y = Input((4,))
    for index in range(300):
        y = L.Dense(4, name=f"unit_{index}")(y)
    text = check_import(Model(x, y))
    assert len(text.splitlines()) < 10


def test_equal_models_are_defined_once():
    def part(name):
        x = Input((4,), name="x")
        return Model(x, L.Dense(4, name="first")(x), name=name)

    a, b = Input((4,)), Input((4,))
    text = check_import(Model([a, b], [part("left")(a), part("right")(b)]))
    assert text.count("model ") == 2
    assert "left() as right" in text
    assert imported(Model([a, b], [part("p")(a), part("q")(b)]))[1].count_params() == 40


def test_masks_of_some_inputs():
    q, v, m = Input((5, 4)), Input((6, 4)), Input((6,), dtype="bool")
    text = check_import(Model([q, v, m], L.Attention()([q, v], mask=[None, m])))
    assert "mask=[None, input_layer_2]" in text


@pytest.mark.parametrize(("name", "shown"), [("mine", "Dense(3) as mine"), (None, "Dense(3)")])
def test_what_does_not_check_is_named(name, shown):
    """The layer, also where it is an argument of its call that is wrong."""
    x = Input((8,))
    config = json.loads(Model(x, L.Dense(3, name=name)(x)).to_json())
    config["config"]["layers"][1]["inbound_nodes"][0]["kwargs"] = {"mask": True}
    with pytest.raises(Fault, match="no input `mask`") as caught:
        import_document(parse_document(json.dumps(config), "model.json"))
    assert caught.value.message.endswith(f"in {shown}")


@pytest.mark.parametrize(
    ("array", "shown"),
    [
        (np.arange(16), "array(range(16))"),
        (np.arange(3, 19), "array(range(3, 19))"),
        (np.arange(15, -1, -1), "array(range(15, -1, -1))"),
        (np.arange(0, 48, 3), "array(range(0, 48, 3))"),
        (np.full(16, 2), f"array({[2] * 16})"),
    ],
)
def test_numbers_at_equal_distances(array, shown):
    x = Input((16,), dtype="int32")
    assert shown in check_import(Model(x, ops.add(x, array.astype("int32"))))


def test_infinities():
    x = Input((3,), name="x")
    y = ops.where(x > 0, x, float("-inf"))
    z = L.ReLU(max_value=float("inf"))(ops.minimum(y, np.array([np.inf, 0, np.nan], "float32")))
    text = check_import(Model(x, z))
    assert 'where(y, x, float("-inf"))' in text
    assert 'minimum(array([float("inf"), 0.0, float("nan")]))' in text
    assert 'ReLU(float("inf"))' in text


def test_models_called_by_the_name_of_their_inputs():
    with session():
        x, y = Input((4,), name="x"), Input((4,), name="y")
        a, b = Input((4,), name="a"), Input((4,), name="b")
        pair = Model([a, b], L.Subtract()([a, b]), name="pair")
        one = keras.Sequential([Input((4,)), L.Dense(4)], name="one")
        model = Model(
            [x, y],
            [pair(inputs=[x, y]), pair([y, x]), one(inputs=x, training=True), one(inputs=y)],
        )
    text = check_import(model)
    _, program = emitted(text)
    with session():
        built = run(program)
    assert configuration(built) == configuration(model)
