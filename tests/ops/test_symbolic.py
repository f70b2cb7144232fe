"""Shapes with symbolic sizes are the concrete ones, once the sizes are known."""

from __future__ import annotations

import pytest

from graphc.declare import OPS
from graphc.declare.trace import Trace, trace_op
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import substitute, variable
from graphc.ir.types import TensorType
from tests.differential.op_harness import C, X, replaced

H = variable("H")
CASES = [
    *[
        C(f, X(2, None, 3), *more, strides=s, padding=p)
        for f, *more in [("conv", X(3, 3, 4)), ("conv", X(2, 3, 4)), ("conv", X(1, 3, 4)), ("max_pool", 2), ("average_pool", 3)]
        for s in (1, 2, 3)
        for p in ("valid", "same")
    ],
    *[C("conv_transpose", X(2, None, 3), X(k, 4, 3), strides=2, padding=p) for k in (1, 3, 4) for p in ("valid", "same")],
    C("conv", X(2, None, 3), X(3, 3, 4), dilation_rate=2, padding="same"),
    C("reshape", X(None, 4), (-1, 2)),
    C("reshape", X(None, 6), (2, -1)),
    C("array_split", X(None), 3),
    C("tile", X(None, 2), (3, 2)),
    C("repeat", X(None), 3),
    C("pad", X(None), (1, 2)),
    C("diagonal", X(None, 4), 1),
    C("diagonal", X(None, 4), -1),
    C("diag", X(None), -2),
    C("diff", X(None), 2),
    C("roll", X(None), 3),
    C("extract_sequences", X(None), 3, 2),
    C("rfft", X(None)),
    C("get_item", X(None), slice(1, None, 2)),
    C("get_item", X(None), slice(None, -1)),
    C("get_item", X(None), slice(-3, None)),
    C("get_item", X(None), slice(2, 5)),
    C("unfold", X(1, 2, None, 9), 3, stride=2, padding=1),
    C("image.extract_patches", X(1, None, 9, 2), 3, padding="same"),
    C("cumsum", X(None, 3)),
    C("arange", H, 20, 3),
    C("arange", 1, H, 2),
    C("trapezoid", X(None)),
    C("vander", X(None)),
    C("unique", X(None), size=3),
]  # fmt: skip


def shapes(case: C, size: object) -> list[tuple[object, ...]]:
    def fill(x: X) -> TensorType:
        return TensorType(tuple(size if d is None else d for d in x.shape), x.dtype)

    args, kwargs = replaced((case.args, case.kwargs), fill)
    args = tuple(size if a is H else a for a in args)
    trace = trace_op(OPS[case.name], args, kwargs)
    assert isinstance(trace, Trace)
    return [t.shape for t in trace.outputs]


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_same_as_concrete(case: C) -> None:
    symbolic = shapes(case, H)
    for size in range(1, 14):
        try:
            concrete = shapes(case, size)
        except Fault:
            continue  # too small a size, which symbolic shapes allow for
        known = [tuple(substitute(d, {"H": size}) for d in shape) for shape in symbolic]
        assert known == concrete, f"{case} at {size}"


def test_some_sizes_are_written_as_people_write_them():
    (conv,) = shapes(C("conv", X(2, None, 3), X(3, 3, 4), strides=2, padding="same"), H)
    assert str(conv[1]) == "(H + 1) // 2"
    (transposed,) = shapes(
        C("conv_transpose", X(2, None, 3), X(3, 4, 3), strides=2, padding="same"), H
    )
    assert str(transposed[1]) == "2*H"
