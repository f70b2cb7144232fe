"""Emitted programs run, and their models compared with what graphc says of them."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_PLATFORMS", "cpu")

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import keras

from graphc.declare.op import OPS
from graphc.emit.keras import Recorder, keras_program
from graphc.ir.dims import UNKNOWN, SymbolicDim
from graphc.model import Model, check_file, check_source, options
from graphc.source import SourceFile

OPERATIONS = {"GetItem", *(op.type_name for op in OPS.values())}


def emitted(text: str, *, flat: bool = False, **run: Any) -> tuple[Model, str]:
    """The main model of a text, and its program."""
    chosen = options(**run)
    chosen.observer = recorder = Recorder()
    report = check_source(SourceFile("model.net", text), None, chosen)
    return _program(report, recorder, flat)


def emitted_file(path: Path, *, flat: bool = False, **run: Any) -> tuple[Model, str]:
    """The main model of a file, and its program."""
    chosen = options(**run)
    chosen.observer = recorder = Recorder()
    return _program(check_file(path, chosen), recorder, flat)


def _program(report: Any, recorder: Recorder, flat: bool) -> tuple[Model, str]:
    errors = [each for each in report.diagnostics if each.is_error]
    assert not errors, errors
    return report.main, keras_program(report.program, recorder, is_flat=flat)


@contextmanager
def fresh_process() -> Iterator[None]:
    """Keras as in a new process, with weights that get no values: they take most of the time."""
    keras.utils.clear_session(free_memory=False)
    with warnings.catch_warnings(), keras.StatelessScope(initialize_variables=False):
        warnings.simplefilter("ignore")
        yield
    keras.utils.clear_session(free_memory=False)


def run(program: str, *, builder: str = "build_model", space: Any = None) -> Any:
    """What a function of a program builds."""
    namespace: dict[str, Any] = {"__name__": "emitted"} if space is None else space
    exec(compile(program, "model.py", "exec"), namespace)
    return namespace[builder]()


def dims(shape: Any) -> tuple[int | None, ...]:
    return tuple(None if isinstance(d, SymbolicDim) or d is UNKNOWN else d for d in shape)


def our_rows(model: Model) -> list[Any]:
    """Name, type, shapes and parameters of each layer, functions apart."""
    rows = [
        (row.name, row.type, [dims(t.shape) for t in row.outputs], row.parameters.total)
        for row in model.summary().rows
    ]
    return [row for row in rows if row[1] not in OPERATIONS or _is_layer(row)]


def _is_layer(row: Any) -> bool:
    return hasattr(keras.layers, row[1]) and row[3] > 0


def their_rows(model: Any) -> list[Any]:
    """The same of a Keras model; small layers that stand for functions are apart too."""
    layers = model.layers if isinstance(model, keras.Sequential) else model.operations
    rows = []
    for each in layers:
        shapes = [tuple(o.shape) for o in each._inbound_nodes[-1].output_tensors]
        count = each.count_params() if isinstance(each, keras.Layer) else 0
        kind = type(each).__name__
        if type(each).__module__ == "emitted":
            kind = kind.rstrip("0123456789")  # Reshape2: the same function, of other sizes
        rows.append((each.name, kind, shapes, count))
    return [row for row in rows if row[1] not in OPERATIONS or _is_layer(row)]


def check(model: Model, program: str) -> Any:
    """A program builds the model: the same layers in the same order, and as many parameters."""
    with fresh_process():
        built = run(program)
        theirs, ours = their_rows(built), our_rows(model)
        if model.model_graph.kind == "sequential":
            theirs = [row for row in theirs if row[1] != "InputLayer"]
        names = list(model.outputs)
        if isinstance(getattr(built, "_outputs_struct", None), dict) and names != sorted(names):
            names.sort()  # as Keras flattens a dict, which has the layers in another order
            theirs, ours = sorted(theirs, key=str), sorted(ours, key=str)
        assert list(map(str, theirs)) == list(map(str, ours)), program
        assert built.count_params() == model.count_params(), program
        shapes = [tuple(output.shape) for output in built.outputs]
        assert [dims(model.outputs[name].shape) for name in names] == shapes, program
    return built
