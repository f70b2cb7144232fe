"""What is added and multiplied in front of products goes through them, into weights and biases.

A normalization ends in `x * gamma + beta`. Where only products with weights take that, gamma goes
into the weights, and what beta comes to is added with the bias. In attention biases go on: what is
the same for all values is the same for their means, since the shares of softmax add up to 1, and
what is the same for all keys adds one number to all scores of a row, which softmax does not see.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial, reduce

from graphc.ir.primitives import contraction, movement
from graphc.ir.primitives import elementwise as rows
from graphc.ir.primitives.reduction import BOUNDED_EXP
from graphc.ir.primitives.row import Primitive, apply
from graphc.ir.tensor import Step, Tensor
from graphc.passes.readers import Readers
from graphc.passes.rebuild import again, rebuild
from graphc.passes.shares import add_up_to_one, without_shift
from graphc.passes.simplify import made_by, operands_of, reshaped


def affine(results: Sequence[Tensor], inputs: Collection[Tensor]) -> tuple[Tensor, ...]:
    """What is multiplied and added in front of products goes into their weights and biases."""
    return rebuild(results, {}, _Walk(results, inputs).rule)


class _Walk:
    def __init__(self, results: Sequence[Tensor], inputs: Collection[Tensor]) -> None:
        self._readers = Readers(results, inputs)
        self._changes = self._readers.changes

    def rule(self, step: Step, operands: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        made = again(step, operands)
        found = None
        if step.primitive is BOUNDED_EXP:
            found = apply(BOUNDED_EXP, without_shift(operands[0]))
        elif step.primitive is contraction.DOT_GENERAL and made[0].dtype in ("float32", "float64"):
            found = self._with_weights(step, made[0])
            if found is None:
                found = self._with_shares(step, made[0])
        made = made if found is None else (found,)
        for tensor in made:
            self._changes(tensor)
        return made

    def _with_weights(self, step: Step, made: Tensor) -> Tensor | None:
        """A product with weights, of what was there before it was scaled and shifted."""
        assert made.step is not None
        (x, weights), attributes = made.step.operands, made.step.attributes
        left, right = attributes["contracting"]
        is_in_order = list(left) == sorted(left) and list(right) == sorted(right)
        if not is_in_order or not self._readers.are_products(_source(step.operands[0])):
            return None
        shifts: list[Tensor] = []
        while (found := self._parts(x)) is not None:
            row, inner, constant = found
            own = tuple(size if axis in left else 1 for axis, size in enumerate(x.shape))
            is_number = row is rows.MULTIPLY and all(size == 1 for size in constant.shape)
            if constant.shape != own and not is_number:
                break
            x = inner
            if is_number:
                weights = apply(rows.MULTIPLY, weights, reshaped(constant, ()))
            elif row is rows.MULTIPLY:
                sides = (size if axis in right else 1 for axis, size in enumerate(weights.shape))
                weights = apply(rows.MULTIPLY, weights, reshaped(constant, tuple(sides)))
            else:
                line = reshaped(constant, tuple(own[axis] for axis in left))
                axes = (tuple(range(line.rank)), right)
                shifts.append(apply(contraction.DOT_GENERAL, line, weights, contracting=axes))
        if x is made.step.operands[0]:
            return None
        return _shifted(apply(contraction.DOT_GENERAL, x, weights, **attributes), shifts)

    def _with_shares(self, step: Step, made: Tensor) -> Tensor | None:
        """Means of values by shares that add up to 1, shifted as the values were."""
        assert made.step is not None
        (shares, values), attributes = made.step.operands, made.step.attributes
        left, right = attributes["contracting"]
        is_mean = left == (shares.rank - 1,) and add_up_to_one(shares)
        if not is_mean or not self._readers.are_products(Tensor(made.type, step)):
            return None
        ours, theirs = attributes.get("batch", ((), ()))
        free = (axis for axis in range(values.rank) if axis not in (*theirs, *right))
        order, at = (*theirs, *right, *free), len(ours)
        shifts: list[Tensor] = []
        while (found := self._parts(values)) is not None:
            row, inner, constant = found
            if row is not rows.ADD or constant.shape[right[0]] != 1:
                break
            values = inner
            moved = apply(movement.TRANSPOSE, constant, permutation=order)
            queries = (1,) * (shares.rank - at - 1)
            shape = (*moved.shape[:at], *queries, *moved.shape[at + 1 :])
            shifts.append(reshaped(moved, shape))
        if not shifts:
            return None
        means = apply(contraction.DOT_GENERAL, shares, values, **attributes)
        return _shifted(means, shifts)

    def _parts(self, x: Tensor) -> tuple[Primitive, Tensor, Tensor] | None:
        """A tensor as another and a constant of as many axes, multiplied or added."""
        turned = made_by(x, movement.TRANSPOSE)
        if turned is not None:
            found = self._parts(turned.operands[0])
            if found is None:
                return None
            row, inner, constant = found
            inner, constant = (
                apply(movement.TRANSPOSE, each, **turned.attributes) for each in (inner, constant)
            )
            return row, inner, constant
        for row in (rows.ADD, rows.MULTIPLY):
            for inner, constant in operands_of(x, row):
                if inner.shape == x.shape and self._changes(inner) and not self._changes(constant):
                    shape = (*(1,) * (x.rank - constant.rank), *constant.shape)
                    return row, inner, reshaped(constant, shape)
        return None


def _shifted(made: Tensor, shifts: Sequence[Tensor]) -> Tensor:
    """A tensor and what is added to it, which is added up before."""
    add = partial(apply, rows.ADD)
    return add(made, reduce(add, shifts)) if shifts else made


def _source(x: Tensor) -> Tensor:
    """A tensor before its axes were moved."""
    turned = made_by(x, movement.TRANSPOSE)
    return x if turned is None else _source(turned.operands[0])
