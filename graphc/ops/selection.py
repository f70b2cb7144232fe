"""`keras.ops`: one of several values in each place, and each value once."""

from __future__ import annotations

from typing import Any

from graphc.declare.op import op
from graphc.diagnostics.codes import INPUT_COUNT, INVALID_VALUE, MISSING_ARGUMENT
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import Dim
from graphc.ir.primitives import apply
from graphc.ir.primitives.indexing import SCATTER, SCATTER_ADD
from graphc.ir.primitives.movement import CONCATENATE
from graphc.ir.tensor import Tensor
from graphc.ops.arithmetic import minimum, not_equal, where
from graphc.ops.convert import Static, TensorLike, TensorList, as_tensor, cast, together
from graphc.ops.creation import filled
from graphc.ops.cumulative import cumsum
from graphc.ops.joining import part
from graphc.ops.repetition import flip
from graphc.ops.shaping import broadcasted, expand_dims, reshape, to_shape
from graphc.ops.sorting import sorted_along


@op()
def select(condlist: TensorList, choicelist: TensorList, default: TensorLike = 0) -> Tensor:
    """In each place the choice of the first condition that holds there, or the default."""
    conditions, choices = _listed(condlist, "condlist"), _listed(choicelist, "choicelist")
    if len(conditions) != len(choices):
        raise Fault(
            INPUT_COUNT,
            f"needs a choice for each condition, got {len(choices)} for {len(conditions)}",
            inputs=("condlist", "choicelist"),
        )
    *values, result = together(*choices, default)
    for condition, value in zip(reversed(conditions), reversed(values), strict=True):
        result = where(condition, value, result)
    return result


def _listed(values: Any, name: str) -> list[Any]:
    if not isinstance(values, (list, tuple)) or not values:
        raise Fault(INPUT_COUNT, f"needs `{name}` to be a list of at least 1", inputs=(name,))
    return list(values)


@op()
def unique(
    x: TensorLike,
    sorted: bool = True,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    size: Dim | None = None,
    fill_value: Static = None,
) -> Tensor | tuple[Tensor, ...]:
    """Each value of x once, in order: `size` of them, with `fill_value` (the first) behind.

    Further results, as asked for: where each stands first, which of them each element is, and
    how often each stands. How many there are is not known before it runs, so `size` is needed.
    """
    del sorted  # in order they are in any case
    if axis is not None:
        raise Fault(INVALID_VALUE, f"needs `axis` to be None, got {axis}", arguments=("axis",))
    if size is None:
        raise Fault(
            MISSING_ARGUMENT,
            "needs `size`: how many different values there are is not known before it runs",
            arguments=("size",),
        )
    x = as_tensor(x)
    flat = reshape(x, -1)
    values, origins = sorted_along(flat, 0)
    count = flat.shape[0]
    is_new = not_equal(part(values, 0, 1, count - 1), part(values, 0, 0, count - 1))
    is_new = apply(CONCATENATE, filled((1,), True, "bool"), is_new, axis=0)
    rank = cumsum(cast(is_new, "int32")) - 1
    # What is behind `size` goes into one place more, which is dropped.
    slot = expand_dims(minimum(rank, as_tensor(size, "int32")), 1)
    fill = values[0] if fill_value is None else as_tensor(fill_value, x.dtype)

    def placed(entries: Tensor, rest: Tensor) -> Tensor:
        into = broadcasted(expand_dims(rest, 0), (size + 1,))
        # Backwards, so that the first of equal values is the one that stays.
        return part(apply(SCATTER, into, flip(slot, 0), flip(entries, 0)), 0, 0, size)

    results = [placed(values, fill)]
    if return_index:
        results.append(placed(origins, origins[0]))
    if return_inverse:
        inverse = apply(SCATTER, rank, expand_dims(origins, 1), rank)
        results.append(to_shape(inverse, x.shape))
    if return_counts:
        zeros = filled((size + 1,), 0, "int32")
        counts = apply(SCATTER_ADD, zeros, slot, filled((count,), 1, "int32"))
        results.append(part(counts, 0, 0, size))
    return results[0] if len(results) == 1 else tuple(results)
