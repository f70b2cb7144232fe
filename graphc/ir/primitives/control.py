"""The primitive that repeats a computation along an axis: recurrent layers are made of it."""

from __future__ import annotations

from graphc.ir.dims import Dim
from graphc.ir.primitives.row import Attributes, Cost, Types, primitive, step_cost
from graphc.ir.tensor import Tensor, steps_of
from graphc.ir.types import TensorType
from graphc.record import Record


class Body(Record):
    """A computation with parameters: what a scan repeats.

    Parameters: the carried tensors, one slice of each scanned tensor, then what stays the same.
    Results: the carried tensors, then one slice of each output.
    """

    parameters: tuple[Tensor, ...]
    results: tuple[Tensor, ...]

    __hash__ = object.__hash__


def _scan(
    *types: TensorType, body: Body, carried: int, scanned: int, length: Dim, reverse: bool
) -> Types:
    """Operands as the body's parameters, the scanned ones with the scanned axis first."""
    results = [tensor.type for tensor in body.results]
    outputs = [TensorType((length, *t.shape), t.dtype) for t in results[carried:]]
    return (*results[:carried], *outputs)


def _scan_cost(operands: Types, results: Types, attributes: Attributes) -> Cost:
    flops: Dim = 0
    macs: Dim = 0
    for step in steps_of(attributes["body"].results):
        cost = step_cost(step)
        flops, macs = flops + cost.flops, macs + cost.macs
    length = attributes["length"]
    return Cost(flops=length * flops, macs=length * macs)


SCAN = primitive("scan", _scan, _scan_cost)
"""Walks along the first axis of what is scanned; in reverse from its end, and each output still
stands where its slice stood. Results: the carried tensors of the last step, then the outputs."""
