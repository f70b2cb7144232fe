"""Derivatives of what works on each element by itself."""

from __future__ import annotations

from collections.abc import Callable
from math import pi, sqrt
from typing import TypeAlias

from graphc.ir.primitives import elementwise as rows
from graphc.ir.primitives.movement import BROADCAST, CONSTANT
from graphc.ir.primitives.row import Primitive, apply
from graphc.ir.tensor import Step, Tensor, results_of
from graphc.ops.convert import cast
from graphc.passes.derivatives.special import bessel_i1, trigamma
from graphc.passes.derivatives.table import (
    DERIVATIVES,
    Cotangents,
    Rule,
    derivative,
    is_differentiable,
    number,
    sum_to,
)


def _f(row: Primitive) -> Callable[..., Tensor]:
    return lambda *operands: apply(row, *operands)


exp, log, sin, cos = map(_f, (rows.EXP, rows.LOG, rows.SIN, rows.COS))
sinh, cosh, rsqrt, sign = map(_f, (rows.SINH, rows.COSH, rows.RSQRT, rows.SIGN))
negate, floor, digamma, select = map(_f, (rows.NEGATE, rows.FLOOR, rows.DIGAMMA, rows.SELECT))


def _gelu_slope(x: Tensor) -> Tensor:
    share = (apply(rows.ERF, x * sqrt(0.5)) + 1) * 0.5
    return share + x * exp(x * x * -0.5) * (1 / sqrt(2 * pi))


def _gelu_tanh_slope(x: Tensor) -> Tensor:
    gate = apply(rows.TANH, (x + x * x * x * 0.044715) * sqrt(2 / pi))
    inner = (x * x * (3 * 0.044715) + 1) * sqrt(2 / pi)
    return (gate + 1) * 0.5 + x * (1 - gate * gate) * inner * 0.5


BY_OPERAND: dict[str, Callable[[Tensor], Tensor]] = {
    "abs": sign,
    "log": lambda x: 1 / x,
    "log1p": lambda x: 1 / (x + 1),
    "sin": cos,
    "cos": lambda x: negate(sin(x)),
    "asin": lambda x: rsqrt(1 - x * x),
    "acos": lambda x: negate(rsqrt(1 - x * x)),
    "atan": lambda x: 1 / (x * x + 1),
    "sinh": cosh,
    "cosh": sinh,
    "asinh": lambda x: rsqrt(x * x + 1),
    "acosh": lambda x: rsqrt((x - 1) * (x + 1)),
    "atanh": lambda x: 1 / (1 - x * x),
    "gelu": _gelu_slope,
    "gelu_tanh": _gelu_tanh_slope,
    "scaled_gelu": lambda x: _gelu_slope(x / rows.GELU_SCALES["scaled_gelu"]) * 2,
    "scaled_gelu_tanh": lambda x: _gelu_tanh_slope(x / rows.GELU_SCALES["scaled_gelu_tanh"]) * 2,
    "erf": lambda x: exp(negate(x * x)) * (2 / sqrt(pi)),
    "lgamma": digamma,
    "digamma": trigamma,
    "bessel_i0": bessel_i1,
}
"""Slopes of functions, as functions of their operands."""

BY_RESULT: dict[str, Callable[[Tensor], Tensor]] = {
    "exp": lambda y: y,
    "bounded_exp": lambda y: y,  # what a row is divided by counts as a constant
    "expm1": lambda y: y + 1,
    "sqrt": lambda y: 0.5 / y,
    "logistic": lambda y: y * (1 - y),
    "tan": lambda y: y * y + 1,
    "tanh": lambda y: 1 - y * y,
    "erf_inv": lambda y: exp(y * y) * (sqrt(pi) / 2),
    "rsqrt": lambda y: y * y * y * -0.5,
}
"""The same, as functions of their results."""


def _by_operand(slope: Callable[[Tensor], Tensor]) -> Rule:
    def rule(step: Step, cotangents: Cotangents) -> Cotangents:
        (x,), (g,) = step.operands, cotangents
        assert g is not None
        return (g * slope(x),)

    return rule


def _by_result(slope: Callable[[Tensor], Tensor]) -> Rule:
    def rule(step: Step, cotangents: Cotangents) -> Cotangents:
        (y,), (g,) = results_of(step), cotangents
        assert g is not None
        return (g * slope(y),)

    return rule


DERIVATIVES.update({name: _by_operand(slope) for name, slope in BY_OPERAND.items()})
DERIVATIVES.update({name: _by_result(slope) for name, slope in BY_RESULT.items()})

