"""The primitive whose computation is not known: layers of other programs are made of it."""

from __future__ import annotations

from graphc.ir.dims import UNKNOWN
from graphc.ir.primitives.row import Attributes, Cost, Types, primitive
from graphc.ir.types import TensorType


def _stated(*types: TensorType, results: Types) -> Types:
    return results


def _unknown_cost(operands: Types, results: Types, attributes: Attributes) -> Cost:
    return Cost(flops=UNKNOWN, macs=UNKNOWN)


OPAQUE = primitive("opaque", _stated, _unknown_cost)
"""Takes anything, and gives what is stated."""
