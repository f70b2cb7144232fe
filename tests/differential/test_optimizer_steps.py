"""Steps of optimizers beside Keras': three of them, on a matrix and on a vector."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graphc.declare import registry
from graphc.ir.tensor import Tensor
from graphc.ir.types import TensorType
from graphc.runtime.execute import Compiled
from graphc.training.optimizer import At, Optimizer
from tests.differential.harness import I, keras

STEPS = 3
SHAPES = {"dense/kernel": (4, 3), "dense/bias": (3,)}
random = np.random.default_rng(4)
WEIGHTS = {path: random.normal(size=shape).astype("float32") for path, shape in SHAPES.items()}
GRADIENTS = [
    {path: random.normal(size=shape).astype("float32") for path, shape in SHAPES.items()}
    for _ in range(STEPS)
]


class O(I):  # noqa: E742 - short, for a table
    """An optimizer by its class name and arguments, on both sides."""

    def our_class(self) -> Any:
        return registry("optimizer")[self.class_name]

    def their_class(self) -> Any:
        return getattr(keras.optimizers, self.class_name)


CASES = [
    O("SGD"),
    O("SGD", 0.1, momentum=0.9),
    O("SGD", 0.1, momentum=0.9, nesterov=True),
    O("Adam"),
    O("Adam", 0.05, 0.8, 0.95, 1e-3, amsgrad=True),
    O("AdamW", 0.02, weight_decay=0.0),
    O("RMSprop"),
    O("RMSprop", 0.02, 0.8, momentum=0.7),
    O("RMSprop", 0.02, centered=True),
    O("RMSprop", 0.02, momentum=0.5, centered=True),
    O("Adagrad", 0.1),
    O("Adadelta", 0.5),
    O("Adamax", 0.1),
    O("Nadam", 0.1),
    O("Ftrl", 0.1),
    O(
        "Ftrl", 0.1, -0.4, l1_regularization_strength=0.02, l2_regularization_strength=0.01,
        l2_shrinkage_regularization_strength=0.1, beta=0.3,
    ),
    O("Lion", 0.01),
    O("Lamb", 0.1),
    O("Adafactor", 0.1),
    O("Adafactor", 0.1, relative_step=False, clip_threshold=0.3),
    O("Muon", 0.1, adam_weight_decay=None, weight_decay=None),
    O("Muon", 0.1, adam_weight_decay=None, weight_decay=None, nesterov=False, rms_rate=None, exclude_layers=["dense"]),
    O("ScheduleFreeAdamW", 0.1),
    O("ScheduleFreeAdamW", 0.1, warmup_steps=2),
]  # fmt: skip


def test_every_optimizer_is_tried() -> None:
    names = {cls.__name__ for cls in registry("optimizer").values() if issubclass(cls, Optimizer)}
    assert {case.class_name for case in CASES} == names


def theirs(case: O) -> dict[str, Any]:
    made = case.theirs()
    variables = [keras.Variable(value, name=path.split("/")[1]) for path, value in WEIGHTS.items()]
    for variable, path in zip(variables, SHAPES, strict=True):
        variable._path = path
    made.build(variables)
    for gradients in GRADIENTS:
        made.apply(list(gradients.values()), variables)
    return {path: np.asarray(v.value) for path, v in zip(SHAPES, variables, strict=True)}


def ours(case: O) -> dict[str, Any]:
    made = case.ours()
    found = {path: value.copy() for path, value in WEIGHTS.items()}
    slots = {
        path: [
            np.broadcast_to(np.float32(made.start(value, place)), shape)
            for place, shape in enumerate(made.own_slots(value.shape, path))
        ]
        for path, value in WEIGHTS.items()
    }
    counters = [np.float32(1)] if case.class_name == "Nadam" else []
    for number, gradients in enumerate(GRADIENTS):
        if counters:
            leaves = [Tensor(TensorType((), "float32")) for _ in range(2)]
            (after,) = made.advance((leaves[1],), At(leaves[0], leaves[0]))
            counters = list(Compiled(leaves, [after])(np.float32(number + 1), *counters))
        rate = np.float32(made.learning_rate)
        for path, gradient in gradients.items():
            arrays = [found[path], gradient, *slots[path], rate, np.float32(number + 1), *counters]
            leaves = [Tensor(TensorType(np.shape(x), "float32")) for x in arrays]
            count = len(slots[path])
            at = At(*leaves[2 + count : 4 + count], tuple(leaves[4 + count :]))
            weight, after = made.update(leaves[0], leaves[1], tuple(leaves[2 : 2 + count]), at)
            found[path], *slots[path] = Compiled(leaves, [weight, *after])(*arrays)
    return found


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_as_keras(case: O) -> None:
    expected = theirs(case)
    for path, value in ours(case).items():
        assert value.dtype == np.float32
        np.testing.assert_allclose(value, expected[path], rtol=2e-4, atol=2e-5)
