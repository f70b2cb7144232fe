"""`graphc import`."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import click

from graphc.cli.options import check_output, put_out, show_diagnostics

if TYPE_CHECKING:
    from graphc.ir.types import TensorType


@click.command("import", epilog="Example: graphc import model.keras -o model.net")
@click.argument("source", metavar="SOURCE")
@click.option(
    "-o", "--output", metavar="FILE", help="Write here; standard output without it, and for `-`."
)
@click.option(
    "--no-fold", is_flag=True, help="Leave repeated layers as they are, without loops and blocks."
)
@click.option("--no-train", is_flag=True, help="Leave out the compile configuration.")
@click.option(
    "--allow-unknown", is_flag=True,
    help="Keep layers that cannot be expressed as opaque ones, with their recorded shapes.",
)  # fmt: skip
@click.option(
    "--shape", "shapes", metavar='NAME="[DIMS]"', multiple=True,
    help='Give what an unknown layer puts out a shape: --shape twice="[10]".',
)  # fmt: skip
def command(
    source: str,
    output: str | None,
    *,
    no_fold: bool,
    no_train: bool,
    allow_unknown: bool,
    shapes: tuple[str, ...],
) -> None:
    """Write a serialised Keras model as a .net file.

    SOURCE is a file of what `model.to_json()` gives, or a `.keras` archive: their configuration
    is read as data, without Keras, and nothing in them is run. It may also be
    `package.module:function`: this imports the module and calls the function, which is to return
    a Keras model. That runs your own Python, with all that it does.

    What a .net file cannot express, such as a Lambda, is an error that names the layer.

    Exits with 0, or with 1 if the model cannot be expressed: then nothing is written.
    """
    from graphc.diagnostics.codes import LEFT_OUT
    from graphc.diagnostics.diagnostic import Diagnostic
    from graphc.diagnostics.fault import Fault
    from graphc.interop.keras_json import Unknown, import_model
    from graphc.source import SourceFile, Span

    if shapes and not allow_unknown:
        raise click.UsageError("--shape is for --allow-unknown")
    unknown = Unknown(_shapes(shapes)) if allow_unknown else None

    if output not in (None, "-"):
        check_output(output, source)
    place = Span(SourceFile(source, ""), 0, 0)
    left_out: list[str] = []
    try:
        text = import_model(
            source, fold=not no_fold, train=not no_train, unknown=unknown, left_out=left_out
        )
    except Fault as fault:
        show_diagnostics([Diagnostic(fault.code, fault.message, place, help=fault.help)])
        sys.exit(1)
    show_diagnostics([Diagnostic(LEFT_OUT, each, place) for each in left_out])
    put_out(text.encode(), output)


def _shapes(texts: tuple[str, ...]) -> dict[tuple[str, int], TensorType]:
    """The types that `--shape` gives, by layer and place."""
    from graphc.elaborate.option_text import OptionError, stated_type

    found = {}
    for text in texts:
        name, _, dims = text.partition("=")
        match = re.fullmatch(r"(.+?)(?:\[(\d{1,3})\])?", name.strip())
        if match is None:
            raise click.UsageError(f"--shape needs NAME=[DIMS], got {text!r}")
        try:
            found[match[1], int(match[2] or 0)] = stated_type(name.strip(), dims)
        except OptionError as error:
            raise click.UsageError(f"--shape {name}: {error}") from None
    return found
