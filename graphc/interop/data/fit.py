"""Arrays in the shapes and dtypes that a model needs, or what keeps them from it."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from graphc.diagnostics.codes import DATA_MISMATCH, NOT_FINITE, Code
from graphc.diagnostics.diagnostic import Label
from graphc.interop.data.dataset import ArrayLike, Rows
from graphc.interop.data.faults import DataError, fault
from graphc.interop.data.scan import Values, values_of
from graphc.ir.dims import shape_text
from graphc.ir.types import Shape, TensorType
from graphc.record import Record
from graphc.runtime.dtypes import are_numbers, dtype_text, numpy_dtype
from graphc.runtime.kernels.table import Array
from graphc.runtime.shared_sizes import SharedSizes
from graphc.source import Span

# Converted once where that is small, rather than batch by batch in each epoch.
_KEPT_BYTES = 1 << 25


class Need(Record):
    """What an array has to be; `subject` and `code` are for the message where it is not."""

    subject: str
    type: TensorType
    span: Span
    code: Code = DATA_MISMATCH
    others: tuple[Label, ...] = ()

    def fault(self, message: str, help: str | None = None, code: Code | None = None) -> DataError:
        """The error of an array that is something else; the message goes on from the subject."""
        text = f"{self.subject} {message}"
        return fault(code or self.code, text, self.span, help, self.others)


def fitted_shape(need: Need, array: Array, sizes: SharedSizes) -> tuple[int, ...] | None:
    """The shape of an example that the array can be read in, or None where there is none.

    Axes of one place may come and go, and an example may be flat on either side.
    """
    wanted = need.type.shape
    own: tuple[int, ...] = array.shape[1:]
    for shape in (own, (*own, 1), own[:-1] if own[-1:] == (1,) else own, *_static(wanted, own)):
        if sizes.fits(need.subject, wanted, (len(array), *shape)):
            return shape
    return None


def _static(wanted: Shape, own: tuple[int, ...]) -> list[tuple[int, ...]]:
    """The needed shape itself, where the numbers of an example can only be put into it one way."""
    shape = tuple(dim for dim in wanted[1:] if isinstance(dim, int))
    if len(shape) < len(wanted) - 1 or prod(shape) != prod(own):
        return []
    squeezed = [tuple(side for side in sides if side != 1) for sides in (shape, own)]
    is_plain = squeezed[0] == squeezed[1] or min(map(len, squeezed)) <= 1
    return [shape] if is_plain else []


def check_numbers(need: Need, array: Array) -> Array:
    """The array, if it holds numbers; raises `DataError` otherwise."""
    if array.dtype == np.dtype("V2"):  # as NumPy reads what is two bytes wide and not its own
        return array.view(numpy_dtype("bfloat16"))
    if are_numbers(array.dtype):
        return array
    what = dtype_text(array.dtype)
    raise need.fault(
        f"needs numbers, got {what}",
        help="number the classes or words, from 0 up" if what == "text" else None,
    )


def check_values(need: Need, array: Array) -> Values:
    """The values of the array, which the dtype that is needed can hold; raises `DataError`."""
    values = values_of(array)
    if values.not_finite is not None:
        raise need.fault(
            f"has a NaN or an infinity in example {values.not_finite}",
            help="leave such examples out, or fill the gaps (numpy.nan_to_num)",
            code=NOT_FINITE,
        )
    dtype = numpy_dtype(need.type.dtype)
    if dtype.kind in "iub" and not values.is_whole:
        raise need.fault(f"needs {need.type.dtype}, got fractions")
    low, high = _bounds(dtype)
    if values.low < low or values.high > high:
        raise need.fault(
            f"has values from {values.low:g} to {values.high:g}, which {need.type.dtype} "
            "cannot hold"
        )
    return values


def _bounds(dtype: np.dtype[Any]) -> tuple[float, float]:
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        return float(limits.min), float(limits.max)
    if dtype.kind == "f":
        most = float(np.finfo(dtype).max)
        return -most, most
    return (0, 1) if dtype.kind == "b" else (-np.inf, np.inf)


def misfit(need: Need, array: Array, sizes: SharedSizes, help: str | None = None) -> DataError:
    """The error of an array of another shape."""
    wanted = shape_text(need.type.shape)
    why = sizes.conflict(need.type.shape, array.shape)
    return need.fault(f"needs shape {wanted}, got {list(array.shape)}{why}", help=help)


def as_rows(array: Array, shape: tuple[int, ...], dtype: str) -> ArrayLike:
    """The array in this shape and dtype: at once where it is small, or as its rows are read."""
    rows = Rows(array, shape, numpy_dtype(dtype))
    if array.dtype == rows.dtype and array.shape == rows.shape:
        return array
    return rows[:] if prod(rows.shape) * rows.dtype.itemsize <= _KEPT_BYTES else rows
