"""`graphc import`."""

from __future__ import annotations

import sys

import click

from graphc.cli.options import check_output, put_out, show_diagnostics


@click.command("import", epilog="Example: graphc import model.keras -o model.net")
@click.argument("source", metavar="SOURCE")
@click.option(
    "-o", "--output", metavar="FILE", help="Write here; standard output without it, and for `-`."
)
@click.option("--no-fold", is_flag=True, help="Leave repeated layers as they are, without loops.")
@click.option("--no-train", is_flag=True, help="Leave out the compile configuration.")
def command(source: str, output: str | None, no_fold: bool, no_train: bool) -> None:
    """Write a serialised Keras model as a .net file.

    SOURCE is a file of what `model.to_json()` gives, or a `.keras` archive: their configuration
    is read as data, without Keras, and nothing in them is run. It may also be
    `package.module:function`: this imports the module and calls the function, which is to return
    a Keras model. That runs your own Python, with all that it does.

    Exits with 0, or with 1 if the model cannot be expressed: then nothing is written.
    """
    from graphc.diagnostics.diagnostic import Diagnostic
    from graphc.diagnostics.fault import Fault
    from graphc.interop.keras_json import import_model
    from graphc.source import SourceFile, Span

    if output not in (None, "-"):
        check_output(output)
    try:
        text = import_model(source, fold=not no_fold, train=not no_train)
    except Fault as fault:
        place = Span(SourceFile(source, ""), 0, 0)
        show_diagnostics([Diagnostic(fault.code, fault.message, place, help=fault.help)])
        sys.exit(1)
    put_out(text.encode(), output)
