"""What keeps a step of training from being computed is named, with its place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphc
from graphc.runtime.train.misfits import Misfit

MODEL = """
model net {{
    input x: [4]
    output x -> {layers} as out
}}
train net {{
    loss = {loss}
    metrics = {metrics}
}}
"""
ORTHOGONAL = "OrthogonalRegularizer()"


def misfit_of(
    layers: str = "Dense(3)", loss: str = "mse", metrics: str = "None", y: Any = None, w: Any = None
) -> Any:
    """What is said of a training, which is the same for its gradients where metrics have no part."""
    model = graphc.parse(MODEL.format(layers=layers, loss=loss, metrics=metrics))
    x = np.ones((6, 4), "float32")
    y = np.ones((6, 3), "float32") if y is None else y
    trainer = model.trainer()
    with pytest.raises(Misfit) as raised:
        trainer.fit(x, y, sample_weight=w)
    if metrics == "None" and "constraint" not in layers and "Dropout" not in layers:
        with pytest.raises(Misfit) as again:
            model.value_and_grad()(model.init_weights(), x, y, w)
        assert again.value.diagnostics == raised.value.diagnostics
    assert not trainer.history.get("loss")
    return raised.value.diagnostics


def facts(diagnostics: Any) -> list[tuple[str, str, str, str]]:
    return [(each.code.id, each.message, each.span.text, each.label) for each in diagnostics]


def test_a_regularizer_of_a_weight_that_is_no_matrix() -> None:
    layers = f"Reshape([4, 1]) -> Conv1D(2, 2, kernel_regularizer={ORTHOGONAL}) -> Flatten()"
    assert facts(misfit_of(layers, y=np.ones((6, 6)))) == [
        (
            "E0301",
            "Conv1D `conv1d` needs a matrix for its OrthogonalRegularizer, got [2, 1, 2]",
            f"Conv1D(2, 2, kernel_regularizer={ORTHOGONAL})",
            "the OrthogonalRegularizer of its `kernel`, [2, 1, 2]",
        )
    ]


def test_each_constraint_along_an_axis_that_is_not_there() -> None:
    layers = (
        "Dense(5, kernel_constraint=MaxNorm(axis=2)) "
        '-> Dense(3, bias_constraint=UnitNorm(axis=1), kernel_constraint="non_neg")'
    )
    found = misfit_of(layers)
    assert [(each.message, each.label) for each in found] == [
        (
            "Dense `dense` needs `axis` between -2 and 1, got 2",
            "the MaxNorm of its `kernel`, [4, 5]",
        ),
        ("Dense `out` needs `axis` between -1 and 0, got 1", "the UnitNorm of its `bias`, [3]"),
    ]


def test_layers_of_nested_models_are_found() -> None:
    model = graphc.parse("""
    model inner {
        input x: [4]
        output x -> Dense(3, bias_regularizer=OrthogonalRegularizer()) as deep
    }
    model outer {
        input x: [4]
        output x -> inner() as out
    }
    train outer { loss = "mse" }
    """)
    with pytest.raises(Misfit, match="Dense `deep` needs a matrix") as raised:
        model.trainer().fit(np.ones((2, 4)), np.ones((2, 3)))
    (diagnostic,) = raised.value.diagnostics
    assert diagnostic.span.text.startswith("Dense(3, bias")


def test_what_is_frozen_is_not_looked_at() -> None:
    model = graphc.parse(
        MODEL.format(
            layers=f"Dense(4) -> Dense(3, trainable=False, bias_regularizer={ORTHOGONAL})",
            loss="mse", metrics="None",
        )
    )  # fmt: skip
    assert model.trainer().fit(np.ones((2, 4)), np.ones((2, 3)))["loss"]


def test_a_metric_of_other_targets() -> None:
    metrics = "[mae, SparseTopKCategoricalAccuracy(2)]"
    assert facts(misfit_of(metrics=metrics)) == [
        (
            "E1103",
            "SparseTopKCategoricalAccuracy of `out` needs one target for each row of predictions, "
            "got int32[6, 3] and [6, 3]",
            "Dense(3)",
            "this is [6, 3], with targets [6, 3]",
        )
    ]


def test_sample_weights_of_another_shape() -> None:
    (found,) = misfit_of(w=np.ones((6, 2), "float32"))
    assert found.message.startswith("MeanSquaredError of `out` needs ")
    assert found.label == "this is [6, 3], with targets [6, 3] and sample weights [6, 2]"


def test_a_target_of_another_shape_is_the_fault_of_all_that_compare() -> None:
    found = misfit_of(metrics="[mae]", y=np.ones((6, 5), "float32"))
    assert [each.message.partition(" of ")[0] for each in found] == [
        "MeanSquaredError",
        "MeanAbsoluteError",
    ]


def test_a_layer_that_only_training_finds_at_fault() -> None:
    (found,) = misfit_of("Reshape([2, 2]) -> Dropout(0.5, [3, 1]) -> Flatten() -> Dense(3)")
    assert found.code.id == "E0302"
    assert found.message.endswith(
        "its Dropout `dropout` needs `noise_shape` to broadcast to [6, 2, 2], got [3, 1]"
    )
