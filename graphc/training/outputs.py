"""What losses and metrics need of the output that they are computed from."""

from __future__ import annotations

from graphc.diagnostics.codes import LOSS_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import at_least
from graphc.ir.dtypes import is_float
from graphc.ir.tensor import Tensor
from graphc.ir.types import Shape, TensorType
from graphc.ops.shaping import expand_dims, squeeze


def mismatch(what: str, output: TensorType, help: str | None = None, label: str = "") -> Fault:
    """The fault of an output that is not what a loss or metric needs."""
    return Fault(LOSS_MISMATCH, f"needs {what}, got an output {output}", label=label, help=help)


def need_fractions(output: TensorType) -> None:
    """Raise `Fault` where there is nothing for each example, or nothing that gradients reach."""
    if output.rank == 0:
        raise mismatch("an output with a number for each example", output)
    if not is_float(output.dtype):
        raise mismatch(
            "an output of fractions, which gradients can change",
            output,
            label=f"{output.dtype} has no gradient",
        )


def need_rank(output: TensorType, rank: int, axes: str) -> None:
    """Raise `Fault` on another rank."""
    if output.rank != rank:
        raise mismatch(
            f"a rank-{rank} output ({axes})",
            output,
            label=f"needs rank {rank}, got rank {output.rank}",
        )


def need_axis(output: TensorType, axis: int) -> int:
    """Return the axis counted from the front; raise `Fault` where the output has none such."""
    if not -output.rank <= axis < output.rank:
        raise mismatch(f"an output with an axis {axis}", output)
    return axis % output.rank


def need_classes(output: TensorType, axis: int = -1, help: str | None = None) -> int:
    """Return the axis of the classes; raise `Fault` unless it may hold two or more."""
    found = need_axis(output, axis)
    where = "the last axis" if found == output.rank - 1 else f"axis {axis}"
    if found == 0:
        raise mismatch(f"classes along {where}, which is the batch here", output, help)
    if at_least(output.shape[found], 2) is False:
        size = output.shape[found]
        raise mismatch(
            f"at least 2 classes along {where}",
            output,
            help,
            label=f"{size} class" if size == 1 else f"{size} classes",
        )
    return found


def without_axis(output: TensorType, axis: int) -> Shape:
    """The shape of class numbers for an output that has a score for each class along an axis."""
    return (*output.shape[:axis], *output.shape[axis + 1 :])


def insert_axis(shape: Shape, axis: int, size: int) -> Shape:
    """The shape with an axis more, which is axis `axis` of the result."""
    place = axis % (len(shape) + 1)
    return (*shape[:place], size, *shape[place:])


def same_rank(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Both of one rank, where a last axis of 1 makes the difference.

    A vector gains it, and what is more than a vector loses it.
    """
    if x.rank == y.rank + 1 and x.shape[-1] == 1:
        return (x, expand_dims(y, -1)) if y.rank == 1 else (squeeze(x, -1), y)
    if y.rank == x.rank + 1 and y.shape[-1] == 1:
        return (expand_dims(x, -1), y) if x.rank == 1 else (x, squeeze(y, -1))
    return x, y


def spread_over(weight: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
    """A weight and what it weighs, of one rank: where it has fewer axes, all places weigh alike."""
    weight, values = same_rank(weight, values)
    if weight.rank and weight.rank < values.rank:
        weight = expand_dims(weight, tuple(range(weight.rank, values.rank)))
    return weight, values
