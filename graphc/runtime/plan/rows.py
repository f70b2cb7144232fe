"""Which steps can be done a block of rows at a time: a row of the result needs rows of operands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import prod

from graphc.ir.primitives.elementwise import ELEMENTWISE
from graphc.ir.tensor import Step
from graphc.record import Record, replace
from graphc.runtime.kernels.reduction import REDUCTIONS
from graphc.runtime.kernels.table import SMALL_FLOATS
from graphc.runtime.plan.memory import Place, Shape


class Form(Record):
    """A step by rows: how many leading axes of each operand, and of the result, count them.

    An operand with None is the same for all rows. `known` tells which are there before any call.
    """

    operands: tuple[int | None, ...]
    result: int
    known: tuple[bool, ...] = ()


IsOwn = Callable[[Place], bool]
"""Whether a place is filled by the same loop over rows."""


def counts_of(shape: Shape) -> set[int]:
    """The numbers of rows that a shape can be divided into."""
    counts, total = {1}, 1
    for size in shape:
        total *= size
        counts.add(total)
    return counts


def form_of(step: Step, places: Sequence[Place], count: int, is_own: IsOwn) -> Form | None:
    """The step by so many rows; None where it cannot be done by them."""
    shape: Shape = tuple(map(int, step.types[0].shape))  # type: ignore[arg-type]
    if len(step.types) > 1 or 0 in shape or _adds_up_small_floats(step):
        return None
    for form in _FORMS.get(step.primitive.name, _no_forms)(step, places, shape, count):
        if all(map(_fits, places, form.operands, [count] * len(places), map(is_own, places))):
            return replace(form, known=tuple(place.is_known for place in places))
    return None


def _adds_up_small_floats(step: Step) -> bool:
    """Whether a step needs wider sums than NumPy's own of its dtype: kernels make them."""
    is_sum = step.primitive.name == "dot_general" or step.primitive.name in REDUCTIONS
    return is_sum and step.operands[0].dtype in SMALL_FLOATS


def _fits(place: Place, leading: int | None, count: int, is_own: bool) -> bool:
    if leading is None:
        return not is_own
    found = place.rows(leading)
    return found is not None and found[0] == count and (place.keeps_rows(leading) or not is_own)


Forms = Iterable[Form]


def _no_forms(step: Step, places: Sequence[Place], shape: Shape, count: int) -> Forms:
    return ()


def _leading(shape: Shape, count: int) -> list[int]:
    """How many first axes make so many rows: several, where there are axes of 1."""
    return [n for n in reversed(range(len(shape) + 1)) if prod(shape[:n]) == count]


def _elementwise(step: Step, places: Sequence[Place], shape: Shape, count: int) -> Forms:
    for leading in _leading(shape, count):
        found = [_aligned(place, shape, leading) for place in places]
        if _NEITHER not in found:
            yield Form(tuple(found), leading)


_NEITHER = -1


def _aligned(place: Place, result: Shape, leading: int) -> int | None:
    """The leading axes of an operand, None where it has one row for all, or neither."""
    own = len(place.shape) - (len(result) - leading)
    rows = prod(result[:leading])
    if rows == 1 and not place.is_known:
        return max(own, 0)
    if own <= 0 or prod(place.shape[:own]) == 1:
        return None
    missing = leading - own
    is_same = place.shape[:own] == result[missing:leading] and prod(result[:missing]) == 1
    return own if is_same else _NEITHER


def _reduction(step: Step, places: Sequence[Place], shape: Shape, count: int) -> Forms:
    axes = step.attributes["axes"]
    return _prefixes(shape, count, min(axes, default=len(places[0].shape)), 1)


def _along_last(step: Step, places: Sequence[Place], shape: Shape, count: int) -> Forms:
    return _prefixes(shape, count, len(shape) - 1, 1)


def _concatenation(step: Step, places: Sequence[Place], shape: Shape, count: int) -> Forms:
    return _prefixes(shape, count, step.attributes["axis"], len(places))


def _padding(step: Step, places: Sequence[Place], shape: Shape, count: int) -> Forms:
    if step.attributes["mode"] != "constant":
        return ()
    widths = step.attributes["widths"]
    changed = [axis for axis, width in enumerate(widths) if any(width)]
    return _prefixes(shape, count, min(changed, default=len(shape)), 1)


def _cut(step: Step, places: Sequence[Place], shape: Shape, count: int) -> Forms:
    changed = [
        axis
        for axis, (before, after, stride) in enumerate(
            zip(places[0].shape, shape, step.attributes["strides"], strict=True)
        )
        if before != after or stride != 1
    ]
    return _prefixes(shape, count, min(changed, default=len(shape)), 1)


def _prefixes(shape: Shape, count: int, limit: int, operands: int) -> Forms:
    """Forms in which the same leading axes, up to a limit, count the rows of all."""
    return [Form((n,) * operands, n) for n in _leading(shape, count) if n <= limit]


def _reshape(step: Step, places: Sequence[Place], shape: Shape, count: int) -> Forms:
    before = _leading(places[0].shape, count)
    return [Form((before[0],), n) for n in _leading(shape, count)[:1] if before]


def _product(step: Step, places: Sequence[Place], shape: Shape, count: int) -> Forms:
    attributes = step.attributes
    left, batch = attributes["contracting"][0], attributes.get("batch", ((), ()))
    if batch[0]:
        shared = 0
        for axes in zip(*batch, strict=True):
            if axes != (shared, shared):
                break
            shared += 1
        return _prefixes(shape, count, shared, 2)
    free = 0
    while free < len(places[0].shape) and free not in left:
        free += 1
    return [Form((n, None), n) for n in _leading(shape, count) if n <= free]


_FORMS: dict[str, Callable[[Step, Sequence[Place], Shape, int], Forms]] = {
    **dict.fromkeys(ELEMENTWISE, _elementwise),
    **dict.fromkeys(REDUCTIONS, _reduction),
    "bounded_exp": _along_last,
    "concatenate": _concatenation,
    "pad": _padding,
    "slice": _cut,
    "reshape": _reshape,
    "dot_general": _product,
}
