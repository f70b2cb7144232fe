"""Run by test_sharding: one training step on eight virtual devices, and on one, in Keras on JAX.

Prints JSON: how far the weights are apart after the step, and the all-reduces of a forward pass.
"""

from __future__ import annotations

import json
import os
import re
import sys

os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=8"
os.environ["KERAS_BACKEND"] = "jax"

import jax
import keras
import numpy as np

LAYERS, WIDTH, HEADS, TIME, BATCH = 2, 32, 4, 6, 8


def build() -> keras.Model:
    """The transformer of the test, by the names of its .net file."""
    x = inputs = keras.Input((TIME, WIDTH), name="x")
    for i in range(LAYERS):
        y = keras.layers.LayerNormalization(name=f"norm{i}")(x)
        attention = keras.layers.MultiHeadAttention(HEADS, WIDTH // HEADS, name=f"attention{i}")
        x = keras.layers.Add(name=f"add{i}")([x, attention(y, y)])
        y = keras.layers.LayerNormalization(name=f"again{i}")(x)
        y = keras.layers.Dense(4 * WIDTH, activation="gelu", name=f"up{i}")(y)
        y = keras.layers.Dense(WIDTH, name=f"down{i}")(y)
        x = keras.layers.Add(name=f"sum{i}")([x, y])
    return keras.Model(inputs, keras.layers.LayerNormalization(name="last")(x))


def stepped(model: keras.Model) -> list[np.ndarray]:
    random = np.random.default_rng(0)
    x = random.normal(size=(BATCH, TIME, WIDTH)).astype("float32")
    y = random.normal(size=(BATCH, TIME, WIDTH)).astype("float32")
    for variable in model.trainable_variables:
        variable.assign(random.normal(size=variable.shape, scale=0.1).astype("float32"))
    model.compile(keras.optimizers.SGD(0.1), "mean_squared_error")
    model.train_on_batch(x, y)
    return [np.asarray(variable.value) for variable in model.trainable_variables]


def all_reduces(model: keras.Model) -> int:
    """The sums over devices in the compiled forward pass."""
    x = np.zeros((BATCH, TIME, WIDTH), "float32")
    trained = [variable.value for variable in model.trainable_variables]
    rest = [variable.value for variable in model.non_trainable_variables]

    def forward(trained, rest, x):
        return model.stateless_call(trained, rest, x)[0]

    text = jax.jit(forward).lower(trained, rest, x).compile().as_text()
    return len(re.findall(r"= \S+ all-reduce(?:-start)?\(", text))


def main() -> None:
    rules = json.loads(sys.argv[1])
    alone = stepped(build())
    mesh = keras.distribution.DeviceMesh(
        (2, 4), ["batch", "model"], keras.distribution.list_devices()
    )
    layout = keras.distribution.LayoutMap(mesh)
    for pattern, axes in rules:
        layout[pattern] = tuple("model" if axis else None for axis in axes)
    keras.distribution.set_distribution(
        keras.distribution.ModelParallel(layout_map=layout, batch_dim_name="batch")
    )
    model = build()
    together = stepped(model)
    divided = sum(not v.value.sharding.is_fully_replicated for v in model.trainable_variables)
    far = max(float(abs(a - b).max()) for a, b in zip(alone, together, strict=True))
    print(json.dumps({"far": far, "all_reduces": all_reduces(model), "divided": divided}))


if __name__ == "__main__":
    main()
