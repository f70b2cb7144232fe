"""Derivatives of linear algebra.

M. Giles, "An extended collection of matrix derivative results for forward and reverse mode
algorithmic differentiation" (2008); I. Murray, "Differentiation of the Cholesky decomposition"
(2016, arxiv.org/abs/1602.07527); S. Walter and L. Lehmann, "Algorithmic differentiation of linear
algebra functions with application in optimum experimental design" (2010, arxiv.org/abs/1001.1654).
"""

from __future__ import annotations

from graphc.ir.primitives import elementwise as rows
from graphc.ir.primitives.contraction import DOT_GENERAL
from graphc.ir.primitives.linalg import FFT, TRIANGULAR_SOLVE
from graphc.ir.primitives.movement import IOTA, RESHAPE
from graphc.ir.primitives.row import Primitive, apply, apply_all
from graphc.ir.tensor import Step, Tensor, results_of
from graphc.ir.types import TensorType
from graphc.ops.convert import cast
from graphc.passes.derivatives.table import (
    Cotangents,
    derivative,
    number,
    transpose,
    zeros,
)


def _t(x: Tensor) -> Tensor:
    """Matrices transposed."""
    return transpose(x, (*range(x.rank - 2), x.rank - 1, x.rank - 2))


def _mul(x: Tensor, y: Tensor) -> Tensor:
    """Products of matrices."""
    batch = tuple(range(x.rank - 2))
    return apply(
        DOT_GENERAL, x, y, contracting=((x.rank - 1,), (y.rank - 2,)), batch=(batch, batch)
    )


def _ordered(x: Tensor, row: Primitive) -> Tensor:
    """1 where the number of a row is so to that of its column, else 0."""
    shape = x.shape[-2:]
    places = [apply(IOTA, shape=shape, axis=axis, dtype="int32") for axis in range(2)]
    return cast(apply(row, *places), x.dtype)


def _solve(a: Tensor, b: Tensor, *, lower: bool) -> Tensor:
    return apply(TRIANGULAR_SOLVE, a, b, lower=lower)


@derivative("triangular_solve")
def _triangular_solve(step: Step, cotangents: Cotangents) -> Cotangents:
    a, _ = step.operands
    (x,), (g,) = results_of(step), cotangents
    assert g is not None
    lower = step.attributes["lower"]
    back = _solve(_t(a), g, lower=not lower)
    used = _ordered(a, rows.GE if lower else rows.LE)
    return apply(rows.NEGATE, _mul(back, _t(x)) * used), back


@derivative("cholesky")
def _cholesky(step: Step, cotangents: Cotangents) -> Cotangents:
    """S = L⁻ᵀ Φ(Lᵀ G) L⁻¹, made symmetric; Φ takes the lower triangle and half of the diagonal."""
    (factor,), (g,) = results_of(step), cotangents
    assert g is not None
    if not step.attributes.get("lower", True):
        factor, g = _t(factor), _t(g)
    lower = _ordered(factor, rows.GE) + _ordered(factor, rows.GT)
    inner = _mul(_t(factor), g) * lower * 0.5
    upper = _t(factor)
    left = _solve(upper, inner, lower=False)
    made = _t(_solve(upper, _t(left), lower=False))
    return ((made + _t(made)) * 0.5,)


@derivative("qr")
def _qr(step: Step, cotangents: Cotangents) -> Cotangents:
    """A = (G_Q + Q copyltu(M)) R⁻ᵀ with M = R G_Rᵀ - G_Qᵀ Q, for as many rows as columns or more."""
    q, r = results_of(step)
    gq, gr = (zeros(x.type) if g is None else g for x, g in zip((q, r), cotangents, strict=True))
    m = _mul(r, _t(gr)) - _mul(_t(gq), q)
    below, diagonal = _ordered(m, rows.GT), _ordered(m, rows.EQ)
    symmetric = m * below + _t(m * below) + m * diagonal
    return (_t(_solve(r, _t(gq + _mul(q, symmetric)), lower=False)),)


