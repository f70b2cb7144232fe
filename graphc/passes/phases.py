"""Convolutions over enlarged images as convolutions over the images themselves.

Where each pixel was repeated r times, a window sees few different pixels, and where zeros were put
between them (a transposed convolution), few that are not zero. Which ones depends on where the window
begins, modulo r: its phase. For each phase the taps that fall on one pixel are added up; the kernels
of all phases stand beside each other as one, which makes r pixels of the result along each axis at
a time. (Shi et al. 2016, arXiv:1609.07009, have it for zeros.)
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import prod
from string import ascii_lowercase

from graphc.ir.primitives import contraction, movement
from graphc.ir.primitives.row import apply
from graphc.ir.shapes import replace_axis
from graphc.ir.tensor import Step, Tensor
from graphc.ir.types import Shape
from graphc.ops.convert import as_tensor
from graphc.ops.einsum import einsum
from graphc.ops.repetition import repeat
from graphc.passes.changing import Changing
from graphc.passes.rebuild import again, rebuild
from graphc.passes.simplify import is_zero, made_by, reshaped
from graphc.record import Record


def phases(results: Sequence[Tensor], inputs: Collection[Tensor]) -> tuple[Tensor, ...]:
    """Convolutions over enlarged images go over the images as they were before."""
    changes = Changing(inputs)

    def rule(step: Step, operands: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        found = None
        is_conv = step.primitive is contraction.CONV and step.attributes["groups"] == 1
        if is_conv and step.types[0].dtype in ("float32", "float64") and not changes(operands[1]):
            found = _smaller(step, *operands)
        made = again(step, operands) if found is None else (found,)
        for tensor in made:
            changes(tensor)
        return made

    return rebuild(results, {}, rule)


class _Axis(Record):
    """How a window goes over one axis of the image: several places of the result at a time."""

    factor: int
    taps: tuple[tuple[int, int, int], ...]
    """Phase, tap of the small kernel, and the tap of the given one that is added to it."""
    size: int
    """Taps of the small kernel."""
    skipped: int
    """Places before the first one of the result."""
    padding: tuple[int, int]


def _smaller(step: Step, x: Tensor, kernel: Tensor) -> Tensor | None:
    """The convolution over what its image was made of, where that is less work."""
    given = step.attributes
    source, repeats = _unrepeated(x)
    if prod(repeats) > 1 and all(size == 1 for size in kernel.shape[:-2]):
        return _before_repeats(step, source, repeats, kernel)
    axes = [_axis(step, kernel, i, count) for i, count in enumerate(repeats)]
    factors = zip(axes, repeats, given["input_dilation"], strict=True)
    if any(each is None and max(count, spread) > 1 for each, count, spread in factors):
        return None
    enlarged = [(i, axis) for i, axis in enumerate(axes) if axis is not None]
    taps = prod(kernel.shape[i] for i, _ in enlarged)
    fewer = prod(axis.size for _, axis in enlarged)
    # Zeros between pixels are left out even if no tap is.
    if not enlarged or fewer > taps or (fewer == taps and prod(repeats) > 1):
        return None
    padding, dilation = list(given["padding"]), list(given["dilation"])
    for i, axis in enlarged:
        padding[i], dilation[i] = axis.padding, 1
    made = apply(
        contraction.CONV,
        source,
        _beside_each_other(kernel, axes),
        strides=given["strides"],
        padding=tuple(padding),
        dilation=tuple(dilation),
        input_dilation=(1,) * len(axes),
        groups=1,
    )
    return _in_order(made, axes, step.types[0].shape)


def _unrepeated(x: Tensor) -> tuple[Tensor, list[int]]:
    """What an image was before its pixels were repeated, and how often along each axis."""
    repeats = [1] * (x.rank - 2)
    source = x
    while True:
        reshape = made_by(source, movement.RESHAPE)
        spread = made_by(source if reshape is None else reshape.operands[0], movement.BROADCAST)
        found = None if spread is None else _repeated_axis(spread, source.shape)
        if spread is None or found is None:
            return source, repeats
        axis, count = found
        repeats[axis - 1] *= count
        source = reshaped(
            spread.operands[0], replace_axis(source.shape, axis, spread.types[0].shape[axis])
        )


def _repeated_axis(spread: Step, shape: Shape) -> tuple[int, int] | None:
    """The spatial axis along which a broadcast, reshaped to a shape, repeats each element."""
    before, after = spread.operands[0].shape, spread.types[0].shape
    pairs = enumerate(zip(before, after, strict=False))
    changed = [place for place, (a, b) in pairs if a != b]
    if len(before) != len(after) or len(after) != len(shape) + 1 or len(changed) != 1:
        return None
    axis, count = changed[0] - 1, after[changed[0]]
    is_spatial = 0 < axis < len(shape) - 1
    if not is_spatial or not isinstance(count, int):
        return None
    merged = (*after[:axis], after[axis] * count, *after[axis + 2 :])
    return (axis, count) if merged == shape else None


def _before_repeats(
    step: Step, source: Tensor, repeats: Sequence[int], kernel: Tensor
) -> Tensor | None:
    """A convolution of single pixels, whose results are repeated in place of them."""
    given = step.attributes
    is_plain = (
        is_zero(given["padding"]) and prod(given["strides"]) == prod(given["input_dilation"]) == 1
    )
    if not is_plain:
        return None
    made = apply(contraction.CONV, source, kernel, **given)
    for axis, count in enumerate(repeats, start=1):
        made = repeat(made, count, axis) if count > 1 else made
    return made


def _axis(step: Step, kernel: Tensor, i: int, repeats: int) -> _Axis | None:
    """The way along an axis that is enlarged; None for others, and where there is none."""
    given = step.attributes
    spread, dilation, window = given["input_dilation"][i], given["dilation"][i], kernel.shape[i]
    before, after = given["padding"][i]
    factor = max(spread, repeats)
    if factor == 1 or factor != spread * repeats or given["strides"][i] != 1:
        return None
    if not isinstance(window, int) or not isinstance(before, int) or not isinstance(after, int):
        return None
    found = []
    for skipped in range(factor):
        taps = [
            (phase, place // factor, tap)
            for phase in range(factor)
            for tap in range(window)
            if (place := phase - skipped - before + tap * dilation) % factor == 0 or spread == 1
        ]
        pixels = [pixel for _, pixel, _ in taps]
        first, size = min(pixels), max(pixels) - min(pixels) + 1
        # How far the small window goes beyond the image: with its last tap, at its last place.
        more = before + after - (window - 1) * dilation - (spread - 1)
        beyond = (more + skipped + factor - 1) // factor - 1 + size + first
        moved = tuple((phase, pixel - first, tap) for phase, pixel, tap in taps)
        found.append(_Axis(factor, moved, size, skipped, (-first, beyond)))
    return min(found, key=lambda axis: axis.size)


def _beside_each_other(kernel: Tensor, axes: Sequence[_Axis | None]) -> Tensor:
    """The kernels of all phases: [*small window, C, phases * out]."""
    letters = iter(ascii_lowercase)
    given, small, phase_axes, factors, terms = "", "", "", [], []
    for axis in axes:
        tap = next(letters)
        given += tap
        if axis is None:
            small += tap
            continue
        phase, pixel = next(letters), next(letters)
        small, phase_axes = small + pixel, phase_axes + phase
        factors.append(_table(axis, kernel))
        terms.append(phase + pixel + tap)
    into, out = next(letters), next(letters)
    equation = f"{','.join([*terms, given + into + out])}->{small}{into}{phase_axes}{out}"
    made = einsum(equation, *factors, kernel)
    count = prod(axis.factor for axis in axes if axis is not None)
    shape = (*made.shape[: len(axes)], kernel.shape[-2], kernel.shape[-1] * count)
    return apply(movement.RESHAPE, made, shape=shape)


def _table(axis: _Axis, kernel: Tensor) -> Tensor:
    """Ones where a tap of the kernel is added to one of a phase's: [phase, small tap, tap]."""
    taps = range(max(tap for _, _, tap in axis.taps) + 1)
    found = set(axis.taps)
    return as_tensor(
        [
            [[float((phase, pixel, tap) in found) for tap in taps] for pixel in range(axis.size)]
            for phase in range(axis.factor)
        ],
        kernel.dtype,
    )


def _in_order(made: Tensor, axes: Sequence[_Axis | None], shape: Shape) -> Tensor:
    """The phases, which stand in the channels, put where they belong."""
    rank, places = len(axes), made.shape[1:-1]
    factors = [axis.factor for axis in axes if axis is not None]
    split = (made.shape[0], *places, *factors, shape[-1])
    order, together, later = [0], [made.shape[0]], iter(range(rank + 1, len(split)))
    for i, axis in enumerate(axes):
        order += [i + 1] if axis is None else [i + 1, next(later)]
        together.append(places[i] * (1 if axis is None else axis.factor))
    apart = apply(movement.RESHAPE, made, shape=split)
    moved = apply(movement.TRANSPOSE, apart, permutation=(*order, len(split) - 1))
    whole = apply(movement.RESHAPE, moved, shape=(*together, shape[-1]))
    starts = (0, *(0 if axis is None else axis.skipped for axis in axes), 0)
    if whole.shape == shape:
        return whole
    return apply(movement.SLICE, whole, starts=starts, sizes=shape, strides=(1,) * len(shape))
