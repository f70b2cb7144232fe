"""Convolutional networks with branches."""

from __future__ import annotations

from typing import Any

from keras import Input, Model, layers, ops

from tests.differential.building_blocks.case import Cases
from tests.differential.graphs.keras_side import named, use

Tensor = Any
CASES = Cases()
case = CASES.case


@case("""
model net {
    input image: [224, 224, 3]
    x = image
    for stage, depth in [(1, 2), (2, 2), (3, 3)] {
        for i in range(depth) {
            x = x -> Conv2D(8 * stage, 3, padding="same", activation=relu) as f"block{stage}_conv{i + 1}"
        }
        x = x -> MaxPooling2D(2, strides=2) as f"block{stage}_pool"
    }
    output x -> Flatten() -> Dense(32, relu) as fc1 -> Dropout(0.5) -> Dense(10, softmax) as predictions
}
""")
def vgg() -> Model:
    image = x = Input((224, 224, 3), name="image")
    for stage, depth in [(1, 2), (2, 2), (3, 3)]:
        for i in range(depth):
            name = f"block{stage}_conv{i + 1}"
            x = layers.Conv2D(8 * stage, 3, padding="same", activation="relu", name=name)(x)
        x = layers.MaxPooling2D(2, strides=2, name=f"block{stage}_pool")(x)
    x = layers.Dropout(0.5)(layers.Dense(32, "relu", name="fc1")(layers.Flatten()(x)))
    return Model(image, layers.Dense(10, "softmax", name="predictions")(x))


@case("""
block dense_layer(growth) {
    input x
    y = x -> BatchNormalization(epsilon=1.001e-5) -> Activation("relu")
          -> Conv2D(4 * growth, 1, use_bias=False)
          -> BatchNormalization(epsilon=1.001e-5) -> Activation("relu")
          -> Conv2D(growth, 3, padding="same", use_bias=False)
    output [x, y] -> Concatenate(axis=3)
}
block transition(reduction=0.5) {
    input x: [H, W, C]
    output x -> BatchNormalization() -> Activation("relu")
             -> Conv2D(int(C * reduction), 1, use_bias=False) -> AveragePooling2D(2, strides=2)
}
model net(depths=[3, 2]) {
    input image: [32, 32, 12]
    x = image
    for stage, depth in enumerate(depths) {
        for i in range(depth) {
            x = x -> dense_layer(growth=4) as f"conv{stage + 2}_block{i + 1}"
        }
        x = x -> transition()
    }
    output x
}
""")
def densely_connected() -> Model:
    def dense_layer(x: Tensor, growth: int) -> Tensor:
        y = layers.Activation("relu")(layers.BatchNormalization(epsilon=1.001e-5)(x))
        y = layers.Conv2D(4 * growth, 1, use_bias=False)(y)
        y = layers.Activation("relu")(layers.BatchNormalization(epsilon=1.001e-5)(y))
        y = layers.Conv2D(growth, 3, padding="same", use_bias=False)(y)
        return layers.Concatenate(axis=3)([x, y])

    def transition(x: Tensor) -> Tensor:
        channels = x.shape[-1]
        x = layers.Activation("relu")(layers.BatchNormalization()(x))
        x = layers.Conv2D(int(channels * 0.5), 1, use_bias=False)(x)
        return layers.AveragePooling2D(2, strides=2)(x)

    image = x = Input((32, 32, 12), name="image")
    for stage, depth in enumerate([3, 2]):
        for i in range(depth):
            x = use(dense_layer, f"conv{stage + 2}_block{i + 1}", x, 4)
        x = use(transition, None, x)
    return Model(image, x)


