"""Derivatives beside differences: every primitive, in float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graphc.ir.primitives import PRIMITIVES, apply, apply_all
from graphc.ir.primitives.elementwise import MULTIPLY
from graphc.ir.primitives.movement import RESHAPE
from graphc.ir.primitives.reduction import REDUCE_SUM
from graphc.ir.tensor import Tensor
from graphc.ir.types import TensorType
from graphc.passes.derivatives import CONSTANT_RESULTS, DERIVATIVES
from graphc.passes.derivatives.table import is_differentiable
from graphc.passes.differentiate import gradients
from graphc.runtime.execute import Compiled

random = np.random.default_rng(3)


def normal(*shape: int) -> Any:
    return random.normal(size=shape)


def between(low: float, high: float, *shape: int) -> Any:
    return random.uniform(low, high, shape)


def whole(below: int, *shape: int) -> Any:
    return random.integers(0, below, shape).astype(np.int32)


def positive_definite(size: int) -> Any:
    x = normal(size, size)
    return x @ x.T + size * np.eye(size)


def apart(*shape: int) -> Any:
    """Numbers that no small step brings into another order."""
    count = int(np.prod(shape))
    return (random.permutation(count) / 4 - 1.1).reshape(shape)


def triangle(*shape: int) -> Any:
    return np.tril(normal(*shape)) + 3 * np.eye(shape[-1])


ONES = ((0, 0), (0, 0))
UNARY = {
    **dict.fromkeys(
        "negate exp bounded_exp expm1 sin cos tan atan sinh cosh tanh".split(), (-2, 2)
    ),
    **dict.fromkeys("asinh erf gelu gelu_tanh scaled_gelu scaled_gelu_tanh".split(), (-2, 2)),
    **dict.fromkeys("abs log log1p sqrt rsqrt bessel_i0 lgamma digamma".split(), (0.2, 3)),
    **dict.fromkeys("asin acos atanh erf_inv logistic".split(), (-0.9, 0.9)),
    "acosh": (1.2, 3),
}
CASES: list[tuple[str, list[Any], dict[str, Any]]] = [
    *[(name, [between(low, high, 5)], {}) for name, (low, high) in UNARY.items()],
    ("abs", [between(-3, -1, 4)], {}),
    ("lgamma", [between(-2.9, -2.1, 4)], {}),
    ("digamma", [between(-2.9, -2.1, 4)], {}),
    ("bessel_i0", [np.array([-7.0, -2.0, 4.5, 9.0])], {}),
    *[
        (name, [between(0.5, 2, 2, 3), between(0.5, 2, *shape)], {})
        for name in "add subtract multiply divide power atan2 maximum minimum remainder".split()
        for shape in ((2, 3), (3,), (1, 3), ())
    ],
    ("power", [np.array([1.0, 2.0, 3.0]), np.array([0.0, 1.0, -2.0])], {}),
    ("select", [random.random((2, 3)) < 0.5, normal(2, 3), normal(3)], {}),
    ("clamp", [np.array([-2.0, -0.5, 0.3, 2.5])], {"low": -1.0, "high": 0.5}),
    ("cast", [normal(3)], {"dtype": "float64"}),
    ("reduce_sum", [normal(2, 3, 4)], {"axes": (0, 2)}),
    ("reduce_prod", [normal(2, 3, 4)], {"axes": (0, 2)}),
    ("reduce_prod", [np.array([2.0, 0.0, 3.0])], {"axes": (0,)}),
    ("reduce_max", [apart(2, 3, 4)], {"axes": (0, 2)}),
    ("reduce_min", [apart(2, 3)], {"axes": (1,)}),
    *[
        (name, [apart(2, 4, 3)], {"axis": 1, "reverse": reverse})
        for name in "cumsum cumprod cummax cummin cumlogsumexp".split()
        for reverse in (False, True)
    ],
    ("cumprod", [np.array([2.0, 0.0, 3.0, 0.0, 1.0])], {"axis": 0}),
    ("sort", [apart(3, 4)], {"axis": 0}),
    ("reshape", [normal(2, 6)], {"shape": (3, 4)}),
    ("transpose", [normal(2, 3, 4)], {"permutation": (2, 0, 1)}),
    ("broadcast", [normal(2, 1)], {"shape": (3, 2, 4)}),
    ("pad", [normal(3, 4)], {"widths": ((1, -1), (0, 2)), "mode": "constant", "value": 2.0}),
    *[
        ("pad", [normal(4, 3)], {"widths": ((2, 3), (0, 1)), "mode": mode})
        for mode in ("reflect", "symmetric", "edge", "wrap")
    ],
    ("slice", [normal(7, 4)], {"starts": (1, 0), "sizes": (3, 4), "strides": (2, 1)}),
    ("slice", [normal(7)], {"starts": (6,), "sizes": (3,), "strides": (-2,)}),
    ("concatenate", [normal(2, 3), normal(2, 1), normal(2, 2)], {"axis": 1}),
    ("reverse", [normal(2, 3)], {"axes": (1,)}),
    ("gather", [normal(3, 5, 2), whole(5, 4, 2)], {"axis": 1}),
    ("gather", [normal(4, 3), np.array([-1, 0, -1], np.int32)], {"axis": 0}),
    ("gather", [normal(2, 3, 4, 5), whole(5, 2, 3, 6)], {"axis": 3, "batch_dims": 2}),
    ("gather", [normal(2, 3, 4, 5), whole(5, 2, 6)], {"axis": 3, "batch_dims": 1}),
    ("scatter_add", [normal(3, 4, 2), whole(3, 5, 2), normal(5, 2)], {}),
    ("scatter", [normal(4, 2), np.array([[1], [3], [1]], np.int32), normal(3, 2)], {}),
    ("dot_general", [normal(2, 3), normal(3, 4)], {"contracting": ((1,), (0,))}),
    (
        "dot_general",
        [normal(2, 3, 4, 5), normal(5, 2, 6, 3)],
        {"contracting": ((3, 1), (0, 3)), "batch": ((0,), (1,))},
    ),
    *[
        (
            "conv",
            [normal(2, 7, 6, 4), normal(3, 2, 4 // groups, 6)],
            {
                "strides": strides, "padding": ((1, 2), (0, 1)), "dilation": dilation,
                "input_dilation": spread, "groups": groups,
            },
        )
        for strides, dilation, spread, groups in (
            ((1, 1), (1, 1), (1, 1), 1),
            ((2, 3), (1, 1), (1, 1), 1),
            ((1, 1), (2, 3), (1, 1), 2),
            ((2, 1), (1, 2), (1, 1), 2),
            ((1, 1), (1, 1), (2, 3), 1),
            ((2, 2), (1, 1), (3, 2), 2),
        )
    ],
    ("conv", [normal(2, 5, 3), normal(2, 1, 6)], {
        "strides": (2,), "padding": ((-1, 1),), "dilation": (1,), "input_dilation": (1,), "groups": 3,
    }),
    *[
        (
            name,
            [apart(2, 7, 6, 2)],
            {"window": (1, 3, 2, 1), "strides": (1, 2, 2, 1), "padding": ((0, 0), (1, 1), (0, 1), (0, 0))},
        )
        for name in ("reduce_window_sum", "reduce_window_max")
    ],
    *[
        ("reduce_window_max", [apart(2, 7, 6, 2)], {"window": window, "strides": window, "padding": padding})
        for window, padding in (
            ((1, 2, 2, 1), ((0, 0), (0, 0), (0, 0), (0, 0))),
            ((1, 3, 2, 1), ((0, 0), (1, 1), (-1, 1), (0, 0))),
            ((1, 4, 1, 1), ((0, 0), (2, 3), (0, 0), (0, 0))),
            ((2, 3, 2, 2), ((0, 0), (-1, 0), (1, 1), (0, 0))),
        )
    ],
    *[
        ("resize", [normal(1, 4, 5, 2)], {
            "shape": (1, 7, 3, 2), "interpolation": interpolation, "antialias": antialias,
        })
        for interpolation in ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")
        for antialias in (False, True)
    ],
    ("cholesky", [positive_definite(3)[None]], {"lower": True}),
    ("triangular_solve", [triangle(3, 3)[None], normal(1, 3, 2)], {"lower": True}),
    ("triangular_solve", [triangle(3, 3).T[None], normal(1, 3, 2)], {"lower": False}),
    ("qr", [normal(2, 4, 3)], {"full": False}),
    ("svd", [normal(2, 4, 3)], {"full": False}),
    ("svd", [normal(2, 3, 4)], {"full": False}),
    ("eigh", [positive_definite(3)[None]], {}),
    ("lu", [normal(2, 4, 4)], {}),
    ("fft", [normal(2, 5), normal(2, 5)], {"inverse": False}),
    ("fft", [normal(2, 5), normal(2, 5)], {"inverse": True}),
]  # fmt: skip

SYMMETRIC = ("cholesky", "eigh")


def test_every_primitive_has_a_derivative_or_a_reason_for_none():
    assert set(DERIVATIVES) | CONSTANT_RESULTS == set(PRIMITIVES)
    assert not set(DERIVATIVES) & CONSTANT_RESULTS


def test_every_derivative_is_tried():
    assert {name for name, _, _ in CASES} | {"scan"} == set(DERIVATIVES)


@pytest.mark.parametrize(
    ("name", "arrays", "attributes"),
    CASES,
    ids=[f"{place}-{case[0]}" for place, case in enumerate(CASES)],
)
def test_a_derivative_is_the_limit_of_differences(name, arrays, attributes):
    row = PRIMITIVES[name]
    leaves = [Tensor(TensorType(np.shape(x), np.asarray(x).dtype.name)) for x in arrays]
    symmetric = name in SYMMETRIC
    operands = [_symmetric(x) if symmetric else x for x in leaves]
    results = [r for r in apply_all(row, *operands, **attributes) if is_differentiable(r)]
    factors = [Tensor(r.type) for r in results]
    loss = None
    for result, factor in zip(results, factors, strict=True):
        part = apply(REDUCE_SUM, apply(MULTIPLY, result, factor), axes=tuple(range(result.rank)))
        loss = part if loss is None else loss + part
    sources = [x for x in leaves if is_differentiable(x)]
    (loss,), made = gradients(loss, sources)
    values = [*arrays, *(random.normal(size=factor.shape) for factor in factors)]
    got = Compiled([*leaves, *factors], made)(*values)
    run = Compiled([*leaves, *factors], [loss])
    for source, gradient in zip(sources, got, strict=True):
        place = leaves.index(source)
        expected = _differences(lambda x, at=place: run(*values[:at], x, *values[at + 1 :])[0],
                                np.asarray(values[place]))  # fmt: skip
        np.testing.assert_allclose(gradient, expected, rtol=2e-5, atol=2e-6)


def _symmetric(x: Tensor) -> Tensor:
    swapped = apply(PRIMITIVES["transpose"], x, permutation=(0, 2, 1))
    return (x + swapped) * 0.5


def _differences(run: Any, x: Any) -> Any:
    step = 1e-5
    slopes = np.zeros(x.shape)
    for place in np.ndindex(*x.shape):
        up, down = x.copy(), x.copy()
        up[place] += step
        down[place] -= step
        slopes[place] = (run(up) - run(down)) / (2 * step)
    return slopes


def test_a_scalar_that_nothing_leads_to_has_gradient_zero():
    x, y = (Tensor(TensorType((2,), "float64")) for _ in range(2))
    loss = apply(REDUCE_SUM, apply(RESHAPE, x, shape=(1, 2)), axes=(0, 1))
    _, made = gradients(loss, [x, y])
    ones, zeros = Compiled([x, y], made)(np.ones(2), np.ones(2))
    np.testing.assert_array_equal(ones, [1, 1])
    np.testing.assert_array_equal(zeros, [0, 0])
