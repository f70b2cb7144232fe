"""The table of kernels beside the table of primitives."""

from __future__ import annotations

from graphc.ir.primitives import PRIMITIVES
from graphc.runtime.kernels import KERNELS


def test_every_primitive_but_the_unknown_one_has_a_kernel():
    assert set(KERNELS) == set(PRIMITIVES) - {"opaque"}
