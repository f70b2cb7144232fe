"""`graphc run`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from graphc.cli.options import check_output, main_model, run_options, save, show_diagnostics

if TYPE_CHECKING:
    from graphc.model import Model
    from graphc.runtime.arguments import InputError


@click.command("run", epilog="Example: graphc run samples/mnist.net --input x.npy -o y.npz")
@click.argument("file", metavar="FILE")
@click.option(
    "--input", "data", metavar="DATA", required=True,
    help="The inputs: an .npz with an array for each, by name, or an .npy for a model with one.",
)  # fmt: skip
@click.option(
    "--weights",
    metavar="FILE",
    help="Weights (.npz, .safetensors, .weights.h5, .keras); fresh ones without.",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE.npz",
    help="Write the outputs here, by name; else describe them.",
)
@click.option(
    "--seed", type=int, default=0, metavar="N", help="For fresh weights and random layers."
)
@click.option(
    "--batch-size", type=click.IntRange(min=1), metavar="N",
    help="Compute so many examples at a time; all at once without.",
)  # fmt: skip
@click.option("--model", metavar="NAME", help="Run this model, not the last one.")
@click.option(
    "--set", "settings", metavar="KEY=VALUE", multiple=True,
    help="Set a parameter of the model: --set classes=10.",
)  # fmt: skip
def command(
    *,
    file: str,
    data: str,
    weights: str | None,
    output: str | None,
    seed: int,
    batch_size: int | None,
    model: str | None,
    settings: tuple[str, ...],
) -> None:
    """Compute a model's outputs with NumPy.

    Nothing but NumPy is needed. An .npz archive has the inputs by their names; an archive of one
    array, or an .npy file, serves a model with one input whatever it is called.
    """
    if output is not None:
        if not output.endswith(".npz"):
            raise click.UsageError(f"{output} has to end in .npz")
        check_output(output)
    found = _model(file, model, settings)
    results = _results(found, weights, data, seed, batch_size)
    if output is None:
        for name, array in results.items():
            click.echo(f"{name}: {array.dtype}{list(array.shape)}")
            click.echo(_preview(array))
        return
    from graphc.interop.weights.npz import write_npz

    save(Path(output), lambda file: write_npz(file, results))
    shapes = ", ".join(f"{name} {list(array.shape)}" for name, array in results.items())
    click.echo(f"wrote {output}: {shapes}", err=True)


def _model(file: str, name: str | None, settings: tuple[str, ...]) -> Model:
    main = main_model(file, run_options(name, settings, (), None))
    if not main.model_graph.is_complete:
        click.echo(f"{main.name} does not state the shape of its input", err=True)
        sys.exit(1)
    return main


def _results(
    model: Model, weights: str | None, data: str, seed: int, batch_size: int | None
) -> dict[str, Any]:
    from graphc.interop.data import DataError, read_arrays
    from graphc.interop.weights.faults import WeightsError
    from graphc.runtime.arguments import InputError
    from graphc.runtime.batches import in_batches
    from graphc.runtime.dtypes import MissingLibrary
    from graphc.runtime.faults import NotRunnable

    try:
        arrays = read_arrays(data)
        given = model.load_weights(weights) if weights is not None else None
        run = model.compile(given, seed=seed)
        inputs = _named(arrays, list(run.inputs))
        return run.run(inputs) if batch_size is None else in_batches(run, inputs, batch_size)
    except (DataError, WeightsError, NotRunnable) as error:
        show_diagnostics(error.diagnostics)
    except InputError as error:
        _show_mismatch(model, error)
    except MissingLibrary as error:
        click.echo(str(error), err=True)
    sys.exit(1)


def _named(arrays: Any, inputs: list[str]) -> dict[str, Any]:
    """Arrays by the names of the inputs: a single one needs none."""
    if not isinstance(arrays, dict):
        return {inputs[0]: arrays}
    if len(inputs) == len(arrays) == 1:
        return dict(zip(inputs, arrays.values(), strict=True))
    return arrays


def _show_mismatch(model: Model, error: InputError) -> None:
    from graphc.diagnostics.codes import DATA_MISMATCH
    from graphc.diagnostics.diagnostic import Diagnostic

    graph = model.model_graph
    spans = {record.name: record.span for record in map(graph.record, graph.inputs)}
    span = spans.get(error.input or "", graph.span)
    show_diagnostics([Diagnostic(DATA_MISMATCH, str(error), span)])


def _preview(array: Any) -> str:
    import numpy as np

    return np.array2string(array, threshold=20, edgeitems=2, precision=4, prefix="  ")
