"""Models as people write them who try what Keras allows."""

from __future__ import annotations

import numpy as np

from tests.differential.harness import keras
from tests.interop.zoo.entry import animal

layers, ops = keras.layers, keras.ops


@animal()
def identity():
    x = keras.Input((4,), name="x")
    return keras.Model(x, x, name="identity")


@animal()
def input_among_outputs():
    x, y = keras.Input((4,), name="x"), keras.Input((3,), name="y")
    return keras.Model([x, y], [layers.Dense(2)(x), y, x])


@animal(is_fast=True)
def same_output_twice():
    x = keras.Input((4,))
    y = layers.Dense(2)(x)
    return keras.Model(x, [y, y, layers.ReLU()(y)])


@animal()
def one_output_in_a_list():
    x = keras.Input((4,))
    inner = keras.Model([x], [layers.Dense(3, name="inside")(x)], name="listed")
    y = keras.Input((4,))
    (made,) = inner([y])
    return keras.Model([y], [layers.Dense(1)(made)])


@animal()
def one_tensor_added_to_itself():
    x = keras.Input((4,))
    return keras.Model(x, layers.Add()([x, x]) * x)


@animal(is_fast=True)
def names_of_all_kinds():
    inputs = x = keras.Input((4,), name="input")
    for name in (
        "while", "1st", "my layer", "a.b.c", "größe", "if", "model", "x", "output", "dense_7",
        "Dense", "block-1_conv", "None", "True", "lambda", "train", "for", "日本", "a'b", 'c"d',
        "{brace}", "back\\slash", "tab\there", "relu", "ops", "keras", "name:0", "batch",
    ):  # fmt: skip
        x = layers.Dense(4, name=name)(x)
    return keras.Model(inputs, x, name="class")


@animal()
def structures():
    inputs = {
        "pair": [keras.Input((3,), name="left"), keras.Input((3,), name="right")],
        "one": keras.Input((2,), name="one"),
    }
    total = layers.Add()(inputs["pair"])
    return keras.Model(
        inputs,
        {"sum": total, "rest": (layers.Dense(1)(inputs["one"]), {"deep": layers.ReLU()(total)})},
    )


@animal()
def dtypes_of_inputs():
    a = keras.Input((4,), dtype="bool", name="a")
    b = keras.Input((4,), dtype="int8", name="b")
    c = keras.Input((4,), dtype="float16", name="c")
    d = keras.Input((), dtype="uint8", name="d")
    e = ops.cast(a, "float32") * ops.cast(b, "float32") + ops.cast(c, "float32")
    return keras.Model([a, b, c, d], [layers.Dense(2)(e), layers.Embedding(256, 3)(d)])


@animal()
def unknown_everywhere():
    x = keras.Input((None, None, None, 2))
    y = layers.Conv3D(3, 3, padding="same")(x)
    y = layers.MaxPooling3D()(y)
    return keras.Model(x, ops.mean(y, axis=(1, 2, 3)))


@animal()
def several_models_of_one_function():
    x = keras.Input((8,), name="x")
    h = layers.Dense(4, name="hidden")(x)
    encoder = keras.Model(x, h, name="encoder")
    code = keras.Input((4,), name="code")
    decoder = keras.Model(code, layers.Dense(8, name="back")(code), name="decoder")
    keras.Model(x, decoder(h), name="unused")
    y = keras.Input((8,), name="y")
    return keras.Model(y, decoder(encoder(y)))


@animal()
def layers_of_another_model():
    x = keras.Input((8, 8, 3))
    y = layers.Conv2D(4, 3, name="conv")(x)
    y = layers.BatchNormalization(name="norm")(y)
    y = layers.GlobalAveragePooling2D(name="pool")(y)
    base = keras.Model(x, layers.Dense(10, name="top")(y))
    features = base.get_layer("pool").output
    base.get_layer("conv").trainable = False
    return keras.Model(base.inputs, layers.Dense(2, name="new_top")(features))


@animal()
def output_of_an_inner_layer():
    base = keras.Sequential(
        [keras.Input((6,)), layers.Dense(5, name="a"), layers.Dense(4, name="b"), layers.Dense(3)]
    )
    return keras.Model(base.inputs, [base.get_layer("a").output, base.get_layer("b").output])


@animal()
def deep_sequential():
    model = keras.Sequential([keras.Input((4,))])
    for _ in range(120):
        model.add(layers.Dense(4, activation="relu"))
    return model


@animal()
def wide():
    x = keras.Input((4,))
    return keras.Model(x, layers.Concatenate()([layers.Dense(1)(x) for _ in range(60)]))


