"""`graphc emit`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphc.cli.options import model_options, run_options, show_diagnostics

if TYPE_CHECKING:
    from graphc.elaborate.program import Options
    from graphc.model import Report

Emit = Callable[[str, "Options", bool], tuple["Report", Callable[[], str | bytes]]]
"""Checks a file; what it gives besides the report makes the program, if there are no errors."""


def _keras(file: str, options: Options, is_flat: bool) -> tuple[Report, Callable[[], str]]:
    from graphc.emit.keras import Recorder, keras_program
    from graphc.model import check_file

    options.observer = recorder = Recorder()
    report = check_file(file, options)
    program = report.program
    assert program is not None or not report.is_clean
    return report, lambda: keras_program(program, recorder, is_flat=is_flat)  # type: ignore[arg-type]


def _json(file: str, options: Options, is_flat: bool) -> tuple[Report, Callable[[], str]]:
    from graphc.keras_format.inexpressible import Inexpressible
    from graphc.model import check_file

    report = check_file(file, options)

    def make() -> str:
        import json

        assert report.main is not None
        try:
            return json.dumps(report.main.keras_json(), indent=2) + "\n"
        except Inexpressible as fault:
            show_diagnostics([fault.diagnostic(report.main.model_graph.span)])
            sys.exit(1)

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
@model_options
def command(
    *,
    file: str,
    target: str,
    output: str | None,
    flat: bool,
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
    from graphc.emit.keras.program import NotEmitted

    report, make = TARGETS[target](file, run_options(model, settings, inputs, max_layers), flat)
    show_diagnostics(report.diagnostics)
    main = report.main
    if not report.is_clean or main is None or not main.is_known:
        if report.is_clean and main is None:
            click.echo(f"{file} holds no model", err=True)
        sys.exit(1)
    try:
        content = make()
    except NotEmitted as reason:
        click.echo(f"{file} has no Keras program: {reason}", err=True)
        sys.exit(1)
    _write(content if isinstance(content, bytes) else content.encode(), output)


def _write(content: bytes, output: str | None) -> None:
    if output in (None, "-"):
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    assert output is not None
    path = Path(output)
    if not path.parent.is_dir():
        raise click.UsageError(f"there is no folder {path.parent} to write {path.name} into")
    if path.is_dir():
        raise click.UsageError(f"{output} is a folder")
    from graphc.writing import write_file

    write_file(path, content)
    click.echo(f"wrote {output}", err=True)
