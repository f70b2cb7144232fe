"""Trains a sample on the digits, by steps alone."""

from pathlib import Path

import numpy as np

import graphc
from graphc.interop.data import open_dataset
from graphc.runtime.train.learner import Learner
from graphc.runtime.train.meter import Logs, Meter
from tests.samples.rows import SAMPLES, load

DIGITS = str(SAMPLES / "data" / "digits.npz")


class Trained:
    """A model after training: the loss of each epoch, and what it comes to on the test examples."""

    def __init__(self, name: str, *, epochs: int | None = None, seed: int = 0) -> None:
        self.model: graphc.Model = load(name)
        train = self.model.train
        graph = self.model.model_graph
        data = open_dataset(DIGITS, graph, "train", train)
        assert data.warnings == ()
        self.learner = Learner(graph, train, dict(self.model.init_weights(seed=seed)), seed)
        self.losses: list[float] = []
        for epoch in range(epochs or train.epochs):
            order = np.random.default_rng([seed, epoch]).permutation(data.size)
            meter = Meter(self.learner.goals)
            for start in range(0, data.size, train.batch_size):
                self.learner.train_on(data.rows(order[start : start + train.batch_size]), meter)
            self.losses.append(meter.loss)
        meter = Meter(self.learner.goals)
        test = open_dataset(DIGITS, graph, "test", train)
        self.learner.evaluate_on(test.rows(slice(None)), meter)
        self.tested: Logs = meter.logs()

    def save(self, path: Path) -> None:
        """Write the weights."""
        self.model.save_weights(path, self.learner.weights)
