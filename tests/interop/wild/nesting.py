"""Models in models, and models made of parts of others."""

from __future__ import annotations

from tests.differential.harness import keras
from tests.interop.wild.harness import subject

layers, ops = keras.layers, keras.ops
NESTING = subject("nesting")


def _mlp(units, name=None, size=4):
    x = keras.Input((size,))
    return keras.Model(x, layers.Dense(units)(layers.Dense(5, activation="relu")(x)), name=name)


@NESTING.model()
def one_layer_in_two_functions():
    shared = layers.Dense(4, name="shared")
    x = keras.Input((4,))
    return keras.Model(x, layers.Dense(2)(shared(shared(x))))


@NESTING.model()
def model_in_a_dense():
    x = keras.Input((4,))
    y = layers.Dense(4)(x)
    return keras.Model(x, layers.Dense(2)(_mlp(3)(y)))


@NESTING.model()
def sequential_in_sequential_unbuilt():
    inner = keras.Sequential([layers.Dense(2), layers.Dense(3)])
    model = keras.Sequential([layers.Dense(2), inner, layers.Dense(2)])
    model.build((None, 3))
    return model


@NESTING.model(is_fast=True)
def models_called_again_and_again():
    inner = _mlp(4, "inner")
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    once, twice = inner(a), inner(inner(b))
    return keras.Model([a, b], [once, twice, inner(once + twice)])


@NESTING.model()
def four_levels():
    model = _mlp(4, "level_0")
    for level in range(1, 4):
        x = keras.Input((4,))
        model = keras.Model(x, layers.LayerNormalization()(model(x) + x), name=f"level_{level}")
    x = keras.Input((4,))
    return keras.Model(x, [model(x), model(model(x))])


@NESTING.model()
def several_in_and_out():
    a, b = keras.Input((3,), name="a"), keras.Input((2,), name="b")
    inner = keras.Model([a, b], [layers.Dense(2)(a), layers.Dense(3)(b), a], name="inner")
    x, y = keras.Input((3,)), keras.Input((2,))
    one, two, three = inner([x, y])
    four, five, six = inner([three, one])
    return keras.Model([x, y], [four, two, layers.Concatenate()([five, six])])


@NESTING.model()
def dicts_in_and_out():
    a, b = keras.Input((3,), name="a"), keras.Input((2,), name="b")
    inner = keras.Model(
        {"b": b, "a": a}, {"sum": layers.Dense(2)(a) + b, "rest": layers.Dense(3)(b)}, name="inner"
    )
    x, y = keras.Input((3,), name="x"), keras.Input((2,), name="y")
    made = inner({"a": x, "b": y})
    return keras.Model({"x": x, "y": y}, {"u": made["rest"], "t": layers.ReLU()(made["sum"])})


@NESTING.model()
def tuples_in_and_out():
    a, b = keras.Input((3,), name="a"), keras.Input((2,), name="b")
    inner = keras.Model((a, b), (layers.Dense(2)(a), layers.Dense(2)(b)), name="inner")
    x, y = keras.Input((3,)), keras.Input((2,))
    return keras.Model((x, y), layers.Add()(inner((x, y))))


@NESTING.model()
def keys_are_not_names():
    a, b = keras.Input((3,), name="a"), keras.Input((2,), name="b")
    inputs = {"second": a, "first": b}
    return keras.Model(
        inputs, {"y": layers.Dense(2, name="z")(a), "z": layers.Dense(3, name="y")(b)}
    )


@NESTING.model()
def deep_structures():
    a, b, c = (keras.Input((2,), name=name) for name in "abc")
    inputs = {"outer": {"left": a, "right": [b]}, "other": (c,)}
    y = layers.Concatenate()([a, b, c])
    return keras.Model(inputs, [{"one": y, "two": [y * 2.0]}, (layers.Dense(2)(y),)])


@NESTING.model()
def features_from_the_middle():
    x = keras.Input((16, 16, 3))
    y = x
    for index, filters in enumerate((4, 6, 8)):
        y = layers.Conv2D(filters, 3, padding="same", name=f"block{index}_conv")(y)
        y = layers.MaxPooling2D(name=f"block{index}_pool")(y)
    base = keras.Model(x, layers.Dense(10)(layers.Flatten()(y)), name="base")
    outputs = [base.get_layer(f"block{index}_pool").output for index in (2, 0)]
    return keras.Model(base.inputs, outputs, name="features")


@NESTING.model()
def perceptual_loss():
    x = keras.Input((8, 8, 3))
    y = layers.Conv2D(4, 3, name="c1")(x)
    z = layers.Conv2D(4, 3, name="c2")(y)
    features = keras.Model(x, [y, z], name="features")
    features.trainable = False
    a, b = keras.Input((8, 8, 3), name="real"), keras.Input((8, 8, 3), name="fake")
    pairs = zip(features(a), features(b), strict=True)
    losses = [ops.mean(ops.square(one - two), axis=(1, 2, 3)) for one, two in pairs]
    return keras.Model([a, b], ops.stack(losses, axis=-1))


