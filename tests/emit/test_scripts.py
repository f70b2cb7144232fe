"""Emitted programs as scripts: `python model.py data.npz` trains, tells how it went, evaluates."""

from __future__ import annotations

import ast
import os
import subprocess
import sys

import numpy as np
import pytest

from tests.emit.built import emitted_file
from tests.emit.test_samples import FILES
from tests.emit.values import drawn_inputs, drawn_targets

REPEATS = 5
"""How often the examples stand in the data where some are left to validate with."""
QUICK = ("linear_regression_fit", "two_inputs")
TRAINED = [path for path in FILES if "\ntrain " in path.read_text(encoding="utf-8")]


def _data(model):
    """The arrays under the names that the program reads, and `graphc train`."""
    arrays = {}
    repeats = REPEATS if model.train.validation_split else 1
    for key, names, drawn in (
        ("x", list(model.inputs), drawn_inputs(model)),
        ("y", list(model.outputs), drawn_targets(model)),
    ):
        for name, array in zip(names if len(names) > 1 else [key], drawn, strict=True):
            for part in ("train", "test"):
                arrays[f"{name}_{part}"] = np.concatenate([array] * repeats)
    return arrays


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=path.stem, marks=[] if path.stem in QUICK else pytest.mark.slow)
        for path in TRAINED
    ],
)
def test_trains_and_evaluates(path, tmp_path):
    model, program = emitted_file(path)
    (tmp_path / "model.py").write_text(program, encoding="utf-8")
    np.savez(tmp_path / "data.npz", **_data(model))
    done = subprocess.run(
        [sys.executable, "model.py", "data.npz"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "KERAS_BACKEND": "jax"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (line,) = [each for each in done.stdout.splitlines() if each.startswith("loss: [")]
    losses = ast.literal_eval(line.removeprefix("loss: "))
    assert len(losses) == model.train.epochs
    assert np.isfinite(losses).all()
    assert ("val_loss: [" in done.stdout) == bool(model.train.validation_split)
    *_, last = done.stdout.splitlines()
    assert last.startswith("1/1 - ")
    assert "loss: " in last
