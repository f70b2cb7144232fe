"""What metrics come to over several batches, beside Keras'."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from graphc.ir.tensor import Tensor
from graphc.ir.types import TensorType
from graphc.runtime.execute import Compiled
from tests.differential.harness import keras
from tests.differential.test_loss_values import classes, numbers, one_hot, shares
from tests.differential.test_losses import metric

SIZES = (6, 6)  # of batches: another size is another program for jax, which takes its time
SAMPLED = np.random.default_rng(8)


def scores(*shape: int) -> Any:
    return SAMPLED.random(shape).astype("float32")


def of(make: Any, *args: Any) -> Any:
    """Arrays of one kind for all batches."""
    return [make(*args[:-1], size, *args[-1]) for size in SIZES]


YES_NO = of(classes, 2, (3,)), of(scores, (3,))
NAMES = (
    "MeanSquaredError RootMeanSquaredError MeanAbsoluteError MeanAbsolutePercentageError "
    "LogCoshError CosineSimilarity PearsonCorrelation ConcordanceCorrelation R2Score"
)
COUNTS = "TruePositives TrueNegatives FalsePositives FalseNegatives".split()
CASES: list[tuple[Any, Any, Any]] = [
    *((metric(name), of(numbers, (3,)), of(numbers, (3,))) for name in NAMES.split()),
    (metric("MeanSquaredError"), of(numbers, ()), of(numbers, (1,))),
    (metric("RootMeanSquaredError"), of(numbers, (4, 2)), of(numbers, (4, 2))),
    (metric("CosineSimilarity", axis=1), of(numbers, (4, 2)), of(numbers, (4, 2))),
    (metric("MeanSquaredLogarithmicError"), of(shares, (3,)), of(shares, (3,))),
    (metric("R2Score", None), of(numbers, (3,)), of(numbers, (3,))),
    (metric("R2Score", "variance_weighted_average", 2), of(numbers, (3,)), of(numbers, (3,))),
    (metric("R2Score", num_regressors=90), of(numbers, (3,)), of(numbers, (3,))),
    (metric("Hinge"), of(classes, 2, (3,)), of(numbers, (3,))),
    (metric("SquaredHinge"), of(classes, 2, (3,)), of(numbers, (3,))),
    (metric("CategoricalHinge"), of(one_hot, (3,)), of(numbers, (3,))),
    (metric("KLDivergence"), of(shares, (3,)), of(shares, (3,))),
    (metric("Poisson"), of(classes, 4, (3,)), of(shares, (3,))),
    (metric("BinaryCrossentropy"), *YES_NO),
    (metric("BinaryCrossentropy", from_logits=True, label_smoothing=0.1), of(classes, 2, (1,)), of(numbers, (1,))),
    (metric("CategoricalCrossentropy"), of(one_hot, (3,)), of(shares, (3,))),
    (metric("CategoricalCrossentropy", from_logits=True, label_smoothing=0.2), of(one_hot, (4, 3)), of(numbers, (4, 3))),
    (metric("SparseCategoricalCrossentropy"), of(classes, 3, ()), of(shares, (3,))),
    (metric("SparseCategoricalCrossentropy", from_logits=True, ignore_class=1), of(classes, 3, (4,)), of(numbers, (4, 3))),
    (metric("Accuracy"), of(classes, 3, (2,)), [x.astype("float32") for x in of(classes, 3, (2,))]),
    (metric("BinaryAccuracy"), *YES_NO),
    (metric("BinaryAccuracy", threshold=0.7), of(classes, 2, ()), of(scores, (1,))),
    (metric("CategoricalAccuracy"), of(one_hot, (3,)), of(numbers, (3,))),
    (metric("CategoricalAccuracy"), of(one_hot, (4, 3)), of(numbers, (4, 3))),
    (metric("SparseCategoricalAccuracy"), of(classes, 3, ()), of(numbers, (3,))),
    (metric("SparseCategoricalAccuracy"), of(classes, 3, (1,)), of(numbers, (3,))),
    (metric("SparseCategoricalAccuracy"), of(classes, 3, (4,)), of(numbers, (4, 3))),
    (metric("TopKCategoricalAccuracy", 2), of(one_hot, (5,)), of(numbers, (5,))),
    (metric("TopKCategoricalAccuracy", 2), of(one_hot, (4, 5)), of(numbers, (4, 5))),
    (metric("SparseTopKCategoricalAccuracy", 2), of(classes, 5, ()), of(numbers, (5,))),
    (metric("SparseTopKCategoricalAccuracy", 2), of(classes, 5, (4,)), of(numbers, (4, 5))),
    (metric("SparseTopKCategoricalAccuracy", 2, from_sorted_ids=True), of(classes, 3, ()), [x.astype("float32") for x in of(classes, 3, (3,))]),
    *((metric("FBetaScore", average, 2.0), of(one_hot, (3,)), of(numbers, (3,))) for average in (None, "micro", "macro", "weighted")),
    (metric("F1Score", "macro", 0.5), *YES_NO),
    *((metric(name), *YES_NO) for name in COUNTS),
    *((metric(name, [0.2, 0.9]), *YES_NO) for name in COUNTS),
    (metric("TruePositives", [0.0, 0.25, 0.5, 0.75, 1.0]), *YES_NO),
    (metric("TruePositives"), of(classes, 2, ()), of(scores, (1,))),
    *((metric(name), *YES_NO) for name in ("Precision", "Recall")),
    *((metric(name, [0.1, 0.5], class_id=1), *YES_NO) for name in ("Precision", "Recall")),
    *((metric(name, top_k=2), *YES_NO) for name in ("Precision", "Recall")),
    (metric("SensitivityAtSpecificity", 0.4), *YES_NO),
    (metric("SensitivityAtSpecificity", 0.4, num_thresholds=1), *YES_NO),
    (metric("SpecificityAtSensitivity", 0.4, 50), *YES_NO),
    (metric("PrecisionAtRecall", 0.4, class_id=2), *YES_NO),
    (metric("RecallAtPrecision", 0.55), *YES_NO),
    (metric("RecallAtPrecision", 0.99), *YES_NO),
    *(
        (metric("AUC", curve=curve, summation_method=method), *YES_NO)
        for curve in ("ROC", "PR", "PRGAIN") for method in ("interpolation", "minoring", "majoring")
    ),
    (metric("AUC", thresholds=[0.3, 0.8]), *YES_NO),
    (metric("AUC", 20, label_weights=[0.2, 0.5, 1.0]), *YES_NO),
    (metric("AUC", multi_label=True), *YES_NO),
    (metric("AUC", curve="PR", multi_label=True, label_weights=[0.2, 0.5, 1.0]), *YES_NO),
    (metric("AUC", thresholds=[0.3, 0.8], multi_label=True), *YES_NO),
    (metric("AUC", from_logits=True), of(classes, 2, (1,)), of(numbers, (1,))),
    (metric("IoU", 3, [0, 2]), of(classes, 3, (4,)), of(classes, 3, (4,))),
    (metric("IoU", 3, [1], sparse_y_pred=False, ignore_class=0), of(classes, 3, (4,)), of(numbers, (4, 3))),
    (metric("MeanIoU", 4), of(classes, 5, (4,)), of(classes, 3, (4,))),
    (metric("OneHotIoU", 3, [0, 2]), of(one_hot, (3,)), of(numbers, (3,))),
    (metric("OneHotMeanIoU", 3), of(one_hot, (4, 3)), of(numbers, (4, 3))),
    (metric("BinaryIoU", [1], 0.3), *YES_NO),
    (metric("BinaryIoU"), *YES_NO),
]  # fmt: skip
IDS = [f"{place}-{case[0]!r}" for place, case in enumerate(CASES)]


def test_every_metric_is_tried() -> None:
    from tests.differential.test_losses import class_names

    tried = {case[0].class_name for case in CASES}
    assert tried == set(class_names("metric")) - {"Mean", "Sum"}  # these compare nothing


def ours(made: Any, batches: list[tuple[Any, ...]]) -> Any:
    _, first, *_ = batches[0]
    types = made.state_types(TensorType(first.shape, first.dtype.name))
    states = [np.zeros(type.shape, type.dtype) for type in types]
    leaves = tuple(map(Tensor, types))
    programs: dict[Any, Compiled] = {}
    for arrays in batches:
        shapes = tuple(x.shape for x in arrays)
        if shapes not in programs:
            given = [Tensor(TensorType(x.shape, x.dtype.name)) for x in arrays]
            programs[shapes] = Compiled([*leaves, *given], made.update(leaves, *given))
        after = programs[shapes](*states, *arrays)
        assert [x.dtype for x in after] == [x.dtype for x in states]
        states = list(after)
    return Compiled(leaves, [made.result(leaves)])(*states)[0]


def check(case: Any, batches: list[tuple[Any, ...]]) -> None:
    theirs = case.theirs()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for arrays in batches:
            theirs.update_state(*arrays)
        expected = np.asarray(theirs.result())
    found = ours(case.ours(), batches)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=2e-5, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize(("case", "targets", "outputs"), CASES, ids=IDS)
def test_without_weights(case: Any, targets: Any, outputs: Any) -> None:
    check(case, list(zip(targets, outputs, strict=True)))


def weighed_places(case: Any, target: Any) -> Any:
    """The places of an example that weigh by themselves, where Keras needs them to."""
    if "IoU" in case.class_name:
        return target.shape[1:-1] if "OneHot" in case.class_name else target.shape[1:]
    return target.shape[1:] if "ignore_class" in case.config else ()


ONE_OF_EACH = {case[0].class_name: place for place, case in reversed(list(enumerate(CASES)))}


@pytest.mark.parametrize(
    ("case", "targets", "outputs"),
    [
        pytest.param(
            *case,
            id=name,
            marks=() if ONE_OF_EACH[case[0].class_name] == place else pytest.mark.slow,
        )
        for place, (case, name) in enumerate(zip(CASES, IDS, strict=True))
    ],
)
def test_with_weights(case: Any, targets: Any, outputs: Any) -> None:
    places = weighed_places(case, targets[0])
    weights = [SAMPLED.integers(0, 3, (size, *places)).astype("float32") for size in SIZES]
    check(case, list(zip(targets, outputs, weights, strict=True)))


def test_batches_of_other_sizes() -> None:
    batches = [(classes(3, size), numbers(size, 3)) for size in (5, 2, 5, 1)]
    check(metric("SparseCategoricalAccuracy"), batches)


def test_masked_places_do_not_count() -> None:
    target, output = classes(3, 6, 4), numbers(6, 4, 3)
    mask = SAMPLED.random((6, 4)) < 0.6
    tensor = keras.ops.convert_to_tensor(output)
    keras.src.backend.set_keras_mask(tensor, mask)
    theirs = keras.metrics.SparseCategoricalAccuracy()
    theirs.update_state(target, tensor)
    made = metric("SparseCategoricalAccuracy").ours()
    leaves = [Tensor(TensorType(x.shape, x.dtype.name)) for x in (target, output, mask)]
    leaves[1].mask = leaves[2]
    states = tuple(map(Tensor, made.state_types(leaves[1].type)))
    after = Compiled([*states, *leaves], made.update(states, *leaves[:2]))
    found = after(np.float32(0), np.float32(0), target, output, mask)
    assert found[0] / found[1] == pytest.approx(float(theirs.result()), rel=1e-6)
