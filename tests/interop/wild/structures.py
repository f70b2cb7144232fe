"""Inputs, outputs and names of all forms, and models cut out of others."""

from __future__ import annotations

import numpy as np

from tests.differential.harness import keras
from tests.interop.wild.harness import subject

layers, ops = keras.layers, keras.ops
STRUCTURES = subject("structures")


@STRUCTURES.model()
def batches_of_two():
    a = keras.Input((3,), batch_size=2, name="input_a")
    b = keras.Input((), batch_size=2, name="input_b")
    return keras.Model([a, b], layers.Dense(4)(layers.Dense(5)(a + b[:, None])), name="basic")


@STRUCTURES.model()
def input_in_lists_of_lists():
    x = keras.Input((3,), name="input_a")
    return keras.Model([[x]], layers.Dense(4)(layers.Dense(5)(x)))


@STRUCTURES.model()
def inputs_without_use():
    a, b = keras.Input((3,), name="a"), keras.Input((2,), name="b")
    return keras.Model({"a": a, "b": b}, a * 2)


@STRUCTURES.model()
def unmodified_inputs_by_name():
    a, b = keras.Input((2,), name="input1"), keras.Input((2,), name="input2")
    return keras.Model({"input1": a, "input2": b}, {"output1": a * 2, "output2": b})


@STRUCTURES.model()
def numbers_for_keys():
    a, b, c = keras.Input((1,)), keras.Input((2,)), keras.Input((3,))
    made = [layers.Dense(i + 1)(each) for i, each in enumerate((a, b, c))]
    return keras.Model(
        {"1": a, "others": {"2": b, "3": c}},
        {"1": made[0], "others": {"2": made[1], "3": made[2]}},
    )


@STRUCTURES.model()
def mask_of_an_inner_model():
    table = layers.Embedding(5, 4, mask_zero=True)
    inside = keras.Input((6,), dtype="int32")
    encoder = keras.Model(inside, table(inside), name="encoder")
    x = keras.Input((6,), dtype="int32")
    y = encoder(x)
    return keras.Model(x, [layers.GRU(2)(y), layers.GlobalAveragePooling1D()(y)])


@STRUCTURES.model()
def layers_behind_the_middle():
    x = keras.Input((5, 2))
    one = layers.Dense(3, name="dense1")(x)
    two = layers.Dense(4, name="dense2")(one)
    three = layers.Dense(5, name="dense3")(two)
    return keras.Model(one, three, name="partial")


@STRUCTURES.model()
def between_two_layers():
    x = keras.Input((5, 2))
    y = x
    for i in range(5):
        y = layers.Dense(i + 2, name=f"dense{i}")(y)
    full = keras.Model(x, y)
    start, stop = full.get_layer("dense2"), full.get_layer("dense3")
    return keras.Model(start.input, [stop.output, full.get_layer("dense2").output])


@STRUCTURES.model()
def rank_that_a_model_stretches():
    x = keras.Input((3, 1))
    inner = keras.Model(x, layers.Dense(3)(x), name="inner")
    y = keras.Input((3, 1))
    return keras.Model(y, [inner(y), inner(inner(y)[..., :1])])


@STRUCTURES.model()
def clone_of_structures():
    x, y = keras.Input((3,), name="x"), keras.Input((3,), name="y")
    z = x + y
    return keras.models.clone_model(
        keras.Model({"x": x, "y": y}, {"z1": z, "z2": layers.Dense(5)(z)})
    )


@STRUCTURES.model()
def clone_with_other_names():
    def clone(layer):
        config = layer.get_config()
        config["name"] = config["name"] + "_custom"
        return layer.__class__.from_config(config)

    x = keras.Input((7, 3))
    shared = layers.Conv1D(2, 2, padding="same", name="shared")
    y = layers.Conv1D(2, 2, padding="same")(shared(shared(layers.Dense(2)(x))))
    return keras.models.clone_model(keras.Model(x, y), clone_function=clone)


@STRUCTURES.model()
def one_name_in_several_models():
    def tower(name):
        x = keras.Input((4,), name="x")
        y = layers.Dense(3, name="dense")(x)
        return keras.Model(x, layers.Dense(4, name="out")(y), name=name)

    x = keras.Input((4,), name="x")
    y = layers.Dense(4, name="dense")(x)
    return keras.Model(x, layers.Add(name="out")([tower("left")(y), tower("right")(y)]))


@STRUCTURES.model(is_fast=True)
def inputs_named_as_arguments():
    names = ("self", "scope", "training", "mask")
    inner = {name: keras.Input((4,), name=name) for name in names}
    y = layers.Dense(3)(sum(inner.values()))
    both = keras.Model(inner, y, name="inner")
    x = [keras.Input((4,)) for _ in names]
    made = [both(dict(zip(names, x, strict=True))), both(dict(zip(names, x[::-1], strict=True)))]
    return keras.Model(x, made)


@STRUCTURES.model()
def models_named_as_layers():
    x = keras.Input((4,))
    dense = keras.Model(x, layers.Dense(4)(x), name="dense")
    y = keras.Input((4,))
    add = keras.Model(y, layers.Add()([y, y]), name="add")
    z = keras.Input((4,))
    return keras.Model(z, layers.Dense(2, name="sequential")(add(dense(z))), name="Dense")


@STRUCTURES.model()
def names_of_older_models():
    x = keras.Input((8, 8, 3), name="data")
    y = x
    for stage in range(3):
        for part in ("bn", "relu", "conv"):
            name = f"stage{stage + 1}_unit1_{part}"
            if part == "bn":
                y = layers.BatchNormalization(name=name)(y)
            elif part == "relu":
                y = layers.Activation("relu", name=name)(y)
            else:
                y = layers.Conv2D(4, 3, padding="same", name=name)(y)
    return keras.Model(x, y, name="model-1.0 (beta)")