Pair: TypeAlias = "tuple[Tensor | None, Tensor | None]"
Of: TypeAlias = Callable[[Tensor, Tensor, Tensor, Tensor], Pair]
"""The cotangents of two operands: of these, of the result, and of its cotangent."""


def _binary(name: str) -> Callable[[Of], Of]:
    def register(of: Of) -> Of:
        def rule(step: Step, cotangents: Cotangents) -> Cotangents:
            (x, y), (z,), (g,) = step.operands, results_of(step), cotangents
            assert g is not None
            made = of(x, y, z, g)
            return tuple(
                None if part is None or not is_differentiable(operand) else sum_to(part, operand)
                for part, operand in zip(made, step.operands, strict=True)
            )

        DERIVATIVES[name] = rule
        return of

    return register


@derivative("negate")
def _negate(step: Step, cotangents: Cotangents) -> Cotangents:
    (g,) = cotangents
    assert g is not None
    return (negate(g),)


@_binary("add")
def _add(x: Tensor, y: Tensor, z: Tensor, g: Tensor) -> Pair:
    return g, g


@_binary("subtract")
def _subtract(x: Tensor, y: Tensor, z: Tensor, g: Tensor) -> Pair:
    return g, negate(g)


@_binary("multiply")
def _multiply(x: Tensor, y: Tensor, z: Tensor, g: Tensor) -> Pair:
    return g * y, g * x


@_binary("divide")
def _divide(x: Tensor, y: Tensor, z: Tensor, g: Tensor) -> Pair:
    share = g / y
    return share, negate(share * z)


@_binary("remainder")
def _remainder(x: Tensor, y: Tensor, z: Tensor, g: Tensor) -> Pair:
    return g, negate(g * floor(x / y))


@_binary("power")
def _power(x: Tensor, y: Tensor, z: Tensor, g: Tensor) -> Pair:
    # 0 ** y is 0 nearby, where the logarithm is not finite; x ** 0 is 1 nearby.
    nothing, one = number(0, x), number(1, x)
    base = select(x > 0, x, one)
    slope = select(apply(rows.EQ, y, nothing), nothing, y * apply(rows.POWER, x, y - 1))
    return g * slope, g * z * select(x > 0, log(base), nothing)


@_binary("atan2")
def _atan2(x: Tensor, y: Tensor, z: Tensor, g: Tensor) -> Pair:
    share = g / (x * x + y * y)
    return share * y, negate(share * x)


def is_constant(x: Tensor) -> bool:
    """Whether a tensor holds one number, or numbers that are written out."""
    while x.step is not None and x.step.primitive in (BROADCAST, rows.CAST):
        (x,) = x.step.operands
    return x.step is not None and x.step.primitive is CONSTANT


def _chosen(x: Tensor, y: Tensor, g: Tensor, row: Primitive) -> Pair:
    """The one that is chosen takes all. At a tie a constant bound does, and else both a half.

    That is how `jax.nn.relu` and `jax.numpy.maximum` have it.
    """
    nothing = number(0, g)
    first, second = apply(row, x, y), apply(row, y, x)
    if is_constant(y):
        return select(first, g, nothing), None
    if is_constant(x):
        return None, select(second, g, nothing)
    half = g * 0.5
    tied = apply(rows.EQ, x, y)
    return (
        select(first, g, select(tied, half, nothing)),
        select(second, g, select(tied, half, nothing)),
    )


@_binary("maximum")
def _maximum(x: Tensor, y: Tensor, z: Tensor, g: Tensor) -> Pair:
    return _chosen(x, y, g, rows.GT)


@_binary("minimum")
def _minimum(x: Tensor, y: Tensor, z: Tensor, g: Tensor) -> Pair:
    return _chosen(x, y, g, rows.LT)


@derivative("clamp")
def _clamp(step: Step, cotangents: Cotangents) -> Cotangents:
    (x,), (g,) = step.operands, cotangents
    assert g is not None
    nothing = number(0, g)
    low, high = number(step.attributes["low"], x), number(step.attributes["high"], x)
    above = select(apply(rows.GT, x, low), g, nothing)
    return (select(apply(rows.LT, x, high), above, nothing),)


@derivative("select")
def _select(step: Step, cotangents: Cotangents) -> Cotangents:
    condition, x, y = step.operands
    (g,) = cotangents
    assert g is not None
    nothing = number(0, g)
    return (
        None,
        sum_to(select(condition, g, nothing), x),
        sum_to(select(condition, nothing, g), y),
    )


@derivative("cast")
def _cast(step: Step, cotangents: Cotangents) -> Cotangents:
    (x,), (g,) = step.operands, cotangents
    assert g is not None
    return (cast(g, x.dtype) if is_differentiable(x) else None,)
