"""What a primitive is: a row with required fields, in one table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from graphc.ir.dims import Dim, product
from graphc.ir.origin import current_origin
from graphc.ir.tensor import Step, Tensor
from graphc.ir.types import TensorType
from graphc.record import Record

Types: TypeAlias = tuple[TensorType, ...]
Attributes: TypeAlias = dict[str, Any]


class Cost(Record):
    """What a step costs: multiply-accumulates, and floating-point operations.

    A multiply-accumulate is two operations. Comparisons, selections and each evaluation of an
    elementary function count as one operation per element, and moving data as none: what XLA's
    cost analysis counts as flops and transcendentals together. Unlike XLA's, taps that fall on
    padding count: published figures for convolutional networks include them.
    """

    flops: Dim = 0
    macs: Dim = 0


class Primitive(Record):
    """One row: a name (XLA's), a rule for shapes and dtypes, and a cost.

    `infer(*types, **attributes)` gives the types of the results or raises a `Fault`;
    `cost(operand types, result types, attributes)` counts the work.
    """

    name: str
    infer: Callable[..., Types]
    cost: Callable[[Types, Types, Attributes], Cost]

    __hash__ = object.__hash__


PRIMITIVES: dict[str, Primitive] = {}


def primitive(
    name: str, infer: Callable[..., Types], cost: Callable[[Types, Types, Attributes], Cost]
) -> Primitive:
    """Add a row to the table."""
    PRIMITIVES[name] = Primitive(name, infer, cost)
    return PRIMITIVES[name]


def apply_all(row: Primitive, *operands: Tensor, **attributes: Any) -> tuple[Tensor, ...]:
    """Apply a primitive; the results in order."""
    types = row.infer(*[operand.type for operand in operands], **attributes)
    step = Step(row, operands, attributes, types, current_origin())
    return tuple(Tensor(type, step, index) for index, type in enumerate(types))


def apply(row: Primitive, *operands: Tensor, **attributes: Any) -> Tensor:
    """Apply a primitive that has one result."""
    (result,) = apply_all(row, *operands, **attributes)
    return result


def step_cost(step: Step) -> Cost:
    """What one step costs."""
    row: Primitive = step.primitive
    return row.cost(tuple(t.type for t in step.operands), step.types, step.attributes)


def no_cost(operands: Types, results: Types, attributes: Attributes) -> Cost:
    """The cost of moving data: none is counted."""
    return Cost()


def one_per_element(operands: Types, results: Types, attributes: Attributes) -> Cost:
    """One operation for each element of the result."""
    return Cost(flops=product(results[0].shape))