@case("""
block conv(filters, size, strides=1, padding="same") {
    input x
    output x -> Conv2D(filters, size, strides, padding, use_bias=False)
             -> BatchNormalization(axis=3, scale=False) -> Activation("relu")
}
block inception(pooled) {
    input x
    a = x -> conv(4, 1)
    b = x -> conv(3, 1) -> conv(4, 5)
    c = x -> conv(4, 1) -> conv(6, [1, 3]) -> conv(6, [3, 1])
    d = x -> AveragePooling2D(3, 1, padding="same") -> conv(pooled, 1)
    output [a, b, c, d] -> Concatenate() as mixed
}
block reduction() {
    input x
    a = x -> conv(8, 3, 2, "valid")
    b = x -> MaxPooling2D(3, strides=2)
    output (a, b) -> Concatenate(axis=-1)
}
model net {
    input image: [35, 35, 12]
    output image -> inception(2) as mixed0 -> inception(3) as mixed1 -> reduction() -> inception(3)
}
""")
def inception() -> Model:
    def conv(x: Tensor, filters: int, size: Any, strides: int = 1, padding: str = "same") -> Tensor:
        x = layers.Conv2D(filters, size, strides, padding, use_bias=False)(x)
        return layers.Activation("relu")(layers.BatchNormalization(axis=3, scale=False)(x))

    def inception(x: Tensor, pooled: int) -> Tensor:
        a = use(conv, None, x, 4, 1)
        b = use(conv, None, use(conv, None, x, 3, 1), 4, 5)
        c = use(conv, None, x, 4, 1)
        c = use(conv, None, use(conv, None, c, 6, (1, 3)), 6, (3, 1))
        d = layers.AveragePooling2D(3, 1, padding="same")(x)
        d = use(conv, None, d, pooled, 1)
        return layers.Concatenate(name=named("mixed"))([a, b, c, d])

    def reduction(x: Tensor) -> Tensor:
        a = use(conv, None, x, 8, 3, 2, "valid")
        b = layers.MaxPooling2D(3, strides=2)(x)
        return layers.Concatenate(axis=-1)([a, b])

    image = Input((35, 35, 12), name="image")
    x = use(inception, "mixed1", use(inception, "mixed0", image, 2), 3)
    x = use(reduction, None, x)
    return Model(image, use(inception, None, x, 3))


@case("""
model net {
    input image: [35, 35, 32]
    x = image
    for i in range(2) {
        a = x -> Conv2D(4, 1, padding="same", activation=relu)
        b = x -> Conv2D(4, 1, padding="same", activation=relu) -> Conv2D(6, 3, padding="same", activation=relu)
        mixed = [a, b] -> Concatenate() as f"mixed_{i}"
        up = mixed -> Conv2D(x.shape[-1], 1, padding="same") as f"up_{i}"
        x = x + 0.17 * up -> Activation("relu") as f"block35_{i}_ac"
    }
    output x
}
""")
def inception_resnet() -> Model:
    image = x = Input((35, 35, 32), name="image")
    for i in range(2):
        a = layers.Conv2D(4, 1, padding="same", activation="relu")(x)
        b = layers.Conv2D(4, 1, padding="same", activation="relu")(x)
        b = layers.Conv2D(6, 3, padding="same", activation="relu")(b)
        mixed = layers.Concatenate(name=f"mixed_{i}")([a, b])
        up = layers.Conv2D(x.shape[-1], 1, padding="same", name=f"up_{i}")(mixed)
        x = layers.Activation("relu", name=f"block35_{i}_ac")(x + 0.17 * up)
    return Model(image, x)


