from __future__ import annotations

import math

import pytest

from tests.differential.op_harness import C, N, X, check_case, check_rejected

DTYPES = ["bool", "int8", "uint8", "int16", "int32", "int64", "float16", "bfloat16", "float64"]
AXIS_FUNCTIONS = [
    "sum",
    "mean",
    "max",
    "min",
    "prod",
    "any",
    "all",
    "std",
    "var",
    "amax",
    "amin",
    "ptp",
]
AXES: list[dict[str, object]] = [
    {},
    {"axis": 1},
    {"axis": -1, "keepdims": True},
    {"axis": (0, 2)},
    {"keepdims": True},
]
NAN_FUNCTIONS = [
    "nansum",
    "nanprod",
    "nanmean",
    "nanvar",
    "nanstd",
    "nanmax",
    "nanmin",
    "nanmedian",
]
HOLES = [[1.5, math.nan, -2.0, 0.5], [math.nan, math.nan, 3.0, 1.0], [2.0, 1.0, 0.0, -1.0]]

CASES = [
    *[C(name, X(2, 3, None), **k) for name in [*AXIS_FUNCTIONS, "logsumexp", "median"] for k in AXES],
    *[C(name, X(2, 3, dtype=dtype), axis=0) for name in AXIS_FUNCTIONS for dtype in DTYPES
      if (name, dtype) != ("ptp", "bool")],
    *[C(name, X(4, 3), **k) for name in ("argmax", "argmin")
      for k in ({}, {"axis": 1}, {"axis": 0, "keepdims": True}, {"keepdims": True})],
    *[C("count_nonzero", N(4, None), **k) for k in ({}, {"axis": 1}, {"axis": (0, 1)})],
    C("max", X(3, 2), axis=0, initial=1.5),
    C("min", X(3, 2), axis=0, initial=-1.5),
    C("prod", N(3, 2), axis=0, dtype="float32"),
    C("logsumexp", X(2, values=[-math.inf, -math.inf])),
    C("logsumexp", X(3, dtype="float16")).but(spec="Keras infers float32"),
    # without what is not a number
    *[C(name, X(3, 4, values=HOLES), **k) for name in NAN_FUNCTIONS
      for k in ({}, {"axis": 1}, {"axis": 0, "keepdims": True}, {"keepdims": True})],
    *[C(name, N(3, 4), axis=0) for name in NAN_FUNCTIONS],
    *[C(name, X(3, 4, values=HOLES), **k) for name in ("nanargmax", "nanargmin")
      for k in ({}, {"axis": 1}, {"axis": 0, "keepdims": True})],
    *[C(name, X(3, 4, values=HOLES), **k) for name in ("nancumsum", "nancumprod") for k in ({}, {"axis": 1})],
    C("nanmax", X(2, 2, values=[[math.nan, math.nan], [1, 2]]), axis=1),
    # quantiles
    *[C(name, X(3, 4), 0.3, **k) for name in ("quantile", "nanquantile")
      for k in ({}, {"axis": 1}, {"axis": (0, 1), "keepdims": True}, {"axis": 0, "keepdims": True})],
    *[C("quantile", X(3, 4), 0.4, axis=1, method=method)
      for method in ("linear", "lower", "higher", "midpoint", "nearest")],
    *[C("quantile", X(3, 4), [0.1, 0.9], **k) for k in ({}, {"axis": 1}, {"axis": 0, "keepdims": True})],
    C("quantile", X(3, 4), [0.5], axis=1).but(spec="Keras drops the axis of one q"),
    C("quantile", X(3, 4), X(2, values=[0, 1]), axis=1),
    C("quantile", X(None, 4), 0.5, axis=0),
    C("quantile", N(3, 4), 0.3, axis=0),
    C("nanquantile", X(3, 4, values=HOLES), [0.2, 0.7], axis=1),
    C("percentile", X(3, 4), 30, axis=1),
    C("nanpercentile", X(3, 4, values=HOLES), [20, 70], axis=1),
    C("quantile", X(3, 4, values=HOLES), 0.5, axis=1),
    C("median", N(3, 4), axis=1),
    # so far
    *[C(name, X(3, None), **k) for name in ("cumsum", "cumprod") for k in ({}, {"axis": 1}, {"axis": -2})],
    *[C("cumsum", X(3, 2, dtype=d), axis=0) for d in ("bool", "int8", "float16")],
    C("cumsum", N(3), axis=0, dtype="float32"),
    *[C("diff", X(3, 5), **k) for k in ({}, {"n": 2}, {"axis": 0}, {"n": 0}, {"n": 4}, {"n": 6})],
    C("diff", X(2, 5, dtype="bool")),
    C("trapezoid", X(3, 4)),
    C("trapezoid", X(3, 4), dx=0.5, axis=0),
    C("trapezoid", X(3, 4), x=X(4)),
    C("trapezoid", N(3, 4)),
    # statistics
    *[C("average", X(3, 2), **k) for k in ({}, {"axis": 0})],
    C("average", X(3, 2), axis=0, weights=X(3, low=1)),
    C("average", X(3, 2), weights=X(3, 2, low=1)),
    C("average", N(3, 2), axis=1, weights=N(2, low=1)),
    *[C("corrcoef", x).but(spec="Keras infers the shape before") for x in (X(3, 5), X(4))],
    *[C("correlate", X(5), X(3), mode=mode) for mode in ("valid", "same", "full")],
    *[C("correlate", X(2), X(4), mode=mode) for mode in ("valid", "same", "full")],
    *[C("correlate", X(4), X(4), mode=mode) for mode in ("valid", "same", "full")],
    *[C("histogram", X(9), **k) for k in ({"bins": 4}, {"bins": 3, "range": (-1, 1)})],
    C("histogram", N(9), bins=4).but(spec="Keras infers whole numbers"),
    C("bincount", N(9), minlength=5).but(spec="Keras counts on to the largest"),
    C("bincount", N(2, 9), minlength=4).but(spec="Keras counts on to the largest"),
    C("bincount", N(9), weights=X(9), minlength=5).but(spec="Keras counts on to the largest"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_as_keras(case: C) -> None:
    check_case(case)


REJECTED = [
    *[C(name, X(2, 3), axis=2) for name in AXIS_FUNCTIONS],
    C("sum", X(2, 3), axis=(0, 0)),
    C("argmax", X(2, 3), axis=2),
    C("quantile", X(3), 0.5, method="best"),
    C("cumsum", X(3), axis=1),
    C("average", X(3, 2), axis=0, weights=X(2)),
    C("average", X(3, 2), weights=X(2)),
    C("correlate", X(3), X(2, 2)),
    C("correlate", X(3), X(2), mode="some"),
    C("ptp", X(3, dtype="bool")),
]


@pytest.mark.parametrize("case", REJECTED, ids=repr)
def test_rejected_as_by_keras(case: C) -> None:
    check_rejected(case)
