"""Which numbers mean something as the targets of an output."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from graphc.ir.types import TensorType
from graphc.record import Record
from graphc.runtime.kernels.table import Array
from graphc.training.loss import Loss


class TargetBounds(Record):
    """The least and the greatest; `is_classes` of the numbers of classes, which are whole."""

    low: float
    high: float
    is_classes: bool
    ignored: float | None = None
    """One that counts for nothing, wherever it lies."""

    def first_outside(self, chunks: Iterable[Array]) -> tuple[int, float] | None:
        """The first row with a number that means nothing, and that number; `chunks` have rows."""
        start = 0
        for chunk in chunks:
            outside = self._outside(chunk)
            if outside.any():
                row = int(np.argmax(outside.reshape(len(chunk), -1).any(axis=1)))
                return start + row, float(chunk[outside].flat[0])
            start += len(chunk)
        return None

    def message(self, row: int, number: float) -> str:
        """What is wrong with that row, going on from a subject."""
        wanted = "whole numbers" if self.is_classes else "numbers"
        return (
            f"needs {wanted} from {self.low:g} to {self.high:g}, got {number:g}; "
            f"example {row} is the first outside"
        )

    def _outside(self, values: Array) -> Array:
        outside: Any = (values < self.low) | (values > self.high)
        if self.is_classes and values.dtype.kind not in "biu":
            outside |= np.floor(values) != values
        if self.ignored is not None:
            outside &= values != self.ignored
        return np.asarray(outside)


def target_bounds(loss: Loss, output: TensorType) -> TargetBounds | None:
    """Those of a loss of such an output; None where all numbers mean something."""
    classes = loss.class_count(output)
    if isinstance(classes, int):
        ignored: Any = getattr(loss, "ignore_class", None)
        return TargetBounds(0, classes - 1, is_classes=True, ignored=ignored)
    if loss.target_bounds is None:
        return None
    low, high = loss.target_bounds
    return TargetBounds(low, high, is_classes=False)
