"""Questions that shape rules ask of dims and axes, each with its one answer."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, islice

from graphc.diagnostics.codes import AXIS_OUT_OF_RANGE, SHAPE_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import BATCH, UNKNOWN, Dim, compare_equal, shape_text
from graphc.ir.types import Shape

_TRIED = 1000
"""The ways to line up two shapes that are tried for a help line, at most."""


def merge_dims(first: Dim, second: Dim) -> Dim | None:
    """The dim that both are, the better known of two; None where they differ for some sizes."""
    if first is second or first == second or second is UNKNOWN:
        return first
    if first is UNKNOWN:
        return second
    if isinstance(first, int) and isinstance(second, int):
        return None
    answer = compare_equal(first, second)
    return first if answer.is_equal or answer.witness is None else None


def broadcast_dims(first: Dim, second: Dim) -> Dim | None:
    """The dim that two broadcast to, by NumPy's rule; None where they do not."""
    if first == 1:
        return second
    if second == 1:
        return first
    if first is UNKNOWN or second is UNKNOWN:
        known = second if first is UNKNOWN else first
        return known if isinstance(known, int) else UNKNOWN
    return merge_dims(first, second)


def broadcast_shapes(*shapes: Shape) -> Shape:
    """The shape that several broadcast to, by NumPy's rule."""
    result = shapes[0]
    for shape in shapes[1:]:
        if shape == result:
            continue
        longer, shorter = (result, shape) if len(result) >= len(shape) else (shape, result)
        padded = (1,) * (len(longer) - len(shorter)) + shorter
        dims = [broadcast_dims(a, b) for a, b in zip(longer, padded, strict=True)]
        for index, dim in enumerate(dims):
            if dim is None:
                fault = mismatch(result, shape, longer[index], padded[index])
                fault.help = _missing_axes(longer, shorter) or fault.help
                raise fault
        result = tuple(dim for dim in dims if dim is not None)
    return result


def _missing_axes(longer: Shape, shorter: Shape) -> str | None:
    """Where axes are to be added to a tensor of fewer, for the two to have one batch."""
    if len(longer) == len(shorter) or BATCH not in shorter[:1] or longer[0] != BATCH:
        return None
    rest = range(1, len(longer))
    for places in reversed(list(islice(combinations(rest, len(shorter) - 1), _TRIED))):
        dims = zip(places, shorter[1:], strict=True)
        if all(broadcast_dims(longer[place], dim) is not None for place, dim in dims):
            kept = (0, *places)
            items = [":" if axis in kept else "None" for axis in range(kept[-1] + 1)]
            items += ["None"] * (len(longer) - len(items))
            return f"give {shape_text(shorter)} the axes that it lacks: y[{', '.join(items)}]"
    return None


def mismatch(first: Shape, second: Shape, one: Dim, other: Dim) -> Fault:
    """The fault of two shapes that do not broadcast because of one pair of dims."""
    return Fault(
        SHAPE_MISMATCH,
        f"needs shapes that broadcast, got {shape_text(first)} and {shape_text(second)}",
        label=difference_text(one, other),
        help=difference_help(one, other),
    )


def difference_text(one: Dim, other: Dim) -> str:
    """How two dims disagree: "12 is not 14", or the smallest sizes at which they differ."""
    if isinstance(one, int) and isinstance(other, int):
        return f"{one} is not {other}"
    if BATCH in (one, other):
        return f"{one} is not {other}: {BATCH} is the size of the batch"
    witness = compare_equal(one, other).witness
    if witness is None:
        return f"{one} is not {other}"
    sizes = ", ".join(f"{name} = {value}" for name, value in witness.sizes.items())
    return f"{one} is not {other}: at {sizes} they are {witness.first} and {witness.second}"


def difference_help(one: Dim, other: Dim) -> str | None:
    """Where two symbolic dims do agree, if they do anywhere; the batch may have any size."""
    if BATCH in (one, other):
        return None
    condition = compare_equal(one, other).condition
    return f"they agree only where {condition}" if condition else None


def normalize_axis(axis: int, rank: int, name: str = "axis") -> int:
    """An axis counted from the front; a fault where the tensor has no such axis."""
    if -rank <= axis < rank:
        return axis % rank
    limits = f"between {-rank} and {rank - 1}" if rank else "none: the tensor is a scalar"
    raise Fault(
        AXIS_OUT_OF_RANGE,
        f"needs `{name}` {limits}, got {axis}",
        label=f"a rank-{rank} tensor",
        arguments=(name,),
    )


def normalize_axes(
    axes: int | Sequence[int] | None, rank: int, name: str = "axis"
) -> tuple[int, ...]:
    """Axes counted from the front, each once; all of them for None."""
    if axes is None:
        return tuple(range(rank))
    if isinstance(axes, int):
        axes = (axes,)
    result = tuple(normalize_axis(axis, rank, name) for axis in axes)
    if len(set(result)) != len(result):
        raise Fault(
            AXIS_OUT_OF_RANGE,
            f"needs each axis once in `{name}`, got {tuple(axes)}",
            arguments=(name,),
        )
    return result


def replace_axis(shape: Shape, axis: int, *dims: Dim) -> Shape:
    """The shape with one axis, counted from the front, replaced by any number of dims."""
    return (*shape[:axis], *dims, *shape[axis + 1 :])
