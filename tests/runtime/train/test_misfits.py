"""What keeps a step of training from being computed is named, with its place."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import graphc
from graphc.runtime.train.faults import TrainingError
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
            "SparseTopKCategoricalAccuracy(2)",
            "with targets [6, 3]",
        )
    ]


def test_sample_weights_of_another_shape() -> None:
    (found,) = misfit_of(w=np.ones((6, 2), "float32"))
    assert found.message.startswith("MeanSquaredError of `out` needs ")
    assert found.span.text == "mse"
    assert found.label == "with targets [6, 3] and sample weights [6, 2]"
    (output,) = found.others
    assert (output.span.text, output.text) == ("Dense(3)", "this is [6, 3]")


def test_losses_from_python_have_no_place_but_the_output() -> None:
    model = graphc.parse(MODEL.format(layers="Dense(3)", loss="mse", metrics="None"))
    with pytest.raises(Misfit) as raised:
        model.trainer(loss="mae").fit(np.ones((6, 4)), np.ones((6, 5)))
    (found,) = raised.value.diagnostics
    assert (found.span.text, found.others) == ("Dense(3)", ())
    assert found.label == "this is [6, 3], with targets [6, 5]"


def test_of_several_outputs_the_entry_of_the_one_at_fault_is_shown() -> None:
    model = graphc.parse("""
    model net {
        input x: [4]
        output a = x -> Dense(2)
        output b = x -> Dense(3)
    }
    train net {
        loss    = {"a": "mse", "b": "mse"}
        metrics = {"b": [mae, SparseTopKCategoricalAccuracy(2)]}
    }
    """)
    x = np.ones((6, 4))
    with pytest.raises(Misfit) as raised:
        model.trainer().fit(x, {"a": np.ones((6, 2)), "b": np.ones((6, 3))})
    assert [each.span.text for each in raised.value.diagnostics] == [
        "SparseTopKCategoricalAccuracy(2)"
    ]
    with pytest.raises(Misfit) as raised:
        model.trainer().fit(x, {"a": np.ones((6, 5)), "b": np.ones(6)})
    first = raised.value.diagnostics[0]
    assert first.span.text == '"mse"'
    assert first.span.start < model.train.places.find("loss", "b").start


@pytest.mark.parametrize(
    ("entry", "message", "code", "weights", "shown"),
    [
        ("validation_split = 0.9", "leaves nothing of 6 examples", "E1102", False, "0.9"),
        ("class_weight = {0: 2.0}", "cannot be given together", "E0207", True, "{0: 2.0}"),
        (
            'callbacks = [TerminateOnNaN(), ModelCheckpoint("m.h5")]',
            "writes .keras files, got m.h5",
            "E0206",
            False,
            'ModelCheckpoint("m.h5")',
        ),
        (
            'callbacks = ModelCheckpoint("{los}.keras")',
            "cannot name its files after `los`",
            "E0206",
            False,
            'ModelCheckpoint("{los}.keras")',
        ),
    ],
)
def test_keys_that_the_data_does_not_go_with(
    entry: str, message: str, code: str, weights: bool, shown: str
) -> None:
    source = MODEL.format(layers="Dense(3)", loss="mse", metrics="None")
    model = graphc.parse(source.replace("    loss", f"    {entry}\n    loss"))
    w = np.ones(6) if weights else None
    with pytest.raises(Misfit, match=re.escape(message)) as raised:
        model.trainer().fit(np.ones((6, 4)), np.ones((6, 3)), sample_weight=w)
    (found,) = raised.value.diagnostics
    assert (found.code.id, found.span.text) == (code, shown)


def test_a_loss_that_is_infinite_of_finite_outputs_is_shown() -> None:
    model = graphc.parse(MODEL.format(layers="Dense(3)", loss="mse", metrics="None"))
    with pytest.raises(TrainingError) as raised:
        model.trainer().fit(np.ones((6, 4)), np.full((6, 3), 3e38, "float32"))
    (found,) = raised.value.diagnostics
    assert found.message.endswith("what the model gives is finite, and the loss of it is not")
    assert found.span.text == "mse"


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


def test_a_weight_that_is_no_number_is_shown_at_its_layer() -> None:
    model = graphc.parse(MODEL.format(layers="Dense(5) -> Dense(3)", loss="mse", metrics="None"))
    weights = model.init_weights()
    weights["out/bias"][1] = np.nan
    with pytest.raises(TrainingError, match="the weight `out/bias` has become NaN") as raised:
        model.trainer(weights).fit(np.ones((6, 4)), np.ones((6, 3)))
    assert raised.value.diagnostics[0].span.text == "Dense(3)"
