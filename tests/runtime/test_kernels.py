"""The table of kernels beside the table of primitives."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

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
