"""Residual networks and what came of them."""

from __future__ import annotations

from typing import Any

from keras import Input, Model, layers, ops

from tests.differential.building_blocks.case import Cases
from tests.differential.graphs.keras_side import named, use

Tensor = Any
CASES = Cases()
case = CASES.case


def normalized(x: Tensor, filters: int, size: int, strides: int = 1, **settings: Any) -> Tensor:
    x = layers.Conv2D(filters, size, strides, padding="same", use_bias=False, **settings)(x)
    return layers.BatchNormalization()(x)


@case("""
block residual(filters, stride=1) {
    input x: [H, W, C]
    y = x -> Conv2D(filters, 3, stride, padding="same", use_bias=False) -> BatchNormalization() -> ReLU()
          -> Conv2D(filters, 3, padding="same", use_bias=False) -> BatchNormalization()
    if stride != 1 or C != filters {
        x = x -> Conv2D(filters, 1, stride, padding="same", use_bias=False) -> BatchNormalization()
    }
    output x + y -> ReLU()
}
model net {
    input image: [32, 32, 3]
    x = image -> Conv2D(16, 3, padding="same", use_bias=False) -> BatchNormalization() -> ReLU()
    for stage, depth in enumerate([2, 1, 2]) {
        for i in range(depth) {
            x = x -> residual(16 * 2 ** stage, stride=2 if i == 0 and stage > 0 else 1)
        }
    }
    output x -> GlobalAveragePooling2D() -> Dense(10)
}
""")
def residual_v1() -> Model:
    def residual(x: Tensor, filters: int, stride: int) -> Tensor:
        y = layers.ReLU()(normalized(x, filters, 3, stride))
        y = normalized(y, filters, 3)
        if stride != 1 or x.shape[-1] != filters:
            x = normalized(x, filters, 1, stride)
        return layers.ReLU()(x + y)

    image = Input((32, 32, 3), name="image")
    x = layers.ReLU()(normalized(image, 16, 3))
    for stage, depth in enumerate([2, 1, 2]):
        for i in range(depth):
            x = use(residual, None, x, 16 * 2**stage, 2 if i == 0 and stage > 0 else 1)
    return Model(image, layers.Dense(10)(layers.GlobalAveragePooling2D()(x)))


@case("""
block residual_v2(filters, stride=1, conv_shortcut=False) {
    input x
    a = x -> BatchNormalization(epsilon=1.001e-5) as preact_bn -> Activation("relu")
    if conv_shortcut {
        shortcut = a -> Conv2D(4 * filters, 1, strides=stride)
    } else {
        shortcut = x if stride == 1 else (x -> MaxPooling2D(1, strides=stride))
    }
    y = a -> Conv2D(filters, 1, use_bias=False) -> BatchNormalization() -> Activation("relu")
          -> ZeroPadding2D(padding=((1, 1), (1, 1)))
          -> Conv2D(filters, 3, strides=stride, use_bias=False) -> BatchNormalization() -> Activation("relu")
          -> Conv2D(4 * filters, 1)
    output [shortcut, y] -> Add()
}
model net {
    input image: [?, ?, 3]
    x = image -> ZeroPadding2D(((3, 3), (3, 3))) -> Conv2D(8, 7, 2)
    x = x -> residual_v2(4, conv_shortcut=True) as stage1
    x = x -> residual_v2(4) as stage2
    x = x -> residual_v2(4, stride=2) as stage3
    output x -> BatchNormalization() -> Activation("relu")
}
""")
def residual_v2() -> Model:
    def block(x: Tensor, filters: int, stride: int = 1, *, conv_shortcut: bool = False) -> Tensor:
        a = layers.BatchNormalization(epsilon=1.001e-5, name=named("preact_bn"))(x)
        a = layers.Activation("relu")(a)
        if conv_shortcut:
            shortcut = layers.Conv2D(4 * filters, 1, strides=stride)(a)
        else:
            shortcut = x if stride == 1 else layers.MaxPooling2D(1, strides=stride)(x)
        y = layers.Conv2D(filters, 1, use_bias=False)(a)
        y = layers.Activation("relu")(layers.BatchNormalization()(y))
        y = layers.ZeroPadding2D(padding=((1, 1), (1, 1)))(y)
        y = layers.Conv2D(filters, 3, strides=stride, use_bias=False)(y)
        y = layers.Activation("relu")(layers.BatchNormalization()(y))
        y = layers.Conv2D(4 * filters, 1)(y)
        return layers.Add()([shortcut, y])

    image = Input((None, None, 3), name="image")
    x = layers.Conv2D(8, 7, 2)(layers.ZeroPadding2D(((3, 3), (3, 3)))(image))
    x = use(block, "stage1", x, 4, conv_shortcut=True)
    x = use(block, "stage2", x, 4)
    x = use(block, "stage3", x, 4, stride=2)
    x = layers.BatchNormalization()(x)
    return Model(image, layers.Activation("relu")(x))


