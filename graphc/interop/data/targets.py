"""Targets and sample weights, held against the losses that they are for."""

from __future__ import annotations

from typing import Any

from graphc.diagnostics.codes import TARGET_MISMATCH, TARGET_OUT_OF_RANGE
from graphc.interop.data.dataset import ArrayLike
from graphc.interop.data.faults import fault
from graphc.interop.data.fit import (
    Need,
    as_rows,
    check_numbers,
    check_values,
    fitted_shape,
    misfit,
)
from graphc.interop.data.scan import Values, first_row
from graphc.ir.dims import Dim, at_least
from graphc.ir.types import TensorType
from graphc.runtime.kernels.table import Array
from graphc.runtime.train.goals import Goal
from graphc.source import Span
from graphc.training.loss import AutoCrossentropy, ClassLoss, Loss, SparseLoss
from graphc.training.outputs import without_axis


def target_rows(goal: Goal, array: Array, span: Span, sizes: dict[str, Dim]) -> ArrayLike:
    """The targets of an output as its loss takes them; raises `DataError` where it does not."""
    loss = goal.loss
    if isinstance(loss, AutoCrossentropy):
        loss = loss.kind(array.shape, goal.type.shape)
    need = _need(goal, loss, array, span)
    array = check_numbers(need, array)
    shape = fitted_shape(need, array, sizes)
    if shape is None:
        raise misfit(need, array, _help(loss, goal.type, array))
    values = check_values(need, array)
    classes = None if loss is None else loss.class_count(goal.type)
    if isinstance(classes, int):
        ignored: Any = getattr(loss, "ignore_class", None)
        _check_bounds(need, array, values, 0, classes - 1, ignored)
    elif loss is not None and loss.target_bounds is not None:
        _check_bounds(need, array, values, *loss.target_bounds)
    return as_rows(array, shape, need.type.dtype)


def _need(goal: Goal, loss: Loss | None, array: Array, span: Span) -> Need:
    """What the targets have to be. Metrics alone take either class numbers or the output's shape."""
    output = goal.type
    if loss is not None:
        subject = f"the target of `{goal.output}`, for {loss},"
        wanted = loss.target_type(output)
        if loss.takes_shorter_targets and array.shape[1:] and array.ndim == wanted.rank:
            given = array.shape[-1]
            if at_least(wanted.shape[-1], given) is not False:
                wanted = TensorType((*wanted.shape[:-1], given), wanted.dtype)
    else:
        subject = f"the target of `{goal.output}`"
        is_sparse = 0 < array.ndim == output.rank - 1 and output.shape[-1] != 1
        wanted = TensorType(without_axis(output, output.rank - 1), "int32") if is_sparse else output
    return Need(subject, wanted, span, TARGET_MISMATCH)


def _help(loss: Loss | None, output: TensorType, array: Array) -> str | None:
    """The edit for class numbers where a 1 for the right class is needed, and the other way round."""
    if not isinstance(loss, ClassLoss):
        return None
    classes = output.shape[loss.class_axis]
    has_classes = array.ndim == output.rank and array.shape[loss.class_axis] == classes
    if isinstance(loss, SparseLoss) and has_classes:
        return (
            "these are no class numbers: use CategoricalCrossentropy, or give `y.argmax(axis=-1)`"
        )
    is_numbers = array.ndim == output.rank - 1 or array.shape[-1:] == (1,)
    if not isinstance(loss, SparseLoss) and is_numbers:
        return (
            "for class numbers use SparseCategoricalCrossentropy, or give "
            f"`keras.utils.to_categorical(y, {classes})`"
        )
    return None


def _check_bounds(
    need: Need,
    array: Array,
    values: Values,
    low: float,
    high: float,
    ignored: float | None = None,
) -> None:
    if low <= values.low and values.high <= high:
        return
    row = first_row(array, low, high, ignored)
    if row == len(array):
        return
    worst = values.low if values.low < low and values.low != ignored else values.high
    raise fault(
        TARGET_OUT_OF_RANGE,
        f"{need.subject} needs values from {low:g} to {high:g}, got {worst:g}; "
        f"example {row} is the first outside",
        need.span,
        help=_range_help(low, high, values),
    )


def _range_help(low: float, high: float, values: Values) -> str | None:
    if values.low == low + 1 and values.high == high + 1:
        return "count classes from 0: subtract 1"
    if high == 1 and values.low >= 0 and 1 < values.high <= 255 and values.is_whole:
        return "divide pixels by 255" if values.high > 16 else None
    return None


def weight_rows(goal: Goal, array: Array, span: Span, examples: int) -> ArrayLike:
    """The sample weights of an output: one for each example, or for each place of the targets."""
    rank = min(max(array.ndim, 1), max(goal.type.rank - 1, 1))
    shape = (goal.type.shape[0], *goal.type.shape[1:rank])
    need = Need(f"the sample weight of `{goal.output}`", TensorType(shape, "float32"), span)
    array = check_numbers(need, array)
    fitted = fitted_shape(need, array, {})
    if fitted is None:
        raise misfit(need, array, f"give one for each of the {examples:,} examples")
    check_values(need, array)
    return as_rows(array, fitted, "float32")
