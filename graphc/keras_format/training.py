"""Train blocks as the configuration that Keras compiles a model from."""

from __future__ import annotations

from typing import Any

from graphc.keras_format.values import plain
from graphc.training.keys import TrainConfig

_KEYS = (
    *("optimizer", "loss", "loss_weights", "metrics", "weighted_metrics", "run_eagerly"),
    *("steps_per_execution", "jit_compile", "auto_scale_loss"),
)


def compile_config(train: TrainConfig | None) -> dict[str, Any] | None:
    """The arguments of `compile`; None for a model without a train block."""
    if train is None:
        return None
    return {key: plain(getattr(train, key)) for key in _KEYS}
