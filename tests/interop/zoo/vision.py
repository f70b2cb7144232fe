"""Models of images."""

from __future__ import annotations

from tests.differential.harness import keras
from tests.interop.zoo.entry import animal

layers, ops = keras.layers, keras.ops


@animal(is_fast=True)
def lenet():
    model = keras.Sequential(name="LeNet-5")
    model.add(keras.Input(shape=(28, 28, 1)))
    model.add(layers.Conv2D(6, kernel_size=(5, 5), activation="tanh", padding="same"))
    model.add(layers.AveragePooling2D(pool_size=(2, 2)))
    model.add(layers.Conv2D(16, kernel_size=(5, 5), activation="tanh"))
    model.add(layers.AveragePooling2D(2))
    model.add(layers.Flatten())
    model.add(layers.Dense(120, activation="tanh", name="C5"))
    model.add(layers.Dense(84, activation="tanh", name="F6"))
    model.add(layers.Dense(10, activation="softmax"))
    model.compile(
        optimizer=keras.optimizers.SGD(learning_rate=0.01, momentum=0.9, nesterov=True),
        loss="categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


@animal()
def alexnet():
    return keras.Sequential(
        [
            layers.Input((64, 64, 3)),
            layers.Conv2D(12, 11, strides=4, activation="relu", padding="valid"),
            layers.BatchNormalization(),
            layers.MaxPooling2D((3, 3), strides=(2, 2)),
            layers.ZeroPadding2D(2),
            layers.Conv2D(16, 5, activation="relu"),
            layers.BatchNormalization(),
            layers.MaxPooling2D((3, 3), strides=(2, 2)),
            layers.Conv2D(24, 3, padding="same", activation="relu"),
            layers.Conv2D(24, 3, padding="same", activation="relu"),
            layers.Conv2D(16, 3, padding="same", activation="relu"),
            layers.GlobalMaxPooling2D(),
            layers.Dense(64, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(64, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )


@animal()
def vgg():
    inputs = keras.Input((32, 32, 3))
    x = inputs
    for block, (filters, depth) in enumerate([(8, 2), (16, 2), (24, 3)], start=1):
        for conv in range(1, depth + 1):
            x = layers.Conv2D(
                filters, (3, 3), activation="relu", padding="same", name=f"block{block}_conv{conv}"
            )(x)
        x = layers.MaxPooling2D((2, 2), strides=(2, 2), name=f"block{block}_pool")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(32, activation="relu", name="fc1")(x)
    return keras.Model(inputs, layers.Dense(10, "softmax", name="predictions")(x), name="vgg_mini")


def inception_block(x, f1, f3r, f3, f5r, f5, proj):
    branch1 = layers.Conv2D(f1, 1, padding="same", activation="relu")(x)
    branch3 = layers.Conv2D(f3r, 1, padding="same", activation="relu")(x)
    branch3 = layers.Conv2D(f3, 3, padding="same", activation="relu")(branch3)
    branch5 = layers.Conv2D(f5r, 1, padding="same", activation="relu")(x)
    branch5 = layers.Conv2D(f5, 5, padding="same", activation="relu")(branch5)
    pool = layers.MaxPooling2D(3, strides=1, padding="same")(x)
    pool = layers.Conv2D(proj, 1, padding="same", activation="relu")(pool)
    return layers.Concatenate(axis=-1)([branch1, branch3, branch5, pool])


@animal()
def googlenet():
    inputs = keras.Input((32, 32, 3), name="images")
    x = layers.Conv2D(8, 7, strides=2, padding="same", activation="relu")(inputs)
    x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
    x = inception_block(x, 4, 4, 8, 2, 4, 4)
    x = inception_block(x, 8, 4, 8, 2, 4, 4)
    auxiliary = layers.AveragePooling2D(5, strides=3)(x)
    auxiliary = layers.Dense(5, activation="softmax", name="aux")(layers.Flatten()(auxiliary))
    x = inception_block(x, 8, 8, 16, 4, 8, 8)
    x = layers.Dropout(0.4)(layers.GlobalAveragePooling2D()(x))
    main = layers.Dense(5, activation="softmax", name="main")(x)
    model = keras.Model(inputs=inputs, outputs=[main, auxiliary], name="googlenet")
    model.compile(
        "adam",
        loss=["sparse_categorical_crossentropy", "sparse_categorical_crossentropy"],
        loss_weights=[1.0, 0.3],
    )
    return model


def residual_v1(x, filters, stride=1, project=False):
    shortcut = x
    if project:
        shortcut = layers.Conv2D(filters, 1, strides=stride)(shortcut)
        shortcut = layers.BatchNormalization()(shortcut)
    x = layers.Conv2D(filters, 3, strides=stride, padding="same")(x)
    x = layers.BatchNormalization()(x)
    x = layers.Activation("relu")(x)
    x = layers.Conv2D(filters, 3, padding="same")(x)
    x = layers.BatchNormalization()(x)
    x = layers.add([x, shortcut])
    return layers.Activation("relu")(x)


@animal()
def resnet_v1():
    inputs = keras.Input(shape=(32, 32, 3))
    x = layers.Conv2D(8, 3, padding="same", kernel_regularizer=keras.regularizers.l2(1e-4))(inputs)
    x = layers.Activation("relu")(layers.BatchNormalization()(x))
    for stage, filters in enumerate((8, 16, 32)):
        for unit in range(3):
            first = stage > 0 and unit == 0
            x = residual_v1(x, filters, 2 if first else 1, project=first)
    x = layers.AveragePooling2D(pool_size=8)(x)
    y = layers.Flatten()(x)
    outputs = layers.Dense(10, activation="softmax", kernel_initializer="he_normal")(y)
    return keras.Model(inputs=inputs, outputs=outputs)


@animal()
def resnet_v2():
    inputs = keras.Input((32, 32, 3))
    x = layers.Conv2D(8, 3, 1, "same")(inputs)
    for stage, filters in enumerate((8, 16, 32)):
        for unit in range(2):
            y = layers.ReLU()(layers.BatchNormalization()(x))
            stride = 2 if stage and not unit else 1
            if unit == 0:
                x = layers.Conv2D(filters * 4, 1, stride, name=f"s{stage}_proj")(y)
            y = layers.Conv2D(filters, 1, stride, use_bias=False)(y)
            y = layers.ReLU()(layers.BatchNormalization()(y))
            y = layers.Conv2D(filters, 3, padding="same", use_bias=False)(y)
            y = layers.ReLU()(layers.BatchNormalization()(y))
            y = layers.Conv2D(filters * 4, 1)(y)
            x = x + y
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(10)(x), name="resnet-v2 (20)")


@animal()
def densenet():
    inputs = keras.Input((32, 32, 3))
    x = layers.Conv2D(16, 3, padding="same", use_bias=False, name="stem")(inputs)
    for block in range(3):
        for unit in range(4):
            y = layers.BatchNormalization(epsilon=1.001e-5, name=f"b{block}_{unit}_bn")(x)
            y = layers.Activation("relu", name=f"b{block}_{unit}_relu")(y)
            y = layers.Conv2D(6, 3, padding="same", name=f"b{block}_{unit}_conv")(y)
            x = layers.Concatenate(name=f"b{block}_{unit}_concat")([x, y])
        if block < 2:
            x = layers.BatchNormalization(name=f"pool{block}_bn")(x)
            x = layers.Conv2D(int(x.shape[-1] * 0.5), 1, name=f"pool{block}_conv")(x)
            x = layers.AveragePooling2D(2, name=f"pool{block}_pool")(x)
    x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(x))


def squeeze_excite(x, ratio=4):
    channels = x.shape[-1]
    s = layers.GlobalAveragePooling2D()(x)
    s = layers.Reshape((1, 1, channels))(s)
    s = layers.Dense(channels // ratio, activation="relu", use_bias=False)(s)
    s = layers.Dense(channels, activation="sigmoid", use_bias=False)(s)
    return layers.multiply([x, s])


@animal()
def se_resnet():
    inputs = keras.Input((32, 32, 3))
    x = layers.Conv2D(8, 3, padding="same")(inputs)
    for filters in (8, 16, 32):
        y = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        y = squeeze_excite(layers.Conv2D(filters, 3, padding="same")(y))
        if x.shape[-1] != filters:
            x = layers.Conv2D(filters, 1)(x)
        x = layers.MaxPooling2D()(layers.ReLU()(layers.Add()([x, y])))
    return keras.Model(inputs, layers.Dense(3)(layers.Flatten()(x)), name="se_resnet")


def double_conv(x, filters):
    for _ in range(2):
        x = layers.Conv2D(
            filters, 3, padding="same", kernel_initializer="he_normal", activation="relu"
        )(x)
    return x


@animal()
def unet():
    inputs = keras.Input((None, None, 1), name="img")
    skips, x = [], inputs
    for filters in (8, 16, 32):
        x = double_conv(x, filters)
        skips.append(x)
        x = layers.Dropout(0.3)(layers.MaxPooling2D((2, 2))(x))
    x = double_conv(x, 64)
    for filters, skip in zip((32, 16, 8), reversed(skips), strict=True):
        x = layers.Conv2DTranspose(filters, 3, strides=2, padding="same")(x)
        x = double_conv(layers.concatenate([x, skip]), filters)
    outputs = layers.Conv2D(2, 1, padding="same", activation="softmax")(x)
    model = keras.Model(inputs, outputs, name="U-Net")
    model.compile(optimizer=keras.optimizers.Adam(1e-4), loss=keras.losses.Dice())
    return model


@animal()
def unet_plus_plus():
    inputs = keras.Input((32, 32, 3))
    widths = (4, 8, 16, 32)
    nodes = {}
    for level, width in enumerate(widths):
        below = inputs if level == 0 else layers.MaxPooling2D()(nodes[level - 1, 0])
        nodes[level, 0] = double_conv(below, width)
    for column in range(1, 4):
        for level in range(4 - column):
            up = layers.UpSampling2D(interpolation="bilinear")(nodes[level + 1, column - 1])
            before = [nodes[level, each] for each in range(column)]
            nodes[level, column] = double_conv(layers.Concatenate()([*before, up]), widths[level])
    heads = [
        layers.Conv2D(1, 1, activation="sigmoid", name=f"deep_{column}")(nodes[0, column])
        for column in range(1, 4)
    ]
    return keras.Model(inputs, layers.Average()(heads), name="unet_plus_plus")


@animal()
def feature_pyramid():
    inputs = keras.Input((64, 64, 3))
    x, levels = inputs, []
    for filters in (8, 16, 24, 32):
        x = layers.Conv2D(filters, 3, 2, padding="same", activation="swish")(x)
        levels.append(x)
    laterals = [layers.Conv2D(16, 1, name=f"lateral{i}")(x) for i, x in enumerate(levels)]
    merged = [laterals[-1]]
    for lateral in reversed(laterals[:-1]):
        merged.append(layers.UpSampling2D(2)(merged[-1]) + lateral)
    pyramids = [
        layers.Conv2D(16, 3, padding="same", name=f"p{i}")(m) for i, m in enumerate(merged[::-1])
    ]
    pyramids.append(layers.MaxPooling2D(1, strides=2, name="p4")(pyramids[-1]))
    return keras.Model(inputs, pyramids, name="fpn")


@animal()
def ssd():
    inputs = keras.Input((64, 64, 3))
    x = inputs
    boxes, scores = [], []
    for level, filters in enumerate((8, 16, 32)):
        x = layers.Conv2D(filters, 3, strides=2, padding="same", activation="relu")(x)
        if level == 0:
            continue
        anchors = 4 if level == 1 else 6
        score = layers.Conv2D(anchors * 3, 3, padding="same", name=f"conf_{level}")(x)
        box = layers.Conv2D(anchors * 4, 3, padding="same", name=f"loc_{level}")(x)
        scores.append(layers.Reshape((-1, 3))(score))
        boxes.append(layers.Reshape((-1, 4))(box))
    score = layers.Softmax(axis=-1)(layers.Concatenate(axis=1)(scores))
    box = layers.Concatenate(axis=1)(boxes)
    both = layers.Concatenate(axis=2, name="predictions")([score, box])
    return keras.Model(inputs, both, name="SSD64")


@animal()
def retina_heads():
    def head(outputs, name):
        model = keras.Sequential([keras.Input((None, None, 8))], name=name)
        for _ in range(2):
            model.add(layers.Conv2D(8, 3, padding="same", kernel_initializer="orthogonal"))
            model.add(layers.ReLU())
        bias = keras.initializers.Constant(-4.59512)
        model.add(layers.Conv2D(outputs, 3, 1, padding="same", bias_initializer=bias))
        return model

    inputs = keras.Input((32, 32, 3))
    c3 = layers.Conv2D(8, 3, 2, padding="same")(inputs)
    c4 = layers.Conv2D(8, 3, 2, padding="same")(c3)
    classes, boxes = head(9 * 2, "cls_head"), head(9 * 4, "box_head")
    found = [
        ops.concatenate(
            [ops.reshape(m(feature), (-1, feature.shape[1] * feature.shape[2] * 9, width))
             for feature in (c3, c4)],
            axis=1,
        )
        for m, width in ((boxes, 4), (classes, 2))
    ]  # fmt: skip
    return keras.Model(inputs, layers.Concatenate(axis=-1)(found), name="RetinaNet")


@animal()
def mobilenet():
    def separable(x, filters, stride, index):
        x = layers.DepthwiseConv2D(
            3, stride, padding="same", use_bias=False, depth_multiplier=1, name=f"conv_dw_{index}"
        )(x)
        x = layers.BatchNormalization(name=f"conv_dw_{index}_bn")(x)
        x = layers.ReLU(6.0, name=f"conv_dw_{index}_relu")(x)
        x = layers.Conv2D(filters, 1, use_bias=False, name=f"conv_pw_{index}")(x)
        x = layers.BatchNormalization(name=f"conv_pw_{index}_bn")(x)
        return layers.ReLU(6.0, name=f"conv_pw_{index}_relu")(x)

    inputs = keras.Input((32, 32, 3))
    x = layers.Rescaling(1.0 / 127.5, offset=-1)(inputs)
    x = layers.Conv2D(8, 3, strides=2, padding="same", use_bias=False)(x)
    for index, (filters, stride) in enumerate(
        [(8, 1), (16, 2), (16, 1), (32, 2), (32, 1), (32, 1)]
    ):
        x = separable(x, filters, stride, index)
    x = layers.GlobalAveragePooling2D(keepdims=True)(x)
    x = layers.Conv2D(10, 1, name="conv_preds")(layers.Dropout(1e-3)(x))
    x = layers.Reshape((10,))(x)
    return keras.Model(inputs, layers.Activation("softmax")(x), name="mobilenet_0.25_32")


@animal()
def shufflenet():
    def shuffle(x, groups):
        _, height, width, channels = x.shape
        x = ops.reshape(x, (-1, height, width, groups, channels // groups))
        x = ops.transpose(x, (0, 1, 2, 4, 3))
        return ops.reshape(x, (-1, height, width, channels))

    def unit(x, groups):
        y = layers.Conv2D(x.shape[-1], 1, groups=groups, use_bias=False)(x)
        y = shuffle(layers.ReLU()(layers.BatchNormalization()(y)), groups)
        y = layers.DepthwiseConv2D(3, padding="same", use_bias=False)(y)
        y = layers.Conv2D(x.shape[-1], 1, groups=groups)(layers.BatchNormalization()(y))
        return ops.relu(ops.add(x, y))

    inputs = keras.Input((16, 16, 3))
    x = layers.Conv2D(12, 3, 2, padding="same")(inputs)
    for _ in range(3):
        x = unit(x, 3)
    x = layers.Permute((3, 1, 2))(x)
    return keras.Model(inputs, ops.mean(x, axis=(2, 3)), name="shufflenet")


@animal()
def vision_transformer():
    size, patch, width, heads = 32, 8, 24, 4
    inputs = keras.Input((size, size, 3))
    x = layers.RandomFlip("horizontal")(layers.Resizing(size, size)(inputs))
    patches = ops.image.extract_patches(x, size=(patch, patch))
    count = (size // patch) ** 2
    patches = ops.reshape(patches, (-1, count, patch * patch * 3))
    positions = ops.expand_dims(ops.arange(0, count, 1), axis=0)
    x = layers.Dense(width)(patches) + layers.Embedding(count, width)(positions)
    for _ in range(3):
        x1 = layers.LayerNormalization(epsilon=1e-6)(x)
        attended = layers.MultiHeadAttention(num_heads=heads, key_dim=width, dropout=0.1)(x1, x1)
        x2 = layers.Add()([attended, x])
        x3 = layers.LayerNormalization(epsilon=1e-6)(x2)
        for units in (width * 2, width):
            x3 = layers.Dense(units, activation=keras.activations.gelu)(x3)
            x3 = layers.Dropout(0.1)(x3)
        x = layers.Add()([x3, x2])
    x = layers.LayerNormalization(epsilon=1e-6)(x)
    x = layers.Dropout(0.5)(layers.Flatten()(x))
    return keras.Model(inputs, layers.Dense(100)(x))


@animal()
def mlp_mixer():
    def mlp(x, hidden):
        width = x.shape[-1]
        return layers.Dense(width)(layers.Dense(hidden, activation="gelu")(x))

    inputs = keras.Input((32, 32, 3))
    x = layers.Conv2D(16, 8, strides=8, name="patches")(inputs)
    x = layers.Reshape((16, 16))(x)
    for _ in range(2):
        y = layers.Permute((2, 1))(layers.LayerNormalization()(x))
        x = x + layers.Permute((2, 1))(mlp(y, 8))
        x = x + mlp(layers.LayerNormalization()(x), 32)
    x = layers.GlobalAveragePooling1D()(layers.LayerNormalization()(x))
    return keras.Model(inputs, layers.Dense(10, name="head")(x), name="MLP-Mixer")


@animal()
def convnext():
    inputs = keras.Input((32, 32, 3))
    x = layers.Conv2D(12, 4, 4, name="stem")(inputs)
    for stage, (depth, width) in enumerate([(2, 12), (3, 24)]):
        if stage:
            x = layers.LayerNormalization(epsilon=1e-6, name=f"down{stage}_norm")(x)
            x = layers.Conv2D(width, 2, 2, name=f"down{stage}")(x)
        for block in range(depth):
            y = layers.Conv2D(width, 7, padding="same", groups=width)(x)
            y = layers.LayerNormalization(epsilon=1e-6)(y)
            y = layers.Dense(4 * width)(y)
            y = ops.gelu(y, approximate=False)
            y = layers.Dense(width)(y) * 0.1
            x = layers.Add(name=f"stage{stage}_block{block}_out")([x, y])
    return keras.Model(inputs, layers.GlobalAveragePooling2D()(x), name="convnext")


@animal()
def siamese():
    encoder = keras.Sequential(name="encoder")
    encoder.add(layers.Input((28, 28, 1)))
    encoder.add(layers.Conv2D(8, 3, activation="relu"))
    encoder.add(layers.GlobalAveragePooling2D())
    encoder.add(layers.Dense(16, activation=None))
    left, right = keras.Input((28, 28, 1), name="left_input"), keras.Input((28, 28, 1), name="r")
    a, b = encoder(left), encoder(right)
    distance = ops.sqrt(ops.maximum(ops.sum(ops.square(a - b), axis=1, keepdims=True), 1e-7))
    score = layers.Dense(1, activation="sigmoid")(layers.BatchNormalization()(distance))
    model = keras.Model(inputs=[left, right], outputs=score)
    model.compile(loss="binary_crossentropy", optimizer="RMSprop", metrics=["accuracy"])
    return model


@animal()
def triplet():
    x = keras.Input((16, 16, 3))
    y = layers.Flatten()(layers.Conv2D(4, 3)(x))
    y = layers.UnitNormalization()(layers.Dense(8)(y))
    embed = keras.Model(x, y, name="Embedding")
    anchor = keras.Input(name="anchor", shape=(16, 16, 3))
    positive = keras.Input(name="positive", shape=(16, 16, 3))
    negative = keras.Input(name="negative", shape=(16, 16, 3))
    e = [embed(each) for each in (anchor, positive, negative)]
    ap = ops.sum(ops.square(e[0] - e[1]), -1)
    an = ops.sum(ops.square(e[0] - e[2]), -1)
    loss = ops.relu(ap - an + 0.5)
    return keras.Model([anchor, positive, negative], {"loss": loss, "ap": ap, "an": an})


@animal()
def autoencoder():
    image = keras.Input((28, 28, 1), name="original_img")
    x = layers.Conv2D(16, 3, activation="relu")(image)
    x = layers.Conv2D(32, 3, activation="relu")(x)
    x = layers.MaxPooling2D(3)(x)
    x = layers.Conv2D(16, 3, activation="relu")(x)
    code = layers.GlobalMaxPooling2D()(x)
    encoder = keras.Model(image, code, name="encoder")
    code = keras.Input((16,), name="encoded_img")
    x = layers.Reshape((4, 4, 1))(code)
    x = layers.Conv2DTranspose(16, 3, activation="relu")(x)
    x = layers.UpSampling2D(3)(x)
    x = layers.Conv2DTranspose(32, 3, activation="relu")(x)
    image_out = layers.Conv2DTranspose(1, 3, activation="relu")(x)
    decoder = keras.Model(code, image_out, name="decoder")
    image = keras.Input((28, 28, 1), name="img")
    return keras.Model(image, decoder(encoder(image)), name="autoencoder")


@animal()
def variational_autoencoder():
    image = keras.Input((28, 28, 1))
    noise = keras.Input((2,), name="epsilon")
    x = layers.Conv2D(8, 3, activation="relu", strides=2, padding="same")(image)
    x = layers.Dense(16, activation="relu")(layers.Flatten()(x))
    mean = layers.Dense(2, name="z_mean")(x)
    log_var = layers.Dense(2, name="z_log_var")(x)
    z = mean + ops.exp(0.5 * log_var) * noise
    encoder = keras.Model([image, noise], [mean, log_var, z], name="encoder")
    latent = keras.Input((2,))
    x = layers.Dense(7 * 7 * 8, activation="relu")(latent)
    x = layers.Reshape((7, 7, 8))(x)
    for filters in (8, 4):
        x = layers.Conv2DTranspose(filters, 3, activation="relu", strides=2, padding="same")(x)
    x = layers.Conv2DTranspose(1, 3, activation="sigmoid", padding="same")(x)
    decoder = keras.Model(latent, x, name="decoder")
    m, v, z = encoder([image, noise])
    kl = -0.5 * ops.mean(ops.sum(1 + v - ops.square(m) - ops.exp(v), axis=1))
    return keras.Model([image, noise], [decoder(z), kl], name="vae")


@animal()
def generative_adversarial():
    discriminator = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(8, 3, strides=2, padding="same"),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Conv2D(8, 3, strides=2, padding="same"),
            layers.LeakyReLU(negative_slope=0.2),
            layers.GlobalMaxPooling2D(),
            layers.Dense(1),
        ],
        name="discriminator",
    )
    generator = keras.Sequential(
        [
            keras.Input((16,)),
            layers.Dense(7 * 7 * 4),
            layers.LeakyReLU(0.2),
            layers.Reshape((7, 7, 4)),
            layers.Conv2DTranspose(8, 4, strides=2, padding="same"),
            layers.LeakyReLU(0.2),
            layers.Conv2DTranspose(8, 4, strides=2, padding="same"),
            layers.LeakyReLU(0.2),
            layers.Conv2D(1, 7, padding="same", activation="sigmoid"),
        ],
        name="generator",
    )
    discriminator.trainable = False
    noise = keras.Input((16,))
    gan = keras.Model(noise, discriminator(generator(noise)), name="gan")
    gan.compile(loss="binary_crossentropy", optimizer=keras.optimizers.Adam(2e-4, beta_1=0.5))
    return gan


@animal()
def super_resolution():
    factor, channels = 3, 1
    inputs = keras.Input((None, None, channels))
    arguments = {"activation": "relu", "kernel_initializer": "orthogonal", "padding": "same"}
    x = layers.Conv2D(8, 5, **arguments)(inputs)
    x = layers.Conv2D(8, 3, **arguments)(x)
    x = layers.Conv2D(channels * factor**2, 3, **arguments)(x)
    return keras.Model(inputs, x)


@animal()
def pixel_shuffle():
    inputs = keras.Input((12, 12, 3))
    x = layers.Conv2D(8, 3, padding="same", activation="relu")(inputs)
    skip = x
    for _ in range(2):
        y = layers.Conv2D(8, 3, padding="same", activation="relu")(x)
        x = layers.Conv2D(8, 3, padding="same")(y) * 0.2 + x
    x = layers.Conv2D(3 * 4, 3, padding="same")(x + skip)
    x = ops.reshape(x, [-1, 12, 12, 2, 2, 3])
    x = ops.transpose(x, [0, 1, 3, 2, 4, 5])
    x = ops.reshape(x, [-1, 24, 24, 3])
    up = ops.image.resize(inputs, (24, 24), interpolation="bicubic")
    return keras.Model(inputs, ops.clip(x + up, 0.0, 255.0), name="edsr")


@animal()
def attention_unet():
    def gate(x, g, filters):
        theta = layers.Conv2D(filters, 2, strides=2, padding="same", use_bias=False)(x)
        phi = layers.Conv2D(filters, 1)(g)
        f = layers.Activation("relu")(layers.add([theta, phi]))
        psi = layers.Conv2D(1, 1, activation="sigmoid")(f)
        return layers.multiply([layers.UpSampling2D(2)(psi), x])

    inputs = keras.Input((32, 32, 1))
    a = double_conv(inputs, 8)
    b = double_conv(layers.MaxPooling2D()(a), 16)
    c = double_conv(layers.MaxPooling2D()(b), 32)
    up = layers.Conv2DTranspose(16, 2, 2)(c)
    up = double_conv(layers.concatenate([up, gate(b, c, 16)], axis=3), 16)
    up2 = layers.Conv2DTranspose(8, 2, 2)(up)
    up2 = double_conv(layers.concatenate([up2, gate(a, up, 8)], axis=3), 8)
    return keras.Model(inputs, layers.Conv2D(1, 1, activation="sigmoid")(up2))


@animal()
def cbam():
    inputs = keras.Input((16, 16, 3))
    x = layers.Conv2D(8, 3, padding="same")(inputs)
    first = layers.Dense(2, activation="relu", kernel_initializer="he_normal")
    second = layers.Dense(8, kernel_initializer="he_normal")
    average = second(first(layers.GlobalAveragePooling2D()(x)))
    maximum = second(first(layers.GlobalMaxPooling2D()(x)))
    channel = layers.Activation("sigmoid")(layers.Add()([average, maximum]))
    x = layers.Multiply()([x, layers.Reshape((1, 1, 8))(channel)])
    spatial = layers.Concatenate(axis=3)(
        [ops.mean(x, axis=3, keepdims=True), ops.max(x, axis=3, keepdims=True)]
    )
    spatial = layers.Conv2D(1, 7, padding="same", activation="sigmoid", use_bias=False)(spatial)
    return keras.Model(inputs, layers.Multiply()([x, spatial]), name="CBAM")


@animal()
def transfer_learning():
    base = keras.applications.MobileNetV2(
        input_shape=(32, 32, 3), include_top=False, weights=None, alpha=0.35
    )
    base.trainable = False
    augmentation = keras.Sequential(
        [layers.RandomFlip("horizontal"), layers.RandomRotation(0.1), layers.RandomZoom(0.2)],
        name="data_augmentation",
    )
    inputs = keras.Input((32, 32, 3))
    x = augmentation(inputs)
    x = layers.Rescaling(scale=1 / 127.5, offset=-1)(x)
    x = base(x, training=False)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.2)(x)
    return keras.Model(inputs, layers.Dense(1)(x))


@animal()
def yolo_neck():
    def conv(x, filters, size, stride=1):
        x = layers.Conv2D(filters, size, stride, "same", use_bias=False)(x)
        return layers.Activation("mish")(layers.BatchNormalization(momentum=0.97)(x))

    def csp(x, filters, repeat):
        a = conv(x, filters // 2, 1)
        b = conv(x, filters // 2, 1)
        for _ in range(repeat):
            b = b + conv(conv(b, filters // 2, 1), filters // 2, 3)
        return conv(layers.Concatenate()([b, a]), filters, 1)

    inputs = keras.Input((64, 64, 3), batch_size=None)
    x = conv(inputs, 8, 3, 2)
    p3 = csp(conv(x, 16, 3, 2), 16, 1)
    p4 = csp(conv(p3, 32, 3, 2), 32, 2)
    pools = [layers.MaxPooling2D(k, 1, "same")(p4) for k in (5, 9, 13)]
    p4 = conv(layers.Concatenate()([*pools, p4]), 32, 1)
    up = layers.UpSampling2D()(conv(p4, 16, 1))
    n3 = csp(layers.Concatenate()([up, p3]), 16, 1)
    return keras.Model(
        inputs, {"small": layers.Conv2D(21, 1)(n3), "large": layers.Conv2D(21, 1)(p4)}
    )


@animal()
def volumes():
    inputs = keras.Input((16, 16, 8, 1))
    x = layers.Conv3D(4, 3, activation="relu")(inputs)
    x = layers.MaxPool3D(2)(x)
    x = layers.BatchNormalization()(x)
    x = layers.Conv3DTranspose(4, 3, strides=(2, 2, 1), data_format="channels_last")(x)
    x = layers.SpatialDropout3D(0.1)(layers.UpSampling3D((1, 1, 2))(x))
    x = layers.Cropping3D(((1, 0), (0, 1), (1, 1)))(x)
    x = layers.GlobalAvgPool3D()(x)
    x = layers.Dense(16, activation="relu")(x)
    return keras.Model(inputs, layers.Dense(1, activation="sigmoid")(x), name="3dcnn")


@animal()
def channels_first():
    inputs = keras.Input((3, 16, 16))
    x = layers.Conv2D(4, 3, padding="same", data_format="channels_first")(inputs)
    x = layers.BatchNormalization(axis=1)(x)
    x = layers.PReLU(shared_axes=[2, 3])(x)
    x = layers.MaxPooling2D(data_format="channels_first")(x)
    x = layers.GroupNormalization(2, axis=1)(x)
    x = layers.GlobalAveragePooling2D(data_format="channels_first")(x)
    return keras.Model(inputs, x)
