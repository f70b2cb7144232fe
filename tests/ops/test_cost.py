"""What functions cost, against counts by hand: XLA's, with taps on padding counted."""

from __future__ import annotations

import pytest

from graphc.declare.trace import Trace
from graphc.ir.dims import UNKNOWN
from tests.differential.op_harness import C, N, X, our_trace

COSTS = [
    (C("matmul", X(2, 3), X(3, 4)), 2 * 3 * 4, 2 * 2 * 3 * 4),
    (C("einsum", "bqhd,bkhd->bhqk", X(2, 3, 4, 5), X(2, 6, 4, 5)), 2 * 3 * 4 * 5 * 6, None),
    (C("einsum", "i,j->ij", X(3), X(4)), 0, 12),
    (C("einsum", "ij->ji", X(3, 4)), 0, 0),
    (C("conv", X(1, 8, 8, 3), X(3, 3, 3, 16), padding="same"), 64 * 27 * 16, None),
    (C("depthwise_conv", X(1, 8, 8, 3), X(3, 3, 3, 2), padding="same"), 64 * 9 * 6, None),
    (C("conv_transpose", X(1, 4, 4, 3), X(2, 2, 5, 3), strides=2), 16 * 4 * 15, None),
    (C("max_pool", X(1, 4, 4, 1), 2, strides=2), 0, 4 * 3),
    (C("relu", X(3, 4)), 0, 12),
    (C("softmax", X(2, 4)), 0, 2 * (3 + 4 + 4 + 3 + 4)),
    (C("sum", X(3, 4)), 0, 11),
    (C("take", X(10, 4), N(3), axis=0), 0, 0),
    (C("reshape", X(3, 4), (-1,)), 0, 0),
    (C("concatenate", [X(3), X(4)]), 0, 0),
    (C("pad", X(3), 1), 0, 0),
    (C("image.extract_patches", X(1, 8, 8, 3), 2), 0, 0),
]


@pytest.mark.parametrize(("case", "macs", "flops"), COSTS, ids=repr)
def test_cost(case: C, macs: int, flops: int | None) -> None:
    trace = our_trace(case, lambda: UNKNOWN)
    assert isinstance(trace, Trace)
    assert trace.cost.macs == macs
    assert trace.cost.flops == (2 * macs if flops is None else flops)
