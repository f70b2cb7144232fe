"""`graphc emit`."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphc.cli.options import (
    check_output,
    main_model,
    model_options,
    put_out,
    run_options,
    save,
    show_diagnostics,
    use_color,
)

if TYPE_CHECKING:
    from graphc.model import Model


TARGETS = ("keras", "json", "numpy")
WEIGHTS_BESIDE = {"keras": ".weights.h5", "numpy": ".weights.npz"}


@click.command("emit", epilog="Example: graphc emit samples/mnist.net --target keras -o mnist.py")
@click.argument("file", metavar="FILE")
@click.option(
    "--target", type=click.Choice(TARGETS), default="keras", show_default=True,
    help="What to write: keras is a Keras 3 program, json what its model_from_json builds from, "
    "numpy a program that needs NumPy alone.",
)  # fmt: skip
@click.option("-o", "--output", metavar="PATH", help="Where to; - is standard output, the default.")
@click.option("--flat", is_flag=True, help="One statement for each call, without loops and blocks.")
@click.option(
    "--passes",
    is_flag=True,
    help="Show what each pass makes of the model's primitives, for --target numpy.",
)
@click.option(
    "--weights", metavar="FILE",
    help="Weights (.npz, .safetensors, .weights.h5, .keras) that the program is to load: they are "
    "written beside it, as NAME.weights.h5, or NAME.weights.npz for numpy.",
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
    passes: bool,
    weights: str | None,
    distribute: str | None,
    mesh: str | None,
    model: str | None,
    settings: tuple[str, ...],
    inputs: tuple[str, ...],
    max_layers: int | None,
) -> None:
    """Write a model as a program of another framework, or of NumPy alone.

    The Keras program has one function for each model and block, with the loops and choices of
    the file; `build_model()` builds the model, and `python model.py data.npz` trains it where the
    file says how. A file with errors gives none.
    """
    from graphc.emit.keras.distribution import NothingToDivide
    from graphc.emit.keras.program import NotEmitted
    from graphc.emit.numpy.faults import NotInNumPy
    from graphc.keras_format.inexpressible import Inexpressible
    from graphc.runtime.faults import NotRunnable

    _check_usage(target, output, flat, weights, distribute, mesh)
    if passes and (target != "numpy" or weights is not None):
        raise click.UsageError("--passes is for --target numpy, without --weights")
    if output not in (None, "-"):
        check_output(output, file, weights)
    beside = None
    if weights is not None:
        beside = Path(output or "").stem + WEIGHTS_BESIDE[target]
    parts = _mesh(mesh)
    main = main_model(file, run_options(model, settings, inputs, max_layers))
    if not main.is_known:
        sys.exit(1)
    try:
        if passes:
            _show_passes(main, output)
            return
        content = main.emit(target, flat=flat, weights=beside, distribute=distribute, mesh=parts)
    except NotRunnable as fault:
        show_diagnostics(fault.diagnostics)
        sys.exit(1)
    except NotInNumPy as reason:
        click.echo(f"{file} has no such NumPy program: {reason}", err=True)
        sys.exit(1)
    except Inexpressible as fault:
        show_diagnostics([fault.diagnostic(main.model_graph.span)])
        sys.exit(1)
    except (NotEmitted, NothingToDivide) as reason:
        click.echo(f"{file} has no such Keras program: {reason}", err=True)
        sys.exit(1)
    if weights is not None and beside is not None:
        weights_path = Path(output or "").with_name(beside)
        _write_weights(main, weights, weights_path)
        click.echo(f"wrote {weights_path}", err=True)
    put_out(content.encode(), output)


def _show_passes(main: Model, output: str | None) -> None:
    from graphc.emit.numpy.lowering import model_stages
    from graphc.render.passes_text import passes_text

    stages = model_stages(main.model_graph)
    is_shown = output in (None, "-")
    width = shutil.get_terminal_size().columns if is_shown and sys.stdout.isatty() else None
    color = is_shown and use_color(sys.stdout)
    put_out(passes_text(main.name, stages, width=width, color=color).encode(), output)


def _check_usage(
    target: str,
    output: str | None,
    flat: bool,
    weights: str | None,
    distribute: str | None,
    mesh: str | None,
) -> None:
    if target != "keras" and (flat or distribute is not None):
        raise click.UsageError("--flat and --distribute are for --target keras")
    if weights is not None and target not in WEIGHTS_BESIDE:
        raise click.UsageError(f"--weights is for --target {' and '.join(WEIGHTS_BESIDE)}")
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


def _write_weights(model: Model, source: str, target: Path) -> None:
    from graphc.interop.weights.faults import WeightsError
    from graphc.interop.weights.load import stored_weights
    from graphc.interop.weights.save import weights_writer
    from graphc.runtime.dtypes import MissingLibrary

    try:
        arrays = stored_weights(model.model_graph, source)
        save(target, weights_writer(model.model_graph, str(target), arrays))
    except WeightsError as error:
        show_diagnostics(error.diagnostics)
        sys.exit(1)
    except MissingLibrary as error:
        click.echo(str(error), err=True)
        sys.exit(1)
