"""`keras.ops`: Fourier transforms. Complex numbers go in and out as pairs of tensors."""

from __future__ import annotations

from math import cos, pi
from typing import Any

from graphc.declare.op import op
from graphc.diagnostics.codes import (
    DTYPE_MISMATCH,
    INPUT_COUNT,
    INVALID_VALUE,
    RANK_MISMATCH,
    SHAPE_MISMATCH,
)
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import Dim, at_least, dim_max, dim_min
from graphc.ir.primitives import apply, apply_all
from graphc.ir.primitives.indexing import SCATTER_ADD
from graphc.ir.primitives.linalg import FFT
from graphc.ir.primitives.movement import PAD
from graphc.ir.shapes import merge_dims
from graphc.ir.tensor import Tensor
from graphc.ops.arithmetic import greater, where
from graphc.ops.complex_numbers import need_fractions
from graphc.ops.convert import Static, TensorLike, TensorList, as_tensor
from graphc.ops.creation import filled, iota, zeros_like
from graphc.ops.gathering import gathered, window_places
from graphc.ops.indexing import get_item
from graphc.ops.joining import concatenate, part
from graphc.ops.limits import MOST_NUMBERS, need_at_most
from graphc.ops.repetition import flip
from graphc.ops.shaping import expand_dims, moveaxis, swapaxes

Pair = tuple[Tensor, Tensor]


@op(class_name="FFT")
def fft(x: TensorList) -> Pair:
    """The Fourier transform of the last axis: (real, imaginary) of (real, imaginary)."""
    return _transformed(*_parts(x, 1), inverse=False)


@op(class_name="FFT2")
def fft2(x: TensorList) -> Pair:
    """The Fourier transform of the last two axes: (real, imaginary) of (real, imaginary)."""
    return _transformed_twice(*_parts(x, 2), inverse=False)


@op(class_name="IFFT2")
def ifft2(x: TensorList) -> Pair:
    """What the Fourier transform of the last two axes was made of."""
    return _transformed_twice(*_parts(x, 2), inverse=True)


def _parts(x: Any, rank: int) -> Pair:
    if not isinstance(x, (tuple, list)) or len(x) != 2:
        raise Fault(INPUT_COUNT, "needs a list of 2 tensors, a real and an imaginary part")
    first, second = (as_tensor(part) for part in x)
    need_fractions(first, second)
    is_same = first.rank == second.rank and all(
        merge_dims(a, b) is not None for a, b in zip(first.shape, second.shape, strict=True)
    )
    if not is_same:
        raise Fault(
            SHAPE_MISMATCH,
            f"needs a real and an imaginary part of one shape, got {first.type} and {second.type}",
        )
    if first.rank < rank:
        raise Fault(RANK_MISMATCH, f"needs a rank-{rank} or higher tensor, got {first.type}")
    return first, second


def _transformed(first: Tensor, second: Tensor, *, inverse: bool) -> Pair:
    result, imaginary = apply_all(FFT, first, second, inverse=inverse)
    return result, imaginary


def _transformed_twice(first: Tensor, second: Tensor, *, inverse: bool) -> Pair:
    pair = _transformed(first, second, inverse=inverse)
    turned = _transformed(*(swapaxes(t, -1, -2) for t in pair), inverse=inverse)
    return swapaxes(turned[0], -1, -2), swapaxes(turned[1], -1, -2)


@op(class_name="RFFT")
def rfft(x: TensorLike, fft_length: Dim | None = None) -> Pair:
    """The first half of the Fourier transform of real numbers; the other mirrors it."""
    x = as_tensor(x)
    need_fractions(x)
    if x.rank == 0:
        raise Fault(RANK_MISMATCH, f"needs a tensor with axes, got {x.type}")
    last = x.rank - 1
    length = x.shape[last] if fft_length is None else fft_length
    if at_least(length, 1) is False:
        raise Fault(INVALID_VALUE, f"needs `fft_length` of at least 1, got {length}")
    x = _of_length(x, length)
    first, second = _transformed(x, zeros_like(x), inverse=False)
    half = length // 2 + 1
    return part(first, last, 0, half), part(second, last, 0, half)


@op(class_name="IRFFT")
def irfft(x: TensorList, fft_length: Dim | None = None) -> Tensor:
    """The real numbers whose Fourier transform has this first half."""
    first, second = _parts(x, 1)
    last = first.rank - 1
    length = (first.shape[last] - 1) * 2 if fft_length is None else fft_length
    if at_least(length, 1) is False:
        raise Fault(INVALID_VALUE, f"needs `fft_length` of at least 1, got {length}")
    half = length // 2 + 1
    first, second = _of_length(first, half), _of_length(second, half)
    mirrored = length - half
    halves = [flip(part(t, last, 1, mirrored), last) for t in (first, second)]
    whole = concatenate([first, halves[0]], last), concatenate([second, -halves[1]], last)
    return _transformed(*whole, inverse=True)[0]


def _of_length(x: Tensor, length: Dim) -> Tensor:
    """The last axis cut, or filled up with zeros."""
    last = x.rank - 1
    kept = dim_min(x.shape[last], length)
    x = part(x, last, 0, kept)
    more = length - kept
    if more == 0:
        return x
    return apply(PAD, x, widths=((0, 0),) * last + ((0, more),), mode="constant", value=0)