@animal()
def nested_thrice():
    x = keras.Input((6,))
    small = keras.Model(x, layers.Dense(5)(x) + 1.0, name="small")
    middle = keras.Sequential([keras.Input((6,)), small, layers.ReLU()], name="middle")
    y = keras.Input((6,))
    large = keras.Model(y, layers.Dense(2)(middle(y)), name="large")
    z = keras.Input((6,))
    return keras.Model(z, [large(z), layers.ReLU()(large(z))])


@animal()
def sequential_of_models():
    def part(index):
        x = keras.Input((4,))
        return keras.Model(x, layers.Dense(4)(x) + x, name=f"part_{index}")

    return keras.Sequential([keras.Input((4,)), *(part(i) for i in range(3)), layers.Dense(1)])


@animal()
def deferred_sequential():
    tower = keras.Sequential([layers.Dense(4, activation="relu"), layers.Dense(2)])
    a, b = keras.Input((5,)), keras.Input((5,))
    return keras.Model([a, b], tower(a) - tower(b))


@animal()
def wrappers_of_wrappers():
    x = keras.Input((3, 5, 4))
    y = layers.TimeDistributed(layers.Bidirectional(layers.LSTM(3)))(x)
    z = layers.TimeDistributed(layers.TimeDistributed(layers.Dense(2, activation="relu")))(x)
    n = layers.TimeDistributed(layers.SpectralNormalization(layers.Dense(2)))(y)
    return keras.Model(x, [y, z, n])


@animal()
def bidirectional_of_two():
    x = keras.Input((5, 4))
    forward = layers.LSTM(3, return_sequences=True, name="there")
    backward = layers.GRU(3, activation="relu", return_sequences=True, go_backwards=True)
    y = layers.Bidirectional(forward, backward_layer=backward, merge_mode="ave")(x)
    one, two = layers.Bidirectional(layers.SimpleRNN(2), merge_mode=None)(y)
    return keras.Model(x, [one, two])


@animal()
def time_distributed_model():
    x = keras.Input((6,))
    cell = keras.Model(x, layers.LayerNormalization()(layers.Dense(6)(x) + x), name="cell")
    y = keras.Input((4, 6))
    return keras.Model(y, layers.TimeDistributed(cell, name="over time")(y))


@animal()
def all_that_a_dense_has():
    x = keras.Input((4,))
    y = layers.Dense(
        3,
        activation=layers.LeakyReLU(negative_slope=0.1),
        kernel_initializer=keras.initializers.TruncatedNormal(mean=0.1, stddev=0.2, seed=7),
        bias_initializer=keras.initializers.RandomUniform(-0.1, 0.1),
        kernel_regularizer=keras.regularizers.L1L2(l1=1e-5, l2=1e-4),
        bias_regularizer=keras.regularizers.l2(0.01),
        activity_regularizer=keras.regularizers.L1(0.02),
        kernel_constraint=keras.constraints.MinMaxNorm(0.1, 2.0, rate=0.9, axis=0),
        bias_constraint=keras.constraints.NonNeg(),
    )(x)
    y = layers.Dense(3, kernel_regularizer=keras.regularizers.OrthogonalRegularizer(0.1))(y)
    y = layers.Dense(3, kernel_constraint="unit_norm", kernel_initializer="identity")(y)
    return keras.Model(x, layers.ActivityRegularization(l1=0.1)(y))


@animal()
def activations_of_all_kinds():
    x = keras.Input((4,))
    y = x
    for activation in (
        "relu", "relu6", "elu", "selu", "gelu", "swish", "silu", "mish", "softplus", "softsign",
        "hard_sigmoid", "hard_swish", "tanh", "exponential", "linear", None, "leaky_relu",
        "log_softmax", "celu", "sparse_plus", "squareplus", "tanh_shrink",
        "soft_shrink", "hard_shrink",
        keras.activations.relu, keras.ops.tanh, layers.ReLU(max_value=6),
        layers.ELU(alpha=0.5), layers.Softmax(axis=-1),
    ):  # fmt: skip
        y = layers.Dense(4, activation=activation)(y)
    y = layers.Activation(layers.LeakyReLU(0.3))(y)
    return keras.Model(x, layers.Activation("softmax")(y))


@animal()
def policies():
    x = keras.Input((4,))
    y = layers.Dense(4, dtype="mixed_float16")(x)
    y = layers.Dense(4, dtype=keras.DTypePolicy("mixed_bfloat16"))(y)
    y = layers.BatchNormalization(dtype="float32")(y)
    y = layers.Dense(2, dtype="float32", activation="softmax", name="head")(y)
    return keras.Model(x, y)


@animal()
def frozen_at_several_levels():
    x = keras.Input((4,))
    inner = keras.Model(x, layers.Dense(4)(layers.Dense(4, trainable=False)(x)), name="inner")
    tower = keras.Sequential([keras.Input((4,)), inner, layers.Dense(3)], name="tower")
    tower.trainable = False
    y = keras.Input((4,))
    z = layers.BatchNormalization(trainable=False)(tower(y, training=False))
    return keras.Model(y, layers.Dense(1)(z))


