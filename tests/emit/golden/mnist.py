"""Handwritten digits: 28 x 28 grey pixels in, a score for each of the ten digits
out.
"""

import sys

import keras
import numpy as np
from keras import layers


def build_mnist_model():
    """Build the `mnist_model` model."""
    image = keras.Input((784,), name="image")  # the pixels in a row, divided by 255
    x = layers.Dense(64, activation="relu")(image)
    x = layers.Dense(64, activation="relu")(x)
    # scores, not probabilities: see from_logits
    outputs = layers.Dense(10, name="logits")(x)
    return keras.Model(image, outputs, name="mnist_model")


build_model = build_mnist_model


def compile_model(model):
    """Compile the model for training."""
    model.compile(
        optimizer=keras.optimizers.RMSprop(learning_rate=0.001),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )


def train(model, x, y):
    """Train the model, and return the history."""
    return model.fit(x, y, epochs=2, batch_size=64, validation_split=0.2)


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
