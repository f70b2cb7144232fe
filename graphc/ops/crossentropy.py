"""`keras.ops`: how far outputs are from targets, in natural units of information."""

from __future__ import annotations

from graphc.declare.op import op
from graphc.diagnostics.codes import RANK_MISMATCH, SHAPE_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.shapes import merge_dims, normalize_axis
from graphc.ir.tensor import Tensor
from graphc.ops.activation import log_sigmoid
from graphc.ops.arithmetic import maximum, minimum
from graphc.ops.convert import TensorLike, as_float, as_tensor
from graphc.ops.elementary import log
from graphc.ops.gathering import one_hot
from graphc.ops.normalization import EPSILON
from graphc.ops.reduction import sum_
from graphc.ops.shaping import squeeze
from graphc.ops.softmax import log_softmax


@op()
def binary_crossentropy(
    target: TensorLike, output: TensorLike, from_logits: bool = False
) -> Tensor:
    """-target * log(output) - (1 - target) * log(1 - output), of probabilities or logits."""
    wanted, given = as_tensor(target), as_float(output)
    _need_one_shape(wanted, given)
    if from_logits:
        hit, miss = log_sigmoid(given), log_sigmoid(-given)
    else:
        given = _kept_inside(given)
        hit, miss = log(given), log(1 - given)
    return -(wanted * hit + (1 - wanted) * miss)


@op()
def categorical_crossentropy(
    target: TensorLike, output: TensorLike, from_logits: bool = False, axis: int = -1
) -> Tensor:
    """The sum of -target * log(output) along an axis, of probabilities or logits."""
    wanted, given = as_tensor(target), as_float(output)
    _need_one_shape(wanted, given)
    if given.rank == 0:
        raise _no_axes(given)
    return -sum_(wanted * _logarithms(given, axis, from_logits), axis)


@op()
def sparse_categorical_crossentropy(
    target: TensorLike, output: TensorLike, from_logits: bool = False, axis: int = -1
) -> Tensor:
    """-log of the output that the target numbers along an axis, of probabilities or logits."""
    wanted, given = as_tensor(target, "int32"), as_float(output)
    if given.rank == 0:
        raise _no_axes(given)
    place = normalize_axis(axis, given.rank)
    if wanted.rank == given.rank and wanted.shape[-1] == 1:
        wanted = squeeze(wanted, -1)
    rest = given.shape[:place] + given.shape[place + 1 :]
    is_same = wanted.rank == len(rest) and all(
        merge_dims(a, b) is not None for a, b in zip(wanted.shape, rest, strict=True)
    )
    if not is_same:
        raise Fault(
            SHAPE_MISMATCH,
            f"needs a class for each row of the output, got {wanted.type} for {given.type}",
            inputs=("target", "output"),
        )
    chosen = one_hot(wanted, given.shape[place], -1 if place == given.rank - 1 else place)
    return -sum_(as_tensor(chosen, given.dtype) * _logarithms(given, place, from_logits), place)


def _logarithms(output: Tensor, axis: int, from_logits: bool) -> Tensor:
    """The logarithms of probabilities, which are first made to add up to 1."""
    if from_logits:
        return log_softmax(output, axis)
    return log(_kept_inside(output / sum_(output, axis, keepdims=True)))


def _kept_inside(probability: Tensor) -> Tensor:
    """Probabilities away from 0 and 1, whose logarithms are infinite."""
    return minimum(maximum(probability, EPSILON), 1 - EPSILON)


def _need_one_shape(target: Tensor, output: Tensor) -> None:
    is_same = target.rank == output.rank and all(
        merge_dims(a, b) is not None for a, b in zip(target.shape, output.shape, strict=True)
    )
    if not is_same:
        raise Fault(
            SHAPE_MISMATCH,
            f"needs a target in the shape of the output, got {target.type} and {output.type}",
            inputs=("target", "output"),
        )


def _no_axes(output: Tensor) -> Fault:
    return Fault(RANK_MISMATCH, f"needs an output with axes, got {output.type}", inputs=("output",))