def _differences(values: Tensor) -> Tensor:
    """1 / (v[j] - v[i]) for each pair of values, 0 on the diagonal."""
    rank = values.rank
    row = _expanded(values, rank - 1)
    column = _expanded(values, rank)
    gaps = row - column
    diagonal = apply(rows.EQ, *(
        apply(IOTA, shape=gaps.shape[-2:], axis=axis, dtype="int32") for axis in range(2)
    ))  # fmt: skip
    safe = apply(rows.SELECT, diagonal, number(1, gaps), gaps)
    return apply(rows.SELECT, diagonal, number(0, gaps), 1 / safe)


def _expanded(x: Tensor, axis: int) -> Tensor:
    return apply(RESHAPE, x, shape=(*x.shape[:axis], 1, *x.shape[axis:]))


def _diagonal(values: Tensor, like: Tensor) -> Tensor:
    """Matrices with values on their diagonals."""
    return _expanded(values, values.rank) * _ordered(like, rows.EQ)


@derivative("eigh")
def _eigh(step: Step, cotangents: Cotangents) -> Cotangents:
    """V (diag(g) + F * (Vᵀ G)) Vᵀ, made symmetric."""
    values, vectors = results_of(step)
    gv, gm = cotangents
    inner = zeros(vectors.type)
    if gm is not None:
        inner = inner + _differences(values) * _mul(_t(vectors), gm)
    if gv is not None:
        inner = inner + _diagonal(gv, vectors)
    made = _mul(_mul(vectors, inner), _t(vectors))
    return ((made + _t(made)) * 0.5,)


@derivative("svd")
def _svd(step: Step, cotangents: Cotangents) -> Cotangents:
    """U ((F * (Uᵀ G_U - G_Uᵀ U)) S + S (F * (Vᵀ G_V - G_Vᵀ V)) + diag(g)) Vᵀ, and the rest."""
    u, s, vt = results_of(step)
    gu, gs, gvt = (
        zeros(x.type) if g is None else g for x, g in zip((u, s, vt), cotangents, strict=True)
    )
    k = s.shape[-1]
    gaps = _differences(s * s)
    scale = _expanded(s, s.rank)
    across = _expanded(s, s.rank - 1)
    v, gv = _t(vt), _t(gvt)
    turn_u, turn_v = _mul(_t(u), gu), _mul(_t(v), gv)
    inner = gaps * (turn_u - _t(turn_u)) * across + scale * (gaps * (turn_v - _t(turn_v)))
    inner = inner + _diagonal(gs, zeros(TensorType((*s.shape, k), s.dtype)))
    made = _mul(_mul(u, inner), vt)
    (x,) = step.operands
    if x.shape[-2] != k:  # what U does not span
        made = made + _mul((gu - _mul(u, turn_u)) / across, vt)
    if x.shape[-1] != k:
        made = made + _mul(u / across, _t(gv - _mul(v, turn_v)))
    return (made,)


@derivative("lu")
def _lu(step: Step, cotangents: Cotangents) -> Cotangents:
    """Pᵀ L⁻ᵀ (tril(Lᵀ G_L) + triu(G_U Uᵀ)) U⁻ᵀ for square matrices; P exchanges rows."""
    factors, _ = results_of(step)
    g, _ = cotangents
    if g is None:
        return (None,)
    below, diagonal = _ordered(factors, rows.GT), _ordered(factors, rows.EQ)
    lower, upper = factors * below + diagonal, factors * (1 - below)
    inner = _mul(_t(lower), g * below) * below + _mul(g * (1 - below), _t(upper)) * (1 - below)
    left = _solve(_t(lower), inner, lower=False)
    made = _t(_solve(upper, _t(left), lower=False))
    # The rows put back: Pᵀ is x (L U)⁻¹.
    (x,) = step.operands
    unmade = _solve(upper, _solve(lower, made, lower=True), lower=False)
    return (_mul(x, unmade),)


@derivative("fft")
def _fft(step: Step, cotangents: Cotangents) -> Cotangents:
    """The transform's matrix is symmetric: its adjoint is the other one, scaled."""
    given = [
        zeros(x.type) if g is None else g for x, g in zip(step.operands, cotangents, strict=True)
    ]
    inverse = step.attributes["inverse"]
    size = step.operands[0].shape[-1]
    assert isinstance(size, int)
    scale = 1 / size if inverse else size
    return tuple(each * scale for each in apply_all(FFT, *given, inverse=not inverse))
