"""`graphc predict`."""

from __future__ import annotations

from pathlib import Path

import click

from graphc.cli.options import check_output, main_model, run_options, save
from graphc.cli.training import examples, explained, training_options


@click.command(
    "predict",
    epilog="Example: graphc predict samples/digits_mlp.net --data samples/data/digits.npz "
    "--weights digits.safetensors -o digits.npz",
)
@click.argument("file", metavar="FILE")
@click.option(
    "--data", metavar="DATA", required=True,
    help="The inputs: x_test of an .npz that has it, else as for train.",
)  # fmt: skip
@click.option("--weights", metavar="FILE", required=True, help="The weights that were trained.")
@click.option(
    "-o", "--output", metavar="FILE.npz", required=True, help="Write the outputs here, by name."
)
@training_options
def command(
    *,
    file: str,
    data: str,
    weights: str,
    output: str,
    header: bool | None,
    batch_size: int | None,
    seed: int,
    model: str | None,
    settings: tuple[str, ...],
) -> None:
    """Compute a trained model's outputs for the test part of a file of data."""
    if not output.endswith(".npz"):
        raise click.UsageError(f"{output} has to end in .npz")
    check_output(output, data, weights)
    found = main_model(file, run_options(model, settings, (), None))
    with explained(found):
        from graphc.interop.weights.npz import write_npz
        from graphc.runtime.batches import in_batches
        from graphc.runtime.train.epochs import DEFAULT_BATCH

        run = found.compile(weights, seed=seed)
        given = examples(data, found, "test", None, header)
        inputs = given.rows(slice(0, given.size)).inputs
        results = in_batches(run, inputs, batch_size or DEFAULT_BATCH)
    save(Path(output), lambda file: write_npz(file, results))
    shapes = ", ".join(f"{name} {list(array.shape)}" for name, array in results.items())
    click.echo(f"wrote {output}: {shapes}", err=True)
