"""A small convolutional stem, built a layer at a time while watching the shapes."""

import keras
from keras import layers


def build_stated_shapes():
    """`x: [...] = …` states a shape; `check` fails, naming both shapes, where it does
    not hold. A window of 5 that moves by 2 fits (250 - 5) // 2 + 1 = 123 times.
    """
    image = keras.Input((250, 250, 3), name="image")
    x = layers.Conv2D(32, 5, strides=2, activation="relu")(image)
    x = layers.Conv2D(32, 3, activation="relu")(x)
    x = layers.MaxPooling2D(3)(x)
    return keras.Model(image, x, name="stated_shapes")


def build_stepwise_cnn():
    """The same as a sequential. Commands use the last model of a file; --model names
    another.
    """
    return keras.Sequential(
        [
            keras.Input((250, 250, 3)),
            layers.Conv2D(32, 5, strides=2, activation="relu"),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(3),
        ],
        name="stepwise_cnn",
    )


build_model = build_stepwise_cnn
