"""Inputs of models."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from graphc.emit.keras.tree import call, constant, sequence
from graphc.emit.keras.values import is_size
from graphc.ir.graph import InputSource
from graphc.ir.types import TensorType


def input_call(
    sizes: Iterable[ast.expr], dtype: str, name: str, batch: ast.expr | None = None,
    *, is_optional: bool = False,
) -> ast.Call:  # fmt: skip
    """`keras.Input(shape, batch_size=…, dtype=…, optional=…, name=…)`."""
    keywords: dict[str, ast.expr] = {} if batch is None else {"batch_size": batch}
    if dtype != "float32":
        keywords["dtype"] = constant(dtype)
    if is_optional:
        keywords["optional"] = constant(True)
    if name:
        keywords["name"] = constant(name)
    return call("keras.Input", sequence(sizes), keywords=keywords)


def input_of(source: InputSource, name: str) -> ast.Call:
    """The call for an input."""
    type = source.type
    batch = None if is_size(type.shape[0]) else constant(type.shape[0])
    return input_call(_sizes_of(type), type.dtype, name, batch, is_optional=source.is_optional)


def _sizes_of(type: TensorType) -> list[ast.expr]:
    """The dims of one example; None where they are not known."""
    return [constant(None if is_size(dim) else dim) for dim in type.shape[1:]]
