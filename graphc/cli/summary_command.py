"""`graphc summary`."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import click

from graphc.cli.options import model_options, run_options, show_diagnostics, use_color

if TYPE_CHECKING:
    from graphc.model import Model, Report


@click.command(
    "summary",
    epilog="Example: graphc summary samples/resnet50.net --depth 1 --columns type,shape,params",
)
@click.argument("file", metavar="FILE")
@click.option(
    "--depth", type=click.IntRange(min=0), metavar="N",
    help="Open blocks and nested models N levels deep; without it, blocks are not grouped.",
)  # fmt: skip
@click.option(
    "--columns", metavar="A,B,…",
    help="Which columns: type, shape, input, dtype, params, trainable, macs, flops, bytes, "
    "output_bytes, connected, calls, line.",
)  # fmt: skip
@click.option(
    "--format", "output", type=click.Choice(["text", "json", "csv", "markdown"]), default="text",
    help="How to print it; json has all models of the file.",
)  # fmt: skip
@model_options
def command(
    file: str,
    depth: int | None,
    columns: str | None,
    output: str,
    model: str | None,
    settings: tuple[str, ...],
    inputs: tuple[str, ...],
    max_layers: int | None,
) -> None:
    """Show a model's layers with shapes, parameters, multiply-accumulates and totals."""
    from graphc.model import check_file

    options = run_options(model, settings, inputs, max_layers)
    names = _column_names(columns)
    report = check_file(file, options)
    show_diagnostics(report.diagnostics)
    main = report.main
    if main is None or not main.is_known:
        if report.is_clean and main is None:
            click.echo(f"{file} holds no model", err=True)
        sys.exit(1)
    _print(output, report, main, names, depth, one_only=model is not None)
    sys.exit(0 if report.is_clean else 1)


def _print(
    output: str,
    report: Report,
    main: Model,
    names: list[str] | None,
    depth: int | None,
    *,
    one_only: bool,
) -> None:
    if output == "json":
        from graphc.render.summary_json import summary_json

        chosen = [main] if one_only else report.models
        complete = [each.summary() for each in chosen if each.is_known]
        click.echo(summary_json(complete), nl=False)
        return
    from graphc.render import summary_text

    summary = main.summary()
    if output == "csv":
        text = summary_text.summary_csv(summary, depth=depth, columns=names)
    elif output == "markdown":
        text = summary_text.summary_markdown(summary, depth=depth, columns=names)
    else:
        is_terminal = sys.stdout.isatty()
        width = shutil.get_terminal_size().columns if is_terminal else None
        text = summary_text.summary_text(
            summary, depth=depth, columns=names, width=width, color=use_color(sys.stdout)
        )
    click.echo(text, nl=False, color=True)


def _column_names(columns: str | None) -> list[str] | None:
    if columns is None:
        return None
    from graphc.diagnostics.suggest import did_you_mean
    from graphc.render.summary_rows import COLUMNS

    names = [name.strip() for name in columns.split(",") if name.strip()]
    for name in names:
        if name not in COLUMNS:
            hint = did_you_mean(name, COLUMNS) or f"choose from {', '.join(COLUMNS)}"
            raise click.UsageError(f"there is no column `{name}`; {hint}")
    return names
