"""Identities: steps that change nothing are left out, and two that one can do are made one.

Every result is the same to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

from graphc.ir.dims import Dim
from graphc.ir.primitives import elementwise as rows
from graphc.ir.primitives import movement
from graphc.ir.primitives.row import Primitive, apply
from graphc.ir.tensor import Step, Tensor, key
from graphc.ir.types import Shape
from graphc.passes.rebuild import again, rebuild

Identity: TypeAlias = Callable[[tuple[Tensor, ...], dict[str, Any]], "Tensor | None"]


def simplify(results: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """The same results from fewer steps."""

    def rule(step: Step, operands: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        identity = _IDENTITIES.get(step.primitive.name)
        found = None if identity is None else identity(operands, step.attributes)
        return again(step, operands) if found is None else (found,)

    return rebuild(results, {}, rule)


def made_by(tensor: Tensor, row: Primitive) -> Step | None:
    """The step of this primitive that makes a tensor, if one does."""
    step = tensor.step
    return step if step is not None and step.primitive is row else None


def operands_of(tensor: Tensor, row: Primitive) -> Iterator[tuple[Tensor, Tensor]]:
    """Both orders of the operands, where a tensor is made by a step of two."""
    step = made_by(tensor, row)
    if step is not None:
        a, b = step.operands
        yield a, b
        yield b, a


def number_of(tensor: Tensor) -> float | None:
    """The number that a tensor without axes is in all calls."""
    step = made_by(tensor, movement.CONSTANT)
    value = None if step is None or tensor.rank else step.attributes["value"]
    return float(value) if isinstance(value, (int, float)) else None


def reshaped(x: Tensor, shape: Shape) -> Tensor:
    """A tensor in a shape, without the shapes that it had in between."""
    before = made_by(x, movement.RESHAPE)
    source = x if before is None else before.operands[0]
    return source if source.shape == shape else apply(movement.RESHAPE, source, shape=shape)


def is_zero(widths: tuple[tuple[Dim, Dim], ...]) -> bool:
    """Whether padding adds nothing, whatever the open sizes are."""
    return all(width == 0 for pair in widths for width in pair)


def _reshape(operands: tuple[Tensor, ...], attributes: dict[str, Any]) -> Tensor | None:
    (x,) = operands
    before = made_by(x, movement.RESHAPE)
    source = before.operands[0] if before is not None else x
    if source.shape == attributes["shape"]:
        return source
    return None if before is None else apply(movement.RESHAPE, source, **attributes)


def _transpose(operands: tuple[Tensor, ...], attributes: dict[str, Any]) -> Tensor | None:
    (x,) = operands
    order = attributes["permutation"]
    before = made_by(x, movement.TRANSPOSE)
    if before is not None:
        (x,) = before.operands
        order = tuple(before.attributes["permutation"][axis] for axis in order)
    if order == tuple(range(x.rank)):
        return x
    return None if before is None else apply(movement.TRANSPOSE, x, permutation=order)


def _same_type(operands: tuple[Tensor, ...], attributes: dict[str, Any]) -> Tensor | None:
    (x,) = operands
    is_same = x.shape == attributes.get("shape", x.shape) and x.dtype == attributes.get(
        "dtype", x.dtype
    )
    return x if is_same else None


def _pad(operands: tuple[Tensor, ...], attributes: dict[str, Any]) -> Tensor | None:
    return operands[0] if is_zero(attributes["widths"]) else None


def _nothing(operands: tuple[Tensor, ...], attributes: dict[str, Any]) -> Tensor | None:
    return operands[0]


def _idempotent(row: Primitive) -> Identity:
    def identity(operands: tuple[Tensor, ...], attributes: dict[str, Any]) -> Tensor | None:
        x, y = operands
        for one, other in ((x, y), (y, x)):
            step = made_by(one, row)
            if step is not None and any(key(other) == key(each) for each in step.operands):
                return one
        return None

    return identity


_IDENTITIES: dict[str, Identity] = {
    "reshape": _reshape,
    "transpose": _transpose,
    "broadcast": _same_type,
    "cast": _same_type,
    "bitcast": _same_type,
    "pad": _pad,
    "stop_gradient": _nothing,
    **{row.name: _idempotent(row) for row in (rows.MAXIMUM, rows.MINIMUM, rows.AND, rows.OR)},
}
