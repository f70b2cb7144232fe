"""A model's loss and its gradients as a function on arrays."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import add
from typing import Any

import numpy as np

from graphc.analysis.weight_keys import keyed_weights
from graphc.diagnostics.fault import Fault
from graphc.diagnostics.suggest import did_you_mean
from graphc.ir.graph import ModelGraph
from graphc.ir.tensor import Tensor
from graphc.ir.types import TensorType
from graphc.ops.convert import as_tensor, cast
from graphc.passes.differentiate import gradients
from graphc.runtime.arguments import InputError, checked_inputs, need_numbers
from graphc.runtime.faults import check_runnable
from graphc.runtime.kernels.table import Array
from graphc.runtime.lookups import out_of_range
from graphc.runtime.lower import lower
from graphc.runtime.penalty import penalty
from graphc.runtime.train.examples import check_classes
from graphc.runtime.train.goals import Goal, goals_of, loss_of, weighted
from graphc.runtime.train.misfits import misfit
from graphc.runtime.train.program import Place, Program, State, Types, types_of
from graphc.runtime.weight_check import check_weights
from graphc.training.keys import TrainConfig


class ValueAndGrad:
    """A function of weights, inputs and targets: the loss, and its gradients by the weights' keys.

    A program is made for each combination of shapes that it is called with. Raises `NotRunnable`
    for a model with layers whose computation is not known, and `InputError` where losses or arrays
    do not fit.
    """

    def __init__(
        self, model: ModelGraph, train: TrainConfig, *, training: bool = False, seed: int = 0
    ) -> None:
        check_runnable(model)
        self.model = model
        self.training = training
        self.seed = seed
        self.goals = [goal for goal in goals_of(model, train) if goal.loss is not None]
        for goal in self.goals:
            _check(goal)
        self.inputs: dict[str, TensorType] = {
            record.name: record.layer.type for record in map(model.record, model.inputs)
        }
        self.weights = keyed_weights(model)
        self._programs: dict[tuple[Types, Types, Types], Program] = {}

    def __call__(
        self,
        weights: Mapping[str, Any],
        x: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        step: int = 0,
    ) -> tuple[Array, dict[str, Array]]:
        """The loss, and how it changes with each trainable weight.

        Inputs, targets and sample weights are arrays, or lists or dicts of them where there are
        several. What is drawn at random depends on the seed and the step alone.
        """
        inputs = checked_inputs(self.model.name, self.inputs, (x,), {})
        targets = self._by_output("target", y)
        for goal in self.goals:
            check_classes(goal, targets[goal.output])
        of_examples = {} if sample_weight is None else self._by_output("weight", sample_weight)
        check_weights(self.model.name, self.weights, weights)
        state: State = {
            **{("input", name): array for name, array in inputs.items()},
            **{("target", name): array for name, array in targets.items()},
            **{("sample_weight", name): array for name, array in of_examples.items()},
            **{("weight", key): np.asarray(weights[key]) for key in self.weights},
        }
        types = types_of(inputs), types_of(targets), types_of(of_examples)
        program = self._programs.get(types)
        if program is None:
            try:
                program = self._programs[types] = self._compile(*types)
            except Fault as fault:
                raise misfit(fault, self.model, self.goals, *map(dict, types)) from None
        try:
            results = program(state, step)
        except IndexError as error:
            given = {key: state["weight", key] for key in self.weights}
            training = self.training
            raise out_of_range(error, self.model, given, inputs, training=training) from None
        loss = results.pop(("loss",))
        return loss, {key: array for (_, key), array in results.items()}

    def _by_output(self, noun: str, given: Any) -> dict[str, Array]:
        names = [goal.output for goal in self.goals]
        if isinstance(given, Mapping):
            for name in given:
                if name not in names:
                    hint = did_you_mean(name, names)
                    raise InputError(
                        f"{self.model.name} has no loss of an output `{name}`{f'; {hint}' if hint else ''}"
                    )
        elif len(names) == 1:
            given = {names[0]: given}
        elif isinstance(given, (list, tuple)) and len(given) == len(names):
            given = dict(zip(names, given, strict=True))
        else:
            listed = ", ".join(f"`{name}`" for name in names)
            raise InputError(f"{self.model.name} needs a {noun} for each of {listed}")
        missing = [name for name in names if name not in given]
        if missing and noun == "target":
            raise InputError(f"{self.model.name} needs a {noun} for its output `{missing[0]}`")
        arrays = {name: np.asarray(given[name]) for name in names if name in given}
        for name, array in arrays.items():
            need_numbers(f"the {noun} of `{name}`", array.dtype)
        return arrays

    def _compile(self, inputs: Types, targets: Types, of_examples: Types) -> Program:
        lowered = lower(self.model, dict(inputs), training=self.training)
        parameters: list[tuple[Place, Tensor]] = [
            *((("input", name), tensor) for name, tensor in lowered.inputs.items()),
            *((("weight", key), tensor) for key, tensor in lowered.weights),
        ]

        def leaves(group: str, types: Types) -> dict[str, Tensor]:
            made = {name: Tensor(type) for name, type in types}
            parameters.extend(((group, name), tensor) for name, tensor in made.items())
            return made

        target, weight = leaves("target", targets), leaves("sample_weight", of_examples)
        parts = [
            weighted(goal, loss_of(goal, target[goal.output], output, weight.get(goal.output)))
            for goal in self.goals
            for output in (lowered.outputs[goal.output],)
        ]
        added = penalty(self.model, lowered)
        loss = reduce(add, parts, as_tensor(0.0, "float32"))
        loss = loss if added is None else loss + cast(added, "float32")
        sources = [(key, x) for key, x in lowered.weights if self.weights[key].is_trainable]
        (loss,), slopes = gradients(loss, [tensor for _, tensor in sources])
        totals: dict[Place, Tensor] = {}
        for (key, _), slope in zip(sources, slopes, strict=True):
            place = ("gradient", key)
            totals[place] = totals[place] + slope if place in totals else slope
        return Program(parameters, {("loss",): loss, **totals}, self.seed)


def _check(goal: Goal) -> None:
    try:
        assert goal.loss is not None
        goal.loss.check_output(goal.type)
    except Fault as fault:
        raise InputError(f"{goal.loss} of `{goal.output}` {fault.message}") from None
