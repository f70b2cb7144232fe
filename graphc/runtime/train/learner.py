"""A model's weights, what its optimizer remembers, and the steps that change them."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphc.analysis.weight_keys import keyed_weights
from graphc.ir.graph import ModelGraph
from graphc.record import Record
from graphc.runtime.kernels.table import Array
from graphc.runtime.lookups import out_of_range
from graphc.runtime.plan.constants import own
from graphc.runtime.train.goals import goals_of
from graphc.runtime.train.meter import Meter
from graphc.runtime.train.program import Program, State, types_of
from graphc.runtime.train.step import (
    IS_FINITE,
    LOSS,
    RATE,
    SCALE,
    STEPS,
    BatchTypes,
    evaluation_step,
    inner,
    training_step,
)
from graphc.training.keys import TrainConfig
from graphc.training.optimize import Phase, phase_of
from graphc.training.optimizers import LossScaleOptimizer
from graphc.training.schedules import Schedule


class Batch(Record):
    """Examples: inputs by their names, targets and weights by those of the outputs."""

    inputs: dict[str, Array]
    targets: dict[str, Array]
    weights: dict[str, Array]

    __hash__ = object.__hash__

    @property
    def types(self) -> BatchTypes:
        """What a program for batches like this one is made for."""
        return BatchTypes(*map(types_of, (self.inputs, self.targets, self.weights)))


class Learner:
    """What training changes: `weights` by their keys, and the optimizer's state.

    Arrays are changed in place: who keeps some of before has to copy.
    """

    def __init__(
        self, model: ModelGraph, train: TrainConfig, weights: dict[str, Array], seed: int
    ) -> None:
        self.model = model
        self.train = train
        self.optimizer = train.optimizer
        self.goals = goals_of(model, train)
        self.seed = seed
        self.weights = {key: own(np.asarray(array)) for key, array in weights.items()}
        self.steps = 0
        """Those that the optimizer has taken."""
        self.batches = 0
        """Those that were trained on: more than the steps, where losses were scaled too far."""
        rate = inner(self.optimizer).learning_rate
        self.rate = 0.0 if isinstance(rate, Schedule) else float(rate)
        self.scale = float(getattr(self.optimizer, "initial_scale", 1.0))
        self.good_steps = 0
        """Steps since the scale of losses changed."""
        owned = keyed_weights(model)
        self.trainable = {key: None for key, weight in owned.items() if weight.is_trainable}
        self.remembered = self._start()
        self._steps: dict[tuple[BatchTypes, Phase], Program] = {}
        self._evaluations: dict[BatchTypes, Program] = {}

    def _start(self) -> State:
        """What the optimizer begins with."""
        state: State = {}
        optimizer = inner(self.optimizer)
        for key in self.trainable:
            array = self.weights[key]
            slots = optimizer.slots(array.shape, key)
            common = len(slots) - len(optimizer.own_slots(array.shape, key))
            for place, shape in enumerate(slots):
                begin = 0.0 if place < common else optimizer.start(array, place - common)
                filled = np.broadcast_to(np.asarray(begin, array.dtype), shape)
                state["slot", key, str(place)] = own(filled)
        for place, shape in enumerate(optimizer.own_counters):
            state["counter", str(place)] = np.ones(shape, np.float32)
        return state

    def train_on(self, batch: Batch, meter: Meter) -> float:
        """Take a step, and give its loss: where that is no number, nothing changes."""
        phase = phase_of(inner(self.optimizer), self.steps)
        given = {
            **self._given(batch, meter),
            **self.remembered,
            STEPS: np.asarray(self.steps, np.int32),
            RATE: np.asarray(self.rate, np.float32),
            SCALE: np.asarray(self.scale, np.float32),
        }
        types = batch.types
        step = self._step(types, phase)
        try:
            measured = step(given, self.batches)
        except IndexError as error:
            raise self._out_of_range(error, batch, training=True) from None
        loss = float(measured[LOSS])
        if np.isfinite(loss):
            self.batches += 1
            meter.add(measured, types.size)
            is_finite = bool(measured.get(IS_FINITE, True))
            later = step.go_on() if is_finite else {}
            self._take(measured | later)
            self.steps += is_finite
            if isinstance(self.optimizer, LossScaleOptimizer):
                self._rescale(self.optimizer, is_finite=is_finite)
        return loss

    def evaluate_on(self, batch: Batch, meter: Meter) -> None:
        """Add the loss and the metrics of a batch to the meter's."""
        types = batch.types
        program = self._evaluations.get(types)
        if program is None:
            program = evaluation_step(self.model, self.goals, types, self.seed)
            self._evaluations[types] = program
        try:
            results = program(self._given(batch, meter))
        except IndexError as error:
            raise self._out_of_range(error, batch, training=False) from None
        meter.add(results, types.size)

    def _out_of_range(self, error: IndexError, batch: Batch, *, training: bool) -> Exception:
        return out_of_range(error, self.model, self.weights, batch.inputs, training=training)

    def _given(self, batch: Batch, meter: Meter) -> State:
        return {
            **{("input", name): array for name, array in batch.inputs.items()},
            **{("target", name): array for name, array in batch.targets.items()},
            **{("sample_weight", name): array for name, array in batch.weights.items()},
            **{("weight", key): array for key, array in self.weights.items()},
            **meter.state,
        }

    def _step(self, types: BatchTypes, phase: Phase) -> Program:
        """A step on such batches."""
        found = self._steps.get((types, phase))
        if found is None:
            found = training_step(self.model, self.goals, self.optimizer, types, phase, self.seed)
            self._steps[types, phase] = found
        return found

    def _take(self, results: State) -> None:
        """Keep what a step has made and not put into its place."""
        for place, array in results.items():
            group, *rest = place
            if group == "weight":
                _put(self.weights, rest[0], array)
            elif group in ("slot", "counter"):
                _put(self.remembered, place, array)

    def _rescale(self, optimizer: LossScaleOptimizer, *, is_finite: bool) -> None:
        """Double the scale of losses after enough good steps, and halve it after a bad one."""
        self.good_steps = self.good_steps + 1 if is_finite else 0
        if not is_finite:
            self.scale *= 0.5
        elif self.good_steps == optimizer.dynamic_growth_steps:
            self.scale *= 2
            self.good_steps = 0

    @property
    def averages(self) -> dict[str, Array]:
        """The moving averages of the weights, where the optimizer keeps them."""
        if not inner(self.optimizer).use_ema or not self.steps:
            return {}
        return {key: self.remembered["slot", key, "0"] for key in self.trainable}


def _put(arrays: dict[Any, Array], place: Any, array: Array) -> None:
    """Put values where programs look for them: into the array that is there, if they fit it."""
    there = arrays[place]
    if there is array:
        return
    if (there.shape, there.dtype) == (array.shape, array.dtype) and there.flags.writeable:
        there[...] = array
    else:
        arrays[place] = array
