"""DenseNet-121: "Densely Connected Convolutional Networks", Huang, Liu, van der Maaten
and Weinberger, 2017. Layers and names are those of keras.applications.DenseNet121.
"""

import keras
from keras import layers

EPSILON = 1.001e-5  # of the batch normalizations, as in keras.applications
GROWTH = 32  # channels that each step adds


def build_densenet121(classes=1000):
    """Build the `densenet121` model."""
    image = keras.Input((224, 224, 3), name="image")
    x = layers.ZeroPadding2D(3)(image)
    x = layers.Conv2D(64, 7, strides=2, use_bias=False, name="conv1_conv")(x)
    x = layers.BatchNormalization(epsilon=EPSILON, name="conv1_bn")(x)
    x = layers.Activation("relu", name="conv1_relu")(x)
    x = layers.ZeroPadding2D()(x)
    x = layers.MaxPooling2D(3, strides=2, name="pool1")(x)

    # Four dense blocks. 121 layers: 2 in each step, 1 in each of 3 transitions, first
    # and last.
    for stage, steps in enumerate([6, 12, 24, 16], 2):
        for i in range(1, steps + 1):
            # A step sees the channels of all steps before it.
            at = f"conv{stage}_block{i}"
            y = layers.BatchNormalization(epsilon=EPSILON, name=f"{at}_0_bn")(x)
            y = layers.Activation("relu", name=f"{at}_0_relu")(y)
            y = layers.Conv2D(4 * GROWTH, 1, use_bias=False, name=f"{at}_1_conv")(y)
            y = layers.BatchNormalization(epsilon=EPSILON, name=f"{at}_1_bn")(y)
            y = layers.Activation("relu", name=f"{at}_1_relu")(y)
            y = layers.Conv2D(
                GROWTH, 3, padding="same", use_bias=False, name=f"{at}_2_conv"
            )(y)
            x = layers.Concatenate(name=f"{at}_concat")([x, y])

        # A transition leads to the next block: half the channels, on a quarter of the
        # map.
        if stage < 5:
            z = layers.BatchNormalization(epsilon=EPSILON, name=f"pool{stage}_bn")(x)
            z = layers.Activation("relu", name=f"pool{stage}_relu")(z)
            z = layers.Conv2D(
                x.shape[-1] // 2, 1, use_bias=False, name=f"pool{stage}_conv"
            )(z)
            x = layers.AveragePooling2D(2, name=f"pool{stage}_pool")(z)

    features = layers.BatchNormalization(epsilon=EPSILON, name="bn")(x)
    x = layers.Activation("relu", name="relu")(features)
    x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
    outputs = layers.Dense(classes, activation="softmax", name="predictions")(x)
    return keras.Model(image, outputs, name="densenet121")


build_model = build_densenet121
