"""Inputs of models."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from graphc.emit.keras.tree import call, constant, sequence
from graphc.emit.keras.values import is_size
from graphc.ir.types import TensorType


def input_call(sizes: Iterable[ast.expr], dtype: str, name: str) -> ast.Call:
    """`keras.Input(shape, dtype=…, name=…)`."""
    keywords: dict[str, ast.expr] = {}
    if dtype != "float32":
        keywords["dtype"] = constant(dtype)
    if name:
        keywords["name"] = constant(name)
    return call("keras.Input", sequence(sizes), keywords=keywords)


def sizes_of(type: TensorType) -> list[ast.expr]:
    """The dims of one example; None where they are not known."""
    return [constant(None if is_size(dim) else dim) for dim in type.shape[1:]]
