"""`graphc train`."""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from graphc.cli.options import check_output, save
from graphc.cli.training import (
    examples,
    explained,
    held_examples,
    trained_model,
    training_options,
)

if TYPE_CHECKING:
    from graphc.model import Model
    from graphc.runtime.train.trainer import Trainer

INTERRUPTED = 130  # as shells have it for Ctrl-C


@click.command(
    "train",
    epilog="Example: graphc train samples/digits_mlp.net --data samples/data/digits.npz "
    "-o digits.safetensors",
)
@click.argument("file", metavar="FILE")
@click.option(
    "--data", metavar="DATA", required=True,
    help="What to train on: .npz (x_train and y_train, or x and y, or by names), a folder of "
    ".npy files, IDX files, .csv.",
)  # fmt: skip
@click.option(
    "--validation", metavar="DATA",
    help="What to evaluate after each epoch; without it the train block's validation_split.",
)  # fmt: skip
@click.option(
    "-o", "--output", metavar="FILE", required=True,
    help="Write the weights here: .safetensors, .npz, .weights.h5, or .keras with the model.",
)  # fmt: skip
@click.option("--weights", metavar="FILE", help="Begin with these weights; fresh ones without.")
@click.option(
    "--epochs", type=click.IntRange(min=1), metavar="N",
    help="Train to this epoch, not to that of the train block.",
)  # fmt: skip
@click.option(
    "--checkpoint", metavar="FILE.npz",
    help="After each epoch, and on Ctrl-C, keep here all it takes to go on.",
)  # fmt: skip
@click.option("--resume", is_flag=True, help="Go on from the checkpoint, if it is there.")
@click.option("--history", metavar="FILE", help="Write losses and metrics by epoch: .json or .csv.")
@click.option("--plot", metavar="FILE", help="Draw them: .png or .svg.")
@click.option("-q", "--quiet", is_flag=True, help="Show no progress.")
@training_options
def command(
    *,
    file: str,
    data: str,
    validation: str | None,
    output: str,
    weights: str | None,
    checkpoint: str | None,
    resume: bool,
    history: str | None,
    plot: str | None,
    quiet: bool,
    epochs: int | None,
    header: bool | None,
    batch_size: int | None,
    seed: int,
    model: str | None,
    settings: tuple[str, ...],
) -> None:
    """Train a model with NumPy as its train block says.

    Ctrl-C ends training after the batch that is on. With a checkpoint, --resume goes on from there
    to the result that a training without a break has.
    """
    gc.enable()  # this run is no short one
    if resume and checkpoint is None:
        raise click.UsageError("--resume needs --checkpoint, the file to go on from")
    _check_outputs(output, checkpoint, history, plot, (file, data, validation))
    found = trained_model(file, model, settings)
    given = {"epochs": epochs, "batch_size": batch_size}
    options: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    with explained(found):
        trainer = _trainer(found, weights, seed, quiet=quiet)
        held = held_examples(data, validation, found, header)
        whole = examples(data, found, "train", found.train, header)
        is_whole = _fit(
            trainer, whole, validation_data=held, checkpoint=checkpoint, resume=resume, **options
        )
        if is_whole or checkpoint is None:
            found.save_weights(output, trainer.weights)
            click.echo(f"wrote {output}", err=True)
        _write_history(trainer, history, plot)
    if not is_whole:
        sys.exit(INTERRUPTED)


def _check_outputs(
    output: str,
    checkpoint: str | None,
    history: str | None,
    plot: str | None,
    sources: tuple[str | None, ...],
) -> None:
    """End the run, before any work, for files that cannot come to be."""
    from graphc.interop.weights.formats import ENDINGS, ending_of

    if ending_of(output) is None:
        raise click.UsageError(f"{output} has to end in one of {', '.join(ENDINGS)}")
    for path, endings in (
        (output, ()),
        (checkpoint, (".npz",)),
        (history, (".json", ".csv")),
        (plot, (".png", ".svg")),
    ):
        if path is None:
            continue
        if endings and not path.endswith(endings):
            raise click.UsageError(f"{path} has to end in {' or '.join(endings)}")
        check_output(path, *sources)


def _trainer(model: Model, weights: str | None, seed: int, *, quiet: bool) -> Trainer:
    from graphc.render.progress import Progress
    from graphc.runtime.train.report import Reporter

    given = None if weights is None else model.load_weights(weights)
    verbose = getattr(model.train, "verbose", "auto")
    reporter = Reporter() if quiet else Progress(verbose=verbose)
    return model.trainer(given, seed=seed, reporter=reporter)


def _fit(trainer: Trainer, data: Any, **options: Any) -> bool:
    """Train; False where Ctrl-C ended it."""
    from graphc.runtime.train.faults import Interrupted

    try:
        with _interruptible(trainer):
            trainer.fit(data, **options)
    except Interrupted as interrupted:
        text = str(interrupted)
        if interrupted.checkpoint is not None:
            text += f"; --resume goes on from {interrupted.checkpoint}"
        click.echo(text, err=True)
        return False
    return True


@contextmanager
def _interruptible(trainer: Trainer) -> Iterator[None]:
    """Let the first Ctrl-C end training after a batch, and the second one at once."""

    def interrupt(number: int, frame: Any) -> None:
        signal.signal(signal.SIGINT, before)
        trainer.interrupt()

    try:
        before = signal.signal(signal.SIGINT, interrupt)
    except ValueError:  # not in the main thread, where signals arrive
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _write_history(trainer: Trainer, path: str | None, plot: str | None) -> None:
    from graphc.analysis.history import Measured

    history, first = trainer.history, trainer.train.initial_epoch
    epochs = range(first, first + max(map(len, history.values()), default=0))
    measured = Measured(first, tuple(filter(trainer.train.validates, epochs)))
    if path is not None:
        from graphc.interop.history import history_text

        save(Path(path), history_text(history, path, measured))
        click.echo(f"wrote {path}", err=True)
    if plot is not None:
        from graphc.render.history_plot import NothingToPlot, plot_history

        try:
            picture = plot_history(history, plot, trainer.model.name, measured)
        except NothingToPlot as error:
            click.echo(str(error), err=True)
            return
        save(Path(plot), picture)
        click.echo(f"wrote {plot}", err=True)
