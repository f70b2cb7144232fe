"""Learning rates of schedules beside Keras', step by step."""

from __future__ import annotations

import numpy as np
import pytest

from graphc.declare import registry
from graphc.ir.tensor import Tensor
from graphc.ir.types import TensorType
from graphc.runtime.execute import Compiled
from tests.differential.definitions import D


def schedule(name: str, *args: object, **config: object) -> D:
    return D("schedule", name, *args, **config)


CASES = [
    schedule("ExponentialDecay", 0.1, 10, 0.5),
    schedule("ExponentialDecay", 0.1, 10, 0.5, staircase=True),
    schedule("InverseTimeDecay", 0.1, 10, 0.5),
    schedule("InverseTimeDecay", 0.1, 10, 0.5, staircase=True),
    schedule("PolynomialDecay", 0.1, 20),
    schedule("PolynomialDecay", 0.1, 20, 0.01, power=0.5),
    schedule("PolynomialDecay", 0.1, 20, 0.01, power=2.0, cycle=True),
    schedule("CosineDecay", 0.1, 20),
    schedule("CosineDecay", 0.0, 20, alpha=0.1, warmup_target=0.2, warmup_steps=5),
    schedule("CosineDecay", 0.1, 20, alpha=0.1, warmup_target=0.2),
    schedule("CosineDecayRestarts", 0.1, 7),
    schedule("CosineDecayRestarts", 0.1, 7, t_mul=1.0, m_mul=0.5, alpha=0.1),
    schedule("CosineDecayRestarts", 0.1, 7, t_mul=1.5, m_mul=0.9),
    schedule("PiecewiseConstantDecay", [5, 12], [0.1, 0.05, 0.01]),
    schedule("PiecewiseConstantDecay", [3], [0.1, 0.05]),
]


def test_every_schedule_is_tried() -> None:
    assert {case.class_name for case in CASES} == {
        cls.__name__ for cls in registry("schedule").values()
    }


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_as_keras(case: D) -> None:
    step = Tensor(TensorType((), "float32"))
    run = Compiled([step], [case.ours().rate(step)])
    theirs = case.theirs()
    for number in (0, 1, 2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 19, 20, 24, 30, 41, 50):
        (ours,) = run(np.float32(number))
        assert ours.dtype == np.float32
        expected = float(theirs(np.int32(number)))
        assert ours == pytest.approx(expected, rel=1e-5, abs=1e-7), number
