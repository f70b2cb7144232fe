"""What a model of the wild goes through: all that one of the zoo does, and our own run of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from graphc.model import load
from graphc.record import Record
from tests.interop.zoo.entry import Entry
from tests.interop.zoo.harness import check_animal, give_values, inputs_of, outputs, plain_session


class Subject(Record):
    """The models of one subject, in the order in which they are written."""

    name: str
    entries: list[Entry]

    def model(self, **options: Any) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
        """List the function below."""

        def add(build: Callable[[], Any]) -> Callable[[], Any]:
            self.entries.append(Entry(build, **options))
            return build

        return add


def subject(name: str) -> Subject:
    """A subject that has no models yet."""
    return Subject(name, [])


def check_wild(entry: Entry, folder: Path) -> None:
    """All that is to hold of a model."""
    check_animal(entry, folder)
    check_run(entry, folder / "folded.net")


def check_run(entry: Entry, net: Path) -> None:
    """Our own program for the model computes what Keras does."""
    with plain_session():
        model = entry.build()
        give_values(model)
    ours = load(net)
    archive = net.with_name("run.keras")
    model.save(archive)
    given = inputs_of(model)
    found = ours.compile(ours.load_weights(archive)).run(*map(np.asarray, given))
    for (name, one), other in zip(found.items(), outputs(model, given), strict=True):
        assert one.dtype == other.dtype, name
        np.testing.assert_allclose(
            np.asarray(one, "float64"), np.asarray(other, "float64"), rtol=1e-5, atol=1e-5,
            err_msg=f"{name}\n{net.read_text()}",
        )  # fmt: skip
