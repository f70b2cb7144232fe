"""Gelu, which models spell out in products and sums, as one step.

The two spellings, in any order of their factors (Hendrycks and Gimpel 2016, arXiv:1606.08415):

    0.5 * x * (1 + erf(x / sqrt(2)))
    0.5 * x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x³)))
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isclose, pi, prod, sqrt

from graphc.ir.primitives import elementwise as rows
from graphc.ir.primitives.row import apply
from graphc.ir.tensor import Step, Tensor, key
from graphc.passes.rebuild import again, rebuild
from graphc.passes.simplify import made_by, number_of, operands_of

MOST_FACTORS = 8
"""More than any spelling has: no product is taken apart further."""


def gelu(results: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Gelu that is spelled out becomes one step."""
    return rebuild(results, {}, _rule)


def _rule(step: Step, operands: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    (made, *_) = whole = again(step, operands)
    if step.primitive is not rows.MULTIPLY or made.dtype not in ("float32", "float64"):
        return whole
    number, factors = _factors(made)
    if len(factors) != 2 or not isclose(number, 0.5):
        return whole
    for x, gate in (factors, factors[::-1]):
        if x.shape == made.shape and (found := _gated(x, gate)) is not None:
            return (found,)
    return whole


def _gated(x: Tensor, gate: Tensor) -> Tensor | None:
    """gelu(x) where a gate is 1 + erf or tanh of what they have to be of."""
    inner = _beside(gate, 1.0)
    if inner is None:
        return None
    if (erf := made_by(inner, rows.ERF)) is not None:
        return apply(rows.GELU, x) if _is_power(erf.operands[0], x, sqrt(0.5), 1) else None
    tanh = made_by(inner, rows.TANH)
    if tanh is None:
        return None
    number, factors = _factors(tanh.operands[0])
    if not isclose(number, sqrt(2 / pi), rel_tol=1e-6):
        return None
    if len(factors) == 1 and _is_sum(factors[0], x):
        return apply(rows.GELU_TANH, x)
    for first, second in (factors, factors[::-1]) if len(factors) == 2 else ():
        rest = _beside(second, 1.0)
        if key(first) == key(x) and rest is not None and _is_power(rest, x, 0.044715, 2):
            return apply(rows.GELU_TANH, x)
    return None


def _is_sum(tensor: Tensor, x: Tensor) -> bool:
    """Whether a tensor is x + 0.044715 x³."""
    return any(
        key(first) == key(x) and _is_power(second, x, 0.044715, 3)
        for first, second in operands_of(tensor, rows.ADD)
    )


def _is_power(tensor: Tensor, x: Tensor, number: float, power: int) -> bool:
    """Whether a tensor is a number times a power of x."""
    found, factors = _factors(tensor)
    is_power = len(factors) == power and all(key(each) == key(x) for each in factors)
    return is_power and isclose(found, number, rel_tol=1e-6)


def _beside(tensor: Tensor, number: float) -> Tensor | None:
    """What a number is added to, where a tensor is such a sum."""
    for first, second in operands_of(tensor, rows.ADD):
        if number_of(first) == number and second.shape == tensor.shape:
            return second
    return None


def _factors(tensor: Tensor) -> tuple[float, list[Tensor]]:
    """A product as a number, and its other factors."""
    numbers: list[float] = []
    factors: list[Tensor] = []
    waiting = [tensor]
    while waiting:
        each = waiting.pop()
        product, quotient = made_by(each, rows.MULTIPLY), made_by(each, rows.DIVIDE)
        divisor = None if quotient is None else number_of(quotient.operands[1])
        if product is not None and len(waiting) + len(factors) < MOST_FACTORS:
            waiting += product.operands
        elif quotient is not None and divisor:
            numbers.append(1 / divisor)
            waiting.append(quotient.operands[0])
        elif (number := number_of(each)) is not None:
            numbers.append(number)
        else:
            factors.append(each)
    return prod(numbers), factors
