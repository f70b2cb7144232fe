"""ResNet-50: "Deep Residual Learning for Image Recognition", He, Zhang, Ren and Sun,
2015. Layers and names are those of keras.applications.ResNet50.
"""

import keras
from keras import layers

EPSILON = 1.001e-5  # of the batch normalizations, as in keras.applications


def build_resnet50(classes=1000):
    """Build the `resnet50` model."""
    image = keras.Input((224, 224, 3), name="image")
    x = layers.ZeroPadding2D(3, name="conv1_pad")(image)
    x = layers.Conv2D(64, 7, strides=2, name="conv1_conv")(x)
    x = layers.BatchNormalization(epsilon=EPSILON, name="conv1_bn")(x)
    x = layers.Activation("relu", name="conv1_relu")(x)
    x = layers.ZeroPadding2D(name="pool1_pad")(x)
    x = layers.MaxPooling2D(3, strides=2, name="pool1_pool")(x)

    # Four stages of bottleneck blocks: 1x1 down to `filters`, 3x3, 1x1 up to four times
    # as many.
    for stage, filters, depth in ((2, 64, 3), (3, 128, 4), (4, 256, 6), (5, 512, 3)):
        for i in range(1, depth + 1):
            at = f"conv{stage}_block{i}"
            # a stage halves the map as it begins
            stride = 2 if i == 1 and stage > 2 else 1

            # The way around: the identity, but where sizes change a projection.
            shortcut = x
            if i == 1:
                shortcut = layers.Conv2D(
                    4 * filters, 1, strides=stride, name=f"{at}_0_conv"
                )(x)
                shortcut = layers.BatchNormalization(
                    epsilon=EPSILON, name=f"{at}_0_bn"
                )(shortcut)
            y = layers.Conv2D(filters, 1, strides=stride, name=f"{at}_1_conv")(x)
            y = layers.BatchNormalization(epsilon=EPSILON, name=f"{at}_1_bn")(y)
            y = layers.Activation("relu", name=f"{at}_1_relu")(y)
            y = layers.Conv2D(filters, 3, padding="same", name=f"{at}_2_conv")(y)
            y = layers.BatchNormalization(epsilon=EPSILON, name=f"{at}_2_bn")(y)
            y = layers.Activation("relu", name=f"{at}_2_relu")(y)
            y = layers.Conv2D(4 * filters, 1, name=f"{at}_3_conv")(y)
            y = layers.BatchNormalization(epsilon=EPSILON, name=f"{at}_3_bn")(y)
            x = layers.Add(name=f"{at}_add")([shortcut, y])
            x = layers.Activation("relu", name=f"{at}_out")(x)

    x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
    outputs = layers.Dense(classes, activation="softmax", name="predictions")(x)
    return keras.Model(image, outputs, name="resnet50")


build_model = build_resnet50
