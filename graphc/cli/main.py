"""The `graphc` command. Its subcommands are imported when they are called."""

from __future__ import annotations

import gc
import sys
from importlib import import_module
from typing import Any

import click

# Each command's module, function and line in the overview.
COMMANDS = {
    "check": "Find every error in .net files: shapes, names, arguments, contracts.",
    "summary": "Show a model's layers with shapes, parameters and costs.",
    "diff": "Say what differs between two models, by structure.",
    "render": "Draw a model: a picture, an interactive page, Mermaid, or in the terminal.",
    "emit": "Write a model as a Keras program.",
    "run": "Compute a model's outputs with NumPy.",
    "train": "Train a model with NumPy, as its train block says.",
    "evaluate": "Print the loss and the metrics of a trained model.",
    "predict": "Compute a trained model's outputs for a file of data.",
    "weights": "List a file of weights, hold it against a model, convert it.",
    "import": "Write a Keras model as a .net file.",
    "fmt": "Format .net files.",
    "explain": "Explain an error code, with an example and its fix.",
    "layers": "List the layers, or show one: arguments, shapes, weights.",
    "completion": "Print the completion script of a shell.",
}


class LazyGroup(click.Group):
    """A group that imports a command when it is asked for, and suggests the nearest one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order of a day's work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"graphc.cli.{cmd_name}_command").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the first word names; a usage error that suggests the nearest."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from graphc.diagnostics.suggest import did_you_mean

            hint = did_you_mean(args[0], COMMANDS)
            ctx.fail(f"there is no command `{args[0]}`" + (f"; {hint}" if hint else ""))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The overview, without importing any command."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _print_version(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        import graphc

        click.echo(f"graphc {graphc.__version__}")
        ctx.exit()


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with: graphc check samples/mnist.net",
)
@click.option(
    "--version", is_flag=True, callback=_print_version, expose_value=False, is_eager=True,
    help="Print the version.",
)  # fmt: skip
def cli() -> None:
    """Know every shape, parameter and FLOP of a network before any framework is loaded."""


def main(args: list[str] | None = None) -> Any:
    """Run the command line; the process' exit status is 0, 1 for errors found, 2 for usage."""
    # One short run makes little garbage: walking the heap for it costs a tenth of the time.
    gc.disable()
    for stream in (sys.stdout, sys.stderr):
        # A name in the source that the terminal's encoding lacks must not end the run.
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    try:
        return cli.main(args, prog_name="graphc")
    except OSError as error:
        if error.filename is not None:
            raise
        # Only what is printed goes to a file without a name, as a full disk behind a `>`.
        click.echo(f"the output cannot be written: {error.strerror or error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
