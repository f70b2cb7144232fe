"""`graphc completion`."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command("completion", epilog="Example: graphc completion bash >> ~/.bashrc (or zsh, fish)")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the script that completes graphc's commands and options in a shell."""
    from graphc.cli.main import cli

    made = get_completion_class(shell)
    assert made is not None
    click.echo(made(cli, {}, "graphc", "_GRAPHC_COMPLETE").source())
