from __future__ import annotations

from math import inf

import numpy as np
import pytest

from tests.differential.op_harness import C, N, X, check_case, check_rejected

FLOAT_FROM_INT = "Keras infers whole numbers"


def positive(n: int, seed: int = 0) -> X:
    """A symmetric matrix with positive eigenvalues, all different."""
    random = np.random.default_rng(seed)
    a = random.normal(size=(n, n))
    return X(n, n, values=a @ a.T + n * np.eye(n))


CASES = [
    *[C("matmul", a, b) for a, b in [
        (X(3, 4), X(4, 2)), (X(4), X(4)), (X(4), X(4, 2)), (X(3, 4), X(4)), (X(2, 3, 4), X(4, 5)),
        (X(2, 3, 4), X(2, 4, 5)), (X(2, 3, 4), X(1, 4, 5)), (X(5, 1, 3, 4), X(2, 4, 5)),
        (X(4), X(2, 4, 5)), (X(2, 3, 4), X(4)), (X(None, 4), X(4, 2)), (X(None, 3, 4), X(4, 2)),
        (N(3, 4), N(4, 2)), (N(3, 4, dtype="int8"), N(4, 2, dtype="int8")), (N(3, 4), X(4, 2)),
        (X(3, 4, dtype="float16"), X(4, 2, dtype="float16")), (X(3, 4, dtype="bool"), X(4, 2, dtype="bool"))]],
    *[C("dot", a, b) for a, b in [
        (X(3, 4), X(4, 2)), (X(4), X(4)), (X(2, 3, 4), X(4)), (X(3, 4), X(2, 4, 5)), (X(), X(3)), (X(3), 2.0)]],
    *[C("inner", a, b) for a, b in [(X(3), X(3)), (X(2, 3), X(4, 3)), (X(3), X(2, 3)), (X(), X(2))]],
    *[C("vdot", a, b) for a, b in [(X(3), X(3)), (X(2, 3), X(2, 3)), (X(6), X(2, 3))]],
    *[C("outer", a, b) for a, b in [(X(3), X(2)), (X(2, 3), X(2)), (N(2), X(3)), (X(None), X(2))]],
    *[C("tensordot", X(3, 4, 5), X(4, 5, 2), axes=axes) for axes in (2, [[1, 2], [0, 1]], [[2, 1], [1, 0]])],
    *[C("tensordot", X(3, 4), X(2, 3), axes=axes) for axes in (0, [[0], [1]])],
    C("tensordot", X(None, 4), X(4, 3), axes=1),
    *[C("cross", a, b) for a, b in [(X(3), X(3)), (X(2, 3), X(2, 3)), (X(3, 2), X(3, 2)), (X(4, 2), X(4, 3))]],
    C("cross", X(2), X(2)).but(spec="Keras wants a third axis"),
    C("cross", X(3, 5), X(3, 5), axis=0).but(spec="Keras ignores axis"),
    C("cross", X(3, 5), X(3, 5), axisa=0, axisb=0, axisc=0),
    *[C("kron", a, b) for a, b in [(X(2, 3), X(3, 2)), (X(2), X(3)), (N(2, 2), X(2, 2))]],
    C("kron", X(2), X(2, 3)).but(spec="Keras drops axes"),
    # einsum
    *[C("einsum", s, *xs) for s, xs in [
        ("ij,jk->ik", (X(2, 3), X(3, 4))), ("ij,jk", (X(2, 3), X(3, 4))), ("ij->ji", (X(2, 3),)),
        ("ij->j", (X(2, 3),)), ("ij->", (X(2, 3),)), ("i,i->i", (X(3), X(3))), ("i,j->ij", (X(3), X(2))),
        ("ij,ij->", (X(2, 3), X(2, 3))), ("bij,bjk->bik", (X(2, 3, 4), X(2, 4, 5))),
        ("bqhd,bkhd->bhqk", (X(2, 3, 2, 4), X(2, 5, 2, 4))), ("abc,cd->abd", (X(2, 3, 4), X(4, 5))),
        ("ij,jk,kl->il", (X(2, 3), X(3, 4), X(4, 2))), ("ij,kj,lj->ikl", (X(2, 3), X(4, 3), X(5, 3))),
        ("...ij,...jk->...ik", (X(2, 3, 4), X(2, 4, 5))), ("...j,jk->...k", (X(2, 3, 4), X(4, 5))),
        ("a...->...a", (X(2, 3, 4),)), ("i...,i...->...", (X(2, 3), X(2, 3))),
        ("bn,bn->b", (N(2, 3), X(2, 3))),
        ("ij,jk->ik", (N(2, 3, dtype="int8"), N(3, 4, dtype="int8"))), ("ij,jk->ik", (X(None, 3), X(3, 4)))]],
    *[C("einsum", s, *xs).but(spec="Keras' pattern is too simple") for s, xs in [
        ("ii->i", (X(3, 3),)), ("ii->", (X(3, 3),)), ("bii->bi", (X(2, 3, 3),)), ("ba", (X(2, 3),)), ("ij, jk -> ik", (X(2, 3), X(3, 4))),
        ("...ii->...i", (X(2, 3, 3),)), ("...,...->...", (X(2, 3), X(3))), ("...j,j...->...", (X(2, 3), X(3, 2))),
        ("ij,ij->ij", (X(2, 3), X(1, 3))), ("IJ,JK->IK", (X(2, 3), X(3, 4))), ("...,a->...a", (X(2), X(3)))]],
    # factors
    C("cholesky", positive(3)), C("cholesky", positive(3), upper=True),
    C("cholesky_inverse", X(2, 2, values=[[2, 0], [1, 3]])),
    C("cholesky_inverse", X(2, 2, values=[[2, 1], [0, 3]]), upper=True),
    *[C("det", X(*s)) for s in [(3, 3), (2, 4, 4), (1, 1)]],
    *[C("slogdet", X(*s)).but(spec="Keras infers a single sign") for s in [(3, 3), (2, 4, 4)]],
    C("logdet", positive(3)),
    C("inv", positive(3)), C("inv", X(2, 3, 3)).but(tolerance=1e-3),
    *[C("solve", positive(3), b) for b in (X(3), X(3, 2))],
    C("solve", X(2, 2, 2, values=[[[2, 1], [1, 3]], [[1, 0], [1, 1]]]), X(2, 2, 3)),
    C("solve_triangular", X(2, 2, values=[[2, 0], [1, 3]]), X(2, 2), lower=True),
    C("solve_triangular", X(2, 2, values=[[2, 1], [0, 3]]), X(2, 1)),
    C("eigh", positive(3)).but(run="eigenvectors have two signs"),
    C("eig", positive(3)).but(run="eigenvectors have two signs", spec="Keras infers real numbers"),
    *[C("qr", X(*s), mode=mode).but(run="columns have two signs")
      for s in [(4, 2), (2, 4), (2, 3, 3)] for mode in ("reduced", "complete")],
    *[C("svd", X(*s), full_matrices=f).but(run="vectors have two signs") for s in [(4, 2), (2, 2, 4)] for f in (True, False)],
    C("svd", X(4, 3), compute_uv=False),
    C("lu_factor", X(3, 3)).but(spec="Keras infers fractions for places"),
    C("lu_factor", X(2, 4, 3)).but(spec="Keras infers fractions for places"),
    *[C("lstsq", X(5, 3), b) for b in (X(5), X(5, 2))],
    C("lstsq", X(2, 4), X(2)),
    *[C("matrix_rank", x) for x in (X(3, 4), X(2, 2, values=[[1, 2], [2, 4]]), X(2, 3, 3))],
    *[C("pinv", x) for x in (X(4, 3), X(2, 3, 4), X(2, 2, values=[[1, 2], [2, 4]]))],
    *[C("norm", X(3, 4), ord=o, **k)
      for o in (None, "fro", "nuc", inf, -inf, 1, -1, 2, -2) for k in ({}, {"keepdims": True})],
    *[C("norm", X(3, 4), ord=o, axis=1) for o in (None, inf, -inf, 0, 1, 2, 3, 0.5)],
    *[C("norm", X(2, 3, 4), ord=o, axis=(2, 0)) for o in (None, 1, inf, "nuc")],
    C("norm", X(2, 3, 4)),
    C("norm", N(3, 4), axis=0),
    C("cdist", X(3, 2), X(4, 2)), C("cdist", X(5, 3, 2), X(1, 4, 2)),
    C("psnr", X(3, 4), X(3, 4), 2.0),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_as_keras(case: C) -> None:
    check_case(case)


REJECTED = [
    C("matmul", X(2, 3), X(2, 3)),
    C("matmul", X(), X(3)),
    C("matmul", X(2, 3, 4), X(3, 4, 5)),
    C("dot", X(2, 3), X(2, 3)),
    C("inner", X(2, 3), X(2, 4)),
    C("vdot", X(3), X(4)),
    C("tensordot", X(2, 3), X(2, 3), axes=1),
    C("tensordot", X(2, 3), X(2, 3), axes=3),
    C("cross", X(4), X(4)),
    C("einsum", "ij,jk->ik", X(2, 3)),
    C("einsum", "ij,jk->ik", X(2, 3), X(4, 5)),
    C("einsum", "ij->ijk", X(2, 3)),
    C("einsum", "ijk->i", X(2, 3)),
    C("einsum", "ij->i->j", X(2, 3)),
    C("cholesky", X(2, 3)),
    C("inv", X(3)),
    C("solve", X(3, 3), X(2, 1)),
    C("qr", X(3)),
    C("qr", X(3, 3), mode="full"),
    C("norm", X(3, 4), ord="frob"),
    C("norm", X(3), ord="fro"),
    C("norm", X(3, 4), ord=3),
    C("lstsq", X(3, 2), X(2)),
    C("cdist", X(3, 2), X(4, 3)),
    C("psnr", X(3), X(4), 1.0),
]


@pytest.mark.parametrize("case", REJECTED, ids=repr)
def test_rejected_as_by_keras(case: C) -> None:
    check_rejected(case)
