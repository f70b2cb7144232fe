"""A layer's computation repeated along an axis, with what training makes of it beside outputs."""

from __future__ import annotations

from collections.abc import Sequence

from graphc.declare.layer import Layer
from graphc.declare.scope import Scope
from graphc.ir.dims import Dim
from graphc.ir.tensor import Tensor
from graphc.ir.types import TensorType
from graphc.ops.loop import StepFunction, Tensors, scan_steps
from graphc.ops.reduction import sum_


def repeat(
    scope: Scope,
    step: StepFunction,
    carried: Sequence[Tensor],
    scanned: Sequence[Tensor],
    *,
    length: Dim,
    reverse: bool = False,
) -> tuple[Tensors, Tensors]:
    """`scan_steps` for steps that apply layers.

    A weight that a step gives a new value has it in the next step, and what the steps add to the
    loss is summed.
    """
    changed = _changed(scope, step, carried, scanned) if scope.training else []
    count, updates, penalties = len(carried), scope.updates, scope.penalties
    before, added = dict(updates), len(penalties)
    penalized: list[Layer] = []

    def whole(states: Tensors, slices: Tensors) -> tuple[Sequence[Tensor], Sequence[Tensor]]:
        updates.update(zip(changed, states[count:], strict=True))
        after, outputs = step(states[:count], slices)
        new = penalties[added:]
        del penalties[added:]
        penalized.extend(layer for layer, _ in new)
        return (
            [*after, *map(updates.__getitem__, changed)],
            [*outputs, *(penalty for _, penalty in new)],
        )

    starts = [before.get(path, scope.tensors[path]) for path in changed]
    ends, stacked = scan_steps(whole, [*carried, *starts], scanned, length=length, reverse=reverse)
    updates.update(zip(changed, ends[count:], strict=True))
    outputs = len(stacked) - len(penalized)
    penalties += zip(penalized, map(sum_, stacked[outputs:]), strict=True)
    return ends[:count], stacked[:outputs]


def _changed(
    scope: Scope, step: StepFunction, carried: Sequence[Tensor], scanned: Sequence[Tensor]
) -> list[str]:
    """The paths of the weights that a step gives new values: found by taking one."""
    before, added = dict(scope.updates), len(scope.penalties)
    dropped = len(scope.dropped_masks)
    step(
        tuple(Tensor(tensor.type) for tensor in carried),
        tuple(Tensor(TensorType(tensor.shape[1:], tensor.dtype)) for tensor in scanned),
    )
    changed = [path for path, tensor in scope.updates.items() if before.get(path) is not tensor]
    scope.updates.clear()
    scope.updates.update(before)
    del scope.penalties[added:], scope.dropped_masks[dropped:]
    return changed