@case("""
block bottleneck(filters, stride=1, groups=1) {
    input x
    y = x -> Conv2D(filters, 1, stride) -> BatchNormalization() -> ReLU()
          -> Conv2D(filters, 3, padding="same", groups=groups) -> BatchNormalization() -> ReLU()
          -> Conv2D(4 * filters, 1) -> BatchNormalization()
    if x.shape[-1] != 4 * filters {
        x = x -> Conv2D(4 * filters, 1, stride) as projection -> BatchNormalization() as projection_bn
    }
    output (x, y) -> Add() -> ReLU()
}
model net(groups=4) {
    input image: [56, 56, 16]
    x = image -> bottleneck(8) -> bottleneck(8, groups=groups) -> bottleneck(16, 2, groups)
    output x
}
""")
def bottleneck() -> Model:
    def bottleneck(x: Tensor, filters: int, stride: int = 1, groups: int = 1) -> Tensor:
        y = layers.BatchNormalization()(layers.Conv2D(filters, 1, stride)(x))
        y = layers.Conv2D(filters, 3, padding="same", groups=groups)(layers.ReLU()(y))
        y = layers.ReLU()(layers.BatchNormalization()(y))
        y = layers.BatchNormalization()(layers.Conv2D(4 * filters, 1)(y))
        if x.shape[-1] != 4 * filters:
            x = layers.Conv2D(4 * filters, 1, stride, name=named("projection"))(x)
            x = layers.BatchNormalization(name=named("projection_bn"))(x)
        return layers.ReLU()(layers.Add()([x, y]))

    image = Input((56, 56, 16), name="image")
    x = use(bottleneck, None, image, 8)
    x = use(bottleneck, None, x, 8, groups=4)
    return Model(image, use(bottleneck, None, x, 16, 2, 4))


