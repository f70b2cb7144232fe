"""Histories as files."""

import csv
import json
import math

import keras
import numpy as np
import pytest

from graphc.analysis.history import Measured
from graphc.interop.history import HISTORY_ENDINGS, history_text

HISTORY = {"loss": [1.5, 0.25], "accuracy": [0.5, 1.0], "val_loss": [2.0, 1.0]}


def test_json_is_what_keras_holds():
    assert json.loads(history_text(HISTORY, "h.json")) == HISTORY


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_json_is_json_whatever_the_numbers(value):
    def refuse(constant):
        raise AssertionError(constant)

    text = history_text({"loss": [1.0, value], "f1": [[0.5, value]]}, "h.json")
    assert json.loads(text, parse_constant=refuse) == {"loss": [1.0, None], "f1": [[0.5, None]]}


def test_csv_reads_as_that_of_keras(tmp_path):
    # Keras sorts its columns by name; the order of training is ours.
    logger = keras.callbacks.CSVLogger(str(tmp_path / "theirs.csv"))
    logger.set_model(keras.Sequential([keras.layers.Dense(1)]))
    logger.on_train_begin()
    for epoch in range(2):
        logger.on_epoch_end(epoch, {name: values[epoch] for name, values in HISTORY.items()})
    logger.on_train_end()
    (tmp_path / "ours.csv").write_text(history_text(HISTORY, "h.csv"))
    ours, theirs = (
        list(csv.DictReader((tmp_path / name).read_text().splitlines()))
        for name in ("ours.csv", "theirs.csv")
    )
    assert ours == theirs


def test_csv_leaves_epochs_empty_without_validation():
    text = history_text({"loss": [4.0, 3.0, 2.0, 1.0], "val_loss": [3.5, 1.5]}, "h.csv")
    rows = [line.split(",") for line in text.splitlines()]
    assert rows == [
        ["epoch", "loss", "val_loss"],
        ["0", "4.0", ""],
        ["1", "3.0", "3.5"],
        ["2", "2.0", ""],
        ["3", "1.0", "1.5"],
    ]


def test_epochs_that_are_known_stand_where_they_were():
    history = {"loss": [3.0, 2.0, 1.0], "val_loss": [3.5]}
    text = history_text(history, "h.csv", Measured(4, (5,)))
    assert text == "epoch,loss,val_loss\n4,3.0,\n5,2.0,3.5\n6,1.0,\n"


@pytest.mark.parametrize("ending", HISTORY_ENDINGS)
def test_of_nothing(ending):
    assert history_text({}, f"h{ending}") in ("{}\n", "epoch\n")


def test_numbers_come_back_as_they_were():
    values = np.random.default_rng(0).normal(size=50).tolist()
    rows = list(csv.DictReader(history_text({"loss": values}, "h.csv").splitlines()))
    assert [float(row["loss"]) for row in rows] == values
