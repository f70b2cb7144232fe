"""Common subexpressions: what is computed twice from the same operands is computed once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphc.ir.tensor import Step, Tensor
from graphc.passes.divide import DRAWING
from graphc.passes.rebuild import again, rebuild


def share(results: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """The same results, with one step for all that are equal."""
    known: dict[Any, tuple[Tensor, ...]] = {}

    def rule(step: Step, operands: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        if step.primitive in DRAWING:  # two draws are two
            return again(step, operands)
        attributes = tuple(sorted((name, _exact(value)) for name, value in step.attributes.items()))
        key = (step.primitive.name, operands, attributes)
        if key not in known:
            known[key] = again(step, operands)
        return known[key]

    return rebuild(results, {}, rule)


def _exact(value: Any) -> str:
    """A value's spelling: 1, 1.0 and True are not one, nor are 0.0 and -0.0."""
    return repr(value)