@case("""
model net {
    input image: [37, 37, 8]
    residual = image -> Conv2D(12, 1, strides=2, padding="same", use_bias=False) -> BatchNormalization()
    x = image -> SeparableConv2D(12, 3, padding="same", use_bias=False) as block2_sepconv1
              -> BatchNormalization() as block2_sepconv1_bn
              -> Activation("relu") as block2_sepconv2_act
              -> SeparableConv2D(12, 3, padding="same", use_bias=False) as block2_sepconv2
              -> BatchNormalization()
              -> MaxPooling2D(3, strides=2, padding="same")
    x = [x, residual] -> Add()
    for i in range(2) {
        y = x
        for j in range(3) {
            y = y -> Activation("relu") -> SeparableConv2D(12, 3, padding="same", use_bias=False) -> BatchNormalization()
        }
        x = [y, x] -> Add()
    }
    output x
}
""")
def xception() -> Model:
    image = Input((37, 37, 8), name="image")
    residual = layers.Conv2D(12, 1, strides=2, padding="same", use_bias=False)(image)
    residual = layers.BatchNormalization()(residual)
    settings = {"padding": "same", "use_bias": False}
    x = layers.SeparableConv2D(12, 3, name="block2_sepconv1", **settings)(image)
    x = layers.BatchNormalization(name="block2_sepconv1_bn")(x)
    x = layers.Activation("relu", name="block2_sepconv2_act")(x)
    x = layers.SeparableConv2D(12, 3, name="block2_sepconv2", **settings)(x)
    x = layers.BatchNormalization()(x)
    x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
    x = layers.Add()([x, residual])
    for _ in range(2):
        y = x
        for _ in range(3):
            y = layers.SeparableConv2D(12, 3, **settings)(layers.Activation("relu")(y))
            y = layers.BatchNormalization()(y)
        x = layers.Add()([y, x])
    return Model(image, x)


