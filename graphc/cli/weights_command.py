"""`graphc weights`."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from graphc.cli.options import check_output, main_model, run_options, save, show_diagnostics
from graphc.diagnostics.glyphs import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphc.diagnostics.diagnostic import Diagnostic
    from graphc.interop.weights.entry import StoredWeights
    from graphc.interop.weights.load import Found
    from graphc.model import Model
    from graphc.render.weights_text import WeightRow


@click.command(
    "weights",
    epilog="Example: graphc weights mnist.weights.h5 --model samples/mnist.net -o mnist.npz",
)
@click.argument("file", metavar="FILE")
@click.option(
    "--model", "model_file", metavar="MODEL.net[:NAME]",
    help="Hold the file against this model: its last one, or the one named.",
)  # fmt: skip
@click.option(
    "-o", "--output", metavar="PATH",
    help="Convert: a name ending in .npz, .safetensors, .weights.h5 or .keras.",
)  # fmt: skip
@click.option("--cast", is_flag=True, help="Convert arrays to the dtypes of the model's weights.")
@click.option(
    "--format", "output_format", type=click.Choice(["text", "json"]), default="text",
    help="How to print what is there.",
)  # fmt: skip
@click.option(
    "--set", "settings", metavar="KEY=VALUE", multiple=True,
    help="Set a parameter of the model: --set classes=10.",
)  # fmt: skip
@click.option(
    "--input", "inputs", metavar='[NAME=]"[DIMS]"', multiple=True,
    help='Give an input of the model a shape: --input image="[224, 224, 3]".',
)  # fmt: skip
def command(
    file: str,
    model_file: str | None,
    output: str | None,
    cast: bool,
    output_format: str,
    settings: tuple[str, ...],
    inputs: tuple[str, ...],
) -> None:
    """List the arrays in a file of weights, hold them against a model, convert them.

    Reads NumPy's .npz and .safetensors, whose keys are paths of variables (dense/kernel), and
    Keras' .weights.h5 and .keras. With --model, says which weight is missing, extra, or of another
    shape or dtype; the exit status is then 1.
    """
    from graphc.interop.weights.faults import WeightsError
    from graphc.runtime.dtypes import MissingLibrary

    if output is not None:
        _check_output(output, has_model=model_file is not None)
    elif cast and model_file is None:
        raise click.UsageError("--cast needs --model, which says the dtypes")
    model = None if model_file is None else _model(model_file, settings, inputs)
    try:
        _run(file, model, output, output_format, cast=cast)
    except WeightsError as error:
        _fail(error.diagnostics, output_format)
    except MissingLibrary as error:
        click.echo(str(error), err=True)
        sys.exit(1)


def _run(
    file: str, model: Model | None, output: str | None, output_format: str, *, cast: bool
) -> None:
    from graphc.interop.weights.formats import open_weights
    from graphc.interop.weights.load import Found

    stored = open_weights(file)
    found = None if model is None else Found(model.model_graph, stored, cast=cast)
    if found is not None and found.diagnostics:
        _fail(found.diagnostics, output_format)
    if output is not None:
        _convert(stored, found, model, output)
        return
    listed = _entry_rows(stored)
    states = [row for row in listed if row.is_state]
    rows = [row for row in listed if not row.is_state] if found is None else _weight_rows(found)
    if output_format == "json":
        from graphc.render.weights_text import weight_record

        _print_json([], [weight_record(row) for row in [*rows, *states]])
        return
    from graphc.render.weights_text import weights_text

    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    title = file if model is None else f"{file} for {model.name}"
    click.echo(weights_text(rows, printable(title), states, width=width), nl=False)


def _print_json(diagnostics: list[Diagnostic], weights: list[dict[str, object]]) -> None:
    from graphc.diagnostics.json import document

    click.echo(json.dumps({**document(diagnostics), "weights": weights}, indent=2))


def _fail(diagnostics: list[Diagnostic], output_format: str) -> None:
    if output_format == "json":
        _print_json(diagnostics, [])
    else:
        show_diagnostics(diagnostics)
    sys.exit(1)


def _check_output(output: str, *, has_model: bool) -> None:
    from graphc.interop.weights.formats import ENDINGS, ending_of, is_layout

    ending = ending_of(output)
    if ending is None:
        raise click.UsageError(f"{output} has none of the endings {', '.join(ENDINGS)}")
    if is_layout(ending) and not has_model:
        raise click.UsageError(f"{ending} needs --model, whose layers say what stands where")
    check_output(output)


def _model(model_file: str, settings: tuple[str, ...], inputs: tuple[str, ...]) -> Model:
    from graphc.diagnostics.codes import OPAQUE_LAYER

    path, _, name = model_file.rpartition(":")
    if not path or not name.isidentifier():
        path, name = model_file, ""
    # Weights that are not known are an error here.
    main = main_model(
        path, run_options(name or None, settings, inputs, None), hidden=(OPAQUE_LAYER,)
    )
    if not main.model_graph.is_complete:
        click.echo(
            f"the weights of {main.name} are not known until --input gives its shape", err=True
        )
        sys.exit(1)
    return main


def _entry_rows(stored: StoredWeights) -> list[WeightRow]:
    from graphc.render.weights_text import WeightRow

    return [
        WeightRow(printable(e.name), e.shape, e.dtype, e.bytes, is_state=e.is_state)
        for e in stored.entries
    ]


def _weight_rows(found: Found) -> list[WeightRow]:
    from graphc.render.weights_text import WeightRow

    pairs = [(key, w, found.matches.found.get(key)) for key, w in found.weights.items()]
    return [
        WeightRow(
            name=printable(key),
            shape=entry.shape,
            dtype=entry.dtype,
            bytes=entry.bytes,
            is_trainable=weight.is_trainable,
            entry="" if entry.name == key else printable(entry.name),
        )
        for key, weight, entry in pairs
        if entry is not None
    ]


def _convert(stored: StoredWeights, found: Found | None, model: Model | None, output: str) -> None:
    if found is not None:
        arrays = found.arrays()
    elif stored.is_layout:
        raise click.UsageError("Keras' own layout has no names of variables: give --model")
    else:
        arrays = {entry.name: stored.array(entry) for entry in stored.entries}
    save(Path(output), _content(model, output, arrays))
    states = sum(entry.is_state for entry in stored.entries)
    left_out = f"; {states:,} of the state of training are left out" if states else ""
    click.echo(f"wrote {output}: {len(arrays):,} arrays{left_out}", err=True)


def _content(
    model: Model | None, output: str, arrays: dict[str, Any]
) -> Callable[[IO[bytes]], None]:
    from graphc.interop.weights.save import weights_writer
    from graphc.keras_format.inexpressible import Inexpressible

    if model is None:
        return weights_writer(None, output, arrays)
    try:
        return weights_writer(model.model_graph, output, arrays, model.train)
    except Inexpressible as fault:
        show_diagnostics([fault.diagnostic(model.model_graph.span)])
        sys.exit(1)
