"""`graphc check`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from graphc.cli.options import (
    model_options,
    net_files,
    run_options,
    save,
    show_diagnostics,
)


@click.command(
    "check",
    epilog='Example: graphc check models/ --input image="[224, 224, 3]" --format sarif',
)
@click.argument("paths", nargs=-1, required=True, metavar="FILE|DIR…")
@click.option(
    "--format", "output", type=click.Choice(["text", "json", "sarif"]), default="text",
    help="How to print what is found.",
)  # fmt: skip
@click.option("--shapes", is_flag=True, help="Print the source, each line with what it makes.")
@click.option("--fix", is_flag=True, help="Apply the fixes that are certain, then check again.")
@model_options
def command(
    paths: tuple[str, ...],
    output: str,
    shapes: bool,
    fix: bool,
    model: str | None,
    settings: tuple[str, ...],
    inputs: tuple[str, ...],
    max_layers: int | None,
) -> None:
    """Find every error of every file in one run: shapes, names, arguments, contracts.

    Exits with 0 if there is none, 1 if there are errors, 2 if the command is not used right.
    """
    from graphc.model import check_file

    options = run_options(model, settings, inputs, max_layers)
    files = list(net_files(paths))
    reports = []
    for path in files:
        report = check_file(path, options)
        if fix and report.program is not None and report.diagnostics:
            from graphc.fixes import fixed_report

            fixed = fixed_report(Path(path), report, options)
            if fixed is not None:
                save(Path(path), fixed.text)
                click.echo(f"{path}: applied {fixed.count_text}")
                report = fixed.report
        reports.append(report)
    diagnostics = [each for report in reports for each in report.diagnostics]
    if output == "json":
        from graphc.diagnostics.json import to_json

        click.echo(to_json(diagnostics))
    elif output == "sarif":
        import graphc
        from graphc.diagnostics.sarif import to_sarif

        click.echo(to_sarif(diagnostics, version=graphc.__version__))
    else:
        if shapes:
            from graphc.render.line_shapes import annotated_source

            for report in reports:
                if report.program is not None:
                    click.echo(annotated_source(report.program), nl=False)
        show_diagnostics(diagnostics)
        if not diagnostics and not shapes:
            click.echo(
                f"{len(files)} files: no errors" if len(files) != 1 else f"{files[0]}: no errors"
            )
    sys.exit(0 if all(report.is_clean for report in reports) else 1)
