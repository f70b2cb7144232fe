"""LeCun's convolutional network of 1998, for the 8 x 8 pixels of
samples/data/digits.npz: of its two poolings one is left.
"""

import sys

import keras
import numpy as np
from keras import layers


def build_digits_lenet():
    """Build the `digits_lenet` model."""
    image = keras.Input((8, 8, 1), name="image")
    x = layers.Rescaling(1 / 16)(image)
    x = layers.Conv2D(6, 3, padding="same", activation="relu")(x)
    x = layers.AveragePooling2D(2)(x)
    x = layers.Conv2D(16, 3, padding="same", activation="relu")(x)
    x = layers.Flatten()(x)
    x = layers.Dense(120, activation="relu")(x)
    x = layers.Dense(84, activation="relu")(x)
    outputs = layers.Dense(10, name="digit")(x)
    return keras.Model(image, outputs, name="digits_lenet")


build_model = build_digits_lenet


def compile_model(model):
    """Compile the model for training."""
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=0.002),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )


def train(model, x, y):
    """Train the model, and return the history."""
    return model.fit(x, y, epochs=20, batch_size=32)


def main():
    """Train the model on arrays and evaluate it: python model.py data.npz."""
    data = np.load(sys.argv[1])
    model = build_model()
    compile_model(model)
    model.summary()
    history = train(model, data["x_train"], data["y_train"])
    for name, values in history.history.items():
        print(f"{name}: {values}")
    model.evaluate(data["x_test"], data["y_test"], verbose=2)


if __name__ == "__main__":
    main()
