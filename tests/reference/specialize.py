"""Symbolic sizes made numbers: what a graph is for inputs of certain shapes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

from graphc.ir.dims import UNKNOWN, Dim, SymbolicDim, evaluate
from graphc.ir.primitives.control import Body
from graphc.ir.primitives.row import apply_all
from graphc.ir.tensor import Step, Tensor
from graphc.ir.types import TensorType
from graphc.passes.rebuild import rebuild


def specialize(
    results: Sequence[Tensor], known: Mapping[Tensor, Tensor], sizes: Mapping[str, int]
) -> tuple[Tensor, ...]:
    """The results for leaves of known shapes; `sizes` are what the named ones among them are."""

    def rule(step: Step, operands: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        attributes = {name: _numbers(value, sizes) for name, value in step.attributes.items()}
        if isinstance(body := attributes.get("body"), Body):
            attributes["body"] = _specialize_body(body, operands, attributes, sizes)
        if UNKNOWN in (shape := attributes.get("shape", ())):
            attributes["shape"] = _SHAPES[step.primitive.name](operands[0].shape, shape)
        return apply_all(step.primitive, *operands, **attributes)

    return rebuild(results, known, rule)


def _numbers(value: Any, sizes: Mapping[str, int]) -> Any:
    if isinstance(value, SymbolicDim):
        return value if value is UNKNOWN else evaluate(value, sizes)
    if isinstance(value, tuple):
        return tuple(_numbers(item, sizes) for item in value)
    return value


def _specialize_body(
    body: Body, operands: tuple[Tensor, ...], attributes: dict[str, Any], sizes: Mapping[str, int]
) -> Body:
    carried, scanned = attributes["carried"], attributes["scanned"]
    parameters = tuple(
        Tensor(TensorType(x.shape[carried <= place < carried + scanned :], x.dtype))
        for place, x in enumerate(operands)
    )
    known = dict(zip(body.parameters, parameters, strict=True))
    return Body(parameters, specialize(body.results, known, sizes))


def _reshaped(before: tuple[Dim, ...], after: tuple[Dim, ...]) -> tuple[Dim, ...]:
    known = prod(dim for dim in after if isinstance(dim, int))
    total = prod(dim for dim in before if isinstance(dim, int))
    return tuple(total // known if dim is UNKNOWN else dim for dim in after)


def _broadcast(before: tuple[Dim, ...], after: tuple[Dim, ...]) -> tuple[Dim, ...]:
    first = len(after) - len(before)
    return tuple(before[i - first] if dim is UNKNOWN else dim for i, dim in enumerate(after))


_SHAPES = {"reshape": _reshaped, "broadcast": _broadcast}
"""How a dim that nothing names follows from an operand's shape."""
