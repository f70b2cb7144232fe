"""Random numbers as tensors that have values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from graphc.eager.tensor import EagerTensor
from graphc.runtime.dtypes import numpy_dtype

_GENERATOR = np.random.default_rng()


def set_seed(seed: int) -> None:
    """Let what is drawn without a seed from now on be the same in each run."""
    global _GENERATOR  # noqa: PLW0603 - one stream for a process, as Keras has it
    _GENERATOR = np.random.default_rng(seed)


def normal(
    shape: Sequence[int], mean: float = 0.0, stddev: float = 1.0, dtype: str = "float32",
    seed: int | None = None,
) -> EagerTensor:  # fmt: skip
    """Normally distributed numbers."""
    drawn = _from(seed).normal(mean, stddev, tuple(shape))
    return EagerTensor(np.asarray(drawn, numpy_dtype(dtype)))


def uniform(
    shape: Sequence[int], minval: float = 0.0, maxval: float = 1.0, dtype: str = "float32",
    seed: int | None = None,
) -> EagerTensor:  # fmt: skip
    """Numbers between two limits, each as likely as the others."""
    drawn = _from(seed).uniform(minval, maxval, tuple(shape))
    return EagerTensor(np.asarray(drawn, numpy_dtype(dtype)))


def _from(seed: int | None) -> np.random.Generator:
    return _GENERATOR if seed is None else np.random.default_rng(seed)
