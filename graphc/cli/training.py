"""What `train`, `evaluate` and `predict` have in common."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from graphc.cli.options import main_model, run_options, show_diagnostics

if TYPE_CHECKING:
    from graphc.interop.data import Dataset, Part
    from graphc.model import Model
    from graphc.runtime.train.examples import Examples
    from graphc.training.keys import TrainConfig

F = TypeVar("F", bound=Callable[..., Any])


def training_options(command: F) -> F:
    """`--header`, `--batch-size`, `--seed`, `--model`, `--set`."""
    for option in (
        click.option(
            "--set", "settings", metavar="KEY=VALUE", multiple=True,
            help="Set a parameter of the model: --set classes=10.",
        ),
        click.option("--model", metavar="NAME", help="Work on this model, not the last one."),
        click.option(
            "--seed", type=int, default=0, metavar="N",
            help="For fresh weights, the order of examples and random layers.",
        ),
        click.option(
            "--header/--no-header", default=None,
            help="Whether tables begin with names of columns; else the first rows tell.",
        ),
        click.option(
            "--batch-size", type=click.IntRange(min=1), metavar="N",
            help="Take so many examples at a time.",
        ),
    ):  # fmt: skip
        command = option(command)
    return command


def trained_model(file: str, name: str | None, settings: tuple[str, ...]) -> Model:
    """The model of a file that has a train block; the run ends where there is none."""
    model = main_model(file, run_options(name, settings, (), None))
    if model.train is None:
        click.echo(f"{model.name} has no train block, which says what its loss is", err=True)
        sys.exit(1)
    if not model.model_graph.is_complete:
        click.echo(f"{model.name} does not state the shape of its input", err=True)
        sys.exit(1)
    return model


def examples(
    path: str, model: Model, part: Part, train: TrainConfig | None, header: bool | None
) -> Examples:
    """The examples of a part of a file; what is worth a look is shown."""
    from graphc.interop.data import open_dataset

    return _shown(open_dataset(path, model.model_graph, part, train, has_header=header))


def held_examples(
    data: str, validation: str | None, model: Model, header: bool | None
) -> Examples | None:
    """The examples to validate with: those of a file of their own, or else of the data's."""
    from graphc.interop.data import open_validation

    assert model.train is not None
    found = open_validation(validation or data, model.model_graph, model.train)
    if found is not None:
        return _shown(found)
    return None if validation is None else examples(validation, model, "test", model.train, header)


def _shown(data: Dataset) -> Examples:
    from graphc.runtime.train.examples import Examples

    show_diagnostics(list(data.warnings))
    return Examples(data.inputs, data.targets, data.weights)


@contextmanager
def explained(model: Model) -> Iterator[None]:
    """Show what is wrong with weights, data, a model or a training, and end the run."""
    from graphc.interop.data import DataError
    from graphc.interop.weights.faults import WeightsError
    from graphc.keras_format.inexpressible import Inexpressible
    from graphc.runtime.arguments import InputError
    from graphc.runtime.dtypes import MissingLibrary
    from graphc.runtime.faults import NotRunnable
    from graphc.runtime.lookups import OutOfRange
    from graphc.runtime.train.faults import TrainingError
    from graphc.runtime.train.misfits import Misfit

    try:
        yield
    except (DataError, WeightsError, NotRunnable, TrainingError, Misfit, OutOfRange) as error:
        show_diagnostics(error.diagnostics)
        sys.exit(1)
    except Inexpressible as fault:
        show_diagnostics([fault.diagnostic(model.model_graph.span)])
        sys.exit(1)
    except (InputError, MissingLibrary) as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    except OSError as error:
        name = error.filename or "a file"
        click.echo(f"{name} cannot be written: {error.strerror or error}", err=True)
        sys.exit(1)
