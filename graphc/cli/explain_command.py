"""`graphc explain`."""

from __future__ import annotations

import sys

import click

from graphc.cli.options import use_color


@click.command("explain", epilog="Example: graphc explain E0301")
@click.argument("code", metavar="[CODE]", required=False)
def command(code: str | None) -> None:
    """Explain an error code (E0301 or rank-mismatch), or list all codes."""
    from graphc.diagnostics.codes import CODES
    from graphc.diagnostics.pages import page
    from graphc.diagnostics.suggest import nearest

    if code is None:
        for entry in CODES.values():
            click.echo(f"{entry.id}  {entry.slug:<26}{entry.title}")
        return
    slugs = {entry.slug: entry.id for entry in CODES.values()}
    wanted = slugs.get(code.lower(), code.upper())
    if wanted not in CODES:
        best = nearest(code, [*CODES, *slugs])
        hint = f"; did you mean {best}?" if best else "; graphc explain lists them"
        raise click.UsageError(f"there is no code {code}{hint}")
    text = page(wanted)
    assert text is not None, f"{wanted} has no page"
    if use_color(sys.stdout):
        from rich.console import Console
        from rich.markdown import Markdown

        Console(width=min(100, Console().width)).print(Markdown(text))
    else:
        click.echo(text, nl=False)
