"""The keys of train blocks."""

from __future__ import annotations

from typing import Any

import pytest

from graphc.declare import registry
from graphc.diagnostics.codes import BAD_ARGUMENT, CONFLICTING_ARGUMENTS, MISSING_ARGUMENT
from graphc.diagnostics.fault import Fault
from graphc.training.keys import TrainConfig

LOSSES = registry("loss")
METRICS = registry("metric")
MSE, MAE = LOSSES["MeanSquaredError"](), LOSSES["MeanAbsoluteError"]()
AUC, RECALL = METRICS["AUC"](), METRICS["Recall"]()


def fault_of(**keys: Any) -> Fault:
    with pytest.raises(Fault) as caught:
        TrainConfig(**keys)
    return caught.value


def test_names_and_instances_are_the_same():
    assert TrainConfig(loss="mse") == TrainConfig(loss=MSE)
    assert TrainConfig(loss="mse", optimizer="adam").optimizer == registry("optimizer")["Adam"]()


def test_defaults_are_those_of_compile_and_fit():
    config = TrainConfig(loss="mse")
    assert type(config.optimizer).__name__ == "RMSprop"
    assert (config.epochs, config.batch_size, config.validation_split) == (1, None, 0.0)
    assert config.changed_values() == {"loss": MSE}


def test_one_metric_is_a_list_of_one():
    assert TrainConfig(loss="mse", metrics=AUC) == TrainConfig(loss="mse", metrics=[AUC])


def test_metrics_are_called_what_they_are_asked_for_by():
    given = ["mae", "mean_absolute_error", "acc", "accuracy", "AUC", registry("metric")["AUC"]()]
    made = TrainConfig(loss="mse", metrics=given).metrics
    names = [metric.name or metric.own_name for metric in made]
    assert names == ["mae", "mean_absolute_error", "acc", "accuracy", "AUC", "auc"]
    assert [metric.short for metric in made] == ["mae", None, "acc", None, "AUC", None]


def test_losses_of_outputs():
    def losses(value: Any, *outputs: str) -> Any:
        return TrainConfig(loss=value).for_outputs("loss", outputs)

    assert losses("mse", "a", "b") == [(MSE,), (MSE,)]
    assert losses(["mse", "mae"], "a", "b") == [(MSE,), (MAE,)]
    assert losses(["mse", None], "a", "b") == [(MSE,), ()]
    assert losses({"b": "mae", "a": "mse"}, "a", "b") == [(MSE,), (MAE,)]
    assert losses({"b": "mae"}, "a", "b") == [(), (MAE,)]
    assert losses(["mse"], "a") == [(MSE,)]
    assert losses(None, "a", "b") == [(), ()]


def test_metrics_of_outputs():
    def metrics(value: Any, *outputs: str) -> Any:
        return TrainConfig(loss="mse", metrics=value).for_outputs("metrics", outputs)

    assert metrics(None, "a") == metrics([], "a") == [()]
    assert metrics([], "a", "b") == [(), ()]
    assert metrics([AUC, RECALL], "a") == [(AUC, RECALL)]
    assert metrics([[AUC, RECALL]], "a") == [(AUC, RECALL)]
    assert metrics([AUC, RECALL], "a", "b") == [(AUC,), (RECALL,)]
    assert metrics([[AUC, RECALL], []], "a", "b") == [(AUC, RECALL), ()]
    assert metrics({"b": [AUC, RECALL]}, "a", "b") == [(), (AUC, RECALL)]


def test_a_loss_is_needed():
    fault = fault_of(epochs=3)
    assert fault.code is MISSING_ARGUMENT
    assert "`loss`" in fault.message


BAD = [
    ({"loss": "msee"}, "did you mean"),
    ({"loss": ["mse", "msee"]}, "did you mean"),
    ({"loss": {}}, None),
    ({"loss": []}, None),
    ({"loss": AUC}, None),
    ({"loss": "mse", "metrics": MSE}, None),
    ({"loss": "mse", "metrics": [AUC, 3]}, None),
    ({"loss": "mse", "optimizer": "adamm"}, "did you mean"),
    ({"loss": "mse", "epochs": 0}, None),
    ({"loss": "mse", "batch_size": 0}, None),
    ({"loss": "mse", "validation_split": 1.0}, None),
    ({"loss": "mse", "validation_split": -0.1}, None),
    ({"loss": "mse", "class_weight": {"cat": 1.0}}, None),
    ({"loss": "mse", "verbose": 7}, None),
    ({"loss": "mse", "callbacks": ["early"]}, None),
    ({"loss": "mse", "steps_per_execution": 0}, None),
    ({"loss": "mse", "validation_freq": 0}, None),
]


@pytest.mark.parametrize(("keys", "help"), BAD, ids=repr)
def test_bad_values(keys, help):
    fault = fault_of(**keys)
    assert fault.code is BAD_ARGUMENT
    if help is not None:
        assert fault.help is not None
        assert fault.help.startswith(help)


CONFLICTS = [
    (
        {"epochs": 3, "initial_epoch": 3},
        "needs `initial_epoch` below `epochs`, got 3 and 3",
    ),
    (
        {"jit_compile": True, "run_eagerly": True},
        "needs `jit_compile` or `run_eagerly` to be False, got both True",
    ),
    (
        {"loss": ["mse", "mae"], "loss_weights": [1.0]},
        "needs `loss_weights` of the form of `loss`, got a list of 1 for a list of 2",
    ),
    (
        {"loss": {"a": "mse"}, "loss_weights": {"b": 1.0}},
        "needs `loss_weights` of the form of `loss`, got a dict of `b` for a dict of `a`",
    ),
    (
        {"callbacks": [registry("callback")["SwapEMAWeights"]()]},
        "needs an optimizer with use_ema=True for SwapEMAWeights",
    ),
]


@pytest.mark.parametrize(("keys", "message"), CONFLICTS, ids=repr)
def test_conflicts(keys, message):
    fault = fault_of(**{"loss": "mse", **keys})
    assert (fault.code, fault.message) == (CONFLICTING_ARGUMENTS, message)
    assert set(fault.arguments) <= set(TrainConfig.arguments)


def test_swapping_needs_an_average():
    swap = registry("callback")["SwapEMAWeights"]()
    optimizers = registry("optimizer")
    inner = optimizers["SGD"](use_ema=True)
    for optimizer in (inner, optimizers["LossScaleOptimizer"](inner)):
        config = TrainConfig(loss="mse", optimizer=optimizer, callbacks=swap)
        assert config.callbacks == (swap,)


def test_paths_stay_in_the_folder():
    checkpoint = registry("callback")["ModelCheckpoint"]
    for path in ("../x.keras", "/x.keras", "a/../../x.keras", "~/x.keras", "C:/x.keras", "//h/x"):
        with pytest.raises(Fault) as caught:
            checkpoint(path)
        assert caught.value.arguments == ("filepath",)
    assert checkpoint("runs/{epoch:02d}.keras").filepath == "runs/{epoch:02d}.keras"