@op()
def extract_sequences(x: TensorLike, sequence_length: int, sequence_stride: int) -> Tensor:
    """Pieces of the last axis, each so many steps after the one before: [..., count, length]."""
    x = as_tensor(x)
    if x.rank == 0:
        raise Fault(RANK_MISMATCH, f"needs a tensor with axes, got {x.type}")
    _need_positive("sequence_length", sequence_length)
    _need_positive("sequence_stride", sequence_stride)
    size = x.shape[-1]
    count = dim_max((size - sequence_length) // sequence_stride + 1, 0)
    return gathered(x, window_places(count, sequence_length, sequence_stride), x.rank - 1)


def _need_positive(name: str, value: int) -> None:
    if value < 1:
        raise Fault(
            INVALID_VALUE,
            f"needs `{name}` to be a positive whole number, got {value}",
            arguments=(name,),
        )


@op(class_name="STFT")
def stft(
    x: TensorLike,
    sequence_length: int,
    sequence_stride: int,
    fft_length: int,
    window: Static = "hann",
    center: bool = True,
) -> Pair:
    """The Fourier transforms of overlapping pieces: [..., count, fft_length // 2 + 1] each."""
    x = as_tensor(x)
    if x.dtype not in ("float32", "float64"):
        raise Fault(DTYPE_MISMATCH, f"needs float32 or float64, got {x.type}")
    _need_positive("sequence_stride", sequence_stride)
    weights = _window(window, sequence_length, fft_length, x.dtype)
    if center:
        around = (fft_length // 2, fft_length // 2)
        widths = ((0, 0),) * (x.rank - 1) + (around,)
        x = apply(PAD, x, widths=widths, mode="reflect", value=0)
    pieces = extract_sequences(x, fft_length, sequence_stride)
    return rfft(pieces * weights)


def _window(window: Any, sequence_length: int, fft_length: int, dtype: str) -> Tensor:
    """The window, amid zeros up to the length of a piece."""
    _need_positive("sequence_length", sequence_length)
    if fft_length < sequence_length:
        raise Fault(
            INVALID_VALUE,
            f"needs `fft_length` of at least `sequence_length`, got {fft_length} "
            f"and {sequence_length}",
            arguments=("fft_length", "sequence_length"),
        )
    if window is None:
        return filled((fft_length,), 1, dtype)
    if isinstance(window, str):
        weights = as_tensor(_cosine_window(window, sequence_length), dtype)
    else:
        weights = as_tensor(window, dtype)
    if weights.rank != 1 or merge_dims(weights.shape[0], sequence_length) is None:
        raise Fault(
            SHAPE_MISMATCH,
            f"needs a `window` of {sequence_length}, got {weights.type}",
            arguments=("window",),
        )
    before = (fft_length - sequence_length) // 2
    after = fft_length - sequence_length - before
    if before == after == 0:
        return weights
    return apply(PAD, weights, widths=((before, after),), mode="constant", value=0)


def _cosine_window(name: str, length: int) -> list[float]:
    share = {"hann": 0.5, "hamming": 0.54}.get(name)
    if share is None:
        raise Fault(
            INVALID_VALUE,
            f'needs `window` to be "hann", "hamming", a vector or None, got "{name}"',
            arguments=("window",),
        )
    need_at_most(MOST_NUMBERS, length, "numbers in a window", "sequence_length")
    if length == 1:
        return [1.0]
    return [share - (1 - share) * cos(2 * pi * i / length) for i in range(length)]


@op(class_name="ISTFT")
def istft(
    x: TensorList,
    sequence_length: int,
    sequence_stride: int,
    fft_length: int,
    length: Dim | None = None,
    window: Static = "hann",
    center: bool = True,
) -> Tensor:
    """The signal whose overlapping pieces have these Fourier transforms.

    Each piece is weighted by the window again, and what overlaps is added up and divided by the
    sum of the squared windows.
    """
    first, second = _parts(x, 2)
    _need_positive("sequence_stride", sequence_stride)
    weights = _window(window, sequence_length, fft_length, first.dtype)
    pieces = irfft([first, second], fft_length) * weights
    if window is None:
        # Keras divides by the stride where it means the length of the window.
        pieces = pieces * (fft_length / sequence_stride)
    count = pieces.shape[-2]
    signal = _overlapped(pieces, count, sequence_stride)
    squares = expand_dims(weights * weights, 0) + zeros_like(iota((count, 1)), first.dtype)
    norm = _overlapped(squares, count, sequence_stride)
    signal = signal / where(greater(norm, 1e-10), norm, 1)
    start = fft_length // 2 if center else 0
    if length is not None:
        return get_item(signal, (..., slice(start, length + start)))
    return get_item(signal, (..., slice(start, -start if start else None)))


def _overlapped(pieces: Tensor, count: Dim, stride: int) -> Tensor:
    """Pieces [..., count, length] added up, each so many steps after the one before."""
    *batch, _, length = pieces.shape
    total = (count - 1) * stride + length
    assert isinstance(length, int)
    places = window_places(count, length, stride)
    front = moveaxis(pieces, (-2, -1), (0, 1))
    zeros = filled((total, *batch), 0, pieces.dtype)
    added = apply(SCATTER_ADD, zeros, expand_dims(places, -1), front)
    return moveaxis(added, 0, -1)
