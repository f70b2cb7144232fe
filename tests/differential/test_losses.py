"""Losses and metrics: what they reject, and what they need of outputs, against Keras'."""

from __future__ import annotations

import warnings
from typing import Any

import jax
import pytest

from graphc.declare import registry
from graphc.diagnostics.codes import LOSS_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import BATCH, UNKNOWN, variable
from graphc.ir.types import TensorType
from graphc.training.loss import LOSS
from graphc.training.metric import METRIC
from tests.differential.definitions import D, check_refused, check_stricter, check_taken
from tests.differential.harness import keras


def loss(name: str, *args: Any, **config: Any) -> D:
    return D("loss", name, *args, **config)


def metric(name: str, *args: Any, **config: Any) -> D:
    return D("metric", name, *args, **config)


ACCEPTED = [
    loss("MeanSquaredError", "sum", "error", "float16"),
    loss("MeanSquaredError", None),
    loss("MeanSquaredError", "none"),
    loss("MeanSquaredError", "mean_with_sample_weight"),
    loss("BinaryCrossentropy", True, 0.1, -1, "mean"),
    loss("BinaryFocalCrossentropy", True, 0.5, 3.0, True, 0.1),
    loss("CategoricalFocalCrossentropy", [0.1, 0.2, 0.7], 1.0),
    loss("SparseCategoricalCrossentropy", True, -1, "sum", 1),
    loss("CategoricalGeneralizedCrossEntropy", 0.9),
    loss("Huber", 2.0),
    loss("Dice", axis=(1, 2)),
    loss("Tversky", 0.3, 0.7, axis=[1]),
    loss("Circle", 64.0, 0.3, False),
    metric("BinaryAccuracy", "b", None, 0.7),
    metric("TopKCategoricalAccuracy", 3),
    metric("AUC", 100, "PR", "minoring", multi_label=True, num_labels=3),
    metric("AUC", curve="prgain", thresholds=[0.1, 0.9]),
    metric("Precision", [0.1, 0.5], 3, 1),
    metric("Recall", 0.5),
    metric("PrecisionAtRecall", 0.8, 50, 0),
    metric("FBetaScore", "macro", 2.0, 0.5),
    metric("F1Score", "micro"),
    metric("IoU", 3, [0, 2], sparse_y_pred=False),
    metric("OneHotMeanIoU", 3),
    metric("BinaryIoU", [1], 0.3),
    metric("R2Score", None, 2),
    D("initializer", "RandomNormal", 1.0, 0.1, 3),
    D("initializer", "VarianceScaling", 2.0, "fan_out", "uniform"),
    D("initializer", "Orthogonal", 2.0),
    D("initializer", "VarianceScaling", distribution="NORMAL"),
    D("initializer", "HeNormal", 1, 0, [1, 2]),
    D("regularizer", "L1L2", 0.1, 0.2),
    D("regularizer", "OrthogonalRegularizer", 0.1, "columns"),
    D("constraint", "MaxNorm", 3, [0, 1]),
    D("constraint", "MinMaxNorm", 0.1, 0.9, 0.5, 1),
    D("callback", "EarlyStopping", "val_accuracy", 0.01, 3, 1, "max", 0.5, True, 2),
    D("callback", "ModelCheckpoint", "best.keras", save_best_only=True),
    D("callback", "ModelCheckpoint", "w.weights.h5", save_weights_only=True, save_freq=100),
    D("callback", "ReduceLROnPlateau", "loss", 0.5, 5, cooldown=2, min_lr=1e-5),
    D("callback", "CSVLogger", "log.csv", ";", True),
    D("callback", "TerminateOnNaN"),
    D("callback", "BackupAndRestore", "backup"),
    D("callback", "SwapEMAWeights", True),
    D("callback", "TensorBoard", "logs", update_freq="batch"),
]

