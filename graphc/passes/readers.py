"""Who reads tensors: whether what is done to one can be done to the weights that it meets."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import prod

from graphc.ir.primitives import contraction, movement
from graphc.ir.primitives import elementwise as rows
from graphc.ir.tensor import Step, Tensor, key, steps_of
from graphc.passes.changing import Changing


class Readers:
    """The steps that read each tensor of a graph, and products with weights among them."""

    def __init__(self, results: Sequence[Tensor], inputs: Collection[Tensor]) -> None:
        self.changes = Changing(inputs)
        self._of: dict[tuple[int, int], list[Step | None]] = {key(x): [None] for x in results}
        """None is who takes the results."""
        for step in steps_of(results):
            for x in step.operands:
                self._of.setdefault(key(x), []).append(step)
        self._found: dict[tuple[int, int], bool] = {}

    def are_products(self, x: Tensor) -> bool:
        """Whether only products with weights read a tensor, to which more can be added for nothing.

        Its axes may be moved before.
        """
        place = key(x)
        if place not in self._found:
            readers = self._of.get(place, ())
            self._found[place] = all(self._takes_shift(each, x) for each in readers)
        return self._found[place]

    def are_one(self, x: Tensor) -> bool:
        """Whether a single step reads a tensor, or it is one of the results."""
        return len(self._of[key(x)]) == 1

    def is_product(self, x: Tensor) -> bool:
        """Whether a tensor is a product with weights, or one with a bias, and all have one reader."""
        step = x.step
        if step is None or not self.are_one(x):
            return False
        if step.primitive is rows.ADD:
            changing = [each for each in step.operands if self.changes(each)]
            return (
                len(changing) == 1
                and self._is_with_weights(changing[0].step)
                and self.are_one(changing[0])
            )
        return self._is_with_weights(step)

    def _is_with_weights(self, step: Step | None) -> bool:
        if step is None or step.primitive is not contraction.DOT_GENERAL:
            return False
        return self.changes(step.operands[0]) and not self.changes(step.operands[1])

    def _takes_shift(self, reader: Step | None, x: Tensor) -> bool:
        if reader is None:
            return False
        made = Tensor(reader.types[0], reader)
        if reader.primitive is movement.TRANSPOSE:
            return self.are_products(made)
        if not self._is_with_weights(reader) or key(reader.operands[0]) != key(x):
            return False
        after = self._of.get(key(made), ())
        has_bias = len(after) == 1 and any(
            each is not None
            and each.primitive is rows.ADD
            and not all(map(self.changes, each.operands))
            for each in after
        )
        return has_bias or _is_narrower(made, x)


def _is_narrower(made: Tensor, x: Tensor) -> bool:
    """Whether a product is no larger than its factor, as far as sizes are known."""
    ours, theirs = ([dim for dim in each.shape if isinstance(dim, int)] for each in (made, x))
    return prod(ours) <= prod(theirs) and made.rank - len(ours) == x.rank - len(theirs)
