"""Calls that no one means: each is turned down, or taken, within moments and without a crash."""

from __future__ import annotations

import pytest

from graphc.declare import OPS
from graphc.declare.trace import trace_op
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import UNKNOWN, variable
from tests.differential.op_harness import C, N, X, our_types, replaced

HUGE = 10**9
T = variable("T")

TURNED_DOWN = [
    C("unstack", X(HUGE, 2)),
    C("unstack", X(None, 2), num=-1),
    C("split", X(HUGE), HUGE),
    C("array_split", X(HUGE), HUGE),
    C("diff", X(HUGE), HUGE),
    C("repeat", X(2), (HUGE, 1)),
    C("repeat", X(2), (T, 1)),
    C("repeat", X(2), -1),
    C("tile", X(2), -1),
    C("bartlett", HUGE),
    C("stft", X(HUGE), HUGE, 1, HUGE),
    C("zeros", (-1,)),
    C("full", (2, -1), 0),
    C("broadcast_to", X(3), (-1, 3)),
    C("eye", -1),
    C("tri", 2, -2),
    C("one_hot", N(3), -1),
    C("slice", X(3), (0,), (-2,)),
    C("scatter", N(3, 1), X(3), (-1,)),
    C("rearrange", X(6), "(a b) -> a b", a=0),
    C("rearrange", X(6), "(a b) -> a b", a=2.5),
    C("rearrange", X(6), "((a b)) -> a b", a=2),
    C("rearrange", X(6), "(a b) -> a b c", a=2),
    C("reshape", X(6), (0, -1)),
    C("einsum", "i" * 60, X(6)),
    C("einsum", "->->", X()),
    C("einsum", "......", X(2)),
    C("einsum", "i...i...", X(2, 2)),
]

TAKEN = [
    C("average_pool", X(1, HUGE, 1), 3, strides=1, padding="same"),
    C("extract_sequences", X(HUGE), 5, 1),
    C("round", X(3), decimals=HUGE),
    C("round", X(3), decimals=-HUGE),
    C("rot90", X(2, 3), HUGE + 1),
    C("roll", X(3), HUGE),
    C("eye", HUGE),
    C("arange", 10 * HUGE),
    C("histogram", X(3), bins=HUGE),
    C("pad", X(3), HUGE),
    C("top_k", X(HUGE), 1000),
    C("norm", X(3), ord=HUGE),
    C("conv", X(1, HUGE, 3), X(3, 3, 4), padding="same", strides=7),
    C("tile", X(2), (1,) * 60),
]


@pytest.mark.parametrize("case", TURNED_DOWN, ids=repr)
def test_turned_down(case: C) -> None:
    with pytest.raises(Fault, match=r"^(needs|takes)"):
        our_types(case)


@pytest.mark.parametrize("case", TAKEN, ids=repr)
def test_taken(case: C) -> None:
    args, kwargs = replaced((case.args, case.kwargs), lambda x: x.type(lambda: UNKNOWN))
    assert trace_op(OPS[case.name], args, kwargs) is not None


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("power", (10, 10**10)),
        ("left_shift", (1, 10**12)),
        ("multiply", (2**4000, 2**4000)),
        ("square", (2**4000,)),
        ("exp", (1e10,)),
        ("divide", (1, 0)),
        ("log", (0,)),
    ],
)
def test_numbers_without_a_value(name: str, numbers: tuple[float, ...]) -> None:
    static = OPS[name].static
    assert static is not None
    with pytest.raises((OverflowError, ValueError, ZeroDivisionError)):
        static(*numbers)


def test_rounding_to_absurd_decimals():
    static = OPS["round"].static
    assert static is not None
    assert static(2.5, HUGE) == 2.5
    assert static(7, -HUGE) == 0
