"""What a model is trained with, said in Python: the keys of train blocks as arguments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphc.declare.definition import convert
from graphc.diagnostics.fault import Fault
from graphc.diagnostics.suggest import did_you_mean
from graphc.ir.graph import ModelGraph
from graphc.runtime.train.goals import goals_of
from graphc.training.keys import TrainConfig

_PER_OUTPUT = ("loss", "metrics", "weighted_metrics", "loss_weights")


def configured(
    model: ModelGraph, block: TrainConfig | None, settings: Mapping[str, Any]
) -> TrainConfig:
    """A train block with settings in place of what it says, or without one, of settings alone.

    Raises `TypeError` for what is no key, and `ValueError` for what does not fit the model.
    """
    for name in settings:
        if name not in TrainConfig.arguments:
            hint = did_you_mean(name, list(TrainConfig.arguments))
            raise TypeError(f"trainer has no argument {name}{f'; {hint}' if hint else ''}")
    if block is None and "loss" not in settings:
        raise ValueError(f"{model.name} has no train block: trainer needs a loss")
    try:
        given = {name: convert(TrainConfig, name, value) for name, value in settings.items()}
        train = block.changed(given) if block else TrainConfig.from_values(given)
    except Fault as fault:
        raise ValueError(f"trainer {fault.message}") from None
    _check_outputs(model, train)
    return train


def _check_outputs(model: ModelGraph, train: TrainConfig) -> None:
    names = [output.name for output in model.outputs]
    for key in _PER_OUTPUT:
        try:
            train.check_form(key, model.name, names)
        except Fault as fault:
            raise ValueError(fault.message) from None
    for goal in goals_of(model, train):
        measures = [goal.loss, *(measured.metric for measured in goal.metrics)]
        for each in measures:
            try:
                if each is not None:
                    each.check_output(goal.type)
            except Fault as fault:
                raise ValueError(f"{each} of `{goal.output}` {fault.message}") from None
