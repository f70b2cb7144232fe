"""A file of data as the examples of a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import TypeVar

import numpy as np

from graphc.diagnostics.codes import (
    CLASSES_NUMBERED,
    DATA_RESHAPED,
    EXAMPLE_COUNT,
    UNSCALED_PIXELS,
    Code,
)
from graphc.diagnostics.diagnostic import Diagnostic
from graphc.diagnostics.glyphs import printable
from graphc.interop.data.archive import Arrays
from graphc.interop.data.classes import Classes, check_classes, classes_of
from graphc.interop.data.columns import TextColumn
from graphc.interop.data.dataset import ArrayLike, Dataset, Part
from graphc.interop.data.faults import DataError, fault, file_span, unreadable
from graphc.interop.data.fit import (
    Need,
    as_rows,
    check_numbers,
    check_values,
    fitted_shape,
    misfit,
)
from graphc.interop.data.names import (
    Wanted,
    check_weight_names,
    has_part,
    input_array,
    part_of,
    target_array,
    weight_array,
)
from graphc.interop.data.pixels import meets_weights_unscaled
from graphc.interop.data.source import read_source
from graphc.interop.data.table import ENDINGS as TABLES
from graphc.interop.data.targets import target_rows, weight_rows
from graphc.interop.weights.faults import WeightsError
from graphc.ir.dims import shape_text
from graphc.ir.dtypes import is_float
from graphc.ir.graph import ModelGraph
from graphc.runtime.kernels.table import Array
from graphc.runtime.shared_sizes import SharedSizes
from graphc.runtime.train.goals import Goal, goals_of
from graphc.training.keys import TrainConfig

T = TypeVar("T")


def open_dataset(
    path: str,
    model: ModelGraph,
    part: Part,
    train: TrainConfig | None = None,
    *,
    has_header: bool | None = None,
) -> Dataset:
    """The examples of a part of a file, held against the model and, with `train`, its losses.

    The file is .npz, .npy, .csv, .tsv, .csv.gz, .tsv.gz, an IDX file or a folder of .npy or IDX files. Without
    `train` there are inputs alone. `has_header` says whether a table begins with the names of its
    columns; without it, its first rows tell. Raises `DataError`, which holds a diagnostic for each fault.
    """
    goals = [goal for goal in goals_of(model, train) if goal.needs_target] if train else []
    wanted = _wanted(model, goals)
    # Each is read once, whatever it serves for.
    found = read_source(path, wanted, has_header=has_header)
    texts = {name: column for name, column in found.items() if isinstance(column, TextColumn)}
    source: Arrays = {name: cache(opened) for name, opened in found.items()}
    arrays = part_of(path, source, wanted, part)
    if train is not None:
        check_weight_names(path, source, wanted)
    opening = _Opening(path, model, arrays, wanted, texts)
    inputs = {name: opening.input(name) for name in wanted.inputs}
    targets = {goal.output: opening.target(goal) for goal in goals}
    weights = {goal.output: opening.weight(goal) for goal in goals}
    if opening.faults:
        raise DataError(opening.faults)
    return Dataset(
        _present(inputs),
        _present(targets),
        _present(weights),
        opening.size,
        tuple(opening.warnings),
    )


def open_validation(path: str, model: ModelGraph, train: TrainConfig) -> Dataset | None:
    """The examples that a file has for validation, as `x_val` and `y_val`; None without such."""
    if path.endswith(TABLES):
        return None  # its columns are of no part
    wanted = _wanted(model, goals_of(model, train))
    if not has_part(read_source(path, wanted), wanted, "validation"):
        return None
    return open_dataset(path, model, "validation", train)


def _wanted(model: ModelGraph, goals: list[Goal]) -> Wanted:
    records = [model.record(node) for node in model.inputs]
    spans = {record.name: record.span for record in records}
    spans.update((output.name, model.record(output.ref.node).span) for output in model.outputs)
    return Wanted(
        {record.name: record.layer.type for record in records},
        tuple(goal.output for goal in goals),
        tuple(output.name for output in model.outputs),
        spans,
    )


def _present(arrays: dict[str, ArrayLike | None]) -> dict[str, ArrayLike]:
    return {name: array for name, array in arrays.items() if array is not None}


def _without_ones(shape: tuple[int, ...]) -> list[int]:
    """The sides that tell shapes apart: Keras too adds and drops axes of one place."""
    return [side for side in shape if side != 1]


class _Opening:
    """Brings arrays into their places one by one, and keeps what is wrong with each."""

    def __init__(
        self, path: str, model: ModelGraph, arrays: Arrays, wanted: Wanted,
        texts: Mapping[str, TextColumn],
    ) -> None:  # fmt: skip
        self._path = path
        self._model = model
        self._arrays = arrays
        self._wanted = wanted
        self._texts = texts
        self._sizes = SharedSizes()
        self._first = ""
        self.size = 0
        self.faults: list[Diagnostic] = []
        self.warnings: list[Diagnostic] = []

    def input(self, name: str) -> ArrayLike | None:
        """The rows of an input, or None where there is a fault."""
        return self._kept(lambda: self._input(name))

    def target(self, goal: Goal) -> ArrayLike | None:
        """The targets of an output, or None where there is a fault."""
        return self._kept(lambda: self._target(goal))

    def weight(self, goal: Goal) -> ArrayLike | None:
        """The sample weights of an output, or None where there are none, or a fault."""
        return self._kept(lambda: self._weight(goal))

    def _kept(self, opened: Callable[[], T]) -> T | None:
        try:
            return opened()
        except DataError as error:
            found = error.diagnostics
        except WeightsError as error:  # of a size that is not believed
            found = unreadable(self._path, str(error)).diagnostics
        self.faults.extend(each for each in found if each not in self.faults)
        return None

    def _input(self, name: str) -> ArrayLike:
        array = input_array(self._path, self._arrays, self._wanted, name)
        type = self._wanted.inputs[name]
        span = self._model.record(self._node(name)).span
        need = Need(f"`{name}`", type, span)
        array = check_numbers(need, array)
        self._count(f"`{name}`", array)
        shape = fitted_shape(need, array, self._sizes)
        if shape is None:
            raise misfit(need, array, self._sizes)
        if _without_ones(shape) != _without_ones(array.shape[1:]):
            own, read = shape_text(array.shape[1:]), shape_text(shape)
            self._warn(
                DATA_RESHAPED, f"`{name}`: each example of shape {own} is read as {read}", need
            )
        values = check_values(need, array)
        # Bytes that are more than yes and no, or what was read from text and spans all of a byte.
        is_pixels = array.dtype == np.uint8 and values.high > 1
        is_pixels |= values.is_whole and (values.low, values.high) == (0, 255)
        if (
            is_pixels
            and is_float(type.dtype)
            and meets_weights_unscaled(self._model, self._node(name))
        ):
            self._warn(
                UNSCALED_PIXELS,
                f"`{name}` has whole numbers up to {values.high:g}, and no layer rescales them",
                need,
                help=f"begin the model with Rescaling(1 / {values.high if values.high < 64 else 255:g})",
            )
        return as_rows(array, shape, type.dtype)

    def _target(self, goal: Goal) -> ArrayLike:
        span = self._wanted.spans[goal.output]
        if goal.output in self._texts:
            classes: Classes | None = self._texts[goal.output].classes()
        else:
            array = target_array(self._path, self._arrays, self._wanted, goal.output)
            classes = classes_of(array)
        if classes is not None:
            check_classes(goal, classes, span)
            array = classes.numbers
            need = Need(f"`{goal.output}`", goal.type, span)
            self._warn(CLASSES_NUMBERED, f"{need.subject} has {classes.text}", need)
        self._count(f"the target of `{goal.output}`", array)
        return target_rows(goal, array, span, self._sizes)

    def _weight(self, goal: Goal) -> ArrayLike | None:
        array = weight_array(self._arrays, goal.output)
        if array is None:
            return None
        self._count(f"the sample weight of `{goal.output}`", array)
        return weight_rows(goal, array, self._wanted.spans[goal.output], self.size)

    def _node(self, name: str) -> int:
        return next(node for node in self._model.inputs if self._model.record(node).name == name)

    def _count(self, subject: str, array: Array) -> None:
        """Hold the number of examples against that of the first array."""
        if array.ndim == 0 or len(array) == 0:
            what = "is a single number" if array.ndim == 0 else "has no examples"
            raise fault(EXAMPLE_COUNT, f"{subject} {what} in `{self._path}`", file_span(self._path))
        if not self._first:
            self._first, self.size = subject, len(array)
        elif len(array) != self.size:
            raise fault(
                EXAMPLE_COUNT,
                f"{self._first} has {self.size:,} examples in `{self._path}`, and {subject} has "
                f"{len(array):,}",
                file_span(self._path),
            )

    def _warn(self, code: Code, message: str, need: Need, help: str | None = None) -> None:
        self.warnings.append(Diagnostic(code, printable(message), need.span, help=help))
