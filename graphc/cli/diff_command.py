"""`graphc diff`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from graphc.cli.options import model_options, run_options, show_diagnostics, use_color

if TYPE_CHECKING:
    from graphc.analysis.diff import Difference
    from graphc.elaborate.program import Options
    from graphc.model import Report


@click.command(
    "diff",
    epilog="""\b
Example: graphc diff old.net new.net --verbose

\b
With git, the last commit against the working tree:
  git difftool --no-prompt --extcmd "graphc diff" HEAD -- model.net
  git show HEAD:model.net | graphc diff - model.net
""",
)
@click.argument("before", metavar="BEFORE")
@click.argument("after", metavar="AFTER", required=False)
@click.option("-v", "--verbose", is_flag=True, help="List the layers in which only shapes follow.")
@click.option(
    "--format", "output", type=click.Choice(["text", "json", "markdown"]), default="text",
    help="How to print it; markdown suits a comment on a pull request.",
)  # fmt: skip
@click.option(
    "--set-before", metavar="KEY=VALUE", multiple=True,
    help="Set a parameter of the model before only.",
)  # fmt: skip
@click.option(
    "--set-after", metavar="KEY=VALUE", multiple=True,
    help="Set a parameter of the model after only: what does depth=12 change?",
)  # fmt: skip
@model_options
def command(
    before: str,
    after: str | None,
    verbose: bool,
    output: str,
    set_before: tuple[str, ...],
    set_after: tuple[str, ...],
    model: str | None,
    settings: tuple[str, ...],
    inputs: tuple[str, ...],
    max_layers: int | None,
) -> None:
    """Say what differs between two models: layers, shapes, parameters, costs, training.

    Models are matched by structure: renaming a variable, or writing a network another way, is no
    difference. --model, --set and --input apply to both files. Without AFTER, a file is compared
    with itself under other settings: --set-after depth=12. - reads one of them from standard input.

    Exits with 0 if the models are equal, 1 if they differ or a file has errors, 2 if the command
    is not used right.
    """
    if after is None and not set_before and not set_after:
        raise click.UsageError("diff needs AFTER, or --set-before or --set-after to compare under")
    paths = (before, before if after is None else after)
    chosen = [
        run_options(model, (*settings, *own), inputs, max_layers) for own in (set_before, set_after)
    ]
    if paths == ("-", "-"):
        raise click.UsageError("standard input holds one file: - can stand once")
    reports = [_report(path, options) for path, options in zip(paths, chosen, strict=True)]
    show_diagnostics([each for report in reports for each in report.diagnostics])
    mains = [report.main for report in reports]
    for path, report, main in zip(paths, reports, mains, strict=True):
        if main is None and report.is_clean:
            click.echo(f"{path} holds no model", err=True)
    if any(main is None or not main.is_known for main in mains):
        sys.exit(1)
    mine, theirs = mains
    assert mine is not None
    assert theirs is not None
    difference = mine.diff(theirs)
    names = _described(paths, set_before, set_after)
    _print(output, difference, *names, verbose=verbose)
    is_clean = all(report.is_clean for report in reports)
    sys.exit(0 if is_clean and difference.is_empty else 1)


def _report(path: str, options: Options) -> Report:
    """What checking a file finds, or what comes from standard input."""
    from graphc.model import check_file, check_source

    if path != "-":
        return check_file(path, options)
    from graphc.elaborate.files import Unreadable, standard_input

    file = standard_input()
    if isinstance(file, Unreadable):
        raise click.UsageError(file.message)
    return check_source(file, None, options)


def _described(
    paths: tuple[str, str], set_before: tuple[str, ...], set_after: tuple[str, ...]
) -> tuple[str, str]:
    """What the two sides are called: their files, and what is set for one of them alone."""
    before, after = (
        " ".join([path, *own]) for path, own in zip(paths, (set_before, set_after), strict=True)
    )
    return before, after


def _print(output: str, difference: Difference, before: str, after: str, *, verbose: bool) -> None:
    if output == "json":
        from graphc.render.diff_json import diff_json

        text = diff_json(difference, before, after)
    else:
        from graphc.render.diff_text import diff_markdown, diff_text

        if output == "markdown":
            text = diff_markdown(difference, before, after, verbose=verbose)
        else:
            color = use_color(sys.stdout)
            text = diff_text(difference, before, after, verbose=verbose, color=color)
    click.echo(text, nl=False, color=True)
