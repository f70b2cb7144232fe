"""A model that is trained, by the names that Keras has for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import numpy as np

from graphc.analysis.weight_keys import keyed_weights
from graphc.declare.definition import convert
from graphc.diagnostics.codes import CONFLICTING_ARGUMENTS, EXAMPLE_COUNT
from graphc.diagnostics.fault import Fault
from graphc.diagnostics.suggest import did_you_mean
from graphc.ir.graph import ModelGraph
from graphc.record import replace
from graphc.runtime.arguments import InputError
from graphc.runtime.batches import in_batches
from graphc.runtime.executable import Executable
from graphc.runtime.faults import check_runnable
from graphc.runtime.kernels.table import Array
from graphc.runtime.train.epochs import DEFAULT_BATCH
from graphc.runtime.train.examples import Examples, examples_of
from graphc.runtime.train.files import Files
from graphc.runtime.train.fit import Fit, evaluated
from graphc.runtime.train.history import History
from graphc.runtime.train.learner import Learner
from graphc.runtime.train.meter import Logs, Meter
from graphc.runtime.train.misfits import misfit, misfit_of
from graphc.runtime.train.report import Reporter
from graphc.runtime.weight_check import check_weights
from graphc.training.keys import TrainConfig

T = TypeVar("T")

FIT_KEYS = (
    *("batch_size", "epochs", "callbacks", "validation_split", "shuffle", "class_weight"),
    *("initial_epoch", "steps_per_epoch", "validation_steps", "validation_batch_size"),
    *("validation_freq", "verbose"),
)
"""The keys of train blocks that `fit` takes too, in place of what the block says."""


class Trainer:
    """Trains a model from these weights on, as its train block says.

    Raises `NotRunnable` for a model with layers whose computation is not known.
    """

    def __init__(
        self,
        model: ModelGraph,
        train: TrainConfig,
        weights: Mapping[str, Array],
        *,
        seed: int,
        files: Files,
        reporters: Callable[[TrainConfig], Reporter],
    ) -> None:
        check_runnable(model)
        check_weights(model.name, keyed_weights(model), weights)
        self.model = model
        self.train = train
        self.history: History = {}
        self.learner = Learner(model, train, dict(weights), seed)
        self._files = files
        self._reporters = reporters
        self._is_interrupted = False

    @property
    def weights(self) -> dict[str, Array]:
        """The weights as they are, by their paths."""
        return {key: array.copy() for key, array in self.learner.weights.items()}

    def fit(
        self,
        x: Any,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int | None = None,
        *,
        sample_weight: Any = None,
        validation_data: Any = None,
        checkpoint: str | None = None,
        resume: bool = False,
        **settings: Any,
    ) -> History:
        """Train, and give the losses and metrics of all epochs: those of Keras' `History.history`.

        Inputs, targets and sample weights are arrays, lists, or dicts by the names of inputs and
        outputs; `validation_data` is (x, y) or (x, y, sample_weight). What is not given is as the
        train block says; `settings` are those of `FIT_KEYS`. With `verbose=1` progress is shown,
        with 2 a line for each epoch. The file `checkpoint` is written after each epoch, and with
        `resume` it is gone on from, if it is there, to the result that a training without a break
        has.

        Raises `InputError` for arrays that do not fit the model, and `TrainingError` for losses
        that are no numbers and for checkpoints of something else.
        """
        if resume and checkpoint is None:
            raise InputError("fit needs `checkpoint`, the file to go on from, to resume")
        counts = {"batch_size": batch_size, "epochs": epochs}
        settings.update((name, count) for name, count in counts.items() if count is not None)
        train = self._train("fit", settings)
        examples = self._examples(x, y, sample_weight)
        validation = None
        if validation_data is not None:
            is_given = isinstance(validation_data, Examples)
            parts = (validation_data,) if is_given else _parts(validation_data)
            validation = self._examples(*parts)
        elif train.validation_split:
            examples, validation = examples.divided(train.validation_split)
            if not examples.size or not validation.size:
                raise misfit_of(
                    train, "validation_split", code=EXAMPLE_COUNT,
                    message=f"validation_split={train.validation_split} leaves nothing of "
                    f"{examples.size + validation.size} examples",
                )  # fmt: skip
        if train.class_weight is not None:
            fault = None
            if len(examples.targets) != 1:
                fault = f"class_weight needs one target, got {len(examples.targets)}"
            elif examples.weights:
                fault = "class_weight and sample weights cannot be given together"
            if fault is not None:
                raise misfit_of(train, "class_weight", code=CONFLICTING_ARGUMENTS, message=fault)
            examples = replace(examples, class_weight=train.class_weight)
        self._is_interrupted = False
        fit = Fit(
            self.learner, train, examples, validation, self._files, self._reporters(train),
            lambda: self._is_interrupted, checkpoint,
        )  # fmt: skip
        self.history = fit.history
        return self._explained(examples, lambda: fit.run(resume=resume))

    def evaluate(
        self,
        x: Any,
        y: Any = None,
        batch_size: int | None = None,
        *,
        sample_weight: Any = None,
        steps: int | None = None,
        verbose: str | int = "auto",
    ) -> Logs:
        """The loss and the metrics by name; `verbose` shows them as that of `fit` does."""
        _check_counts("evaluate", batch_size=batch_size, steps=steps)
        reporter = self._reporters(self._train("evaluate", {"verbose": verbose}))
        examples = self._examples(x, y, sample_weight)
        meter = Meter(self.learner.goals)
        logs = self._explained(
            examples, lambda: evaluated(self.learner, meter, examples, batch_size, steps)
        )
        reporter.evaluated(logs)
        return logs

    def predict(self, x: Any, batch_size: int | None = None, *, verbose: str | int = "auto") -> Any:
        """The output for all examples; a dict of several outputs. There is nothing to show."""
        _check_counts("predict", batch_size=batch_size)
        self._train("predict", {"verbose": verbose})
        run = Executable(self.model, self.learner.weights, self.learner.seed)
        results = in_batches(run, x, batch_size or DEFAULT_BATCH)
        return next(iter(results.values())) if len(results) == 1 else results

    def interrupt(self) -> None:
        """Have `fit` stop before its next batch; it raises `Interrupted` then."""
        self._is_interrupted = True

    def _examples(self, x: Any, y: Any = None, sample_weight: Any = None) -> Examples:
        return examples_of(self.model, self.learner.goals, x, y, sample_weight)

    def _train(self, what: str, settings: Mapping[str, Any]) -> TrainConfig:
        for name in settings:
            if name not in FIT_KEYS:
                hint = did_you_mean(name, list(FIT_KEYS))
                raise TypeError(f"fit has no argument {name}{'; ' if hint else ''}{hint or ''}")
        try:
            given = {
                name: convert(TrainConfig, name, _plain(value)) for name, value in settings.items()
            }
            return self.train.changed(given)
        except Fault as fault:
            raise InputError(f"{what} {fault.message}") from None

    def _explained(self, examples: Examples, work: Callable[[], T]) -> T:
        """What some work gives; what cannot be computed is named, with its place."""
        try:
            return work()
        except Fault as fault:
            types = examples.rows(slice(0, min(examples.size, DEFAULT_BATCH))).types
            given = map(dict, (types.inputs, types.targets, types.weights))
            raise misfit(fault, self.model, self.learner.goals, *given) from None


def _parts(validation: Any) -> tuple[Any, ...]:
    if not isinstance(validation, (tuple, list)) or len(validation) not in (2, 3):
        raise InputError("fit needs `validation_data` to be (x, y) or (x, y, sample_weight)")
    return tuple(validation)


def _plain(value: Any) -> Any:
    """NumPy's numbers as Python's, those of class weights too."""
    if isinstance(value, Mapping):
        return {_plain(name): _plain(item) for name, item in value.items()}
    return value.item() if isinstance(value, np.generic) else value


def _check_counts(what: str, **counts: Any) -> None:
    for name, count in counts.items():
        if count is not None and (not isinstance(count, (int, np.integer)) or count < 1):
            raise InputError(f"{what} needs `{name}` to be a positive whole number, got {count}")
