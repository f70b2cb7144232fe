"""Do two drawings show the same letter? Two images, one tower, as in "Siamese Neural
Networks for One-shot Image Recognition", Koch, Zemel and Salakhutdinov, 2015, with a
smaller tower.
"""

import sys

import keras
import numpy as np
from keras import layers, ops


def build_tower():
    """What an image shows, in 64 numbers."""
    image = keras.Input((105, 105, 1), name="image")
    x = layers.Conv2D(32, 5, strides=2, activation="relu")(image)
    x = layers.Conv2D(64, 3, activation="relu")(x)
    x = layers.MaxPooling2D()(x)
    x = layers.Conv2D(128, 3, activation="relu")(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dense(64)(x)
    outputs = layers.UnitNormalization()(x)
    return keras.Model(image, outputs, name="tower")


def build_siamese():
    """Build the `siamese` model."""
    tower = build_tower()
    left = keras.Input((105, 105, 1), name="left")
    right = keras.Input((105, 105, 1), name="right")

    # A model's bare name is one instance: both images meet the same weights.
    a = tower(left)
    b = tower(right)
    distance = ops.absolute(a - b)
    outputs = layers.Dense(1, activation="sigmoid", name="same")(distance)
    return keras.Model([left, right], outputs, name="siamese")


build_model = build_siamese


def compile_model(model):
    """Compile the model for training."""
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=0.001),
        loss="binary_crossentropy",
        metrics=["accuracy"],
    )


def train(model, x, y):
    """Train the model, and return the history."""
    return model.fit(x, y, batch_size=32, epochs=10)


def main():
    """Train the model on arrays and evaluate it: python model.py data.npz."""
    data = np.load(sys.argv[1])
    model = build_model()
    compile_model(model)
    model.summary()
    history = train(model, [data["left_train"], data["right_train"]], data["y_train"])
    for name, values in history.history.items():
        print(f"{name}: {values}")
    model.evaluate([data["left_test"], data["right_test"]], data["y_test"], verbose=2)


if __name__ == "__main__":
    main()
