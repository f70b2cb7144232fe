"""What a definition is: arguments with their rules, base classes, and the registries.

A layer, initializer, loss or optimizer is one class whose arguments are declared once, with
`Arg` and a rule. A `keras.ops` function is one Python function under `@op`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphc.declare.arg import MISSING, Arg, Argument
    from graphc.declare.definition import Definition, registry
    from graphc.declare.layer import Layer
    from graphc.declare.op import OPS, Op, op
    from graphc.declare.scope import Scope, WeightSpec, apply_layer

_MODULES = {
    "arg": ("MISSING", "Arg", "Argument"),
    "definition": ("Definition", "registry"),
    "layer": ("Layer",),
    "op": ("OPS", "Op", "op"),
    "scope": ("Scope", "WeightSpec", "apply_layer"),
}

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
    # Lazy: functions on tensors need nothing of layers, which take as long as NumPy to import.
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
