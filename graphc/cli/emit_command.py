"""`graphc emit`."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphc.cli.options import (
    check_output,
    model_options,
    put_out,
    run_options,
    save,
    show_diagnostics,
)
from graphc.record import Record

if TYPE_CHECKING:
    import ast

    from graphc.elaborate.program import Options, Program
    from graphc.model import Model, Report


class Request(Record):
    """What is asked of a program besides its target."""

    is_flat: bool
    weights: str | None
    """The name of a file beside it that it loads."""
    distribute: str | None
    mesh: tuple[int, int] | None
    """Parts of a batch, and parts of matrices."""


Emit = Callable[[str, "Options", Request], tuple["Report", Callable[[], str | bytes]]]
"""Checks a file; what it gives besides the report makes the program, if there are no errors."""


def _keras(file: str, options: Options, request: Request) -> tuple[Report, Callable[[], str]]:
    from graphc.emit.keras import Recorder, keras_program
    from graphc.model import check_file

    options.observer = recorder = Recorder()
    report = check_file(file, options)
    program = report.program
    assert program is not None or not report.is_clean

    def make() -> str:
        assert program is not None
        return keras_program(
            program, recorder, is_flat=request.is_flat, weights=request.weights,
            distribute=_distribution(program, request),
        )  # fmt: skip

    return report, make


def _distribution(program: Program, request: Request) -> ast.FunctionDef | None:
    from graphc.emit.keras.distribution import data_parallel, model_parallel_function

    if request.distribute is None:
        return None
    if request.distribute == "data":
        return data_parallel()
    assert program.main is not None
    assert request.mesh is not None
    return model_parallel_function(program.main, *request.mesh)


def _json(file: str, options: Options, request: Request) -> tuple[Report, Callable[[], str]]:
    from graphc.model import check_file

    report = check_file(file, options)

    def make() -> str:
        import json

        assert report.main is not None
        return json.dumps(report.main.keras_json(), indent=2) + "\n"

    return report, make


TARGETS: dict[str, Emit] = {"keras": _keras, "json": _json}
"""What each target checks and makes."""


@click.command("emit", epilog="Example: graphc emit samples/mnist.net --target keras -o mnist.py")
@click.argument("file", metavar="FILE")
@click.option(
    "--target", type=click.Choice(list(TARGETS)), default="keras", show_default=True,
    help="What to write: keras is a Keras 3 program, json what its model_from_json builds from.",
)  # fmt: skip
@click.option("-o", "--output", metavar="PATH", help="Where to; - is standard output, the default.")
@click.option("--flat", is_flag=True, help="One statement for each call, without loops and blocks.")
@click.option(
    "--weights", metavar="FILE",
    help="Weights (.npz, .safetensors, .weights.h5, .keras) that the program is to load: they are "
    "written beside it, as NAME.weights.h5.",
)  # fmt: skip
@click.option(
    "--distribute",
    type=click.Choice(["data", "model"]),
    help="Add what divides the program between devices on JAX: batches, or batches and matrices.",
)
@click.option(
    "--mesh",
    metavar="batch=N,model=N",
    help="Parts of a batch and parts of matrices, for --distribute model.",
)
@model_options
def command(
    *,
    file: str,
    target: str,
    output: str | None,
    flat: bool,
    weights: str | None,
    distribute: str | None,
    mesh: str | None,
    model: str | None,
    settings: tuple[str, ...],
    inputs: tuple[str, ...],
    max_layers: int | None,
) -> None:
    """Write a model as a program of another framework.

    The Keras program has one function for each model and block, with the loops and choices of
    the file; `build_model()` builds the model, and `python model.py data.npz` trains it where the
    file says how. A file with errors gives none.
    """
    from graphc.emit.keras.distribution import NothingToDivide
    from graphc.emit.keras.program import NotEmitted
    from graphc.keras_format.inexpressible import Inexpressible

    _check_usage(target, output, weights, distribute, mesh)
    if output not in (None, "-"):
        check_output(output)
    beside = None if weights is None else f"{Path(output or '').stem}.weights.h5"
    request = Request(flat, beside, distribute, _mesh(mesh))
    report, make = TARGETS[target](file, run_options(model, settings, inputs, max_layers), request)
    show_diagnostics(report.diagnostics)
    main = report.main
    if not report.is_clean or main is None or not main.is_known:
        if report.is_clean and main is None:
            click.echo(f"{file} holds no model", err=True)
        sys.exit(1)
    try:
        content = make()
    except Inexpressible as fault:
        show_diagnostics([fault.diagnostic(main.model_graph.span)])
        sys.exit(1)
    except (NotEmitted, NothingToDivide) as reason:
        click.echo(f"{file} has no such Keras program: {reason}", err=True)
        sys.exit(1)
    if weights is not None and beside is not None:
        weights_path = Path(output or "").with_name(beside)
        save(weights_path, _weights_bytes(main, weights, weights_path))
        click.echo(f"wrote {weights_path}", err=True)
    put_out(content if isinstance(content, bytes) else content.encode(), output)


def _check_usage(
    target: str, output: str | None, weights: str | None, distribute: str | None, mesh: str | None
) -> None:
    if target != "keras" and (weights is not None or distribute is not None):
        raise click.UsageError("--weights and --distribute are for --target keras")
    if weights is not None and output in (None, "-"):
        raise click.UsageError("--weights needs -o: the weights are written beside the program")
    if (mesh is None) != (distribute != "model"):
        raise click.UsageError("--distribute model and --mesh batch=N,model=N need each other")


def _mesh(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    found = re.fullmatch(r"batch=([1-9]\d{0,5}),model=([1-9]\d{0,5})", text.replace(" ", ""))
    if found is None:
        raise click.UsageError(f"--mesh needs batch=N,model=N, got {text!r}")
    return int(found[1]), int(found[2])


def _weights_bytes(model: Model, source: str, target: Path) -> bytes:
    from graphc.interop.weights.faults import WeightsError
    from graphc.interop.weights.save import weights_bytes
    from graphc.runtime.dtypes import MissingLibrary

    try:
        return weights_bytes(model.model_graph, str(target), model.load_weights(source))
    except WeightsError as error:
        show_diagnostics(error.diagnostics)
    except MissingLibrary as error:
        click.echo(str(error), err=True)
    sys.exit(1)
