"""The `keras.ops` functions, composed of primitives.

A module is imported when a function of it is asked for by name (`graphc.declare.registry`), so
nothing is listed here: a new module in this folder is found by itself. Do not list modules.
"""

from graphc.declare.op import OPS
from graphc.ops import operators

OPS.found_in(__name__, __path__)

__all__ = ["operators"]
