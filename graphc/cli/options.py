"""Options that several commands share."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from graphc.diagnostics.codes import Code
    from graphc.diagnostics.diagnostic import Diagnostic
    from graphc.elaborate.program import Options
    from graphc.model import Model
    from graphc.writing import Content

F = TypeVar("F", bound=Callable[..., Any])


def model_options(command: F) -> F:
    """`--model`, `--set`, `--input`, `--max-layers`: which model, configured how."""
    for option in reversed(
        (
            click.option("--model", metavar="NAME", help="Work on this model, not the last one."),
            click.option(
                "--set", "settings", metavar="KEY=VALUE", multiple=True,
                help="Set a parameter of the model: --set classes=10.",
            ),
            click.option(
                "--input", "inputs", metavar='[NAME=]"[DIMS]"', multiple=True,
                help='Give an input a shape: --input image="[224, 224, 3]".',
            ),
            click.option(
                "--max-layers", type=click.IntRange(min=1), metavar="N",
                help="Stop at so many layers (default 1,000,000).",
            ),
        )
    ):  # fmt: skip
        command = option(command)
    return command


def run_options(
    model: str | None, settings: Iterable[str], inputs: Iterable[str], max_layers: int | None
) -> Options:
    """The options of a run; a usage error where their text is not what it has to be."""
    from graphc.elaborate.option_text import OptionError
    from graphc.model import options

    set_values = dict(_pair(text, "--set", needs_name=True) for text in settings)
    shapes = dict(_pair(text, "--input", needs_name=False) for text in inputs)
    try:
        return options(model=model, settings=set_values, inputs=shapes, max_layers=max_layers)
    except OptionError as error:
        raise click.UsageError(str(error)) from None


def _pair(text: str, option: str, *, needs_name: bool) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if equals and name.strip().isidentifier():
        return name.strip(), value.strip()
    if needs_name:
        raise click.UsageError(f"{option} needs KEY=VALUE, got {text!r}")
    return "", text.strip()


def net_files(paths: Iterable[str]) -> Iterator[str]:
    """The files named, and the .net files in the folders named, each once, in order."""
    seen: set[str] = set()
    for path in paths:
        for found in _files_in(path):
            if found not in seen:
                seen.add(found)
                yield found


def _files_in(path: str) -> list[str]:
    if not Path(path).is_dir():
        return [path]
    found = sorted(str(each) for each in Path(path).rglob("*.net") if each.is_file())
    if not found:
        raise click.UsageError(f"the folder {path} holds no .net files")
    return found


def use_color(stream: Any) -> bool:
    """Whether a stream takes colour: a terminal, unless NO_COLOR says otherwise."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or bool(stream.isatty())


def show_diagnostics(diagnostics: list[Diagnostic]) -> None:
    """Print diagnostics to standard error."""
    if not diagnostics:
        return
    from graphc.diagnostics.text import render_all

    click.echo(render_all(diagnostics, color=use_color(sys.stderr)), err=True, color=True)


def main_model(file: str, options: Options, *, hidden: tuple[Code, ...] = ()) -> Model:
    """The model of a file that a command works on; the run ends where there is none, or errors.

    Diagnostics are shown, but for those of codes that the command reports in its own way.
    """
    from graphc.model import check_file

    report = check_file(file, options)
    show_diagnostics([each for each in report.diagnostics if each.code not in hidden])
    main = report.main
    if main is None and report.is_clean:
        click.echo(f"{file} holds no model", err=True)
    if not report.is_clean or main is None:
        sys.exit(1)
    return main


def save(path: Path, content: Content) -> None:
    """Write a file, or end the run with what the system has against it."""
    from graphc.writing import write_file

    try:
        write_file(path, content)
    except OSError as error:
        click.echo(f"{path} cannot be written: {error.strerror or error}", err=True)
        sys.exit(1)


def check_output(output: str, *sources: str | None) -> None:
    """End the run, before any work, if a file of this name cannot come to be.

    Of the sources, which are read, it may be none.
    """
    path = Path(output)
    if not path.parent.is_dir():
        raise click.UsageError(f"there is no folder {path.parent} to write {path.name} into")
    if path.is_dir():
        raise click.UsageError(f"{output} is a folder")
    for source in filter(None, sources):
        if path.exists() and Path(source).exists() and path.samefile(source):
            raise click.UsageError(f"{output} is what is read: writing would replace it")


def put_out(content: bytes, output: str | None) -> None:
    """Write what a command makes: to a file, which is named then, or to standard output."""
    if output in (None, "-"):
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    assert output is not None
    check_output(output)
    save(Path(output), content)
    click.echo(f"wrote {output}", err=True)
