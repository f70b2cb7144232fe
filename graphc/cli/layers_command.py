"""`graphc layers`."""

from __future__ import annotations

import click


@click.command("layers", epilog="Example: graphc layers Conv2D")
@click.argument("name", metavar="[NAME]", required=False)
def command(name: str | None) -> None:
    """List the layers by family, or show one: arguments, inputs, weights, an example."""
    import graphc.layers  # noqa: F401, PLC0415 - after usage errors
    import graphc.training  # noqa: F401, PLC0415
    from graphc.declare.definition import registry  # noqa: PLC0415
    from graphc.diagnostics.suggest import did_you_mean  # noqa: PLC0415
    from graphc.render.layer_page import layer_page, layers_overview  # noqa: PLC0415

    layers = registry("layer")
    if name is None:
        click.echo(layers_overview(), nl=False)
        return
    if name not in layers:
        hint = did_you_mean(name, layers) or "graphc layers lists them"
        raise click.UsageError(f"there is no layer `{name}`; {hint}")
    click.echo(layer_page(layers[name]), nl=False)
