"""`graphc run`."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from graphc.cli.options import (
    check_output,
    main_model,
    put_out,
    run_options,
    save,
    show_diagnostics,
    use_color,
)

if TYPE_CHECKING:
    from graphc.model import Model
    from graphc.runtime.arguments import InputError
    from graphc.runtime.profile import Profile


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
@click.option(
    "--profile",
    "is_profiled",
    is_flag=True,
    help="Run it several times, and show what time, FLOPs and bytes go into each layer.",
)
@click.option(
    "--profile-html", metavar="FILE.html",
    help="The same as a page to look around in, with bars as wide as times.",
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
    is_profiled: bool,
    profile_html: str | None,
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
        check_output(output, data, weights)
    if profile_html is not None:
        if not profile_html.endswith((".html", ".htm")):
            raise click.UsageError(f"{profile_html} has to end in .html")
        check_output(profile_html)
    found = _model(file, model, settings)
    is_profiled = is_profiled or profile_html is not None
    results, profile = _results(found, weights, data, seed, batch_size, is_profiled=is_profiled)
    _put_out(results, output)
    if profile is not None:
        _show_profile(profile, profile_html)


def _put_out(results: dict[str, Any], output: str | None) -> None:
    if output is None:
        for name, array in results.items():
            click.echo(f"{name}: {array.dtype}{list(array.shape)}")
            click.echo(f"  {_preview(array)}")
        return
    from graphc.interop.weights.npz import write_npz

    save(Path(output), lambda file: write_npz(file, results))
    shapes = ", ".join(f"{name} {list(array.shape)}" for name, array in results.items())
    click.echo(f"wrote {output}: {shapes}", err=True)


def _show_profile(profile: Profile, page: str | None) -> None:
    from graphc.render.profile_text import profile_text

    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    text = profile_text(profile, width=width, color=use_color(sys.stdout))
    click.echo(text, nl=False, color=True)
    if page is not None:
        from graphc.render.flame import profile_html

        put_out(profile_html(profile).encode(), page)


def _model(file: str, name: str | None, settings: tuple[str, ...]) -> Model:
    main = main_model(file, run_options(name, settings, (), None))
    if not main.model_graph.is_complete:
        click.echo(f"{main.name} does not state the shape of its input", err=True)
        sys.exit(1)
    return main


def _results(
    model: Model, weights: str | None, data: str, seed: int, batch_size: int | None,
    *, is_profiled: bool,
) -> tuple[dict[str, Any], Profile | None]:  # fmt: skip
    from graphc.interop.data import DataError, read_arrays
    from graphc.interop.weights.faults import WeightsError
    from graphc.runtime.arguments import InputError
    from graphc.runtime.batches import in_batches
    from graphc.runtime.dtypes import MissingLibrary
    from graphc.runtime.faults import NotRunnable
    from graphc.runtime.lookups import OutOfRange

    try:
        arrays = read_arrays(data)
        run = model.compile(weights, seed=seed)
        inputs = _named(arrays, list(run.inputs))
        results = run.run(inputs) if batch_size is None else in_batches(run, inputs, batch_size)
        if not is_profiled:
            return results, None
        from graphc.runtime.profile import profile

        first = {name: array[:batch_size] for name, array in inputs.items()}
        return results, profile(run, inputs if batch_size is None else first)
    except (DataError, WeightsError, NotRunnable, OutOfRange) as error:
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
