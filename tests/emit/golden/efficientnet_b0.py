"""EfficientNet-B0: "Rethinking Model Scaling for Convolutional Neural Networks", Tan
and Le, 2019. Layers and names are those of keras.applications.EfficientNetB0.
"""

import keras
from keras import layers

# a configuration, of which each layer makes an initializer of its own
START = {
    "class_name": "VarianceScaling",
    "config": {"scale": 2.0, "mode": "fan_out", "distribution": "truncated_normal"},
}


def build_efficientnet_b0(classes=1000):
    """Build the `efficientnet_b0` model."""
    # pixels from 0 to 255: the model scales them itself
    image = keras.Input((224, 224, 3), name="image")
    x = layers.Rescaling(1 / 255)(image)
    # a mean and a variance for each colour, and a count: 7 numbers
    x = layers.Normalization()(x)
    x = layers.ZeroPadding2D(((0, 1), (0, 1)), name="stem_conv_pad")(x)
    x = layers.Conv2D(
        32, 3, strides=2, use_bias=False, kernel_initializer=START, name="stem_conv"
    )(x)
    x = layers.BatchNormalization(name="stem_bn")(x)
    x = layers.Activation("swish", name="stem_activation")(x)

    # Table 1 of the paper: expansion, kernel size, channels, repetitions, first stride.
    table = [
        (1, 3, 16, 1, 1),
        (6, 3, 24, 2, 2),
        (6, 5, 40, 2, 2),
        (6, 3, 80, 3, 2),
        (6, 5, 112, 3, 1),
        (6, 5, 192, 4, 2),
        (6, 3, 320, 1, 1),
    ]
    row = 0
    blocks = 0  # so far; there will be 16
    for expansion, kernel, channels, repeats, first_stride in table:
        row += 1
        for letter in "abcd"[:repeats]:
            at = f"block{row}{letter}"
            stride = first_stride if letter == "a" else 1
            narrow = x.shape[-1]
            wide = expansion * narrow
            y = x

            if expansion > 1:
                y = layers.Conv2D(
                    wide,
                    1,
                    padding="same",
                    use_bias=False,
                    kernel_initializer=START,
                    name=f"{at}_expand_conv",
                )(y)
                y = layers.BatchNormalization(name=f"{at}_expand_bn")(y)
                y = layers.Activation("swish", name=f"{at}_expand_activation")(y)

            # Where the map is halved, more padding after than before, as TensorFlow's
            # "same".
            padding = "same"
            if stride == 2:
                around = [kernel // 2 - 1, kernel // 2]
                y = layers.ZeroPadding2D((around, around), name=f"{at}_dwconv_pad")(y)
                padding = "valid"
            y = layers.DepthwiseConv2D(
                kernel,
                strides=stride,
                padding=padding,
                use_bias=False,
                depthwise_initializer=START,
                name=f"{at}_dwconv",
            )(y)
            y = layers.BatchNormalization(name=f"{at}_bn")(y)
            y = layers.Activation("swish", name=f"{at}_activation")(y)

            # Squeeze and excite: each channel is scaled by what the whole map says of
            # it.
            scale = layers.GlobalAveragePooling2D(name=f"{at}_se_squeeze")(y)
            scale = layers.Reshape((1, 1, wide), name=f"{at}_se_reshape")(scale)
            scale = layers.Conv2D(
                narrow // 4,
                1,
                padding="same",
                activation="swish",
                kernel_initializer=START,
                name=f"{at}_se_reduce",
            )(scale)
            scale = layers.Conv2D(
                wide,
                1,
                padding="same",
                activation="sigmoid",
                kernel_initializer=START,
                name=f"{at}_se_expand",
            )(scale)
            y = layers.Multiply(name=f"{at}_se_excite")([y, scale])

            y = layers.Conv2D(
                channels,
                1,
                padding="same",
                use_bias=False,
                kernel_initializer=START,
                name=f"{at}_project_conv",
            )(y)
            y = layers.BatchNormalization(name=f"{at}_project_bn")(y)

            # Stochastic depth: while training, later blocks are left out more often.
            if letter != "a":
                y = layers.Dropout(
                    0.2 * blocks / 16, noise_shape=(None, 1, 1, 1), name=f"{at}_drop"
                )(y)
                y = layers.Add(name=f"{at}_add")([y, x])
            x = y
            blocks += 1

    x = layers.Conv2D(
        1280,
        1,
        padding="same",
        use_bias=False,
        kernel_initializer=START,
        name="top_conv",
    )(x)
    x = layers.BatchNormalization(name="top_bn")(x)
    x = layers.Activation("swish", name="top_activation")(x)
    x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
    x = layers.Dropout(0.2, name="top_dropout")(x)
    outputs = layers.Dense(
        classes,
        activation="softmax",
        kernel_initializer=keras.initializers.VarianceScaling(
            1 / 3, mode="fan_out", distribution="uniform"
        ),
        name="predictions",
    )(x)
    return keras.Model(image, outputs, name="efficientnet_b0")


build_model = build_efficientnet_b0
