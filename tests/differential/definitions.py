"""What Keras and we make of a definition: of a loss, an optimizer, an initializer, …"""

from __future__ import annotations

import warnings
from typing import Any

from graphc.declare import registry
from graphc.diagnostics.fault import Fault
from tests.differential.harness import L, keras

MODULES = {
    "loss": keras.losses,
    "metric": keras.metrics,
    "optimizer": keras.optimizers,
    "schedule": keras.optimizers.schedules,
    "initializer": keras.initializers,
    "regularizer": keras.regularizers,
    "constraint": keras.constraints,
    "callback": keras.callbacks,
}


class D(L):
    """A definition of a family, on both sides."""

    def __init__(self, family: str, class_name: str, *args: Any, **config: Any) -> None:
        super().__init__(class_name, *args, **config)
        self.family = family

    def our_class(self) -> Any:
        return registry(self.family)[self.class_name]

    def their_class(self) -> Any:
        return getattr(MODULES[self.family], self.class_name)

    def __repr__(self) -> str:
        return f"{self.family} {super().__repr__()}"


def check_taken(case: D) -> None:
    """Both sides take a configuration."""
    assert not keras_rejects(case)
    assert not we_reject(case)


def check_refused(case: D) -> None:
    """Both sides reject a configuration."""
    assert keras_rejects(case)
    assert we_reject(case)


def check_stricter(case: D) -> None:
    """Keras takes what we reject."""
    assert not keras_rejects(case)
    assert we_reject(case)


def keras_rejects(case: D) -> bool:
    return _rejects(case.theirs, ValueError, TypeError)


def we_reject(case: D) -> bool:
    return _rejects(case.ours, Fault)


def _rejects(make: Any, *errors: type[Exception]) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            make()
        except errors:
            return True
    return False
