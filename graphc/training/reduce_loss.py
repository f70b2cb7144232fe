"""How losses of examples become one number."""

from __future__ import annotations

from graphc.ir.tensor import Tensor
from graphc.ops.arithmetic import where
from graphc.ops.convert import as_tensor, cast
from graphc.ops.reduction import count_along, mean, sum_
from graphc.training.loss import Loss
from graphc.training.outputs import spread_over


def loss_value(loss: Loss, target: Tensor, output: Tensor, weight: Tensor | None = None) -> Tensor:
    """What `loss(target, output, sample_weight)` is in Keras; a scalar but for reduction "none".

    What the output's mask leaves out does not count, nor does what the loss itself leaves out.
    """
    values = loss.values(target, output)
    masks = [mask for mask in (output.mask, values.mask) if mask is not None]
    reduction = loss.reduction or "none"
    for mask in masks[1:]:
        masks[0] = masks[0] & mask
    if masks:
        counted = _mask_weight(masks[0], values.dtype, reduction)
        weight = counted if weight is None else weighed(counted, cast(weight, values.dtype))
    if weight is not None:
        weight, values = spread_over(cast(weight, values.dtype), values)
        values = values * weight
    if reduction == "none" or values.rank == 0:
        return values
    if reduction == "sum":
        return sum_(values)
    if reduction == "mean_with_sample_weight" and weight is not None:
        total = sum_(weight)
        return where(total > 0, sum_(values) / where(total > 0, total, 1), 0)
    return mean(values)


def weighed(counts: Tensor, weight: Tensor) -> Tensor:
    """How much each place weighs, of which some do not count."""
    weight, counts = spread_over(weight, counts)
    return weight * counts


def _mask_weight(mask: Tensor, dtype: str, reduction: str) -> Tensor:
    """1 for what counts; more where a mean is to come, so that it is one over what counts."""
    counts = cast(mask, dtype)
    if reduction not in ("mean", "sum_over_batch_size"):
        return counts
    kept = sum_(counts)
    total = as_tensor(count_along(mask, None), dtype)
    return counts * where(kept > 0, total / where(kept > 0, kept, 1), 0)