@NESTING.model()
def gradient_class_activation():
    base = keras.Sequential([
        keras.Input((8, 8, 3)), layers.Conv2D(4, 3, name="last_conv"),
        layers.GlobalAveragePooling2D(), layers.Dense(5),
    ])  # fmt: skip
    return keras.Model(base.inputs, [base.get_layer("last_conv").output, base.outputs[0]])


@NESTING.model()
def sequential_opened():
    loaded = keras.Sequential([keras.Input((3,)), layers.Dense(5), layers.Softmax()])
    return keras.Model(loaded.inputs, loaded.outputs)


@NESTING.model()
def layers_put_in_a_row_again():
    base = keras.Sequential(
        [keras.Input((6,), name="given"), *(layers.Dense(6 - i) for i in range(4))]
    )
    model = keras.Sequential(base.layers[:-1])
    model.add(layers.Dense(2, name="head"))
    model.build((None, 6))
    return model


@NESTING.model()
def popped():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.Dense(2), layers.ReLU()])
    model.pop()
    model.add(layers.Softmax())
    return model


@NESTING.model()
def siamese_of_sequentials():
    tower = keras.Sequential(
        [keras.Input((10,)), layers.Embedding(9, 4), layers.LSTM(3)], name="tower"
    )
    a, b = keras.Input((10,), name="a"), keras.Input((10,), name="b")
    distance = ops.sum(ops.abs(tower(a) - tower(b)), axis=1, keepdims=True)
    return keras.Model([a, b], ops.exp(-distance))


@NESTING.model()
def ensemble():
    members = [_mlp(3, f"member_{i}") for i in range(3)]
    x = keras.Input((4,))
    return keras.Model(x, layers.Average()([member(x) for member in members]))


@NESTING.model()
def ensemble_of_own_inputs():
    members = [_mlp(3, f"member-{i}") for i in range(2)]
    return keras.Model([m.input for m in members], layers.maximum([m.output for m in members]))


@NESTING.model()
def clones():
    model = keras.Sequential([keras.Input((4,)), _mlp(3), layers.Dense(2)])
    x = keras.Input((4,))
    copy = keras.models.clone_model(model)
    copy.name = "copy"
    return keras.Model(x, [copy(x), model(x)])


@NESTING.model()
def clones_with_dropout():
    def call(layer, *args, **kwargs):
        made = layer(*args, **kwargs)
        return layers.Dropout(0.5)(made) if isinstance(layer, layers.Dense) else made

    return keras.models.clone_model(_mlp(3), clone_function=lambda each: each, call_function=call)


@NESTING.model()
def identity_inside():
    x = keras.Input((4,))
    inner = keras.Model(x, x, name="nothing")
    y = keras.Input((4,))
    return keras.Model(y, layers.Dense(2)(inner(y)))


@NESTING.model()
def inner_model_of_functions():
    x, y = keras.Input((4,)), keras.Input((4,))
    inner = keras.Model([x, y], ops.maximum(x * 2.0, y) - ops.mean(x, axis=-1, keepdims=True))
    a = keras.Input((4,))
    return keras.Model(a, inner([a, inner([a, a])]))


@NESTING.model()
def inner_model_with_masks():
    x = keras.Input((6,), dtype="int32")
    encoder = keras.Model(x, layers.Embedding(9, 4, mask_zero=True)(x), name="encoder")
    y = keras.Input((6,), dtype="int32")
    return keras.Model(y, layers.LSTM(3)(encoder(y)))


@NESTING.model()
def training_given_inside():
    x = keras.Input((8, 8, 3))
    y = layers.BatchNormalization()(layers.Conv2D(4, 3)(x))
    base = keras.Model(x, layers.Dropout(0.2)(y), name="base")
    base.trainable = False
    z = keras.Input((8, 8, 3))
    w = layers.Rescaling(1 / 127.5, offset=-1)(z)
    w = layers.GlobalAveragePooling2D()(base(w, training=False))
    return keras.Model(z, layers.Dense(1)(layers.Dropout(0.2)(w)))


@NESTING.model()
def partly_trained():
    model = keras.Sequential(
        [keras.Input((4,)), *(layers.Dense(4, name=f"d{i}") for i in range(5))], name="body"
    )
    for layer in model.layers[:3]:
        layer.trainable = False
    x = keras.Input((4,))
    return keras.Model(x, layers.Dense(1)(model(x)))


@NESTING.model()
def time_distributed_models():
    image = keras.Input((8, 8, 1))
    encoder = keras.Model(
        image, layers.Dense(3)(layers.Flatten()(layers.Conv2D(2, 3)(image))), name="encoder"
    )
    clip = keras.Input((5, 8, 8, 1))
    y = layers.TimeDistributed(encoder)(clip)
    head = keras.Sequential(
        [layers.Dense(4, activation="relu"), layers.Dropout(0.5), layers.Dense(2)]
    )
    return keras.Model(clip, [layers.GRU(4)(y), layers.TimeDistributed(head)(y)])