@animal()
def cloned():
    x = keras.Input((4,))
    model = keras.Model(x, layers.Dense(2)(layers.Dense(3, "relu")(x)) * 2.0)
    return keras.models.clone_model(model)


@animal()
def shared_activation_and_dropout():
    relu, drop = layers.ReLU(name="relu"), layers.Dropout(0.5, seed=3)
    x = keras.Input((4,))
    y = x
    for units in (4, 3, 2):
        y = drop(relu(layers.Dense(units)(y)))
    return keras.Model(x, y)


@animal()
def arithmetic():
    a, b = keras.Input((3, 4), name="a"), keras.Input((3, 4), name="b")
    c = a + b - a * b / (ops.abs(b) + 1.0)
    c = -c + 2 * a - 3 / (1 + ops.square(b)) + a**2 - 2.0**b
    c = c // 2.0 + c % 3.0
    d = ops.where(a > b, a, b) + ops.where(a <= 0.5, 1.0, 0.0)
    e = ops.logical_and(a >= 0, ops.logical_not(b < 0))
    f = ops.cast(ops.logical_or(e, ops.equal(a, b)), "float32")
    g = ops.matmul(a, ops.transpose(b, (0, 2, 1))) @ d
    return keras.Model([a, b], [c, d, f, g, 1.0 - f])


@animal()
def indexing():
    x = keras.Input((6, 5, 4))
    y = x[:, 0]
    z = x[:, 1:4, ::2]
    w = x[..., -1]
    v = x[:, :, None, 2]
    u = x[:, ::-1]
    return keras.Model(x, [y, z, w, v, u, x[:, -1, -1, 0], x[:, 2:][:, :, 1:]])


@animal()
def joining():
    a, b = keras.Input((3, 4)), keras.Input((3, 4))
    s = ops.stack([a, b], axis=1)
    c = ops.concatenate([a, b, a], axis=-1)
    first, second, third = ops.split(c, 3, axis=-1)
    left, right = ops.split(c, [5], axis=2)
    tiled = ops.tile(first, (1, 2, 1))
    padded = ops.pad(second, ((0, 0), (1, 1), (0, 2)))
    rolled = ops.roll(third, 1, axis=1)
    spread = a[:, :1] + b
    unstacked = ops.unstack(s, axis=1)
    outputs = [s, left, right, tiled, padded, rolled, spread, *unstacked]
    return keras.Model([a, b], [*outputs, ops.squeeze(a[:, :1], 1), ops.swapaxes(a, 1, 2)])


@animal()
def reductions():
    x = keras.Input((5, 4))
    made = [
        ops.sum(x, 1), ops.mean(x, axis=-1, keepdims=True), ops.max(x, axis=(1, 2)), ops.min(x, 1),
        ops.prod(x, axis=1), ops.std(x, axis=1), ops.var(x, axis=2), ops.argmax(x, axis=-1),
        ops.argmin(x, axis=1), ops.all(x > 0, axis=1), ops.any(x > 0, axis=1),
        ops.logsumexp(x, axis=1), ops.cumsum(x, axis=1), ops.norm(x),
        ops.median(x, axis=1), ops.count_nonzero(x, axis=1),
    ]  # fmt: skip
    return keras.Model(x, made)


@animal()
def more_functions():
    x, i = keras.Input((5, 4), name="x"), keras.Input((5,), dtype="int32", name="i")
    values, places = ops.top_k(x, 2)
    made = [
        values, places, ops.one_hot(i, 6), ops.sort(x, axis=1), ops.argsort(x, axis=-1),
        ops.take_along_axis(x, places, axis=-1), ops.normalize(x, axis=-1),
        ops.einsum("bij,bkj->bik", x, x), ops.tril(
            ops.matmul(x, ops.transpose(x, (0, 2, 1)))),
        ops.clip(x, -1, 1), ops.round(x), ops.sign(x), ops.erf(x), ops.rsqrt(ops.abs(x) + 1),
        ops.minimum(x, 0.5), ops.zeros_like(x), ops.ones_like(i), ops.full_like(x, 2.0),
        ops.flip(x, axis=1), ops.diff(x, axis=1), ops.isnan(x), ops.softmax(x, axis=1),
        ops.moveaxis(x, 1, 2), ops.repeat(x, 2, axis=1), ops.floor(x), ops.log1p(ops.abs(x)),
        ops.arctan2(x, x + 1.0), ops.nan_to_num(x), ops.stop_gradient(x),
        ops.cast(i, "float32"),
    ]  # fmt: skip
    return keras.Model([x, i], made)