REJECTED = [
    loss("MeanSquaredError", "average"),
    loss("MeanSquaredError", axis=1),
    loss("CategoricalGeneralizedCrossEntropy", 0.0),
    loss("CategoricalGeneralizedCrossEntropy", 1.0),
    metric("AUC", 1),
    metric("AUC", curve="ROCK"),
    metric("AUC", summation_method="trapezoid"),
    metric("AUC", num_labels=3),
    metric("Precision", 1.5),
    metric("Recall", [0.5, -0.5]),
    metric("TruePositives", 2.0),
    metric("PrecisionAtRecall"),
    metric("PrecisionAtRecall", 1.5),
    metric("RecallAtPrecision", -0.5),
    metric("SensitivityAtSpecificity", 1.5),
    metric("SpecificityAtSensitivity", 0.5, 0),
    metric("FBetaScore", "mean"),
    metric("FBetaScore", beta=0.0),
    metric("FBetaScore", threshold=0.0),
    metric("F1Score", threshold=1.5),
    metric("IoU", 3, [0, 3]),
    metric("IoU", 3),
    metric("BinaryIoU", [0, 2]),
    metric("MeanIoU"),
    metric("MeanIoU", 0),
    metric("R2Score", "mean"),
    metric("R2Score", num_regressors=-1),
    D("initializer", "VarianceScaling", 0.0),
    D("initializer", "VarianceScaling", 1.0, "fan"),
    D("initializer", "VarianceScaling", distribution="gamma"),
    D("initializer", "VarianceScaling", mode="FAN_IN"),
    D("initializer", "GlorotUniform", seed="lucky"),
    D("initializer", "STFT", "left"),
    D("initializer", "STFT", window="hannn"),
    D("initializer", "STFT", scaling="loud"),
    D("regularizer", "L1", "much"),
    D("regularizer", "L2", -0.1),
    D("regularizer", "L1", float("nan")),
    D("regularizer", "L1L2", 0.1, float("inf")),
    D("regularizer", "OrthogonalRegularizer", -0.1),
    D("regularizer", "OrthogonalRegularizer", mode="both"),
    D("callback", "ModelCheckpoint", "best"),
    D("callback", "ModelCheckpoint", "best.keras", save_weights_only=True),
    D("callback", "ModelCheckpoint", "best.keras", save_freq="often"),
    D("callback", "ReduceLROnPlateau", factor=1.0),
    D("callback", "BackupAndRestore", ""),
    D("callback", "BackupAndRestore", "backup", "often"),
    D("callback", "EarlyStopping", min_delta="much"),
]


@pytest.mark.parametrize("case", ACCEPTED, ids=repr)
def test_acceptances(case):
    check_taken(case)


@pytest.mark.parametrize("case", REJECTED, ids=repr)
def test_rejections(case):
    check_refused(case)


# Where we are stricter than Keras.
STRICTER = [
    loss("BinaryCrossentropy", label_smoothing=1.5),  # labels beyond their opposites
    loss("Huber", 0.0),  # always 0
    loss("CategoricalCrossentropy", axis=True),  # Keras says so when the loss is computed
    metric("BinaryAccuracy", threshold=1.5),  # no score is above it
    metric("TopKCategoricalAccuracy", 0),  # always 0
    metric("Precision", top_k=0),
    metric("Precision", class_id=-1),
    metric("AUC", thresholds=[1.5]),
    D("initializer", "RandomNormal", stddev=-1.0),
    D("regularizer", "L2", None),  # Keras takes it for the default
    D("constraint", "MaxNorm", -1.0),  # no norm is that small
    D("constraint", "MinMaxNorm", 2.0, 1.0),
    D("constraint", "MinMaxNorm", rate=1.5),
    D("callback", "EarlyStopping", patience=-1),
    D("callback", "EarlyStopping", mode="up"),  # Keras warns, and means "auto"
    D("callback", "ReduceLROnPlateau", factor=-0.5),  # climbs
    # Files from others write below the folder that training runs in.
    D("callback", "ModelCheckpoint", "../best.keras"),
    D("callback", "ModelCheckpoint", "/tmp/best.keras"),
    D("callback", "CSVLogger", "~/log.csv"),
    D("callback", "TensorBoard", "C:\\logs"),
]


@pytest.mark.parametrize("case", STRICTER, ids=repr)
def test_what_keras_lets_pass(case):
    check_stricter(case)


NEEDED = {
    "IoU": {"num_classes": 3, "target_class_ids": [0]},
    "OneHotIoU": {"num_classes": 3, "target_class_ids": [0]},
    "MeanIoU": {"num_classes": 3},
    "OneHotMeanIoU": {"num_classes": 3},
    "PrecisionAtRecall": {"recall": 0.5},
    "RecallAtPrecision": {"precision": 0.5},
    "SensitivityAtSpecificity": {"specificity": 0.5},
    "SpecificityAtSensitivity": {"sensitivity": 0.5},
}


def class_names(family: str) -> list[str]:
    return sorted({cls.__name__ for cls in registry(family).values()} - {"Mean", "Sum"})


# `axis` of SparseCategoricalCrossentropy is left out: Keras under JAX compares shapes as if it were
# the last one, whichever is given.
SAMPLES = [
    *(loss(name) for name in class_names("loss")),
    *(metric(name, **NEEDED.get(name, {})) for name in class_names("metric")),
    loss("CategoricalCrossentropy", axis=1),
    loss("SparseCategoricalCrossentropy", ignore_class=0),
    loss("CategoricalFocalCrossentropy", [0.1, 0.2, 0.7]),
    loss("BinaryCrossentropy", axis=-3),
    loss("CosineSimilarity", axis=1),
    loss("Dice", axis=(1, 2)),
    loss("Tversky", axis=3),
    metric("CategoricalCrossentropy", axis=1),
    metric("TopKCategoricalAccuracy", 3),
    metric("SparseTopKCategoricalAccuracy", 2),
    metric("Precision", top_k=2),
    metric("Precision", class_id=2),
    metric("Recall", class_id=0),
    metric("AUC", multi_label=True),
    metric("AUC", multi_label=True, num_labels=3),
    metric("AUC", multi_label=True, label_weights=[0.5, 0.5]),
    metric("IoU", 3, [0], sparse_y_pred=False),
    metric("MeanIoU", 3, sparse_y_pred=False, sparse_y_true=False),
    metric("OneHotIoU", 3, [0], sparse_y_pred=True),
]

