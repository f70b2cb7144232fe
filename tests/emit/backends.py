"""Texts as programs on all of Keras' backends: the same layers there, and the same values."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from graphc.model import Model
from tests.emit.built import OPERATIONS, dims
from tests.emit.on_backend import arrays, widened
from tests.emit.values import (
    assert_close,
    drawn_inputs,
    drawn_targets,
    drawn_weights,
    reference,
)

ROOT = Path(__file__).parents[2]
BACKENDS = ("numpy", "tensorflow", "jax")


def run_everywhere(
    programs: Mapping[str, tuple[Model, str]], folder: Path, backends: tuple[str, ...] = BACKENDS
) -> dict[str, dict[str, Any]]:
    """What each backend says of each program, one process for each of them; by backend and name."""
    for name, (model, program) in programs.items():
        (folder / f"{name}.py").write_text(program, encoding="utf-8")
        np.savez(folder / f"{name}.weights.npz", *map(widened, drawn_weights(model).values()))
        np.savez(folder / f"{name}.inputs.npz", *map(widened, drawn_inputs(model)))
        if model.train is not None:
            np.savez(folder / f"{name}.targets.npz", *drawn_targets(model))
    started = {backend: _start(backend, folder) for backend in backends}
    found = {}
    for backend, process in started.items():
        said = process.communicate()[0]
        assert process.returncode == 0, said
        found[backend] = json.loads((folder / f"{backend}.json").read_text("utf-8"))
    return found


def _start(backend: str, folder: Path) -> subprocess.Popen[str]:
    environment = {
        **os.environ, "KERAS_BACKEND": backend, "JAX_PLATFORMS": "cpu", "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_ENABLE_ONEDNN_OPTS": "0",
    }  # fmt: skip
    return subprocess.Popen(
        [sys.executable, "-m", "tests.emit.on_backend", str(folder)],
        cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def our_layers(rows: Any) -> list[Any]:
    """The rows of a summary as `on_backend.layer_rows` has Keras'."""
    made = []
    for row in rows:
        shapes = [list(dims(each.shape)) for each in row.outputs]
        made.append([row.type, row.name, shapes, row.parameters.total])
        if row.children:
            made.append(our_layers(row.children))
    return made


def check_program(
    name: str, model: Model, found: Mapping[str, Any], folder: Path, *, values: bool = True
) -> None:
    """The layers of a program are the source's on a backend, in order; outputs the reference's."""
    weights = drawn_weights(model)
    expected = reference(model, weights, drawn_inputs(model)) if values else None
    for backend, every in found.items():
        facts, what = every[name], f"{name} on {backend}"
        assert "error" not in facts, f"{what}: {facts['error']}"
        assert _only_layers(facts["rows"]) == _only_layers(our_layers(model.summary().rows)), what
        for path, key in zip(facts["paths"], weights, strict=True):
            # Ours name a nested model where two weights have one path; Keras names a Sequential.
            ours, theirs = (f"/{_unnumbered(each)}" for each in (key, path))
            assert ours.endswith(theirs) or theirs.endswith(ours), f"{what}: {path}, not {key}"
        assert facts["dtypes"] == [type.dtype for type in model.outputs.values()], what
        got = arrays(folder / f"{name}.outputs.{backend}.npz")
        if expected is None:
            expected = got
        assert_close(got, expected, what)


def _only_layers(rows: list[Any], *, is_nested: bool = False) -> list[Any]:
    """Rows without tensor functions; Keras numbers layers of nested models across the process."""
    made = []
    for row in rows:
        if not isinstance(row[0], str):
            made.append(_only_layers(row, is_nested=True))
        elif row[0] not in OPERATIONS or row[3]:
            made.append([row[0], _unnumbered(row[1]) if is_nested else row[1], *row[2:]])
    return made


def _unnumbered(path: str) -> str:
    return re.sub(r"_\d+(?=/|$)", "", path)
