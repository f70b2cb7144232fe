"""`graphc layers`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from graphc.declare.layer import Layer


@click.command("layers", epilog="Example: graphc layers Conv2D")
@click.argument("name", metavar="[NAME]", required=False)
def command(name: str | None) -> None:
    """List the layers by family, or show one: arguments, inputs, weights, an example."""
    import graphc.layers
    import graphc.training  # noqa: F401
    from graphc.declare.definition import registry
    from graphc.diagnostics.suggest import did_you_mean
    from graphc.render.layer_page import layer_page, layers_overview

    layers: dict[str, type[Layer]] = registry("layer")  # type: ignore[assignment]  # its family
    if name is None:
        click.echo(layers_overview(), nl=False)
        return
    if name not in layers:
        hint = did_you_mean(name, layers) or "graphc layers lists them"
        raise click.UsageError(f"there is no layer `{name}`; {hint}")
    click.echo(layer_page(layers[name]), nl=False)
