"""What numbers that are drawn are distributed as."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from graphc.ir.tensor import Tensor
from graphc.ops.convert import as_tensor
from graphc.ops.random import beta, dirichlet, log_gamma, shuffled
from graphc.runtime.execute import Compiled

COUNT = 20_000


def drawn(tensor: Tensor) -> Any:
    return drawn_often(tensor, 1)[0]


def drawn_often(tensor: Tensor, times: int) -> Any:
    run = Compiled((), (tensor,), seed=5)
    return np.stack([run()[0] for _ in range(times)])


@pytest.mark.parametrize("alpha", [0.05, 0.3, 1.0, 7.5])
def test_gamma(alpha: float) -> None:
    numbers = drawn(log_gamma((COUNT,), alpha))
    assert numbers.dtype == "float32"
    assert stats.kstest(numbers.astype(float), stats.loggamma(alpha).cdf).pvalue > 0.01


@pytest.mark.parametrize("alpha", [0.3, 1.0, 7.5])
def test_beta(alpha: float) -> None:
    numbers = drawn(beta((COUNT,), as_tensor(alpha, "float32"))).astype(float)
    assert 0.485 < (numbers < 0.5).mean() < 0.515
    # A float32 tells numbers apart near 0, and less so near 1.
    low = numbers[numbers < 0.5]
    assert stats.kstest(low, lambda x: stats.beta(alpha, alpha).cdf(x) * 2).pvalue > 0.01


def test_beta_of_next_to_nothing() -> None:
    assert set(drawn(beta((100,), 1e-6))) == {0, 1}


def test_dirichlet() -> None:
    shares = drawn_often(dirichlet(3, 0.5), 300).astype(float)
    np.testing.assert_allclose(shares.sum(1), 1, rtol=1e-6)
    assert stats.kstest(shares[:, 1], stats.beta(0.5, 1).cdf).pvalue > 0.01


def test_orders() -> None:
    orders = [tuple(order) for order in drawn_often(shuffled(3), 600)]
    counts = [orders.count(each) for each in set(orders)]
    assert len(counts) == 6
    assert stats.chisquare(counts).pvalue > 0.01


def test_streams_of_one_seed_differ() -> None:
    again = [drawn(beta((50,), 1.0, 3)) for _ in range(2)]
    np.testing.assert_array_equal(*again)
    assert not np.isclose(again[0], 0.5, atol=1e-4).any()
    assert len(set(again[0])) > 45