@animal()
def constants_in_calls():
    x = keras.Input((3,))
    mean = np.array([0.485, 0.456, 0.406], "float32")
    y = (x - mean) / np.array([0.229, 0.224, 0.225], "float32")
    y = ops.multiply(mean, y) + np.array([1.0, 2.0, 3.0])
    y = ops.matmul(y, np.arange(6, dtype="float32").reshape(3, 2))
    z = ops.where(ops.convert_to_tensor([True, False]), y, -1.0)
    return keras.Model(x, [z, y * np.float32(2.0), ops.add(np.array([1.0, 2.0]), y)])


@animal()
def position_embedding():
    ids = keras.Input((12,), dtype="int32")
    positions = ops.arange(0, 12)
    x = layers.Embedding(20, 8)(ids)
    angles = np.arange(12)[:, None] / 10000 ** (np.arange(8)[None] / 8)
    x = x + ops.cast(ops.convert_to_tensor(np.sin(angles)), "float32")
    x = x * ops.cast(ops.expand_dims(positions, -1) < 6, "float32")
    return keras.Model(ids, x)


@animal(is_fast=True)
def calls_by_keyword():
    q, v = keras.Input((5, 8)), keras.Input((7, 8))
    m = keras.Input((5, 7), dtype="bool")
    a = layers.MultiHeadAttention(2, 4)(query=q, value=v, key=v, attention_mask=m)
    b = layers.MultiHeadAttention(2, 4)(q, v, v)
    c, scores = layers.MultiHeadAttention(2, 4)(q, q, return_attention_scores=True)
    d = layers.Attention(use_scale=True)([q, v, v])
    e = layers.Dense(3)(a)
    f = layers.Dropout(0.5)(b, training=True)
    return keras.Model(inputs=[q, v, m], outputs=[c, scores, d, e, f])


@animal()
def merging():
    x, y = keras.Input((4,)), keras.Input((4,))
    made = [
        layers.add([x, y]), layers.subtract([x, y]), layers.multiply([x, y]),
        layers.average([x, y]), layers.maximum([x, y]), layers.minimum([x, y]),
        layers.concatenate([x, y]), layers.dot([x, y], axes=1), layers.Add()([x, y, x]),
        layers.Maximum()([x * 2, y]),
    ]  # fmt: skip
    return keras.Model([x, y], made)


@animal()
def augmentations():
    x = keras.Input((16, 16, 3))
    y = x
    for layer in (
        layers.RandomFlip("horizontal_and_vertical", seed=1),
        layers.RandomRotation(0.2, fill_mode="nearest"),
        layers.RandomZoom((-0.1, 0.2), width_factor=None),
        layers.RandomTranslation(0.1, (-0.2, 0.1)),
        layers.RandomContrast(0.2),
        layers.RandomBrightness((-0.1, 0.1), value_range=(0, 1)),
        layers.CenterCrop(12, 12),
        layers.Resizing(16, 16, interpolation="nearest"),
        layers.RandomCrop(8, 8),
        layers.Rescaling([1 / 255, 1 / 128, 1.0], offset=[0.0, 1.0, 2.0]),
    ):
        y = layer(y)
    return keras.Model(x, y)


@animal()
def built_by_a_class():
    class Block(keras.Model):
        def __init__(self, units):
            super().__init__()
            self.first, self.second = layers.Dense(units), layers.Dense(units)

        def __call__(self, x):
            return self.second(self.first(x)) + x

    x = keras.Input((4,))
    return keras.Model(x, Block(4)(Block(4)(x)), name="wrapped")


@animal()
def subclass_of_model():
    class Net(keras.Model):
        def __init__(self):
            x = keras.Input((4,))
            super().__init__(x, layers.Dense(2)(x), name="net")

    net = Net()
    x = keras.Input((4,))
    return keras.Model(x, net.layers[-1](layers.ReLU()(x)))


@animal()
def numbers_as_numpy():
    x = keras.Input((np.int64(8), 4))
    y = layers.Dense(3, kernel_regularizer=keras.regularizers.L2(0.01))(x)
    y = layers.Dropout(float(np.float32(0.1)))(y)
    return keras.Model(x, layers.Conv1D(2, kernel_size=(3,), strides=[2], dilation_rate=(1,))(y))


@animal()
def masks_by_hand():
    ids = keras.Input((6,), dtype="int32")
    mask = ops.not_equal(ids, 0)
    x = layers.Embedding(9, 4)(ids)
    y = layers.LSTM(3)(x, mask=mask)
    z = layers.GlobalAveragePooling1D()(x, mask=mask)
    return keras.Model(ids, [y, z, layers.GRU(2, return_sequences=True)(x)])


@animal()
def several_steps_shared():
    cell, head = layers.GRUCell(4), layers.Dense(2)
    x = keras.Input((3, 4))
    step = layers.RNN(cell, return_sequences=True)
    return keras.Model(x, [head(step(x)), head(step(step(x)))])
