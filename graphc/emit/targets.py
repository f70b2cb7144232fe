"""What a checked model can be written as, by the name of the target."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from graphc.diagnostics.diagnostic import Sink
from graphc.diagnostics.suggest import did_you_mean
from graphc.elaborate.program import Options, Program, elaborate_tree
from graphc.emit.keras import Recorder, keras_program
from graphc.ir.graph import ModelGraph
from graphc.keras_format.model import keras_json
from graphc.record import Record

if TYPE_CHECKING:
    import ast


class Request(Record):
    """What is asked of a program besides its target."""

    is_flat: bool = False
    weights: str | None = None
    """The name of a file beside it that it loads."""
    distribute: str | None = None
    """What it divides between devices: "data" alone, or the "model" too."""
    mesh: tuple[int, int] | None = None
    """Parts of a batch, and parts of matrices."""


def emit(program: Program, graph: ModelGraph, target: str, request: Request) -> str:
    """A model of a checked file as a text of the target's.

    Raises `NotEmitted`, `NothingToDivide`, `Inexpressible`, `NotInNumPy` or `NotRunnable` where
    there is no such text.
    """
    write = TARGETS.get(target)
    if write is None:
        hint = did_you_mean(target, TARGETS)
        raise ValueError(f"there is no target {target!r}" + (f"; {hint}" if hint else ""))
    return write(program, graph, request)


def _keras(program: Program, graph: ModelGraph, request: Request) -> str:
    watched, recorder = _watched(program, graph)
    return keras_program(
        watched, recorder, is_flat=request.is_flat, weights=request.weights,
        distribute=_distribution(graph, request),
    )  # fmt: skip


def _watched(program: Program, graph: ModelGraph) -> tuple[Program, Recorder]:
    """A file elaborated once more, watched, with a model of it as the main one."""
    given, recorder = program.options, Recorder()
    is_main = program.main is graph
    options = Options(
        model=graph.name,
        settings=given.settings if is_main else {},
        inputs=given.inputs if is_main else {},
        limits=given.limits,
        observer=recorder,
    )
    return elaborate_tree(program.file, program.tree, Sink(), program.path, options), recorder


def _distribution(graph: ModelGraph, request: Request) -> ast.FunctionDef | None:
    if request.distribute is None:
        return None
    from graphc.emit.keras.distribution import data_parallel, model_parallel_function

    if request.distribute == "data":
        return data_parallel()
    if request.distribute != "model" or request.mesh is None:
        raise ValueError('distribute is "data", or "model" with a mesh: (batch, model)')
    return model_parallel_function(graph, *request.mesh)


def _json(program: Program, graph: ModelGraph, request: Request) -> str:
    if request != Request():
        raise ValueError("the target json takes no options")
    return json.dumps(keras_json(graph, program.trains.get(graph.name)), indent=2) + "\n"


def _numpy(program: Program, graph: ModelGraph, request: Request) -> str:
    if request != Request(weights=request.weights):
        raise ValueError("the target numpy takes no options but weights")
    from graphc.emit.numpy import numpy_program

    return numpy_program(graph, request.weights)


TARGETS: Mapping[str, Callable[[Program, ModelGraph, Request], str]] = {
    "keras": _keras,
    "json": _json,
    "numpy": _numpy,
}
"""What writes each target."""
