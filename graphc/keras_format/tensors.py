"""Tensors, arrays and indices as they stand in the calls of a configuration."""

from __future__ import annotations

from typing import Any

from graphc.ir.types import Shape, TensorType
from graphc.keras_format.values import Json, array_entry


def tensor(type: TensorType, name: str, call: int = 0, output: int = 0) -> Json:
    """An output of a layer's or a function's call."""
    config = {
        "shape": dims(type.shape),
        "dtype": type.dtype,
        "keras_history": [name, call, output],
    }
    return {"class_name": "__keras_tensor__", "config": config}


def array(value: Any, *, is_numpy: bool = False) -> Json:
    """A constant: a tensor, or NumPy's array, which is a number where it is one."""
    if is_numpy and not value.shape:
        return value.item()
    return array_entry(value.tolist(), value.dtype.name, is_numpy=is_numpy)


def part(start: Json = None, stop: Json = None, step: Json = None) -> Json:
    """A slice of an axis."""
    return {"class_name": "__slice__", "config": {"start": start, "stop": stop, "step": step}}


def dims(shape: Shape) -> list[int | None]:
    """A shape as Keras writes it: None for each size that is not a number."""
    return [dim if isinstance(dim, int) else None for dim in shape]
