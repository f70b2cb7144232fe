"""A pass beside what it was given: the same values, from other steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from graphc.ir.tensor import Tensor, steps_of
from graphc.ir.types import TensorType
from graphc.runtime.execute import Compiled


def leaf(*shape: int, dtype: str = "float32") -> Tensor:
    """An input."""
    return Tensor(TensorType(shape, dtype))


def counts(results: Sequence[Tensor]) -> Counter[str]:
    """How many steps there are of each primitive."""
    return Counter(step.primitive.name for step in steps_of(results))


def assert_same_values(
    leaves: Sequence[Tensor], before: Sequence[Tensor], after: Sequence[Tensor], rtol: float = 0.0,
    low: float = -4.0,
) -> None:  # fmt: skip
    """Run both on the same random numbers between `low` and 4."""
    rng = np.random.default_rng(0)
    arrays = [np.asarray(rng.uniform(low, 4, x.shape), x.dtype) for x in leaves]
    for old, new in zip(
        Compiled(leaves, before)(*arrays), Compiled(leaves, after)(*arrays), strict=True
    ):
        assert np.isfinite(old).all()
        assert (old.dtype, old.shape) == (new.dtype, new.shape)
        np.testing.assert_allclose(new, old, rtol=rtol, atol=rtol * np.abs(old).max())
