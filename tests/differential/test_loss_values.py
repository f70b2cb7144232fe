"""What losses compute, beside Keras: values, and gradients of outputs."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import pytest

from graphc.ir.tensor import Tensor
from graphc.ir.types import TensorType
from graphc.passes.differentiate import gradients
from graphc.runtime.execute import Compiled
from graphc.training.reduce_loss import loss_value
from tests.differential.harness import keras
from tests.differential.test_losses import loss

random = np.random.default_rng(2)


def shares(*shape: int) -> Any:
    values = random.uniform(0.05, 0.95, shape)
    return (values / values.sum(-1, keepdims=True)).astype("float32")


def numbers(*shape: int) -> Any:
    return random.normal(size=shape).astype("float32")


def classes(below: int, *shape: int) -> Any:
    return random.integers(0, below, shape).astype("int32")


def one_hot(*shape: int) -> Any:
    return np.eye(shape[-1], dtype="float32")[random.integers(0, shape[-1], shape[:-1])]


DIFFERENCES = "MeanSquaredError MeanAbsoluteError MeanAbsolutePercentageError Huber LogCosh".split()
CASES: list[tuple[Any, Any, Any]] = [
    *((loss(name), numbers(5, 3), numbers(5, 3)) for name in DIFFERENCES),
    (loss("MeanSquaredError"), numbers(5), numbers(5, 1)),
    (loss("MeanSquaredError"), numbers(5, 4), numbers(5, 4, 1)),
    (loss("MeanSquaredError"), classes(3, 5, 2), numbers(5, 2)),
    (loss("Huber", 0.3), numbers(5, 3), numbers(5, 3)),
    (loss("MeanSquaredLogarithmicError"), shares(5, 3), shares(5, 3)),
    (loss("CosineSimilarity"), numbers(5, 3), numbers(5, 3)),
    (loss("CosineSimilarity", axis=1), numbers(5, 4, 3), numbers(5, 4, 3)),
    *(
        (loss(name), target, numbers(5, 3))
        for name in ("Hinge", "SquaredHinge")
        for target in (classes(2, 5, 3), classes(2, 5, 3) * 2 - 1)
    ),
    (loss("KLDivergence"), shares(5, 3), shares(5, 3)),
    (loss("Poisson"), classes(4, 5, 3), shares(5, 3)),
    (loss("Dice"), classes(2, 5, 3), shares(5, 3)),
    (loss("Dice", axis=(1, 2)), classes(2, 5, 4, 3), shares(5, 4, 3)),
    (loss("Tversky"), classes(2, 5, 3), shares(5, 3)),
    (loss("Tversky", 0.3, 0.8, axis=1), classes(2, 5, 3), shares(5, 3)),
    (loss("Circle"), classes(3, 9), numbers(9, 4)),
    (loss("Circle", gamma=2, margin=0.2, remove_diagonal=False), classes(3, 9), numbers(9, 4)),
    (loss("Circle", gamma=2), np.array([0, 1, 1, 2], "int32"), numbers(4, 4)),
    (loss("CTC"), np.array([[1, 2, 2], [3, 0, 0]], "int32"), numbers(2, 7, 4)),
    (loss("BinaryCrossentropy"), classes(2, 5, 3), shares(5, 3)),
    (loss("BinaryCrossentropy", from_logits=True), classes(2, 5, 1), numbers(5, 1)),
    (loss("BinaryCrossentropy", label_smoothing=0.2), classes(2, 5, 3), shares(5, 3)),
    (loss("BinaryCrossentropy", axis=1), classes(2, 5, 3, 2), shares(5, 3, 2)),
    (loss("BinaryFocalCrossentropy"), classes(2, 5, 3), shares(5, 3)),
    (
        loss("BinaryFocalCrossentropy", True, 0.3, 1.5, from_logits=True, label_smoothing=0.1),
        classes(2, 5, 3), numbers(5, 3),
    ),
    (loss("CategoricalCrossentropy"), one_hot(5, 3), shares(5, 3)),
    (loss("CategoricalCrossentropy"), one_hot(5, 3), shares(5, 3) * 2),
    (loss("CategoricalCrossentropy", from_logits=True), shares(5, 3), numbers(5, 3)),
    (loss("CategoricalCrossentropy", label_smoothing=0.2), one_hot(5, 4, 3), shares(5, 4, 3)),
    (loss("CategoricalFocalCrossentropy"), one_hot(5, 3), shares(5, 3)),
    (loss("CategoricalFocalCrossentropy", [0.1, 0.2, 0.7], 1.0), one_hot(5, 3), shares(5, 3)),
    (loss("CategoricalFocalCrossentropy", from_logits=True), one_hot(5, 3), numbers(5, 3)),
    (loss("SparseCategoricalCrossentropy"), classes(3, 5), shares(5, 3)),
    (loss("SparseCategoricalCrossentropy", True), classes(3, 5, 1), numbers(5, 3)),
    (loss("SparseCategoricalCrossentropy", True), classes(3, 5, 4), numbers(5, 4, 3)),
    (loss("SparseCategoricalCrossentropy", ignore_class=1), classes(3, 8), shares(8, 3)),
    (loss("SparseCategoricalCrossentropy", True, -1), classes(4, 8, 2) - 1, numbers(8, 2, 3)),
    (loss("CategoricalHinge"), one_hot(5, 3), numbers(5, 3)),
    (loss("CategoricalGeneralizedCrossEntropy"), classes(3, 5), shares(5, 3)),
    (loss("CategoricalGeneralizedCrossEntropy", 0.8), classes(3, 5), shares(5, 3)),
    (loss("MeanSquaredError", reduction="sum"), numbers(5, 3), numbers(5, 3)),
    (loss("MeanSquaredError", reduction="mean"), numbers(5, 4, 3), numbers(5, 4, 3)),
    (loss("MeanSquaredError", reduction="mean_with_sample_weight"), numbers(5, 3), numbers(5, 3)),
]  # fmt: skip
IDS = [f"{place}-{case[0]!r}" for place, case in enumerate(CASES)]


def test_every_loss_is_tried() -> None:
    from tests.differential.test_losses import class_names

    assert {case[0].class_name for case in CASES} == set(class_names("loss"))


def ours(made: Any, target: Any, output: Any, weight: Any = None, mask: Any = None) -> list[Any]:
    """The loss, and its gradient with the outputs."""
    leaves = [Tensor(TensorType(x.shape, x.dtype.name)) for x in (target, output)]
    given = [target, output]
    weighing = None
    if weight is not None:
        weighing = Tensor(TensorType(weight.shape, "float32"))
        leaves.append(weighing)
        given.append(weight)
    if mask is not None:
        leaves[1].mask = Tensor(TensorType(mask.shape, "bool"))
        leaves.append(leaves[1].mask)
        given.append(mask)
    value = loss_value(made, leaves[0], leaves[1], weighing)
    assert value.shape == ()
    (value,), (slope,) = gradients(value, [leaves[1]])
    return list(Compiled(leaves, [value, slope])(*given))


def theirs(made: Any, target: Any, output: Any, weight: Any = None, mask: Any = None) -> list[Any]:
    def run(output: Any) -> Any:
        if mask is not None:
            keras.src.backend.set_keras_mask(output, jax.numpy.asarray(mask))
        return made(jax.numpy.asarray(target), output, sample_weight=weight)

    # One program for each case, compiled in the least time: it runs once.
    given = jax.numpy.asarray(output)
    lowered = jax.jit(jax.value_and_grad(run)).lower(given)
    return list(lowered.compile({"xla_backend_optimization_level": 0})(given))


def check(case: Any, target: Any, output: Any, **more: Any) -> None:
    for got, expected in zip(
        ours(case.ours(), target, output, **more),
        theirs(case.theirs(), target, output, **more),
        strict=True,
    ):
        assert got.dtype == np.asarray(expected).dtype
        np.testing.assert_allclose(got, expected, rtol=2e-4, atol=2e-6)


@pytest.mark.parametrize(("case", "target", "output"), CASES, ids=IDS)
def test_as_keras(case: Any, target: Any, output: Any) -> None:
    check(case, target, output)


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "sum", "mean_with_sample_weight"])
@pytest.mark.parametrize("shape", [(6,), (6, 1), (6, 4)])
def test_weights_of_samples(reduction: str, shape: tuple[int, ...]) -> None:
    rank = 3 if shape == (6, 4) else 2
    target, output = (numbers(6, 4, 3)[:, : (4 if rank == 3 else 1)].squeeze() for _ in range(2))
    weight = random.uniform(size=shape).astype("float32")
    weight[0] = 0
    check(loss("MeanSquaredError", reduction=reduction), target, output, weight=weight)


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "sum", "mean_with_sample_weight"])
@pytest.mark.parametrize("weighted", [False, True])
def test_masks_of_outputs(reduction: str, weighted: bool) -> None:
    mask = random.random((6, 4)) < 0.6
    weight = {"weight": random.uniform(size=(6, 4)).astype("float32")} if weighted else {}
    case = loss("MeanSquaredError", reduction=reduction)
    check(case, numbers(6, 4, 3), numbers(6, 4, 3), mask=mask, **weight)
    target, scores = classes(3, 6, 4), numbers(6, 4, 3)
    case = loss("SparseCategoricalCrossentropy", True, 1, reduction=reduction)
    check(case, target, scores, mask=mask, **weight)


def test_a_mask_of_nothing() -> None:
    mask = np.zeros((3, 2), bool)
    value, slope = ours(
        loss("MeanSquaredError").ours(), numbers(3, 2, 4), numbers(3, 2, 4), mask=mask
    )
    assert value == 0
    assert not slope.any()
