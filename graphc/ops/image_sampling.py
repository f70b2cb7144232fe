"""`keras.ops.image`: images read at places between their pixels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from itertools import product as combinations

from graphc.declare.op import op
from graphc.diagnostics.codes import INVALID_VALUE, RANK_MISMATCH, SHAPE_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import Dim, product
from graphc.ir.dtypes import is_float
from graphc.ir.primitives import apply
from graphc.ir.primitives import elementwise as rows
from graphc.ir.tensor import Tensor
from graphc.ops.arithmetic import (
    absolute,
    floor_divide,
    less,
    logical_and,
    maximum,
    minimum,
    mod,
    multiply,
    where,
)
from graphc.ops.convert import TensorLike, as_float, as_tensor, cast
from graphc.ops.gathering import gathered
from graphc.ops.joining import unstack
from graphc.ops.rounding import sign
from graphc.ops.shaping import to_shape

FILL_MODES = ("constant", "nearest", "wrap", "mirror", "reflect")


@op("image.map_coordinates")
def map_coordinates(
    inputs: TensorLike,
    coordinates: TensorLike,
    order: int,
    fill_mode: str = "constant",
    fill_value: float = 0,
) -> Tensor:
    """The elements at coordinates [rank, ...]: the nearest for order 0, or between neighbours.

    `fill_mode` says what stands outside, as in scipy.ndimage.map_coordinates.
    """
    x, places = as_tensor(inputs), as_tensor(coordinates)
    if places.rank < 2:
        raise Fault(
            RANK_MISMATCH,
            f"needs coordinates of rank 2 or higher, got {places.type}",
            inputs=("coordinates",),
        )
    if places.shape[0] != x.rank:
        raise Fault(
            SHAPE_MISMATCH,
            f"needs {x.rank} coordinates for a place in {x.type}, got {places.type}",
            inputs=("coordinates",),
        )
    if order not in (0, 1):
        raise Fault(INVALID_VALUE, f"needs `order` to be 0 or 1, got {order}", arguments=("order",))
    return sampled(x, list(unstack(places)), order, fill_mode, fill_value)


def need_fill_mode(fill_mode: str) -> None:
    """Raise `Fault` for what does not say what stands outside an image."""
    if fill_mode not in FILL_MODES:
        raise Fault(
            INVALID_VALUE,
            f'needs `fill_mode` to be one of {", ".join(FILL_MODES)}, got "{fill_mode}"',
            arguments=("fill_mode",),
        )


def sampled(
    x: Tensor,
    coordinates: Sequence[Tensor],
    order: int,
    fill_mode: str,
    fill_value: float,
    batch_dims: int = 0,
) -> Tensor:
    """x read at coordinates of its axes, one tensor for each of those after `batch_dims`.

    Axes before go together, and those behind are read whole: x [batch, *axes, *rest] and
    coordinates [batch, *places] give [batch, *places, *rest]. Of n neighbours along each axis
    come nʳᵃⁿᵏ readings, weighted by how near they are.
    """
    need_fill_mode(fill_mode)
    sizes = x.shape[batch_dims : batch_dims + len(coordinates)]
    rest = x.shape[batch_dims + len(coordinates) :]
    flat = to_shape(x, (*x.shape[:batch_dims], product(sizes), *rest))
    total: Tensor | None = None
    for chosen in combinations(*(_neighbours(as_float(c), order) for c in coordinates)):
        places = [
            _FIXERS[fill_mode](place, _count(size))
            for (place, _), size in zip(chosen, sizes, strict=True)
        ]
        found = gathered(flat, _flat_place(places, sizes), batch_dims, batch_dims)
        if fill_mode == "constant":
            is_inside = _behind(_are_inside(places, sizes), rest)
            found = where(is_inside, found, as_tensor(fill_value, x.dtype))
        shares = [share for _, share in chosen if share is not None]
        if shares:
            found = _behind(reduce(multiply, shares), rest) * found
        total = found if total is None else total + found
    assert total is not None
    if not is_float(x.dtype) and is_float(total.dtype):
        total = _rounded(total)
    return cast(total, x.dtype)


def _flat_place(places: list[Tensor], sizes: Sequence[Dim]) -> Tensor:
    """Where in the flat form; a place that there is, for one that is read all the same."""
    index = as_tensor(0, "int32")
    for place, size in zip(places, sizes, strict=True):
        kept = minimum(maximum(place, 0), _count(size) - 1)
        index = index * _count(size) + kept
    return index


def _are_inside(places: list[Tensor], sizes: Sequence[Dim]) -> Tensor:
    inside = [
        logical_and(place >= 0, less(place, _count(size)))
        for place, size in zip(places, sizes, strict=True)
    ]
    return reduce(logical_and, inside)


def _count(size: Dim) -> Tensor:
    return as_tensor(size, "int32")


def _behind(x: Tensor, rest: Sequence[Dim]) -> Tensor:
    return to_shape(x, (*x.shape, *(1,) * len(rest)))


Reading = tuple[Tensor, Tensor | None]


def _neighbours(coordinate: Tensor, order: int) -> list[Reading]:
    if order == 0:
        return [(cast(_rounded(coordinate), "int32"), None)]
    below = apply(rows.FLOOR, coordinate)
    share = coordinate - below
    place = cast(below, "int32")
    return [(place, 1 - share), (place + 1, share)]


def _rounded(x: Tensor) -> Tensor:
    """The nearest whole number, halves away from 0."""
    return sign(x) * apply(rows.FLOOR, absolute(x) + 0.5)


def _mirrored(place: Tensor, size: Tensor) -> Tensor:
    """The image and its mirror in turn, edge pixels once."""
    last = size - 1
    period = maximum(last * 2, 1)
    return absolute(mod(place + last, period) - last)


def _reflected(place: Tensor, size: Tensor) -> Tensor:
    """The image and its mirror in turn, edge pixels twice."""
    return floor_divide(_mirrored(place * 2 + 1, size * 2 + 1) - 1, 2)


def _clamped(place: Tensor, size: Tensor) -> Tensor:
    return minimum(maximum(place, 0), size - 1)


_FIXERS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "constant": lambda place, _: place,
    "nearest": _clamped,
    "wrap": mod,
    "mirror": _mirrored,
    "reflect": _reflected,
}
