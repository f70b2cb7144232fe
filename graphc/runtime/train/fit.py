"""The loop over epochs and batches."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from math import nan
from typing import Any

import numpy as np

from graphc.runtime.train.epochs import Epochs, batch_size_for
from graphc.runtime.train.examples import Examples
from graphc.runtime.train.faults import Interrupted, LossNotANumber
from graphc.runtime.train.files import Files
from graphc.runtime.train.history import History, add_epoch, quantities
from graphc.runtime.train.learner import Learner
from graphc.runtime.train.meter import Logs, Meter
from graphc.runtime.train.not_a_number import explanation
from graphc.runtime.train.report import Reporter
from graphc.runtime.train.resume import Position, position_of, whole_snapshot
from graphc.runtime.train.watchers import watchers_of
from graphc.training.callbacks import BackupAndRestore, TerminateOnNaN
from graphc.training.keys import TrainConfig


class Fit:
    """One training, as `train` says, on these examples: what callbacks know as their `Run`.

    `checkpoint` names a file that always has all it takes to go on; `is_interrupted` is asked
    before each batch.
    """

    def __init__(
        self,
        learner: Learner,
        train: TrainConfig,
        examples: Examples,
        validation: Examples | None,
        files: Files,
        reporter: Reporter,
        is_interrupted: Callable[[], bool],
        checkpoint: str | None = None,
    ) -> None:
        self.learner = learner
        self.train = train
        self.epochs = train.epochs
        self.is_stopping = False
        self.examples = examples
        self.validation = validation
        self.files = files
        self.reporter = reporter
        self.is_interrupted = is_interrupted
        self.checkpoint = checkpoint
        self.history: History = {}
        self.meter = Meter(learner.goals)
        self.judge = Meter(learner.goals)
        steps = train.steps_per_epoch
        size = batch_size_for(examples.size, train.batch_size, steps)
        self.plan = Epochs(
            examples.size, size, steps, train.shuffle, learner.seed, train.initial_epoch
        )
        self.quantities = quantities(
            learner.goals, validates=validation is not None and self._validates_always()
        )
        self.watchers = watchers_of(train.callbacks or (), self)

    def run(self, *, resume: bool = False) -> History:
        """Train to the last epoch, from where a checkpoint is if there is one to go on from."""
        start = self._position(resume=resume)
        is_resumed = start is not None
        for watcher in self.watchers:
            watcher.begin(is_resumed=is_resumed)
        position = start or Position(self.train.initial_epoch, 0)
        self.is_stopping = position.is_last
        try:
            for epoch in range(position.epoch, self.epochs):
                if self.is_stopping:
                    break
                self._epoch(epoch, position.batch if epoch == position.epoch else 0)
        finally:
            self.reporter.close()
        for watcher in self.watchers:
            watcher.epochs_end()
        averages = self.learner.averages
        self.learner.weights.update((key, array.copy()) for key, array in averages.items())
        for watcher in self.watchers:
            watcher.end()
        return self.history

    def _position(self, *, resume: bool) -> Position | None:
        backups = [
            f"{each.backup_dir}/training.npz"
            for each in self.train.callbacks or ()
            if isinstance(each, BackupAndRestore)
        ]
        for path in [*([self.checkpoint] if resume and self.checkpoint else []), *backups]:
            snapshot = self.files.read_snapshot(path)
            if snapshot is not None:
                return position_of(snapshot, self, path)
        return None

    def _epoch(self, epoch: int, begun: int) -> None:
        batches = self.plan.batches(epoch)
        self.reporter.epoch_begin(epoch, self.epochs, len(batches))
        for watcher in self.watchers:
            watcher.epoch_begin(epoch)
        if not begun:
            self.meter.start()
        is_finite = True
        for number, rows in islice(enumerate(batches), begun, None):
            if self.is_interrupted():
                self._interrupt(epoch, number)
            is_finite = self._step(epoch, number, rows)
            if not is_finite:
                self.is_stopping = True
                break
            for watcher in self.watchers:
                watcher.batch_end(epoch, number, self.meter.logs)
            self.reporter.batch_end(number, self.meter.logs)
        logs = self.meter.logs()
        if not is_finite:
            logs["loss"] = nan
        if self.validation is not None and self.train.validates(epoch):
            logs.update((f"val_{name}", value) for name, value in self._validated().items())
        for watcher in self.watchers:
            watcher.epoch_end(epoch, logs)
        add_epoch(self.history, logs)
        self.reporter.epoch_end(logs)
        for watcher in self.watchers:
            watcher.epoch_saved(epoch)
        if self.checkpoint is not None:
            self.save_checkpoint(self.checkpoint, epoch + 1, 0)

    def _step(self, epoch: int, number: int, rows: Any) -> bool:
        """Train on a batch; False where its loss is no number, and a callback wants to end so."""
        batch = self.examples.rows(rows)
        loss = self.learner.train_on(batch, self.meter)
        if np.isfinite(loss):
            return True
        found = explanation(self.learner, batch, loss, epoch, number)
        for each in self.train.callbacks or ():
            if isinstance(each, TerminateOnNaN) and not each.raise_error:
                self.say(f"{found.message}; training ends with the weights of before")
                return False
        raise LossNotANumber([found])

    def _validates_always(self) -> bool:
        every = self.train.validation_freq
        # Of a list, all() comes to an end where it does.
        epochs = range(self.train.initial_epoch, self.train.epochs)
        return every == 1 if isinstance(every, int) else all(map(self.train.validates, epochs))

    def _validated(self) -> Logs:
        assert self.validation is not None
        for watcher in self.watchers:
            watcher.evaluation_begin()
        size = self.train.validation_batch_size or self.train.batch_size
        steps = self.train.validation_steps
        logs = evaluated(self.learner, self.judge, self.validation, size, steps)
        for watcher in self.watchers:
            watcher.evaluation_end()
        return logs

    def _interrupt(self, epoch: int, batch: int) -> None:
        if self.checkpoint is not None:
            self.save_checkpoint(self.checkpoint, epoch, batch)
        raise Interrupted(epoch, self.checkpoint)

    def say(self, text: str) -> None:
        """Tell the user something."""
        self.reporter.say(text)

    def save_model(self, path: str, *, weights_only: bool) -> None:
        """Write the model with its weights, or these alone."""
        self.files.save_model(path, self.learner.weights, weights_only=weights_only)

    def save_checkpoint(self, path: str, epoch: int, batch: int) -> None:
        """Write all that it takes to go on from a batch of an epoch."""
        self.files.write_snapshot(
            path, whole_snapshot(self, Position(epoch, batch, self.is_stopping))
        )


def evaluated(
    learner: Learner, meter: Meter, examples: Examples, batch_size: int | None, steps: int | None
) -> Logs:
    """The loss and the metrics over examples, in order; over the first batches with `steps`."""
    size = batch_size_for(examples.size, batch_size, steps)
    plan = Epochs(examples.size, size, steps, shuffle=False)
    meter.start()
    for rows in plan.batches(0):
        learner.evaluate_on(examples.rows(rows), meter)
    return meter.logs()