OUTPUTS = [(), (1,), (3,), (4, 1), (4, 3), (4, 5, 3)]


@pytest.mark.parametrize("case", SAMPLES, ids=repr)
def test_outputs(case):
    """Keras computes what we accept; what we reject is listed, or fails there too."""
    made = case.ours()
    for dims in OUTPUTS:
        output = TensorType((BATCH, *dims), "float32")
        fault = fault_of(made, output)
        if fault is None:
            assert not fails(case, made, dims), f"accepts {output}"
        else:
            assert fault.code is LOSS_MISMATCH
            assert is_nonsense(made, output) or fails(case, made, dims), f"rejects {output}"


def fault_of(made: Any, output: TensorType) -> Fault | None:
    try:
        made.check_output(output)
    except Fault as fault:
        return fault
    return None


def is_nonsense(made: Any, output: TensorType) -> bool:
    """What Keras computes, though it means nothing: classes of which there is one, or which
    are the batch; embeddings that are no vectors."""
    axis = getattr(made, "axis", -1)
    single = isinstance(axis, int) and -output.rank <= axis < output.rank
    return single and (output.shape[axis] == 1 or axis % output.rank == 0)


def fails(case: D, made: Any, dims: tuple[int, ...]) -> bool:
    output = TensorType((4, *dims), "float32")
    try:
        target = made.target_type(output)
    except Fault:
        target = output

    def compute(wanted: Any, predicted: Any) -> Any:
        if case.family == "loss":
            return case.theirs()(wanted, predicted)
        measured = case.theirs()
        measured.update_state(wanted, predicted)
        return measured.result()

    with warnings.catch_warnings(), keras.StatelessScope():
        warnings.simplefilter("ignore")
        try:
            jax.eval_shape(compute, as_array(target), as_array(output))
        except Exception:  # noqa: BLE001 - Keras fails with whatever it stumbles over
            return True
    return False


def as_array(type: TensorType) -> Any:
    return jax.ShapeDtypeStruct(type.shape, type.dtype)


FAULTS = [
    (
        loss("CategoricalCrossentropy"),
        (BATCH, 1),
        "needs at least 2 classes along the last axis, got an output [B, 1]",
    ),
    (
        loss("SparseCategoricalCrossentropy", axis=1),
        (BATCH, 1, 4),
        "needs at least 2 classes along axis 1, got an output [B, 1, 4]",
    ),
    (
        loss("CategoricalCrossentropy"),
        (BATCH,),
        "needs classes along the last axis, which is the batch here, got an output [B]",
    ),
    (
        loss("CTC"),
        (BATCH, 5),
        "needs a rank-3 output (batch, timesteps, classes), got an output [B, 5]",
    ),
    (
        metric("Precision", top_k=5),
        (BATCH, 3),
        "needs at least 5 scores, as `top_k` is 5, got an output [B, 3]",
    ),
    (
        metric("Mean"),
        (BATCH, 3),
        "needs values, and nothing to compare them with, got an output [B, 3]",
    ),
]


@pytest.mark.parametrize(("case", "shape", "message"), FAULTS)
def test_messages(case, shape, message):
    with pytest.raises(Fault) as caught:
        case.ours().check_output(TensorType(shape, "float32"))
    assert caught.value.message == message


@pytest.mark.parametrize("dim", [UNKNOWN, variable("C")])
def test_unknown_numbers_of_classes_pass(dim):
    output = TensorType((BATCH, dim), "float32")
    for case in (loss("CategoricalCrossentropy"), metric("TopKCategoricalAccuracy")):
        case.ours().check_output(output)


def test_losses_need_fractions():
    with pytest.raises(Fault) as caught:
        loss("MeanSquaredError").ours().check_output(TensorType((BATCH, 3), "int32"))
    assert caught.value.message == (
        "needs an output of fractions, which gradients can change, got an output int32[B, 3]"
    )
    metric("Accuracy").ours().check_output(TensorType((BATCH, 3), "int32"))


def test_targets_of_sparse_losses_are_class_numbers():
    made = loss("SparseCategoricalCrossentropy", axis=1).ours()
    assert made.target_type(TensorType((BATCH, 10, 8), "float32")) == TensorType(
        (BATCH, 8), "int32"
    )


def test_the_names_that_choose_by_themselves():
    assert str(METRIC.accept("accuracy")) == str(METRIC.accept("acc")) == "accuracy"
    assert str(LOSS.accept("crossentropy")) == str(LOSS.accept("ce")) == "crossentropy"
    assert type(METRIC.accept("binary_accuracy")).__name__ == "BinaryAccuracy"
    assert METRIC.names()["Accuracy"] is registry("metric")["Accuracy"]


DIRECTIONS = [case for case in SAMPLES if case.family == "metric"]


@pytest.mark.parametrize("case", DIRECTIONS, ids=repr)
def test_which_direction_is_better(case):
    assert case.ours().direction == getattr(case.theirs(), "_direction", None)
