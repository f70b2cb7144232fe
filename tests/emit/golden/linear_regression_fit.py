"""Linear regression as a Keras model: the keys of a train block are the arguments of
Keras' compile (optimizer, loss, metrics, run_eagerly) and fit (epochs, batch_size,
verbose).
"""

import sys

import keras
import numpy as np
from keras import layers


def build_linear_regression():
    """Build the `linear_regression` model."""
    x = keras.Input((1,), name="x")
    # What linear_regression.net writes with two weights is a Dense layer of one unit.
    outputs = layers.Dense(
        1, kernel_initializer=keras.initializers.Constant(5.0), name="line"
    )(x)
    return keras.Model(x, outputs, name="linear_regression")


build_model = build_linear_regression


def compile_model(model):
    """Compile the model for training."""
    model.compile(
        optimizer=keras.optimizers.SGD(learning_rate=0.1),
        loss=keras.losses.MeanSquaredError(),
        run_eagerly=False,
    )


def train(model, x, y):
    """Train the model, and return the history."""
    return model.fit(
        x,
        y,
        epochs=20,
        batch_size=1_000,  # the whole of the data
    )


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
