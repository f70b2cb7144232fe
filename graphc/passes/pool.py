"""What never falls where its input rises is done behind max pooling, to fewer elements.

The largest of f(x) in a window is f of the largest x, for an f such as a rectifier, tanh or the
addition of a bias that the window does not slide over: with windows of 2 x 2, a quarter of the work.
Rounding keeps the order too.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from graphc.ir.primitives import elementwise as rows
from graphc.ir.primitives.row import apply
from graphc.ir.primitives.window import REDUCE_WINDOW_MAX
from graphc.ir.tensor import Step, Tensor
from graphc.passes.rebuild import again, rebuild
from graphc.passes.single import Single

_ALONE = (rows.TANH, rows.LOGISTIC, rows.CLAMP)
"""What rises with its one operand."""
_BESIDE = (rows.ADD, rows.SUBTRACT, rows.MAXIMUM, rows.MINIMUM)
"""What rises with its first operand, whatever the second is, and but for a difference with both."""


def pool(results: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Biases and activations in front of max pooling go behind it."""
    return rebuild(results, {}, _Pooling(results).rule)


class _Pooling:
    def __init__(self, results: Sequence[Tensor]) -> None:
        self.single = Single(results)

    def rule(self, step: Step, operands: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        made = again(step, operands)
        if step.primitive is REDUCE_WINDOW_MAX and prod(step.attributes["strides"]) > 1:
            made = (self._behind(made[0]),)
        self.single.note(step, made)
        return made

    def _behind(self, pooled: Tensor) -> Tensor:
        """A pooled tensor, its input's last steps done to itself where they can be."""
        step = pooled.step
        assert step is not None
        (y,) = step.operands
        last = y.step
        found = None if last is None or last not in self.single else _rising(y)
        if last is None or found is None or not _is_still(step, found, y):
            return pooled
        inner = self._behind(apply(step.primitive, found[0], **step.attributes))
        return apply(last.primitive, *_replaced(last, found[0], inner), **last.attributes)


def _rising(y: Tensor) -> tuple[Tensor, Tensor | None] | None:
    """The tensor that y rises with, and what else y is made of; None where there is none."""
    if y.step is None or y.dtype not in ("float32", "float64"):
        return None
    x, *others = y.step.operands
    if y.step.primitive in _ALONE:
        return x, None
    if y.step.primitive not in _BESIDE:
        return None
    (other,) = others
    is_turned = y.step.primitive is not rows.SUBTRACT and x.shape != y.shape
    return (other, x) if is_turned else (x, other)


def _is_still(pooling: Step, made_of: tuple[Tensor, Tensor | None], y: Tensor) -> bool:
    """Whether y is made of what the window slides over, and of what is the same all over it."""
    x, other = made_of
    if x.shape != y.shape:
        return False
    shape = () if other is None else other.shape
    slides = zip(*(pooling.attributes[n] for n in ("window", "strides", "padding")), strict=True)
    moves = [axis for axis, slide in enumerate(slides) if slide != (1, 1, (0, 0))]
    sizes = (1,) * (x.rank - len(shape)) + tuple(shape)
    return all(sizes[axis] == 1 for axis in moves)


def _replaced(step: Step, old: Tensor, new: Tensor) -> list[Tensor]:
    """A step's operands with another one in the place of one."""
    return [new if x is old else x for x in step.operands]
