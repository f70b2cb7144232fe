"""The arrays that a model is called on, held against what its inputs need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graphc.diagnostics.suggest import did_you_mean
from graphc.ir.dims import Dim, shape_text, unify, variables
from graphc.ir.types import Shape, TensorType
from graphc.runtime.dtypes import are_numbers, dtype_text, numpy_dtype
from graphc.runtime.kernels.table import Array


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
    sizes: dict[str, Dim] = {}
    origins: dict[str, str] = {}
    arrays = {}
    for name, type in inputs.items():
        array = _array(name, given[name])
        _check_shape(name, type, array.shape, sizes, origins)
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


def fits_shape(wanted: Shape, shape: tuple[int, ...], sizes: dict[str, Dim]) -> bool:
    """Whether a shape is the one that is needed; `sizes` gains what names stand for."""
    if len(shape) != len(wanted):
        return False
    names = frozenset(each for dim in wanted for each in variables(dim))
    return all(
        unify(dim, size, sizes, names) is not False for dim, size in zip(wanted, shape, strict=True)
    )


def _array(name: str, given: Any) -> Array:
    try:
        return np.asarray(given)
    except ValueError:
        raise InputError(f"`{name}` needs an array, got lists of different lengths", name) from None


def _check_shape(
    name: str,
    type: TensorType,
    shape: tuple[int, ...],
    sizes: dict[str, Dim],
    origins: dict[str, str],
) -> None:
    """Hold a shape against that of a type; `origins` has the inputs that `sizes` come from."""
    before = dict(sizes)
    if fits_shape(type.shape, shape, sizes):
        origins.update(dict.fromkeys(sizes.keys() - before.keys(), name))
        return
    wanted, text = type.shape, ""
    if 0 in shape and len(shape) == len(wanted):
        text = ": no size may be 0"
    elif fits_shape(wanted, shape, {}):
        # It is what other inputs say of the same sizes that keeps it out.
        names = sorted({each for dim in wanted for each in variables(dim)} & before.keys())
        text = "".join(f"; {each} is {before[each]} in `{origins[each]}`" for each in names)
    raise InputError(f"`{name}` needs shape {shape_text(wanted)}, got {list(shape)}{text}", name)


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
