"""Biases of products of rows that add up to 0 go into the weights.

The rows of a normalization, x, are centered: what is added to all weights of a column changes
nothing. Where x + 1 is multiplied in place of x, weights can so be chosen that the bias comes out:

    (x + 1) (W + u) = x W + bias, where u = (bias - sum of W's columns) / depth

One addition to x is less work than one to the result where that is wider, as in transformers.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import prod

from graphc.ir.primitives import contraction, movement
from graphc.ir.primitives import elementwise as rows
from graphc.ir.primitives.reduction import REDUCE_SUM
from graphc.ir.primitives.row import apply
from graphc.ir.tensor import Step, Tensor, key
from graphc.ops.convert import as_tensor
from graphc.passes.readers import Readers
from graphc.passes.rebuild import again, rebuild
from graphc.passes.simplify import made_by, number_of, operands_of, reshaped

WIDER = 2
"""How much wider than its factor a product has to be."""


def centered(results: Sequence[Tensor], inputs: Collection[Tensor]) -> tuple[Tensor, ...]:
    """Biases of wide products go into the weights, where rows that are multiplied add up to 0."""
    readers = Readers(results, inputs)

    def rule(step: Step, operands: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        if step.primitive is rows.ADD and step.types[0].dtype in ("float32", "float64"):
            for place, other in ((0, 1), (1, 0)):
                product, bias = step.operands[place], step.operands[other]
                dot = made_by(product, contraction.DOT_GENERAL)
                is_alone = dot is not None and readers.is_product(product)
                if dot is None or not is_alone or readers.changes(bias):
                    continue
                if readers.are_one(dot.operands[0]):
                    found = _without(operands[place], operands[other])
                    if found is not None and found.type == step.types[0]:
                        return (found,)
        return again(step, operands)

    return rebuild(results, {}, rule)


def _without(product: Tensor, bias: Tensor) -> Tensor | None:
    """A product with a bias, as a product."""
    dot = made_by(product, contraction.DOT_GENERAL)
    if dot is None:
        return None
    x, weights = dot.operands
    left, right = dot.attributes["contracting"]
    depth, width = x.shape[-1], prod(dim for dim in weights.shape if isinstance(dim, int))
    if left != (x.rank - 1,) or not isinstance(depth, int) or width < WIDER * depth * depth:
        return None
    columns = apply(REDUCE_SUM, weights, axes=right)
    own = bias.shape[bias.rank - columns.rank :]
    if own != columns.shape or prod(bias.shape) != prod(own) or not _adds_up_to_zero(x):
        return None
    number, one = (as_tensor(each, x.dtype) for each in (depth, 1))
    rest = apply(rows.SUBTRACT, reshaped(bias, columns.shape), columns)
    sides = tuple(1 if axis in right else size for axis, size in enumerate(weights.shape))
    more = reshaped(apply(rows.DIVIDE, rest, number), sides)
    shifted = apply(rows.ADD, weights, more)
    return apply(contraction.DOT_GENERAL, apply(rows.ADD, x, one), shifted, **dot.attributes)


def _adds_up_to_zero(x: Tensor) -> bool:
    """Whether rows are centered, and perhaps multiplied by a number for each."""
    for inner, factor in operands_of(x, rows.MULTIPLY):
        if factor.shape[-1:] in ((1,), ()) and inner.shape == x.shape:
            return _adds_up_to_zero(inner)
    moved = made_by(x, rows.SUBTRACT)
    mean = None if moved is None else made_by(moved.operands[1], rows.DIVIDE)
    if moved is None or mean is None or number_of(mean.operands[1]) != x.shape[-1]:
        return False
    (of, _), (total, _) = moved.operands, mean.operands
    spread = made_by(total, movement.RESHAPE)
    summed = None if spread is None else made_by(spread.operands[0], REDUCE_SUM)
    return (
        summed is not None
        and key(summed.operands[0]) == key(of)
        and of.shape == x.shape
        and summed.attributes["axes"] == (x.rank - 1,)
        and total.shape == (*x.shape[:-1], 1)
    )
