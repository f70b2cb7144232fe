from __future__ import annotations

from math import inf, nan

import pytest

from tests.differential.op_harness import C, N, X, check_case, check_rejected

# Functions of one tensor, by where they are defined.
EVERYWHERE = [
    "abs", "absolute", "angle", "arcsinh", "arctan", "ceil", "conj", "copy", "cos", "cosh", "deg2rad", "erfc", "exp",
    "exp2", "expm1", "fabs", "floor", "i0", "isfinite", "isinf", "isnan", "isneginf", "isposinf", "isreal",
    "logical_not", "nan_to_num", "ones_like", "rad2deg", "real", "reciprocal", "sign", "signbit", "sin", "sinc",
    "sinh", "square", "tan", "tanh", "trunc", "cbrt", "negative", "round", "erf", "stop_gradient", "zeros_like",
]  # fmt: skip
ABOVE_0 = ["log", "log10", "log2", "sqrt", "log1p", "rsqrt"]
BELOW_1 = ["arccos", "arcsin", "arctanh", "erfinv"]
ABOVE_1 = ["arccosh"]
UNARY = {
    **dict.fromkeys(EVERYWHERE, (-3.0, 3.0)),
    **dict.fromkeys(ABOVE_0, (0.1, 4.0)),
    **dict.fromkeys(BELOW_1, (-0.9, 0.9)),
    **dict.fromkeys(ABOVE_1, (1.1, 4.0)),
}
BINARY = [
    "add", "subtract", "multiply", "divide", "true_divide", "floor_divide", "mod", "power", "maximum", "minimum",
    "fmax", "fmin", "fmod", "arctan2", "logaddexp", "logaddexp2", "nextafter", "equal", "not_equal", "less",
    "less_equal", "greater", "greater_equal", "logical_and", "logical_or", "logical_xor", "isclose", "allclose",
    "divide_no_nan", "hypot", "heaviside", "isin",
]  # fmt: skip
ON_BITS = ["bitwise_and", "bitwise_or", "bitwise_xor", "bitwise_left_shift", "bitwise_right_shift", "left_shift",
           "right_shift", "gcd", "lcm"]  # fmt: skip
DTYPES = ["bool", "int8", "uint8", "int32", "int64", "float16", "bfloat16", "float64"]
PAIRS = [("float32", "float32"), ("int32", "int32"), ("int8", "uint8"), ("int32", "float16"), ("bool", "int32"),
         ("bool", "float32"), ("bfloat16", "float16"), ("int64", "bfloat16"), ("uint32", "int8")]  # fmt: skip

# What Keras infers here is not what it computes; its computation is what counts.
INFERRED = {
    ("reciprocal", "float16"): "float32",
    ("reciprocal", "bfloat16"): "float32",
    **{(name, dtype): dtype for name in ("erf", "erfinv", "rsqrt") for dtype in DTYPES[:5]},
}
# No signs, no fractions, or no numbers: jax turns these down, and so do we.
NO_SIGN = [(name, "bool") for name in ("negative", "sign", "round")]
# We compute these as fractions, which jax leaves to whoever calls it.
FRACTIONS = [(name, dtype) for name in ("erf", "rsqrt") for dtype in DTYPES[:5]]


def unary(name: str, dtype: str, *, only_types: bool = False) -> C:
    low, high = UNARY[name]
    if "int" in dtype and name not in EVERYWHERE:
        low, high = 1, 1  # the one whole number at which all are defined
    case = C(name, X(2, 3, dtype=dtype, low=low, high=high))
    run = (
        "types alone" if only_types else "jax wants fractions" if (name, dtype) in FRACTIONS else ""
    )
    inferred = INFERRED.get((name, dtype))
    return case.but(spec=f"Keras infers {inferred}" if inferred else "", run=run)


def binary(name: str, dtypes: tuple[str, str], *, only_types: bool = False) -> C:
    x, y = (X(2, 3, dtype=dtype, low=1, high=3) for dtype in dtypes)
    return C(name, x, y).but(run="types alone" if only_types else "")


