"""Targets and sample weights, held against the losses that they are for."""

from __future__ import annotations

from graphc.diagnostics.codes import TARGET_MISMATCH, TARGET_OUT_OF_RANGE
from graphc.interop.data.dataset import ArrayLike
from graphc.interop.data.fit import (
    Need,
    as_rows,
    check_numbers,
    check_values,
    fitted_shape,
    misfit,
)
from graphc.interop.data.scan import Values, chunks
from graphc.ir.dims import at_least
from graphc.ir.types import TensorType
from graphc.runtime.kernels.table import Array
from graphc.runtime.shared_sizes import SharedSizes
from graphc.runtime.train.goals import Goal, at_fault
from graphc.runtime.train.target_bounds import TargetBounds, target_bounds
from graphc.source import Span
from graphc.training.loss import ClassLoss, Loss, SparseLoss
from graphc.training.outputs import without_axis


def target_rows(goal: Goal, array: Array, span: Span, sizes: SharedSizes) -> ArrayLike:
    """The targets of an output as its loss takes them; raises `DataError` where it does not."""
    loss = goal.loss_for(array.shape)
    need = _need(goal, loss, array, span)
    array = check_numbers(need, array)
    shape = fitted_shape(need, array, sizes)
    if shape is None:
        raise misfit(need, array, sizes, _help(loss, goal.type, array))
    values = check_values(need, array)
    bounds = None if loss is None else target_bounds(loss, goal.type)
    if bounds is not None:
        _check_bounds(need, array, values, bounds)
    return as_rows(array, shape, need.type.dtype)


def _need(goal: Goal, loss: Loss | None, array: Array, span: Span) -> Need:
    """What the targets have to be. Metrics alone take either class numbers or the output's shape."""
    output = goal.type
    if loss is not None:
        wanted = loss.target_type(output)
        if loss.takes_shorter_targets and array.shape[1:] and array.ndim == wanted.rank:
            given = array.shape[-1]
            if at_least(wanted.shape[-1], given) is not False:
                wanted = TensorType((*wanted.shape[:-1], given), wanted.dtype)
    else:
        is_sparse = 0 < array.ndim == output.rank - 1 and output.shape[-1] != 1
        wanted = TensorType(without_axis(output, output.rank - 1), "int32") if is_sparse else output
    place, _, others = at_fault(goal.span, span, goal.type)
    return Need(goal.target_subject(loss), wanted, place, TARGET_MISMATCH, others)


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


def _check_bounds(need: Need, array: Array, values: Values, bounds: TargetBounds) -> None:
    if bounds.low <= values.low and values.high <= bounds.high:
        return
    found = bounds.first_outside(chunks(array))
    if found is not None:
        help = _range_help(bounds, values)
        raise need.fault(bounds.message(*found), help, TARGET_OUT_OF_RANGE)


def _range_help(bounds: TargetBounds, values: Values) -> str | None:
    low, high = bounds.low, bounds.high
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
    sizes = SharedSizes()
    fitted = fitted_shape(need, array, sizes)
    if fitted is None:
        raise misfit(need, array, sizes, f"give one for each of the {examples:,} examples")
    check_values(need, array)
    return as_rows(array, fitted, "float32")
