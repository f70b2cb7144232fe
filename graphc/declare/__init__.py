"""What a definition is: arguments with their rules, base classes, and the registries.

A layer, initializer, loss or optimizer is one class whose arguments are declared once, with
`Arg` and a rule. A `keras.ops` function is one Python function under `@op`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from graphc.declare.arg import MISSING, Arg, Argument
from graphc.declare.definition import Definition, registry
from graphc.declare.op import OPS, Op, op

if TYPE_CHECKING:
    from graphc.declare.layer import Layer
    from graphc.declare.scope import Scope, WeightSpec, apply_layer

# Functions on tensors need none of these.
_LAZY = {"Layer": "layer", "Scope": "scope", "WeightSpec": "scope", "apply_layer": "scope"}

__all__ = [
    "MISSING",
    "OPS",
    "Arg",
    "Argument",
    "Definition",
    "Layer",
    "Op",
    "Scope",
    "WeightSpec",
    "apply_layer",
    "op",
    "registry",
]


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
