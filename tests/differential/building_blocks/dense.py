"""Networks of dense layers: shared, nested and mixed."""

from __future__ import annotations

from typing import Any

from keras import Input, Model, Sequential, layers, ops

from tests.differential.building_blocks.case import Cases
from tests.differential.graphs.keras_side import instance, named, use

Tensor = Any
CASES = Cases()
case = CASES.case


@case("""
sequential tower {
    Conv2D(4, 3, activation=relu)
    GlobalAveragePooling2D()
    Dense(8)
}
model net {
    input left: [28, 28, 1]
    input right: [28, 28, 1]
    a = left -> tower
    b = right -> tower
    output abs(a - b) -> Dense(1, sigmoid) as same
}
""")
def siamese() -> Model:
    def tower() -> list[Any]:
        return [
            layers.Conv2D(4, 3, activation="relu"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(8),
        ]

    left, right = Input((28, 28, 1), name="left"), Input((28, 28, 1), name="right")
    shared = instance(tower)
    difference = ops.abs(shared(left) - shared(right))
    return Model([left, right], layers.Dense(1, "sigmoid", name="same")(difference))


@case("""
model expert(units=8) {
    input x: [12]
    output x -> Dense(units, relu) -> Dense(4)
}
model net {
    input x: [12]
    gates = x -> Dense(3, softmax)
    made = stack([x -> expert(), x -> expert(), x -> expert(units=16)], axis=1)
    output sum(expand_dims(gates, -1) * made, axis=1)
}
""")
def mixture_of_experts() -> Model:
    def expert(units: int = 8) -> Any:
        x = Input((12,), name="x")
        return x, layers.Dense(4)(layers.Dense(units, "relu")(x))

    x = Input((12,), name="x")
    gates = layers.Dense(3, "softmax")(x)
    made = [instance(expert)(x), instance(expert)(x), instance(expert, units=16)(x)]
    stacked = ops.stack(made, axis=1)
    return Model(x, ops.sum(ops.expand_dims(gates, -1) * stacked, axis=1))


@case("""
model net {
    input user: int32[]
    input film: int32[]
    input age: [1]
    u = user -> Embedding(1000, 8) as users
    f = film -> Embedding(500, 8) as films
    deep = [u, f, age] -> Concatenate() -> Dense(16, relu) -> Dense(4, relu)
    wide = [u, f] -> Dot(axes=1, normalize=True)
    output rating = [deep, wide] -> Concatenate() -> Dense(1), seen = deep -> Dense(1, sigmoid)
}
""")
def wide_and_deep() -> Model:
    user, film = Input((), dtype="int32", name="user"), Input((), dtype="int32", name="film")
    age = Input((1,), name="age")
    u = layers.Embedding(1000, 8, name="users")(user)
    f = layers.Embedding(500, 8, name="films")(film)
    deep = layers.Dense(16, "relu")(layers.Concatenate()([u, f, age]))
    deep = layers.Dense(4, "relu")(deep)
    wide = layers.Dot(axes=1, normalize=True)([u, f])
    rating = layers.Dense(1)(layers.Concatenate()([deep, wide]))
    return Model([user, film, age], [rating, layers.Dense(1, "sigmoid")(deep)])


@case("""
block mixer(tokens, channels) {
    input x: [T, C]
    y = x -> LayerNormalization() -> Permute([2, 1])
          -> Dense(tokens, gelu) as token1 -> Dense(T) as token2 -> Permute([2, 1])
    x = x + y
    y = x -> LayerNormalization() -> Dense(channels, gelu) as channel1 -> Dense(C) as channel2
    output x + y
}
model net {
    input image: [32, 32, 3]
    x = image -> Conv2D(16, 8, 8) -> Reshape([-1, 16])
    for i in range(2) {
        x = x -> mixer(8, 32) as f"layer{i}"
    }
    output x -> LayerNormalization() -> GlobalAveragePooling1D() -> Dense(10)
}
""")
def mixer() -> Model:
    def mixer(x: Tensor, tokens: int, channels: int) -> Tensor:
        _, t, c = x.shape
        y = layers.Permute((2, 1))(layers.LayerNormalization()(x))
        y = layers.Dense(tokens, "gelu", name=named("token1"))(y)
        y = layers.Permute((2, 1))(layers.Dense(t, name=named("token2"))(y))
        x = x + y
        y = layers.Dense(channels, "gelu", name=named("channel1"))(layers.LayerNormalization()(x))
        return x + layers.Dense(c, name=named("channel2"))(y)

    image = Input((32, 32, 3), name="image")
    x = layers.Reshape((-1, 16))(layers.Conv2D(16, 8, 8)(image))
    for i in range(2):
        x = use(mixer, f"layer{i}", x, 8, 32)
    x = layers.GlobalAveragePooling1D()(layers.LayerNormalization()(x))
    return Model(image, layers.Dense(10)(x))


@case("""
block transform(size) {
    input x
    t = x -> Conv1D(8, 1) -> BatchNormalization(momentum=0.0) -> Activation("relu")
          -> GlobalMaxPooling1D() -> Dense(8) -> Dense(size * size, kernel_initializer=zeros)
          -> Reshape([size, size])
    output [x, t] -> Dot(axes=[2, 1])
}
model net {
    input points: [64, 3]
    x = points -> transform(3) -> Conv1D(4, 1, activation=relu)
    x = x -> transform(4) as features
    output x -> GlobalMaxPooling1D() -> Dense(5, softmax)
}
""")
def point_net() -> Model:
    def transform(x: Tensor, size: int) -> Tensor:
        t = layers.BatchNormalization(momentum=0.0)(layers.Conv1D(8, 1)(x))
        t = layers.GlobalMaxPooling1D()(layers.Activation("relu")(t))
        t = layers.Dense(8)(t)
        t = layers.Dense(size * size, kernel_initializer="zeros")(t)
        t = layers.Reshape((size, size))(t)
        return layers.Dot(axes=(2, 1))([x, t])

    points = Input((64, 3), name="points")
    x = layers.Conv1D(4, 1, activation="relu")(use(transform, None, points, 3))
    x = use(transform, "features", x, 4)
    return Model(points, layers.Dense(5, "softmax")(layers.GlobalMaxPooling1D()(x)))


@case("""
model encoder {
    input image: [8, 8, 1]
    x = image -> Flatten() -> Dense(6, relu)
    output x -> Dense(2) as mean, x -> Dense(2) as spread
}
sequential decoder {
    input [2]
    Dense(64)
    Reshape([8, 8, 1])
}
model net {
    input image: [8, 8, 1]
    mean_, spread = image -> encoder
    code = mean_ + exp(0.5 * spread)
    output code -> decoder, mean_
}
""")
def variational() -> Model:
    def encoder() -> Any:
        image = Input((8, 8, 1), name="image")
        x = layers.Dense(6, "relu")(layers.Flatten()(image))
        return image, [layers.Dense(2, name="mean")(x), layers.Dense(2, name="spread")(x)]

    def decoder() -> list[Any]:
        return [Input((2,)), layers.Dense(64), layers.Reshape((8, 8, 1))]

    image = Input((8, 8, 1), name="image")
    mean, spread = instance(encoder)(image)
    code = mean + ops.exp(0.5 * spread)
    made = instance(decoder)
    assert isinstance(made, Sequential)
    return Model(image, [made(code), mean])
