"""Classes by their names: their numbers are the places of the names in order."""

from __future__ import annotations

import numpy as np

from graphc.diagnostics.codes import TARGET_MISMATCH
from graphc.interop.data.faults import fault
from graphc.record import Record
from graphc.runtime.kernels.table import Array
from graphc.runtime.train.goals import Goal, at_fault
from graphc.source import Span
from graphc.training.classification_losses import BinaryCrossentropy
from graphc.training.loss import AutoCrossentropy, ClassLoss, SparseLoss

_SHOWN = 8


class Classes(Record):
    """A class number for each example, and the names of the classes by these numbers."""

    names: tuple[str, ...]
    numbers: Array

    __hash__ = object.__hash__

    @property
    def text(self) -> str:
        """Which number each name has, or the first few of many."""
        shown = [f"`{name[:40]}` as {number}" for number, name in enumerate(self.names[:_SHOWN])]
        more = len(self.names) - _SHOWN
        return ", ".join(shown) + (f" and {more:,} more" if more > 0 else "")


def numbered(words: tuple[str, ...], places: Array) -> Classes:
    """The classes of words, where each example has the place of its own."""
    order = sorted(range(len(words)), key=lambda place: words[place])
    ranks = np.empty(len(words), np.int32)
    ranks[order] = np.arange(len(words))
    return Classes(tuple(words[place] for place in order), ranks[places.astype(np.int64)])


def classes_of(array: Array) -> Classes | None:
    """The classes of an array of text, a word for each example; None for any other array."""
    if array.dtype.kind not in "SU" or array.ndim not in (1, 2) or array[:1].size != 1:
        return None
    names, numbers = np.unique(array.reshape(-1), return_inverse=True)
    texts = [x.decode(errors="replace") if isinstance(x, bytes) else str(x) for x in names]
    return Classes(tuple(texts), numbers.astype(np.int32).reshape(-1))


def check_classes(goal: Goal, classes: Classes, span: Span) -> None:
    """Raise `DataError` for a goal that takes no classes, or another number of them."""
    subject = goal.target_subject(goal.loss)
    place, _, others = at_fault(goal.span, span, goal.type)
    loss, last = goal.loss, goal.type.shape[-1]
    takes = loss is None or isinstance(loss, (SparseLoss, AutoCrossentropy, BinaryCrossentropy))
    if not takes:
        is_class_loss = isinstance(loss, ClassLoss)
        raise fault(
            TARGET_MISMATCH,
            f"{subject} needs numbers, got text: {classes.text}",
            place,
            others=others,
            help="for classes by their names use SparseCategoricalCrossentropy"
            if is_class_loss
            else "number the words as they are meant",
        )
    count = 2 if last == 1 or isinstance(loss, BinaryCrossentropy) else last
    if isinstance(count, int) and count != len(classes.names):
        raise fault(
            TARGET_MISMATCH,
            f"{subject} needs {count} classes, got {len(classes.names)} names: {classes.text}",
            place,
            others=others,
            help="where the file lacks some of the classes, number them: names are numbered in "
            "their order",
        )