@case("""
block shuffle(groups) {
    input x: [H, W, C]
    x = x -> Reshape([H, W, groups, C // groups]) -> Permute([1, 2, 4, 3])
    output x -> Reshape([H, W, C])
}
model net {
    input image: [28, 28, 12]
    left, right = split(image, 2, axis=-1)
    right = right -> Conv2D(6, 1, use_bias=False) -> BatchNormalization() -> ReLU()
                  -> DepthwiseConv2D(3, padding="same", use_bias=False) -> BatchNormalization()
                  -> Conv2D(6, 1, use_bias=False) -> BatchNormalization() -> ReLU()
    output concatenate([left, right], axis=-1) -> shuffle(2)
}
""")
def shuffle_unit() -> Model:
    def shuffle(x: Tensor, groups: int) -> Tensor:
        _, height, width, channels = x.shape
        x = layers.Reshape((height, width, groups, channels // groups))(x)
        return layers.Reshape((height, width, channels))(layers.Permute((1, 2, 4, 3))(x))

    image = Input((28, 28, 12), name="image")
    left, right = ops.split(image, 2, axis=-1)
    right = layers.BatchNormalization()(layers.Conv2D(6, 1, use_bias=False)(right))
    right = layers.DepthwiseConv2D(3, padding="same", use_bias=False)(layers.ReLU()(right))
    right = layers.Conv2D(6, 1, use_bias=False)(layers.BatchNormalization()(right))
    right = layers.ReLU()(layers.BatchNormalization()(right))
    return Model(image, use(shuffle, None, ops.concatenate([left, right], axis=-1), 2))


@case("""
block separable(filters, kernel, strides=1) {
    input x
    x = x -> Activation("relu")
    if strides == 2 {
        x = x -> ZeroPadding2D(((kernel // 2, kernel // 2), (kernel // 2, kernel // 2)))
    }
    padding = "valid" if strides == 2 else "same"
    output x -> SeparableConv2D(filters, kernel, strides, padding, use_bias=False)
             -> BatchNormalization(momentum=0.9997, epsilon=1e-3)
}
model net {
    input image: [32, 32, 8]
    p = image -> Activation("relu")
    a = p -> AveragePooling2D(1, strides=2, padding="valid") -> Conv2D(4, 1, use_bias=False)
    b = p -> ZeroPadding2D(((0, 1), (0, 1))) -> Cropping2D(((1, 0), (1, 0)))
          -> AveragePooling2D(1, strides=2, padding="valid") -> Conv2D(4, 1, use_bias=False)
    p = [a, b] -> Concatenate() -> BatchNormalization()
    x1 = image -> separable(8, 5, 2) as left1
    x2 = image -> separable(8, 7, 2) as right1
    x = (x1, x2) -> Add()
    output [p, x, x -> AveragePooling2D(3, 1, "same")] -> Concatenate()
}
""")
def nasnet() -> Model:
    def separable(x: Tensor, filters: int, kernel: int, strides: int) -> Tensor:
        x = layers.Activation("relu")(x)
        if strides == 2:
            x = layers.ZeroPadding2D(((kernel // 2, kernel // 2), (kernel // 2, kernel // 2)))(x)
        padding = "valid" if strides == 2 else "same"
        x = layers.SeparableConv2D(filters, kernel, strides, padding, use_bias=False)(x)
        return layers.BatchNormalization(momentum=0.9997, epsilon=1e-3)(x)

    image = Input((32, 32, 8), name="image")
    p = layers.Activation("relu")(image)
    a = layers.AveragePooling2D(1, strides=2, padding="valid")(p)
    a = layers.Conv2D(4, 1, use_bias=False)(a)
    b = layers.Cropping2D(((1, 0), (1, 0)))(layers.ZeroPadding2D(((0, 1), (0, 1)))(p))
    b = layers.AveragePooling2D(1, strides=2, padding="valid")(b)
    b = layers.Conv2D(4, 1, use_bias=False)(b)
    p = layers.BatchNormalization()(layers.Concatenate()([a, b]))
    x1 = use(separable, "left1", image, 8, 5, 2)
    x2 = use(separable, "right1", image, 8, 7, 2)
    x = layers.Add()([x1, x2])
    pooled = layers.AveragePooling2D(3, 1, "same")(x)
    return Model(image, layers.Concatenate()([p, x, pooled]))


@case("""
block double(filters) {
    input x
    for i in range(2) {
        x = x -> Conv2D(filters, 3, padding="same") -> BatchNormalization() -> Activation("relu")
    }
    output x
}
block down(filters) {
    input x
    skip = x -> double(filters)
    output skip -> MaxPooling2D(2) -> Dropout(0.1), skip
}
block up(filters) {
    input x
    input skip
    x = x -> Conv2DTranspose(filters, 3, strides=2, padding="same")
    output [x, skip] -> Concatenate() -> Dropout(0.1) -> double(filters)
}
model net {
    input image: [64, 48, 1]
    a, skip_a = image -> down(4)
    b, skip_b = a -> down(8)
    x = b -> double(16) as bottom
    x = (x, skip_b) -> up(8)
    x = (x=x, skip=skip_a) -> up(4)
    output mask = x -> Conv2D(3, 1, activation=softmax)
}
""")
def unet_stage() -> Model:
    def double(x: Tensor, filters: int) -> Tensor:
        for _ in range(2):
            x = layers.BatchNormalization()(layers.Conv2D(filters, 3, padding="same")(x))
            x = layers.Activation("relu")(x)
        return x

    def down(x: Tensor, filters: int) -> tuple[Tensor, Tensor]:
        skip = use(double, None, x, filters)
        return layers.Dropout(0.1)(layers.MaxPooling2D(2)(skip)), skip

    def up(x: Tensor, skip: Tensor, filters: int) -> Tensor:
        x = layers.Conv2DTranspose(filters, 3, strides=2, padding="same")(x)
        x = layers.Dropout(0.1)(layers.Concatenate()([x, skip]))
        return use(double, None, x, filters)

    image = Input((64, 48, 1), name="image")
    a, skip_a = use(down, None, image, 4)
    b, skip_b = use(down, None, a, 8)
    x = use(double, "bottom", b, 16)
    x = use(up, None, x, skip_b, 8)
    x = use(up, None, x, skip_a, 4)
    return Model(image, layers.Conv2D(3, 1, activation="softmax")(x))


@case("""
model net {
    input image: [32, 32, 16]
    branches = [image -> Conv2D(8, 1, use_bias=False)]
    for rate in [2, 4, 8] {
        branches = branches + [image -> Conv2D(8, 3, padding="same", dilation_rate=rate, use_bias=False)]
    }
    pooled = image -> AveragePooling2D([32, 32]) -> Conv2D(8, 1) -> UpSampling2D([32, 32], interpolation="bilinear")
    output branches + [pooled] -> Concatenate() -> Conv2D(8, 1)
}
""")
def atrous_pyramid() -> Model:
    image = Input((32, 32, 16), name="image")
    branches = [layers.Conv2D(8, 1, use_bias=False)(image)]
    for rate in [2, 4, 8]:
        conv = layers.Conv2D(8, 3, padding="same", dilation_rate=rate, use_bias=False)
        branches.append(conv(image))
    pooled = layers.AveragePooling2D((32, 32))(image)
    pooled = layers.Conv2D(8, 1)(pooled)
    pooled = layers.UpSampling2D((32, 32), interpolation="bilinear")(pooled)
    return Model(image, layers.Conv2D(8, 1)(layers.Concatenate()([*branches, pooled])))


@case("""
model net {
    input image: [16 * H, 16 * W, 3]
    x = image
    maps = []
    for i in range(4) {
        x = x -> Conv2D(8 * (i + 1), 3, strides=2, padding="same", activation=relu)
        maps = maps + [x]
    }
    merged = []
    top = None
    for i, x in enumerate(reversed(maps)) {
        lateral = x -> Conv2D(8, 1) as f"lateral{i}"
        if i > 0 {
            lateral = lateral + (top -> UpSampling2D(2) as f"grow{i}")
        }
        top = lateral
        merged = merged + [top -> Conv2D(8, 3, padding="same") as f"smooth{i}"]
    }
    output merged
}
""")
def feature_pyramid() -> Model:
    image = x = Input((None, None, 3), name="image")
    maps = []
    for i in range(4):
        x = layers.Conv2D(8 * (i + 1), 3, strides=2, padding="same", activation="relu")(x)
        maps.append(x)
    merged: list[Tensor] = []
    top = None
    for i, x in enumerate(reversed(maps)):
        lateral = layers.Conv2D(8, 1, name=f"lateral{i}")(x)
        if i > 0:
            lateral = lateral + layers.UpSampling2D(2, name=f"grow{i}")(top)
        top = lateral
        merged.append(layers.Conv2D(8, 3, padding="same", name=f"smooth{i}")(top))
    return Model(image, merged)


@case("""
model net {
    input image: [14, 14, 16]
    squeeze = Dense(4, relu)
    excite = Dense(16)
    a = image -> GlobalAveragePooling2D() -> squeeze -> excite
    b = image -> GlobalMaxPooling2D() -> squeeze -> excite
    x = image * (reshape(a + b, [-1, 1, 1, 16]) -> sigmoid)
    where_to_look = [mean(x, axis=-1, keepdims=True), max(x, axis=-1, keepdims=True)]
        -> Concatenate() -> Conv2D(1, 7, padding="same", activation=sigmoid)
    output x * where_to_look
}
""")
def convolutional_attention() -> Model:
    image = Input((14, 14, 16), name="image")
    squeeze, excite = layers.Dense(4, "relu"), layers.Dense(16)
    a = excite(squeeze(layers.GlobalAveragePooling2D()(image)))
    b = excite(squeeze(layers.GlobalMaxPooling2D()(image)))
    x = image * ops.sigmoid(ops.reshape(a + b, (-1, 1, 1, 16)))
    both = [ops.mean(x, axis=-1, keepdims=True), ops.max(x, axis=-1, keepdims=True)]
    look = layers.Concatenate()(both)
    return Model(image, x * layers.Conv2D(1, 7, padding="same", activation="sigmoid")(look))