@case("""
block squeeze_excite(ratio=4) {
    input x: [H, W, C]
    gate = x -> GlobalAveragePooling2D(keepdims=True)
             -> Conv2D(C // ratio, 1) -> ReLU()
             -> Conv2D(C, 1)
    gate = (gate + 3.0 -> ReLU(6.0)) * (1.0 / 6.0)
    output [x, gate] -> Multiply()
}
block inverted_residual(expansion, filters, kernel=3, stride=1, excite=False) {
    input x: [H, W, C]
    y = x
    if expansion != 1 {
        y = y -> Conv2D(expansion * C, 1, padding="same", use_bias=False) as expand
              -> BatchNormalization(epsilon=1e-3, momentum=0.999) as expand_bn
              -> Activation(hard_swish)
    }
    if stride == 2 {
        y = y -> ZeroPadding2D(((0, 1), (0, 1)))
    }
    y = y -> DepthwiseConv2D(kernel, stride, "same" if stride == 1 else "valid", use_bias=False)
          -> BatchNormalization() -> Activation(hard_swish)
    if excite {
        y = y -> squeeze_excite()
    }
    y = y -> Conv2D(filters, 1, padding="same", use_bias=False) as project -> BatchNormalization()
    if stride == 1 and filters == C {
        y = [x, y] -> Add()
    }
    output y
}
model net {
    input image: [30, 30, 8]
    x = image -> inverted_residual(1, 8, excite=True)
    x = x -> inverted_residual(4, 12, stride=2) -> inverted_residual(3, 12, kernel=5, excite=True)
    output x
}
""")
def inverted_residual() -> Model:
    def squeeze_excite(x: Tensor) -> Tensor:
        channels = x.shape[-1]
        gate = layers.GlobalAveragePooling2D(keepdims=True)(x)
        gate = layers.ReLU()(layers.Conv2D(channels // 4, 1)(gate))
        gate = layers.Conv2D(channels, 1)(gate)
        gate = layers.ReLU(6.0)(gate + 3.0) * (1.0 / 6.0)
        return layers.Multiply()([x, gate])

    def inverted_residual(
        x: Tensor,
        expansion: int,
        filters: int,
        kernel: int = 3,
        stride: int = 1,
        *,
        excite: bool = False,
    ) -> Tensor:
        channels, y = x.shape[-1], x
        if expansion != 1:
            expand = layers.Conv2D(
                expansion * channels, 1, padding="same", use_bias=False, name=named("expand")
            )
            y = layers.BatchNormalization(epsilon=1e-3, momentum=0.999, name=named("expand_bn"))(
                expand(y)
            )
            y = layers.Activation("hard_swish")(y)
        if stride == 2:
            y = layers.ZeroPadding2D(((0, 1), (0, 1)))(y)
        padding = "same" if stride == 1 else "valid"
        y = layers.DepthwiseConv2D(kernel, stride, padding, use_bias=False)(y)
        y = layers.Activation("hard_swish")(layers.BatchNormalization()(y))
        if excite:
            y = use(squeeze_excite, None, y)
        y = layers.Conv2D(filters, 1, padding="same", use_bias=False, name=named("project"))(y)
        y = layers.BatchNormalization()(y)
        return layers.Add()([x, y]) if stride == 1 and filters == channels else y

    image = Input((30, 30, 8), name="image")
    x = use(inverted_residual, None, image, 1, 8, excite=True)
    x = use(inverted_residual, None, x, 4, 12, stride=2)
    return Model(image, use(inverted_residual, None, x, 3, 12, kernel=5, excite=True))


@case("""
block mbconv(filters, expansion=6, stride=1, rate=0.2) {
    input x: [H, W, C]
    wide = C * expansion
    y = x -> Conv2D(wide, 1, padding="same", use_bias=False) -> BatchNormalization() -> Activation("swish")
          -> DepthwiseConv2D(3, stride, padding="same", use_bias=False) -> BatchNormalization()
          -> Activation("swish")
    gate = y -> GlobalAveragePooling2D() as se_squeeze -> Reshape([1, 1, wide])
             -> Conv2D(max(1, int(C * 0.25)), 1, activation="swish") as se_reduce
             -> Conv2D(wide, 1, activation="sigmoid") as se_expand
    y = [y, gate] -> Multiply() -> Conv2D(filters, 1, padding="same", use_bias=False) -> BatchNormalization()
    if stride == 1 and C == filters {
        y = y -> Dropout(rate, noise_shape=[None, 1, 1, 1])
        y = [y, x] -> Add()
    }
    output y
}
model net {
    input image: [28, 28, 6]
    x = image
    for i, filters in enumerate([6, 6, 10, 10]) {
        x = x -> mbconv(filters, stride=2 if i == 2 else 1, rate=0.2 * i / 4) as f"block{i + 1}"
    }
    output x
}
""")
def efficient() -> Model:
    def mbconv(x: Tensor, filters: int, stride: int, rate: float) -> Tensor:
        channels = x.shape[-1]
        wide = channels * 6
        y = layers.Activation("swish")(normalized(x, wide, 1))
        y = layers.DepthwiseConv2D(3, stride, padding="same", use_bias=False)(y)
        y = layers.Activation("swish")(layers.BatchNormalization()(y))
        gate = layers.GlobalAveragePooling2D(name=named("se_squeeze"))(y)
        gate = layers.Reshape((1, 1, wide))(gate)
        reduced = max(1, int(channels * 0.25))
        gate = layers.Conv2D(reduced, 1, activation="swish", name=named("se_reduce"))(gate)
        gate = layers.Conv2D(wide, 1, activation="sigmoid", name=named("se_expand"))(gate)
        y = normalized(layers.Multiply()([y, gate]), filters, 1)
        if stride == 1 and channels == filters:
            y = layers.Dropout(rate, noise_shape=(None, 1, 1, 1))(y)
            y = layers.Add()([y, x])
        return y

    image = Input((28, 28, 6), name="image")
    x = image
    for i, filters in enumerate([6, 6, 10, 10]):
        x = use(mbconv, f"block{i + 1}", x, filters, 2 if i == 2 else 1, 0.2 * i / 4)
    return Model(image, x)


class LayerScale(layers.Layer):
    """A learnt factor for each channel."""

    def build(self, input_shape: Any) -> None:
        self.gamma = self.add_weight(shape=(input_shape[-1],), initializer="ones")

    def call(self, x: Tensor) -> Tensor:
        return x * self.gamma


@case(
    """
block convnext(rate=0.1) {
    input x: [H, W, C]
    weight gamma: [C] = 1e-6
    y = x -> Conv2D(C, 7, padding="same", groups=C) as depthwise
          -> LayerNormalization(epsilon=1e-6) as norm
          -> Dense(4 * C) as expand -> Activation("gelu") -> Dense(C) as project
    y = y * gamma -> Dropout(rate)
    output x + y
}
model net {
    input image: [32, 32, 3]
    x = image -> Conv2D(8, 4, 4) -> LayerNormalization(epsilon=1e-6)
    x = x -> convnext() -> convnext(0.2)
    x = x -> LayerNormalization(epsilon=1e-6) -> Conv2D(16, 2, 2) -> convnext() as last
    output x -> GlobalAveragePooling2D() -> LayerNormalization() -> Dense(10)
}
""",
    apart=("Weight", "Multiply", "LayerScale"),
)
def convnext() -> Model:
    def convnext(x: Tensor, rate: float = 0.1) -> Tensor:
        channels = x.shape[-1]
        depthwise = layers.Conv2D(
            channels, 7, padding="same", groups=channels, name=named("depthwise")
        )
        y = layers.LayerNormalization(epsilon=1e-6, name=named("norm"))(depthwise(x))
        y = layers.Dense(4 * channels, name=named("expand"))(y)
        y = layers.Dense(channels, name=named("project"))(layers.Activation("gelu")(y))
        return x + layers.Dropout(rate)(LayerScale()(y))

    image = Input((32, 32, 3), name="image")
    x = layers.LayerNormalization(epsilon=1e-6)(layers.Conv2D(8, 4, 4)(image))
    x = use(convnext, None, use(convnext, None, x), 0.2)
    x = layers.Conv2D(16, 2, 2)(layers.LayerNormalization(epsilon=1e-6)(x))
    x = layers.GlobalAveragePooling2D()(use(convnext, "last", x))
    return Model(image, layers.Dense(10)(layers.LayerNormalization()(x)))


@case("""
block wavenet(filters, dilation) {
    input x
    gate = x -> Conv1D(filters, 2, padding="causal", dilation_rate=dilation, activation=sigmoid)
    value = x -> Conv1D(filters, 2, padding="causal", dilation_rate=dilation, activation=tanh)
    y = value * gate
    skip = y -> Conv1D(filters, 1) as skip
    output x + (y -> Conv1D(filters, 1) as out), skip
}
model net {
    input sound: [T, 1]
    x = sound -> Conv1D(8, 2, padding="causal")
    skips = []
    for i in range(4) {
        x, skip = x -> wavenet(8, 2 ** i)
        skips = skips + [skip]
    }
    output skips -> Add() -> relu -> Conv1D(16, 1) -> softmax(axis=-1)
}
""")
def wavenet() -> Model:
    def wavenet(x: Tensor, filters: int, dilation: int) -> tuple[Tensor, Tensor]:
        settings = {"padding": "causal", "dilation_rate": dilation}
        gate = layers.Conv1D(filters, 2, activation="sigmoid", **settings)(x)
        value = layers.Conv1D(filters, 2, activation="tanh", **settings)(x)
        y = value * gate
        skip = layers.Conv1D(filters, 1, name=named("skip"))(y)
        return x + layers.Conv1D(filters, 1, name=named("out"))(y), skip

    sound = Input((None, 1), name="sound")
    x = layers.Conv1D(8, 2, padding="causal")(sound)
    skips = []
    for i in range(4):
        x, skip = use(wavenet, None, x, 8, 2**i)
        skips.append(skip)
    x = ops.relu(layers.Add()(skips))
    return Model(sound, ops.softmax(layers.Conv1D(16, 1)(x), axis=-1))
