"""The arrays that a model is called on, held against what its inputs need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graphc.diagnostics.suggest import did_you_mean
from graphc.ir.dims import shape_text
from graphc.ir.types import TensorType
from graphc.runtime.dtypes import are_numbers, dtype_text, numpy_dtype
from graphc.runtime.kernels.table import Array
from graphc.runtime.shared_sizes import SharedSizes


class InputError(ValueError):
    """Arrays that a model cannot take: the message says which, and why.

    `input` names the input that is at fault, where it is one.
    """

    def __init__(self, message: str, input: str | None = None) -> None:
        super().__init__(message)
        self.input = input


def checked_inputs(
    model: str, inputs: Mapping[str, TensorType], args: tuple[Any, ...], named: Mapping[str, Any]
) -> dict[str, Array]:
    """An array of the right dtype for each input, in their order.

    One dict, or one list, may stand for all of them. Raises `InputError` where something is
    missing or does not fit, sizes of the same name that are not equal among it.
    """
    given = _by_name(model, inputs, args, named)
    sizes = SharedSizes()
    arrays = {}
    for name, type in inputs.items():
        array = _array(name, given[name])
        if not sizes.fits(f"`{name}`", type.shape, array.shape):
            why = sizes.conflict(type.shape, array.shape)
            raise InputError(
                f"`{name}` needs shape {shape_text(type.shape)}, got {list(array.shape)}{why}", name
            )
        arrays[name] = _converted(name, type, array)
    return arrays


def _by_name(
    model: str, inputs: Mapping[str, TensorType], args: tuple[Any, ...], named: Mapping[str, Any]
) -> dict[str, Any]:
    only = args[0] if len(args) == 1 else None
    if isinstance(only, Mapping):
        args, named = (), {**only, **named}
    elif isinstance(only, (list, tuple)) and len(inputs) > 1:
        args = tuple(only)
    listed = ", ".join(f"`{name}`" for name in inputs)
    if len(args) > len(inputs):
        raise InputError(f"{model} has {len(inputs)} inputs ({listed}), got {len(args)} arrays")
    given = dict(zip(inputs, args, strict=False))
    for name, array in named.items():
        if name not in inputs:
            hint = did_you_mean(name, list(inputs))
            end = f"; {hint}" if hint else ""
            raise InputError(f"{model} has no input `{name}`, only {listed}{end}")
        if name in given:
            raise InputError(f"the input `{name}` of {model} is given twice", name)
        given[name] = array
    for name in inputs:
        if name not in given:
            raise InputError(f"{model} needs an array for its input `{name}`", name)
    return given


def need_numbers(subject: str, dtype: np.dtype[Any]) -> None:
    """Raise `InputError` for an array of something else."""
    if not are_numbers(dtype):
        raise InputError(f"{subject} needs numbers, got {dtype_text(dtype)}")


def _array(name: str, given: Any) -> Array:
    try:
        return np.asarray(given)
    except ValueError:
        raise InputError(f"`{name}` needs an array, got lists of different lengths", name) from None


def _converted(name: str, type: TensorType, array: Array) -> Array:
    dtype = numpy_dtype(type.dtype)
    if array.dtype == dtype:
        return array
    is_complex = array.dtype.kind == "c" and dtype.kind == "c"
    if not is_complex and not are_numbers(array.dtype):
        raise InputError(f"`{name}` needs {type.dtype}, got {dtype_text(array.dtype)}", name)
    # Widths may change, and counts may become fractions; fractions do not become counts.
    if not np.can_cast(array.dtype, dtype, "same_kind") and dtype.kind in "iub":
        raise InputError(f"`{name}` needs {type.dtype}, got {array.dtype}", name)
    if dtype.kind in "iu" and array.size and not np.can_cast(array.dtype, dtype):
        limits = np.iinfo(dtype)
        for value in (array.min(), array.max()):
            if not limits.min <= int(value) <= limits.max:
                raise InputError(f"`{name}` has {value}, which {type.dtype} cannot hold", name)
    try:
        with np.errstate(over="raise"):
            return array.astype(dtype)
    except FloatingPointError:
        most = np.abs(array[np.isfinite(array)]).max()
        raise InputError(f"`{name}` has {most:g}, which {type.dtype} cannot hold", name) from None