@STRUCTURES.model()
def names_that_count_oddly():
    x = keras.Input((4,), name="input_7")
    y = layers.Dense(4, name="dense_3")(x)
    for name in ("dense_8", "dense_10", "dense_02", "dense_4"):
        y = layers.Dense(4, name=name)(y)
    return keras.Model(x, [layers.Dense(2)(y), layers.Dense(2)(y)])


@STRUCTURES.model()
def functions_with_names():
    x = keras.Input((4,))
    y = keras.src.ops.numpy.Add(name="residual")(x, x * 2)
    z = keras.src.ops.numpy.Mean(axis=-1, keepdims=True, name="per row")(y)
    return keras.Model(x, layers.Dense(2, name="add")(y - z))


@STRUCTURES.model()
def one_input_in_many_places():
    x = keras.Input((6,), name="x")
    y = layers.Concatenate()([x, x, x])
    z = layers.Dot(axes=1)([x, x])
    return keras.Model(x, [layers.Dense(6)(y) + x, z, layers.Multiply()([x, x])])


@STRUCTURES.model()
def outputs_of_all_depths():
    x = keras.Input((8, 8, 1))
    made = []
    y = x
    for i in range(4):
        y = layers.Conv2D(2 ** (i + 1), 3, padding="same", activation="relu", name=f"c{i}")(y)
        made.append(layers.GlobalMaxPooling2D(name=f"side_{i}")(y))
    return keras.Model(inputs=x, outputs=[*reversed(made), y])


@STRUCTURES.model()
def integers_given_to_layers():
    x = keras.Input((4,), dtype="uint8")
    i = keras.Input((4,), dtype="int16")
    return keras.Model([x, i], [layers.Dense(2)(x), layers.Rescaling(1 / 255)(i), x + i])


@STRUCTURES.model()
def sequential_with_all_in_front():
    return keras.Sequential(
        [
            keras.Input((10,), name="features", batch_size=4),
            layers.Rescaling(0.1), layers.GaussianNoise(0.1), layers.Dense(8),
            layers.Activation("relu"), layers.Dropout(0.2), layers.Reshape((2, 4)),
            layers.Permute((2, 1)), layers.Flatten(), layers.RepeatVector(3), layers.LSTM(4),
            layers.ActivityRegularization(0.1), layers.Dense(1, activation="sigmoid"),
        ],
        name="classifier",
    )  # fmt: skip


@STRUCTURES.model()
def one_layer_in_a_row_twice():
    x = keras.Input((4,))
    shared = layers.Dense(4, activation="tanh", name="shared")
    inner = keras.Sequential([keras.Input((4,)), shared, layers.ReLU()], name="row")
    # JSON does not say that they are one.
    return keras.models.model_from_json(keras.Model(x, shared(inner(x))).to_json())


@STRUCTURES.model()
def arrays_of_one_number():
    x = keras.Input((3,))
    y = ops.multiply(x, np.float32(2.0)) + np.array(1.5, "float32")
    z = ops.power(x, np.array([2.0], "float32"))
    return keras.Model(x, [y, z, ops.minimum(np.int32(1), x)])


@STRUCTURES.model()
def nothing_but_functions():
    x = keras.Input((4, 3), name="x")
    y = ops.relu(x)
    inner = keras.Model(x, ops.sum(y, axis=-1), name="summing")
    z = keras.Input((4, 3))
    return keras.Model(z, ops.mean(inner(z * 2), axis=-1))


@STRUCTURES.model()
def trained_and_frozen():
    x = keras.Input((4,))
    y = layers.Dense(4, name="a", trainable=False)(x)
    y = layers.BatchNormalization(name="b")(y)
    y.trainable = False
    base = keras.Model(x, y, name="base")
    base.get_layer("b").trainable = False
    z = keras.Input((4,))
    tower = keras.Sequential([base, layers.Dense(3), layers.Dense(2, trainable=False)])
    return keras.Model(z, tower(z))


@STRUCTURES.model()
def models_in_lists_of_outputs():
    x = keras.Input((6,))
    split = keras.Model(x, ops.split(x, 3, axis=1), name="split")
    y = keras.Input((6,))
    one, two, three = split(y)
    return keras.Model(y, [layers.Dense(1)(three), one, two])


@STRUCTURES.model(is_fast=True)
def outputs_in_lists_and_dicts():
    x = keras.Input((4,))
    y = layers.Dense(2)(x)
    inner = keras.Model(x, {"u": y, "rest": [layers.Dense(3)(x), [y]]}, name="inner")
    z = keras.Input((4,))
    made = inner(z)
    end = layers.Dense(1, name="end")(made["rest"][0])
    return keras.Model(z, [{"the end": end, "b": made["u"]}, [made["rest"][1][0]], end])


@STRUCTURES.model()
def one_output_in_a_dict():
    x = keras.Input((4,))
    inner = keras.Model(x, {"only": layers.Dense(2)(x)}, name="inner")
    y = keras.Input((4,))
    return keras.Model(y, [layers.Dense(1)(inner(y)["only"])])


@STRUCTURES.model()
def outputs_called_as_their_layers():
    x = keras.Input((4,))
    made = {"b": layers.Dense(2, name="b")(x), "a": layers.Dense(2, name="a")(x)}
    return keras.Model(x, made)


@STRUCTURES.model(is_fast=True)
def lists_in_lists_of_outputs():
    x = keras.Input((4,))
    y = layers.Dense(2)(x)
    return keras.Model(x, [[y, layers.Dense(3)(y)], [[y]]])
