"""The table of kernels beside the table of primitives."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy import special

from graphc.ir.primitives import PRIMITIVES
from graphc.runtime.kernels import KERNELS
from graphc.runtime.kernels.movement import pad


def test_every_primitive_but_the_unknown_one_has_a_kernel():
    assert set(KERNELS) == set(PRIMITIVES) - {"opaque"}


@pytest.mark.parametrize("size", range(4))
def test_pads_that_cut_off_what_they_add(size):
    line = np.arange(1, size + 1)
    endless = np.concatenate([np.zeros(5, int), line, np.zeros(5, int)])
    for before, after in product(range(-3, 4), repeat=2):
        if size + before + after >= 0:
            made = pad(line, ((before, after),), "constant")
            assert made.tolist() == endless[5 - before : 5 + size + after].tolist()


def test_erf_is_1_far_from_0():
    x = np.array([-1000, -20, 4.2, 5, np.inf], "float32")
    assert KERNELS["erf"](x).tolist() == [-1, -1, 1, 1, 1]
    near = np.linspace(-4.5, 4.5, 10001, dtype="float32")
    np.testing.assert_allclose(KERNELS["erf"](near), special.erf(near), rtol=0, atol=2e-7)
