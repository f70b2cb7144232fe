"""`graphc fmt`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from graphc.cli.options import net_files, save, show_diagnostics


@click.command("fmt", epilog="Example: graphc fmt --check samples/")
@click.argument("paths", nargs=-1, required=True, metavar="FILE|DIR|-…")
@click.option("--check", is_flag=True, help="Change nothing; exit with 1 if a file would change.")
@click.option("--diff", is_flag=True, help="Change nothing; print what would change.")
def command(paths: tuple[str, ...], check: bool, diff: bool) -> None:
    """Format .net files in place; `-` reads standard input and prints the result."""
    from graphc.diagnostics.diagnostic import Sink
    from graphc.elaborate.files import Unreadable, read_source, standard_input
    from graphc.syntax.format import format_source
    from graphc.syntax.parse import parse

    changed = failed = 0
    for path in net_files(paths):
        file = standard_input() if path == "-" else read_source(Path(path), path)
        if isinstance(file, Unreadable):
            click.echo(f"{path}: {file.message}", err=True)
            failed += 1
            continue
        sink = Sink()
        tree = parse(file, sink)
        if sink.error_count:
            show_diagnostics(sink.in_source_order())
            failed += 1
            continue
        text = format_source(file, tree)
        is_changed = text != file.text
        changed += is_changed
        if diff:
            click.echo(_difference(path, file.text, text), nl=False)
        elif check:
            if is_changed:
                click.echo(f"{path}: would change")
        elif path == "-":
            click.echo(text, nl=False)
        elif is_changed:
            save(Path(path), text)
            click.echo(f"{path}: formatted")
    sys.exit(1 if failed or (changed and (check or diff)) else 0)


def _difference(path: str, before: str, after: str) -> str:
    import difflib

    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
        for line in difflib.unified_diff(
            before.splitlines(keepends=True),
            after.splitlines(keepends=True),
            f"{path} (now)",
            f"{path} (formatted)",
        )
    )
