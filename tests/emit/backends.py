"""Texts as programs on all of Keras' backends: the same layers there, and the same values."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from graphc.model import Model
from tests.emit.built import dims
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
        theirs, ours = _only_layers(facts["rows"], our_layers(model.summary().rows))
        assert theirs == ours, what
        for path, key in zip(facts["paths"], weights, strict=True):
            # Ours name a nested model where two weights have one path; Keras names a Sequential.
            assert f"/{key}".endswith(f"/{path}") or path.endswith(f"/{key}"), what
        assert facts["dtypes"] == [type.dtype for type in model.outputs.values()], what
        got = arrays(folder / f"{name}.outputs.{backend}.npz")
        if expected is None:
            expected = got
        assert_close(got, expected, what)


def _only_layers(theirs: list[Any], ours: list[Any]) -> tuple[list[Any], list[Any]]:
    """Both sides without tensor functions: what Keras has as layers for some of them, too."""
    names = {row[1] for row in theirs if isinstance(row[0], str)}
    kept = [row for row in ours if not isinstance(row[0], str) or row[1] in names]
    common = {row[1] for row in kept if isinstance(row[0], str)}
    left = [row for row in theirs if not isinstance(row[0], str) or row[1] in common]
    return _nested(left, kept)


def _nested(theirs: list[Any], ours: list[Any]) -> tuple[list[Any], list[Any]]:
    pairs = list(zip(theirs, ours, strict=False))
    if len(theirs) != len(ours):
        return theirs, ours
    made = [
        (a, b) if isinstance(a[0], str) or isinstance(b[0], str) else _only_layers(a, b)
        for a, b in pairs
    ]
    return [a for a, _ in made], [b for _, b in made]
