"""Linear regression by hand: a line through noisy points of y = 3 x + 2.
Two weights start far from the truth, and gradient descent finds w -> 3 and b -> 2.
"""

import sys

import keras
import numpy as np
from keras import layers, ops


@keras.saving.register_keras_serializable(package="graphc")
class Weight(layers.Layer):
    """A weight of the model's own; what it is called on ties it to the graph."""

    def __init__(self, weight_shape, initializer="glorot_uniform", **kwargs):
        super().__init__(**kwargs)
        self.weight_shape = tuple(weight_shape)
        self.initializer = keras.initializers.get(initializer)

    def build(self, input_shape):
        name = self.name.rpartition(".")[2]
        self.weight = self.add_weight(
            shape=self.weight_shape, initializer=self.initializer, name=name
        )

    def call(self, inputs):
        return ops.convert_to_tensor(self.weight)

    def compute_output_spec(self, inputs):
        return keras.KerasTensor(self.weight_shape, dtype=self.variable_dtype)

    def get_config(self):
        return {
            **super().get_config(),
            "weight_shape": self.weight_shape,
            "initializer": keras.initializers.serialize(self.initializer),
        }


def build_linear_regression():
    """Build the `linear_regression` model."""
    x = keras.Input((), name="x")  # one number per example
    w = Weight((), keras.initializers.Constant(5.0), name="w")(x)
    b = Weight((), keras.initializers.Constant(0.0), name="b")(x)
    outputs = w * x + b
    return keras.Model(x, outputs, name="linear_regression")


build_model = build_linear_regression


# The gradient of the loss moves each weight: w = w - 0.1 dw, b = b - 0.1 db.
def compile_model(model):
    """Compile the model for training."""
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss="mean_squared_error")


def train(model, x, y):
    """Train the model, and return the history."""
    return model.fit(
        x,
        y,
        epochs=20,
        batch_size=1_000,  # all points at once: one step an epoch
        shuffle=False,
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
