"""`graphc render`."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from graphc.cli.options import (
    F,
    model_options,
    put_out,
    run_options,
    show_diagnostics,
    use_color,
)
from graphc.render.drawing import RANKDIRS, THEMES

if TYPE_CHECKING:
    from graphc.analysis.diagram import Diagram
    from graphc.model import Report
    from graphc.render.drawing import Drawing


def _flag(name: str, text: str, *, default: bool = False) -> Callable[[F], F]:
    off = f"/--no-{name}" if default else ""
    return click.option(f"--{name}{off}", default=default, is_flag=True, help=text)


@click.command(
    "render",
    epilog="Example: graphc render samples/resnet50.net -o resnet50.png --fold --show-params",
)
@click.argument("file", metavar="FILE")
@click.option(
    "-o", "--output", metavar="PATH",
    help="Where to: a name ending in .png, .svg, .pdf, .dot, .mmd or .html; - for standard "
    "output. Without it, FILE's name with .png.",
)  # fmt: skip
@click.option(
    "--format", "form", type=click.Choice(["png", "svg", "pdf", "dot", "mermaid", "html", "text"]),
    help="What to draw, whatever the name ends in; text draws in the terminal.",
)  # fmt: skip
@_flag("show-shapes", "Shapes in the boxes: what goes in and what comes out.", default=True)
@_flag("show-dtype", "Dtypes of the outputs.")
@_flag("show-layer-names", "Names of the layers.", default=True)
@_flag("show-layer-activations", "Activations.")
@_flag("show-trainable", "Whether a layer is trained.")
@_flag("show-params", "Parameters.")
@_flag("show-macs", "Multiply-accumulates for one example.")
@_flag("show-bytes", "Bytes of the weights.")
@_flag("show-edge-shapes", "Shapes at the edges.")
@click.option(
    "--label", metavar="TEXT",
    help='What a box says instead, with fields: --label "{config}\\n{params} params".',
)  # fmt: skip
@_flag("expand-nested", "Open nested models.")
@click.option(
    "--depth", type=click.IntRange(min=0), metavar="N",
    help="Open blocks and nested models N levels deep; without it all blocks and no models.",
)  # fmt: skip
@_flag("fold", "Draw parts that are repeated in a row once, with their number.")
@click.option(
    "--rankdir", type=click.Choice(RANKDIRS), default="TB", help="The direction of the flow."
)
@click.option(
    "--dpi", type=click.IntRange(10, 2400), metavar="N",
    help="Pixels per inch of a PNG (default 200, less for a large drawing).",
)  # fmt: skip
@click.option(
    "--wrap", type=click.IntRange(min=0), metavar="N",
    help="Go on in the next column after about N rows; 0 never does. Without it, long drawings "
    "are made about as wide as they are high.",
)  # fmt: skip
@click.option(
    "--theme", type=click.Choice(THEMES),
    help="Light or dark paper (default light; a page goes by its reader's system).",
)  # fmt: skip
@click.option("--title", metavar="TEXT", help="A title above the drawing.")
@_flag("legend", "Which colour is what.", default=True)
@click.option(
    "--against", metavar="AFTER",
    help="Draw what changes from FILE to this one: layers added, removed, changed and moved.",
)  # fmt: skip
@model_options
def command(
    file: str,
    output: str | None,
    form: str | None,
    expand_nested: bool,
    depth: int | None,
    fold: bool,
    against: str | None,
    model: str | None,
    settings: tuple[str, ...],
    inputs: tuple[str, ...],
    max_layers: int | None,
    **drawing: Any,
) -> None:
    """Draw a model: as a picture, an interactive page, Mermaid for a README, or in the terminal.

    A model with errors is drawn as far as it is known, the layer at fault in red; the exit status
    is then 1.
    """
    from graphc.model import check_file
    from graphc.render.drawing import Drawing

    options = run_options(model, settings, inputs, max_layers)
    form = _format(output, form)
    _check_label(drawing["label"])
    report = check_file(file, options)
    diagram, is_clean = _diagram(file, report)
    if against is not None:
        from graphc.analysis.diff_union import union

        after, is_after_clean = _diagram(against, check_file(against, options))
        diagram, is_clean = union(diagram, after), is_clean and is_after_clean
    content = _drawn(
        diagram, form, Drawing(**drawing), is_shown=output in (None, "-"),
        depth=depth, expand_nested=expand_nested, fold=fold,
    )  # fmt: skip
    put_out(content, output or (None if form == "text" else f"{Path(file).stem}.{form}"))
    sys.exit(0 if is_clean else 1)


def _diagram(file: str, report: Report) -> tuple[Diagram, bool]:
    """What there is to draw of a file, after its diagnostics; and whether there are no errors."""
    show_diagnostics(report.diagnostics)
    main = report.main
    if main is None:
        if report.is_clean:
            click.echo(f"{file} holds no model", err=True)
        sys.exit(1)
    diagram = main.diagram()
    if not diagram.parts:
        click.echo(f"nothing is known of {main.name} to draw", err=True)
        sys.exit(1)
    return diagram, report.is_clean


def _format(output: str | None, form: str | None) -> str:
    from graphc.render.picture import ENDINGS, FORMATS, format_of

    if form is not None:
        return ENDINGS.get(form, form)
    if output == "-":
        raise click.UsageError("-o - needs --format: png, svg, pdf, dot, mermaid, html or text")
    if output is None:
        return "png"
    found = format_of(output)
    if found is None:
        raise click.UsageError(
            f"{output} has no ending that says what to draw: .{', .'.join(FORMATS[:-1])}; "
            "or say it with --format"
        )
    return found


def _check_label(label: str | None) -> None:
    from graphc.diagnostics.suggest import did_you_mean
    from graphc.render.box_text import FIELDS, unknown_fields

    for name in unknown_fields(label or ""):
        hint = did_you_mean(name, FIELDS) or f"there are {', '.join(FIELDS)}"
        raise click.UsageError(f"--label has no field {{{name}}}; {hint}")


def _drawn(diagram: Diagram, form: str, drawing: Drawing, *, is_shown: bool, **view: Any) -> bytes:
    from graphc.render.graphviz_engine import GraphvizFailed, NoGraphviz
    from graphc.render.picture import TooLarge, picture

    if form == "text" and is_shown and use_color(sys.stdout):
        return _in_color(diagram, drawing, view)
    try:
        return picture(diagram, form, drawing, **view)
    except TooLarge as error:
        click.echo(f"{error}; {_smaller(diagram)}", err=True)
    except (NoGraphviz, GraphvizFailed) as error:
        click.echo(str(error), err=True)
    sys.exit(1)


def _in_color(diagram: Diagram, drawing: Drawing, options: dict[str, Any]) -> bytes:
    from graphc.analysis.view import view
    from graphc.render.terminal import to_terminal

    shown = view(diagram, **options)
    _warn_of_width(to_terminal(shown, drawing))
    return to_terminal(shown, drawing, color=True).encode()


def _warn_of_width(text: str) -> None:
    """Say what to do with a drawing whose lines the terminal would break."""
    from graphc.diagnostics.glyphs import columns

    width = max(map(columns, text.split("\n")))
    room = shutil.get_terminal_size().columns
    if width > room and sys.stdout.isatty():
        click.echo(
            f"the drawing is {width} columns wide, the terminal {room}: "
            "try --fold, --depth 0, or ` | less -S`",
            err=True,
        )


def _smaller(whole: Diagram) -> str:
    """What to do with a diagram that is too large, with what comes of it."""
    from graphc.analysis.diagram import nodes_of
    from graphc.analysis.view import view
    from graphc.render.picture import MOST_BOXES

    ways: tuple[tuple[str, dict[str, Any]], ...] = (
        ("--fold", {"fold": True}),
        ("--depth 1", {"depth": 1}),
        ("--depth 0", {"depth": 0}),
        ("--fold --depth 0", {"fold": True, "depth": 0}),
    )
    fitting = []
    for option, arguments in ways:
        boxes = sum(1 for _ in nodes_of(view(whole, **arguments).parts))
        if boxes <= MOST_BOXES:
            fitting.append(f"{option} ({boxes:,} boxes)")
    if not fitting:
        return "an interactive page takes it: -o model.html"
    return f"try {' or '.join(fitting)}"
