"""MobileNetV2: "Inverted Residuals and Linear Bottlenecks", Sandler, Howard, Zhu,
Zhmoginov and Chen, 2018. Layers and names are those of keras.applications.MobileNetV2.
"""

import keras
from keras import layers

MOMENTUM = 0.999  # of the batch normalizations
EPSILON = 1e-3


def build_mobilenet_v2(classes=1000):
    """Build the `mobilenet_v2` model."""
    image = keras.Input((224, 224, 3), name="image")
    x = layers.Conv2D(32, 3, strides=2, padding="same", use_bias=False, name="Conv1")(
        image
    )
    x = layers.BatchNormalization(momentum=MOMENTUM, epsilon=EPSILON, name="bn_Conv1")(
        x
    )
    x = layers.ReLU(6, name="Conv1_relu")(x)

    # Table 2 of the paper: expansion, channels, repetitions, stride of the first of
    # them.
    table = [
        (1, 16, 1, 1),
        (6, 24, 2, 2),
        (6, 32, 3, 2),
        (6, 64, 4, 2),
        (6, 96, 3, 1),
        (6, 160, 3, 2),
        (6, 320, 1, 1),
    ]
    number = 0
    for expansion, channels, repeats, first_stride in table:
        for i in range(repeats):
            at = f"block_{number}" if number > 0 else "expanded_conv"
            stride = first_stride if i == 0 else 1
            wide = expansion * x.shape[-1]
            y = x

            # Narrow at both ends, wide in the middle: the reverse of ResNet's
            # bottleneck.
            if expansion > 1:
                y = layers.Conv2D(
                    wide, 1, padding="same", use_bias=False, name=f"{at}_expand"
                )(y)
                y = layers.BatchNormalization(
                    momentum=MOMENTUM, epsilon=EPSILON, name=f"{at}_expand_BN"
                )(y)
                y = layers.ReLU(6, name=f"{at}_expand_relu")(y)

            # Each channel has a 3x3 filter of its own, so that the middle may be wide
            # and cheap.
            padding = "same"
            if stride == 2:
                y = layers.ZeroPadding2D(((0, 1), (0, 1)), name=f"{at}_pad")(y)
                padding = "valid"
            y = layers.DepthwiseConv2D(
                3,
                strides=stride,
                padding=padding,
                use_bias=False,
                name=f"{at}_depthwise",
            )(y)
            y = layers.BatchNormalization(
                momentum=MOMENTUM, epsilon=EPSILON, name=f"{at}_depthwise_BN"
            )(y)
            y = layers.ReLU(6, name=f"{at}_depthwise_relu")(y)

            # The way back is linear: a ReLU would lose too much of so few channels.
            y = layers.Conv2D(
                channels, 1, padding="same", use_bias=False, name=f"{at}_project"
            )(y)
            y = layers.BatchNormalization(
                momentum=MOMENTUM, epsilon=EPSILON, name=f"{at}_project_BN"
            )(y)

            # The way around joins where the sizes agree: nowhere but inside a row of
            # the table.
            if i > 0:
                y = layers.Add(name=f"{at}_add")([x, y])
            x = y
            number += 1

    x = layers.Conv2D(1280, 1, use_bias=False, name="Conv_1")(x)
    x = layers.BatchNormalization(momentum=MOMENTUM, epsilon=EPSILON, name="Conv_1_bn")(
        x
    )
    x = layers.ReLU(6, name="out_relu")(x)
    x = layers.GlobalAveragePooling2D()(x)
    outputs = layers.Dense(classes, activation="softmax", name="predictions")(x)
    return keras.Model(image, outputs, name="mobilenet_v2")


build_model = build_mobilenet_v2
