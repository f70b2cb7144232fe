"""Inputs of models."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from graphc.emit.keras.tree import call, constant, sequence
from graphc.emit.keras.values import is_size
from graphc.ir.types import TensorType


def input_call(
    sizes: Iterable[ast.expr], dtype: str, name: str, batch: ast.expr | None = None
) -> ast.Call:
    """`keras.Input(shape, batch_size=…, dtype=…, name=…)`."""
    keywords: dict[str, ast.expr] = {} if batch is None else {"batch_size": batch}
    if dtype != "float32":
        keywords["dtype"] = constant(dtype)
    if name:
        keywords["name"] = constant(name)
    return call("keras.Input", sequence(sizes), keywords=keywords)


def input_of(type: TensorType, name: str) -> ast.Call:
    """The call for an input of a type."""
    batch = None if is_size(type.shape[0]) else constant(type.shape[0])
    return input_call(_sizes_of(type), type.dtype, name, batch)


def _sizes_of(type: TensorType) -> list[ast.expr]:
    """The dims of one example; None where they are not known."""
    return [constant(None if is_size(dim) else dim) for dim in type.shape[1:]]
