"""`graphc evaluate`."""

from __future__ import annotations

import click

from graphc.cli.training import examples, explained, trained_model, training_options


@click.command(
    "evaluate",
    epilog="Example: graphc evaluate samples/digits_mlp.net --data samples/data/digits.npz "
    "--weights digits.safetensors",
)
@click.argument("file", metavar="FILE")
@click.option(
    "--data", metavar="DATA", required=True,
    help="What to evaluate: x_test and y_test of an .npz that has them, else as for train.",
)  # fmt: skip
@click.option("--weights", metavar="FILE", required=True, help="The weights that were trained.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@training_options
def command(
    *,
    file: str,
    data: str,
    weights: str,
    as_json: bool,
    header: bool | None,
    batch_size: int | None,
    seed: int,
    model: str | None,
    settings: tuple[str, ...],
) -> None:
    """Print the loss and the metrics of a trained model."""
    found = trained_model(file, model, settings)
    with explained(found):
        trainer = found.trainer(found.load_weights(weights), seed=seed)
        logs = trainer.evaluate(
            examples(data, found, "test", found.train, header), batch_size=batch_size
        )
    if as_json:
        import json

        click.echo(json.dumps(logs))
        return
    for name, value in logs.items():
        shown = f"{value:.6g}" if isinstance(value, (int, float)) else str(value)
        click.echo(f"{name}: {shown}")
