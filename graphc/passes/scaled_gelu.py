"""Gelu between products, of numbers that are scaled so that it has less to do.

Weights of the product in front are multiplied once for all calls, and those of the products
behind are divided: `absorb` and `affine` put there what this pass leaves beside gelu.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from graphc.ir.primitives import elementwise as rows
from graphc.ir.primitives.row import Primitive, apply
from graphc.ir.tensor import Step, Tensor
from graphc.ops.convert import as_tensor
from graphc.passes.readers import Readers
from graphc.passes.rebuild import again, rebuild

_SCALED: dict[Primitive, Primitive] = {
    rows.GELU: rows.SCALED_GELU,
    rows.GELU_TANH: rows.SCALED_GELU_TANH,
}


def scaled_gelu(results: Sequence[Tensor], inputs: Collection[Tensor]) -> tuple[Tensor, ...]:
    """Gelu between products with weights, which are scaled, takes quicker steps over its elements."""
    readers = Readers(results, inputs)

    def rule(step: Step, operands: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        made = again(step, operands)
        row = _SCALED.get(step.primitive)
        if row is None or made[0].dtype != "float32" or not readers.is_product(step.operands[0]):
            return made
        if not readers.are_products(Tensor(step.types[0], step)):
            return made
        number = rows.GELU_SCALES[row.name]
        before, behind = (as_tensor(each, "float32") for each in (number, 0.5 / number))
        scaled = apply(row, apply(rows.MULTIPLY, operands[0], before))
        return (apply(rows.MULTIPLY, scaled, behind),)

    return rebuild(results, {}, rule)
