"""Train blocks as the configuration that Keras compiles a model from."""

from __future__ import annotations

from typing import Any

from graphc.ir.graph import ModelGraph
from graphc.keras_format.outputs import by_outputs
from graphc.keras_format.values import plain
from graphc.training.keys import TrainConfig

_KEYS = (
    *("optimizer", "loss", "loss_weights", "metrics", "weighted_metrics", "run_eagerly"),
    *("steps_per_execution", "jit_compile", "auto_scale_loss"),
)


def compile_config(train: TrainConfig | None, model: ModelGraph) -> dict[str, Any] | None:
    """The arguments of `compile`; None for a model without a train block."""
    if train is None:
        return None
    return {key: plain(by_outputs(getattr(train, key), model, train)) for key in _KEYS}
