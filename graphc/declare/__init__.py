"""What a definition is: arguments with their rules, base classes, and the registries.

A layer, initializer, loss or optimizer is one class whose arguments are declared once, with
`Arg` and a rule. A `keras.ops` function is one Python function under `@op`.
"""

from graphc.declare.arg import MISSING, Arg, Argument
from graphc.declare.definition import Definition, registry
from graphc.declare.layer import Layer
from graphc.declare.op import OPS, Op, op
from graphc.declare.scope import Scope, WeightSpec, apply_layer

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
