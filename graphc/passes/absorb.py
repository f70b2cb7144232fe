"""What stands beside a product goes into its weights: batch normalization, biases, padding.

A batch normalization at inference is `y * scale + shift`. Where y is a convolution, or a product
with a matrix, of weights that the inputs do not change, the scale is multiplied into the weights
once for all calls; two shifts after each other become one, and zeros around the input of a
convolution become its padding. Results change by rounding alone. (Jacob et al. 2018, section 3.2,
arXiv:1712.05877, has the formula.)
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TypeAlias

from graphc.ir.dims import at_least
from graphc.ir.origin import made_for
from graphc.ir.primitives import contraction, movement
from graphc.ir.primitives import elementwise as rows
from graphc.ir.primitives.row import apply
from graphc.ir.tensor import Step, Tensor
from graphc.passes.changing import Changing
from graphc.passes.rebuild import again, rebuild
from graphc.passes.simplify import is_zero, made_by
from graphc.passes.single import Single

Rewrite: TypeAlias = Callable[[Tensor, Tensor], "Tensor | None"]

_PRODUCTS = (contraction.CONV, contraction.DOT_GENERAL)


def absorb(results: Sequence[Tensor], inputs: Collection[Tensor]) -> tuple[Tensor, ...]:
    """The results, computed from the inputs with fewer steps, and from the weights with more."""
    walk = _Absorbing(results, inputs)
    return rebuild(results, {}, walk.rule)


class _Absorbing:
    def __init__(self, results: Sequence[Tensor], inputs: Collection[Tensor]) -> None:
        self._changes = Changing(inputs)
        self.single = Single(results)

    def rule(self, step: Step, operands: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        made = again(step, operands)
        if step.primitive is rows.MULTIPLY:
            made = (self._either(self._scaled, made[0], operands),)
        elif step.primitive is rows.ADD:
            made = (self._either(self._shifted, made[0], operands),)
        elif step.primitive is contraction.CONV:
            made = (_padded(made[0]),)
        for tensor in made:
            self._changes(tensor)
        self.single.note(step, made)
        return made

    def _either(self, rewrite: Rewrite, made: Tensor, operands: tuple[Tensor, ...]) -> Tensor:
        if made.dtype not in ("float32", "float64"):
            return made
        varied, constant = self._sorted(operands)
        found = None if varied is None or constant is None else rewrite(varied, constant)
        return made if found is None else found

    def _sorted(self, operands: tuple[Tensor, ...]) -> tuple[Tensor | None, Tensor | None]:
        """Of two operands the one that the inputs change, and the one that they do not."""
        x, y = operands
        if self._changes(x):
            return (x, None) if self._changes(y) else (x, y)
        return (y, x) if self._changes(y) else (None, x)

    def _scaled(self, y: Tensor, scale: Tensor) -> Tensor | None:
        """y * scale, the scale in y's weights."""
        if y.step is None or y.step not in self.single:
            return None
        if y.step.primitive is rows.ADD:
            inner, shift = self._sorted(y.step.operands)
            scaled = None if inner is None or shift is None else self._scaled(inner, scale)
            if scaled is None or shift is None:
                return None
            with made_for(y.step.origin):
                return apply(rows.ADD, scaled, apply(rows.MULTIPLY, shift, scale))
        if y.step.primitive not in _PRODUCTS:
            return None
        x, weights = y.step.operands
        aligned = None if self._changes(weights) else _beside_weights(y.step, scale)
        if aligned is None:
            return None
        with made_for(y.step.origin):  # what is left is the layer of the product
            product = apply(
                y.step.primitive, x, apply(rows.MULTIPLY, weights, aligned), **y.step.attributes
            )
        self.single.add(product)
        return product

    def _shifted(self, y: Tensor, shift: Tensor) -> Tensor | None:
        """y + shift, where y is a shifted product: one shift."""
        step = made_by(y, rows.ADD)
        if step is None or step not in self.single:
            return None
        inner, first = self._sorted(step.operands)
        if inner is None or first is None or not _is_product(inner):
            return None
        with made_for(step.origin):
            return apply(rows.ADD, inner, apply(rows.ADD, first, shift))


def _padded(made: Tensor) -> Tensor:
    """A convolution, with zeros around its input as its padding."""
    assert made.step is not None
    x, weights = made.step.operands
    attributes = made.step.attributes
    pad = made_by(x, movement.PAD)
    if pad is None or any(step != 1 for step in attributes["input_dilation"]):
        return made
    first, *widths, last = pad.attributes["widths"]
    is_zeros = pad.attributes["mode"] == "constant" and not pad.attributes.get("value", 0)
    crops = any(at_least(n, 0) is not True for width in widths for n in width)
    if not is_zeros or not is_zero((first, last)) or crops:
        return made
    padding = tuple(
        (before + width[0], after + width[1])
        for (before, after), width in zip(attributes["padding"], widths, strict=True)
    )
    return apply(contraction.CONV, pad.operands[0], weights, **attributes | {"padding": padding})


def _is_product(tensor: Tensor) -> bool:
    return tensor.step is not None and tensor.step.primitive in _PRODUCTS


def _beside_weights(step: Step, scale: Tensor) -> Tensor | None:
    """A scale of a product's result, shaped to multiply its weights; None where it cannot."""
    result, weights = step.types[0], step.operands[1]
    if scale.rank > result.rank:
        return None
    shape = (1,) * (result.rank - scale.rank) + scale.shape
    if step.primitive is contraction.CONV:
        kept = shape[-1:]
        aligned = kept
    else:
        if step.attributes.get("batch", ((), ())) != ((), ()):
            return None
        contracted = step.attributes["contracting"][1]
        kept = shape[result.rank - (weights.rank - len(contracted)) :]
        own = iter(kept)
        aligned = tuple(1 if axis in contracted else next(own) for axis in range(weights.rank))
    if any(dim != 1 for dim in shape[: result.rank - len(kept)]):
        return None
    return apply(movement.RESHAPE, scale, shape=aligned)
