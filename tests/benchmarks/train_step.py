"""CPU time of a training step beside peers', on one core: `python tests/benchmarks/train_step.py`.

Keras on TensorFlow and torch are measured where they are installed (the extra `bench`). All take turns
in one process, and the best of many steps counts: wall time on shared cores says little.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import graphc
from graphc.runtime.train.learner import Batch
from graphc.runtime.train.meter import Meter

BATCH = 64
ONE_CORE = {
    **dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    "KERAS_BACKEND": "tensorflow",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}
"""What has to be in the environment before anything is imported."""
CLASSES = "loss = SparseCategoricalCrossentropy(from_logits=True)"
MODELS = {
    "mlp": f"""
model mlp {{
    input x: [784]
    h = x -> Dense(512, relu) -> Dense(512, relu)
    output h -> Dense(10) as out
}}
train mlp {{
    {CLASSES}
    optimizer = Adam()
}}
""",
    "lenet": f"""
model lenet {{
    input x: [28, 28, 1]
    h = x -> Conv2D(6, 5, activation=relu, padding="same") -> MaxPooling2D(2) -> Conv2D(16, 5, activation=relu)
    f = h -> MaxPooling2D(2) -> Flatten() -> Dense(120, relu) -> Dense(84, relu)
    output f -> Dense(10) as out
}}
train lenet {{
    {CLASSES}
    optimizer = Adam()
}}
""",
    "autoencoder": """
model autoencoder {
    input x: [28, 28, 1]
    h = x -> Conv2D(16, 3, activation=relu) -> Conv2D(32, 3, activation=relu) -> MaxPooling2D(3)
    e = h -> Conv2D(32, 3, activation=relu) -> Conv2D(16, 3, activation=relu)
    d = e -> GlobalMaxPooling2D() -> Reshape([4, 4, 1])
    u = d -> Conv2DTranspose(16, 3, activation=relu) -> Conv2DTranspose(32, 3, activation=relu)
    v = u -> UpSampling2D(3) -> Conv2DTranspose(16, 3, activation=relu)
    output v -> Conv2DTranspose(1, 3, activation=relu) as out
}
train autoencoder {
    loss      = MeanSquaredError()
    optimizer = Adam()
}
""",
}


def data(model: graphc.Model) -> tuple[Any, Any]:
    """A batch of inputs and targets."""
    random = np.random.default_rng(0)
    x = random.random((BATCH, *model.inputs["x"].shape[1:])).astype("float32")
    return x, x if model.name == "autoencoder" else random.integers(0, 10, BATCH).astype("int32")


def ours(model: graphc.Model, x: Any, y: Any) -> Callable[[], Any]:
    learner = model.trainer().learner
    meter, batch = Meter(learner.goals), Batch({"x": x}, {"out": y}, {})
    return lambda: learner.train_on(batch, meter)


def keras_tf(model: graphc.Model, x: Any, y: Any) -> Callable[[], Any]:
    import keras
    import tensorflow as tf

    if not tf.config.threading.get_intra_op_parallelism_threads():
        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    config = model.keras_json()
    training = config.pop("compile_config")
    made = keras.saving.deserialize_keras_object(config)
    made.compile_from_config(training)
    return lambda: made.train_on_batch(x, y)


def torch_eager(model: graphc.Model, x: Any, y: Any) -> Callable[[], Any]:
    import torch
    from torch import nn

    torch.set_num_threads(1)
    made = {
        "mlp": lambda: nn.Sequential(
            nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10)
        ),
        "lenet": lambda: nn.Sequential(
            nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5),
            nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(400, 120), nn.ReLU(),
            nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
        ),
        "autoencoder": lambda: nn.Sequential(
            nn.Conv2d(1, 16, 3), nn.ReLU(), nn.Conv2d(16, 32, 3), nn.ReLU(), nn.MaxPool2d(3),
            nn.Conv2d(32, 32, 3), nn.ReLU(), nn.Conv2d(32, 16, 3), nn.ReLU(),
            nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Unflatten(1, (1, 4, 4)),
            nn.ConvTranspose2d(1, 16, 3), nn.ReLU(), nn.ConvTranspose2d(16, 32, 3), nn.ReLU(),
            nn.Upsample(scale_factor=3), nn.ConvTranspose2d(32, 16, 3), nn.ReLU(),
            nn.ConvTranspose2d(16, 1, 3), nn.ReLU(),
        ),
    }[model.name]()  # fmt: skip
    given = torch.tensor(x if x.ndim == 2 else np.moveaxis(x, -1, 1))
    wanted = given if model.name == "autoencoder" else torch.tensor(y, dtype=torch.long)
    loss = nn.MSELoss() if model.name == "autoencoder" else nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(made.parameters())

    def step() -> float:
        optimizer.zero_grad()
        found = loss(made(given), wanted)
        found.backward()
        optimizer.step()
        return float(found)

    return step


PEERS = {"torch": torch_eager, "keras-tf": keras_tf}


def best(steps: dict[str, Callable[[], Any]], seconds: float) -> dict[str, float]:
    """The least CPU milliseconds of a step of each, taken in turns."""
    for step in steps.values():
        for _ in range(3):
            step()
    found = dict.fromkeys(steps, float("inf"))
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for name, step in steps.items():
            start = time.process_time()
            step()
            found[name] = min(found[name], (time.process_time() - start) * 1e3)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*", default=list(MODELS))
    parser.add_argument("--seconds", type=float, default=15, help="for each model")
    options = parser.parse_args()
    if any(os.environ.get(name) != value for name, value in ONE_CORE.items()):
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | ONE_CORE)
    for name in options.models:
        model = graphc.parse(MODELS[name])
        x, y = data(model)
        steps = {"graphc": ours(model, x, y)}
        for peer, make in PEERS.items():
            try:
                steps[peer] = make(model, x, y)
            except ImportError as error:
                print(f"{name}: {peer} is left out: {error}")
        found = best(steps, options.seconds)
        for peer, milliseconds in found.items():
            ratio = found["graphc"] / milliseconds
            print(f"{name:12} {peer:9} {milliseconds:8.2f} ms  graphc takes {ratio:.2f} of it")


if __name__ == "__main__":
    main()
