"""The models of the forward benchmark: where they stand, their weights and inputs, and the aims."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import graphc

HERE = Path(__file__).parent
SAMPLES = HERE.parents[1] / "samples"


@dataclass(frozen=True)
class Case:
    """A model, the larger batch it is measured at, and what is aimed for.

    An aim is the largest ratio of our time to a peer's: at batch 1, and at larger ones.
    """

    path: Path
    large: int
    aims: dict[str, tuple[float, float]]
    arena_megabytes: float | None = None
    """At batch 1."""


def _case(
    path: Path,
    large: int,
    onnxruntime: tuple[float, float],
    function: float = 1,
    keras_numpy: float = 1,
    arena: float | None = None,
) -> Case:
    aims = {
        "onnxruntime": onnxruntime,
        "keras-tensorflow": (function, function),
        "keras-numpy": (keras_numpy, keras_numpy),
    }
    return Case(path, large, aims, arena)


OWN = HERE / "forward.net"
CASES = {
    "mlp": _case(OWN, 32, (1.1, 1.8)),
    "lenet": _case(OWN, 32, (2.8, 2.8)),
    "autoencoder": _case(SAMPLES / "autoencoder_models.net", 32, (2.8, 2.8)),
    "resnet50": _case(SAMPLES / "resnet50.net", 8, (1.5, 1.4), keras_numpy=1 / 2.8, arena=15),
    "mobilenet_v2": _case(
        SAMPLES / "mobilenet_v2.net", 8, (2.8, 2.5), function=1.25, keras_numpy=1 / 9, arena=5
    ),
    "transformer": _case(OWN, 8, (1.5, 1.2)),
    "lstm": _case(OWN, 32, (2.4, 1.7)),
}


def load(name: str) -> graphc.Model:
    """The model of a case."""
    return graphc.load(CASES[name].path, model=name)


def weights_of(model: graphc.Model) -> dict[str, Any]:
    """Weights as after some training: nothing that a fresh model has zero or one is left so."""
    random = np.random.default_rng(0)
    weights = model.init_weights(seed=0)
    for key, array in weights.items():
        part = key.rsplit("/", 1)[-1]
        if part == "gamma":
            weights[key] = random.uniform(0.6, 1.2, array.shape)
        elif part == "moving_variance":
            weights[key] = random.uniform(0.3, 1, array.shape)
        elif part in {"beta", "bias", "moving_mean"}:
            weights[key] = array + random.normal(0, 0.1, array.shape)
    return {key: np.asarray(array, np.float32) for key, array in weights.items()}


def input_of(model: graphc.Model, batch: int) -> Any:
    """Numbers for the only input."""
    (type,) = model.inputs.values()
    shape = (batch, *type.shape[1:])
    return np.random.default_rng(1).uniform(-1, 1, shape).astype(np.float32)