CASES = [
    *[unary(name, "float32") for name in UNARY],
    *[C(name, X(None, 2, low=0.5, high=0.9)) for name in ("abs", "exp", "log", "arcsin", "square")],
    *[binary(name, pair) for name in BINARY for pair in PAIRS[:2]],
    *[C(name, X(3, 1, low=1), X(4, low=1)) for name in BINARY if name not in ("allclose", "isin")],
    *[C(name, X(4, dtype="float16", low=1), 2) for name in BINARY if name not in ("arctan2", "hypot", "heaviside")],
    *[C(name, N(4, low=1), 1.5) for name in ("add", "multiply", "power", "maximum", "less", "mod")],
    *[C(name, 2.0, N(4, low=1)) for name in ("subtract", "divide", "power", "arctan2")],
    C("add", X(None, 3), X(2, 1, 1)),
    *[C(name, N(2, 3, low=1, high=6), N(3, high=6, low=1)).but(spec="Keras does not broadcast") for name in ON_BITS],
    *[C(name, N(4, dtype=d, low=1), N(4, dtype=d, low=1)) for name in ON_BITS for d in ("int8", "uint8", "int64")],
    *[C(name, X(4, dtype="bool"), X(4, dtype="bool")) for name in ON_BITS[:3]],
    C("bitwise_and", N(4), 2).but(spec="Keras wants two tensors"),
    C("bitwise_not", N(4)), C("bitwise_invert", X(3, dtype="bool")),
    C("ldexp", X(4), N(4, low=-3)), C("ldexp", N(4), N(4)),
    # values at the edges
    *[C(name, X(6, values=[nan, inf, -inf, 0.0, -0.0, 2.5]))
      for name in ("isnan", "isinf", "isfinite", "isposinf", "isneginf", "nan_to_num", "signbit", "sign", "sinc",
                   "relu", "sigmoid", "softplus", "trunc", "angle", "reciprocal")],
    C("nan_to_num", X(3, values=[nan, inf, -inf]), nan=1.0, posinf=2.0, neginf=3.0),
    C("nan_to_num", X(2, dtype="float16", values=[inf, -inf])),
    *[C(name, X(4, values=[inf, -inf, inf, 1]), X(4, values=[inf, -inf, 1, nan]))
      for name in ("logaddexp", "logaddexp2", "isclose", "fmax", "fmin", "hypot", "maximum", "heaviside")],
    C("isclose", X(2, values=[nan, 1]), X(2, values=[nan, 1 + 1e-6]), equal_nan=True),
    C("isclose", X(3, values=[1, 1, 1]), X(3, values=[1.1, 1.3, 2]), rtol=0.2, atol=0.0),
    C("divide_no_nan", X(3, values=[1, 0, -1]), X(3, values=[0, 0, 2])),
    C("isin", N(3, 2), N(4), invert=True),
    *[C("round", X(5, values=[0.5, 1.5, -2.5, 1.25, 123.456]), decimals=d) for d in (0, 1, 2, -1)],
    C("round", N(3, high=99), decimals=-1),
    C("floor_divide", X(4, values=[7, -7, 7, -7]), X(4, values=[2, 2, -2, -2])),
    *[C(name, N(4, values=[7, -7, 7, -7]), N(4, values=[2, 2, -2, -2])) for name in ("floor_divide", "mod", "fmod")],
    C("power", X(3, values=[-2.0, 2, 0]), X(3, values=[3.0, -1, 0])),
    C("gcd", N(4, low=-90, high=90), N(4, low=-90, high=90)),
    C("lcm", N(4, low=-9, high=9), N(4, low=-9, high=9)),
    C("gcd", N(1, values=[1836311903]), N(1, values=[1134903170])),
    C("exp", X(3, values=[-200, 90, 0])), C("expm1", X(3, values=[1e-6, -1e-6, 1])), C("log1p", X(2, values=[1e-6, -1e-6])),
]  # fmt: skip

TYPES = [
    *[unary(name, dtype, only_types=True) for name in UNARY for dtype in DTYPES if (name, dtype) not in NO_SIGN],
    *[binary(name, pair, only_types=True) for name in BINARY for pair in PAIRS[2:] if pair[0] != "bool" or name not in
      ("hypot", "heaviside")],
]  # fmt: skip

# The same with values, which takes minutes.
SWEEP = [
    *[unary(name, dtype) for name in UNARY for dtype in DTYPES if (name, dtype) not in NO_SIGN],
    *[binary(name, pair) for name in BINARY for pair in PAIRS[2:] if pair[0] != "bool" or name not in
      ("hypot", "heaviside")],
]  # fmt: skip


@pytest.mark.parametrize("case", [*CASES, *TYPES], ids=repr)
def test_as_keras(case: C) -> None:
    check_case(case)


@pytest.mark.slow
@pytest.mark.parametrize("case", SWEEP, ids=repr)
def test_values_of_all_dtypes(case: C) -> None:
    check_case(case)


REJECTED = [
    C("add", X(3), X(4)),
    C("add", X(3, 2), X(3)),
    *[C(name, X(3, dtype=dtype)) for name, dtype in NO_SIGN],
    C("subtract", X(3, dtype="bool"), X(3, dtype="bool")),
    *[C(name, X(3), X(3)) for name in ON_BITS],
    C("bitwise_not", X(3)),
    C("ldexp", X(3), X(3)),
    C("where", X(3, dtype="bool"), X(2), X(3)),
]


@pytest.mark.parametrize("case", REJECTED, ids=repr)
def test_rejected_as_by_keras(case: C) -> None:
    check_rejected(case)
