"""Compile configurations: imported, emitted and compiled again, they are the same."""

from __future__ import annotations

import inspect
import types
import warnings
from typing import Any

import pytest
from keras.src.losses.losses import LossFunctionWrapper

from graphc.diagnostics.fault import Fault
from graphc.emit.keras import Recorder, keras_program
from graphc.interop.keras_json import import_document
from graphc.interop.keras_json.source import parse_document
from graphc.model import check_source, options
from graphc.source import SourceFile
from tests.differential.harness import keras

LOSSES, METRICS, OPTIMIZERS = keras.losses, keras.metrics, keras.optimizers
SCHEDULES = OPTIMIZERS.schedules


@pytest.fixture(autouse=True)
def _quiet():
    with warnings.catch_warnings():  # Keras compares arrays in a way that NumPy warns of
        warnings.simplefilter("ignore")
        yield


def model(outputs: Any) -> Any:
    """One of a number of outputs, or of one in a list or dict."""
    x = keras.Input((4,), name="x")
    if not isinstance(outputs, int):
        end = keras.layers.Dense(3, activation="softmax", name="a")(x)
        return keras.Model(x, [end] if isinstance(outputs, list) else {"a": end}, name="net")
    ends = [keras.layers.Dense(3, activation="softmax", name=name)(x) for name in "ab"[:outputs]]
    return keras.Model(x, ends if outputs > 1 else ends[0], name="net")


def plain(value: Any) -> Any:
    """A configuration without names, which Keras numbers, and functions by theirs."""
    if isinstance(value, dict):
        if value.get("class_name") == "function":
            return value["config"]
        hidden = ("name", "registered_name", "module")
        return {name: plain(item) for name, item in value.items() if name not in hidden}
    return [plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def check(outputs: Any = 1, **given: Any) -> None:
    theirs = model(outputs)
    theirs.compile(**given)
    text = import_document(parse_document(theirs.to_json(), "model.json"))
    settings = options()
    settings.observer = recorder = Recorder()
    report = check_source(SourceFile("model.net", text), None, settings)
    assert report.is_clean, text
    assert report.program is not None
    module = types.ModuleType("emitted")
    exec(keras_program(report.program, recorder), vars(module))
    ours = module.build_model()
    module.compile_model(ours)
    assert plain(ours.get_compile_config()) == plain(theirs.get_compile_config()), text


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"optimizer": OPTIMIZERS.Adam(0.1), "weighted_metrics": ["mae"], "loss_weights": [2.0]},
        {"loss": "mse"},
        {"loss": LOSSES.mean_squared_error, "metrics": ["acc", METRICS.mean_absolute_error]},
        {"loss": "mse", "loss_weights": [2.0]},
        {"loss": ["mse"], "metrics": [["mae"]], "weighted_metrics": ["mae"]},
        {"loss": "mse", "run_eagerly": True, "jit_compile": False, "steps_per_execution": 3},
        {"loss": "mse", "metrics": {"a": "mae"}, "auto_scale_loss": False, "loss_weights": 2.0},
        {"loss": "mse", "metrics": [METRICS.Precision(thresholds=[0.2, 0.6])]},
        {"loss": "mse", "metrics": [METRICS.AUC(thresholds=[0.2, 0.6], name="area")]},
        {"loss": "mse", "optimizer": OPTIMIZERS.Adam(SCHEDULES.CosineDecay(0.1, 100, alpha=0.1))},
        {"loss": "mse", "optimizer": OPTIMIZERS.LossScaleOptimizer(OPTIMIZERS.SGD(0.5))},
        {"outputs": 2, "loss": ["mse", None], "metrics": [["mae", METRICS.AUC()], None]},
        {"outputs": 2, "loss": {"a": "mse", "b": "mae"}, "loss_weights": {"a": 1.0, "b": 0.2}},
        {"outputs": 2, "loss": {"a": "mse"}, "weighted_metrics": {"a": ["mae", "mse"]}},
        {"outputs": 2, "loss": "mse", "metrics": ["mae", "mse"]},
        {"outputs": 2, "loss": {"a": ["mse"], "b": "mae"}},
        {"outputs": 2, "loss": ["mse", ["mae"]], "metrics": {"b": "mae"}},
        {"loss": {"a": ["mse"]}, "metrics": {"a": ["mae"]}},
        {"outputs": [1], "loss": {"a": "mse"}, "metrics": {"a": "mae"}},
        {"outputs": {"a": 1}, "loss": {"a": "mse"}, "metrics": {"a": "mae"}},
    ],
    ids="-".join,
)
def test_round_trip(given: dict[str, Any]) -> None:
    check(**given)


@pytest.mark.parametrize("loss", [None, [], {}])
def test_without_a_loss(loss: Any) -> None:
    """Penalties alone are trained then, as in Keras; which does not take an empty list again."""
    theirs = model(1)
    theirs.compile(OPTIMIZERS.SGD(0.5), loss)
    text = import_document(parse_document(theirs.to_json(), "model.json"))
    assert "loss      = None\n    optimizer = SGD(learning_rate=0.5)" in text


def test_models_inside_that_are_compiled_by_themselves() -> None:
    x = keras.Input((4,), name="x")
    encoder = model(1)
    encoder.compile("adam", "mse")
    theirs = keras.Model(x, keras.layers.TimeDistributed(encoder)(keras.layers.RepeatVector(2)(x)))
    left_out: list[str] = []
    document = parse_document(theirs.to_json(), "model.json")
    assert "train" not in import_document(document, left_out=left_out)
    assert [each.split()[0] for each in left_out] == [
        "config.layers[2].config.layer.compile_config,"
    ]
    import_document(document, train=False, left_out=(none := []))
    assert none == []


def test_names_that_a_program_has_numbered() -> None:
    theirs = model(1)
    theirs.compile(OPTIMIZERS.Adam(name="adam_7"), "mse", metrics=[METRICS.AUC(name="auc_7")])
    text = import_document(parse_document(theirs.to_json(), "model.json"))
    assert "optimizer = Adam()" in text
    assert 'name="auc_7"' in text  # what its history is called


# All classes, with each argument changed in turn.

REQUIRED = {
    **{"num_classes": 3, "target_class_ids": [0, 1], "sensitivity": 0.5, "specificity": 0.4},
    **{"recall": 0.3, "precision": 0.2},
}
VALUES = {
    **{"dtype": "float32", "axis": 1, "ignore_class": 1, "thresholds": [0.2, 0.6], "top_k": 2},
    **{"class_id": 1, "average": "macro", "threshold": 0.4, "curve": "PR", "k": 2, "beta": 2.0},
    **{"summation_method": "minoring", "reduction": "sum", "q": 0.3, "label_smoothing": 0.1},
    **{"weight_decay": 0.01, "clipnorm": 1.0, "clipvalue": 0.5, "global_clipnorm": 2.0},
    **{"loss_scale_factor": 4.0, "gradient_accumulation_steps": 2, "exclude_layers": ["a"]},
}
# Of these, what Keras' models take is no metric or loss: they are used by themselves.
BY_THEMSELVES = ("Mean", "Sum", "MeanMetricWrapper", "CTC", "MultiOptimizer")


def classes(module: Any, base: type) -> list[str]:
    return [
        name
        for name, cls in vars(module).items()
        if isinstance(cls, type) and issubclass(cls, base) and cls is not base
        if name not in BY_THEMSELVES
    ]


def variants(cls: Any) -> list[Any]:
    """Instances with the required arguments, and with one more each."""
    parameters = inspect.signature(cls.__init__).parameters
    base = {name: value for name, value in REQUIRED.items() if name in parameters}
    base = {
        name: base[name] for name in base if parameters[name].default is inspect.Parameter.empty
    }
    if "inner_optimizer" in parameters:
        base["inner_optimizer"] = OPTIMIZERS.Adam(0.01)
    made = [cls(**base)]
    for name, parameter in parameters.items():
        value = VALUES.get(name, _other(parameter.default))
        if value is None or name in base or name in ("self", "name", "args", "kwargs"):
            continue
        try:
            made.append(cls(**{**base, name: value}))
        except (ValueError, TypeError):  # it goes with another argument alone
            continue
    return made


def _other(default: Any) -> Any:
    if isinstance(default, bool):
        return not default
    if isinstance(default, float):
        return default * 0.5 + 0.01
    return default + 1 if isinstance(default, int) else None


@pytest.mark.slow
@pytest.mark.parametrize("name", classes(LOSSES, LOSSES.Loss))
def test_losses(name: str) -> None:
    for loss in variants(getattr(LOSSES, name)):
        check(loss=loss)


@pytest.mark.slow
@pytest.mark.parametrize("name", classes(METRICS, METRICS.Metric))
def test_metrics(name: str) -> None:
    for metric in variants(getattr(METRICS, name)):
        check(loss="mse", metrics=[metric])


@pytest.mark.slow
@pytest.mark.parametrize("name", classes(OPTIMIZERS, OPTIMIZERS.Optimizer))
def test_optimizers(name: str) -> None:
    for optimizer in variants(getattr(OPTIMIZERS, name)):
        check(loss="mse", optimizer=optimizer)


@pytest.mark.slow
@pytest.mark.parametrize(
    "schedule",
    [
        SCHEDULES.CosineDecay(0.1, 100, alpha=0.1, warmup_target=0.2, warmup_steps=5),
        SCHEDULES.CosineDecayRestarts(0.1, 10, t_mul=3.0, m_mul=0.5, alpha=0.1),
        SCHEDULES.ExponentialDecay(0.1, 10, 0.9, staircase=True),
        SCHEDULES.InverseTimeDecay(0.1, 10, 0.9, staircase=True),
        SCHEDULES.PiecewiseConstantDecay([10, 20], [1.0, 0.5, 0.1]),
        SCHEDULES.PolynomialDecay(0.1, 10, 1e-3, 2.0, cycle=True),
    ],
    ids=lambda schedule: type(schedule).__name__,
)
def test_schedules(schedule: Any) -> None:
    check(loss="mse", optimizer=OPTIMIZERS.SGD(schedule))


# Functions in wrappers, which Keras' own classes are too.


def training_text(**given: Any) -> str:
    theirs = model(1)
    theirs.compile("adam", **given)
    return import_document(parse_document(theirs.to_json(), "model.json"))


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (
            {"loss": LossFunctionWrapper(LOSSES.mean_absolute_error)},
            "loss      = MeanAbsoluteError()",
        ),
        (
            {"loss": LossFunctionWrapper(LOSSES.huber, name="h", delta=2.0, reduction="sum")},
            'loss      = Huber(delta=2.0, reduction="sum", name="h")',
        ),
        (
            {"loss": "mse", "metrics": [METRICS.MeanMetricWrapper(LOSSES.mean_squared_error)]},
            'metrics   = [MeanSquaredError(name="mean_metric_wrapper")]',
        ),
        (
            {
                "loss": "mse",
                "metrics": [
                    METRICS.MeanMetricWrapper(
                        METRICS.categorical_crossentropy, name="m", from_logits=True
                    )
                ],
            },
            'metrics   = [CategoricalCrossentropy(name="m", from_logits=True)]',
        ),
    ],
)
def test_functions_in_wrappers(given: dict[str, Any], line: str) -> None:
    assert line in map(str.strip, training_text(**given).splitlines())


def of_mine(target: Any, output: Any) -> Any:
    return target - output


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"loss": of_mine}, "compile_config.loss is a function of_mine"),
        (
            {"loss": "mse", "metrics": [LOSSES.huber]},
            "compile_config.metrics[0] is a function huber",
        ),
        (
            {"loss": LossFunctionWrapper(of_mine)},
            "compile_config.loss.config.fn is a function of_mine",
        ),
        (
            {"loss": "mse", "metrics": [[METRICS.MeanMetricWrapper(LOSSES.huber)]]},
            "compile_config.metrics[0][0].config.fn is a function huber",
        ),
    ],
)
def test_functions_that_the_language_has_not(given: dict[str, Any], message: str) -> None:
    with pytest.raises(Fault) as error:
        training_text(**given)
    assert error.value.code.id == "E0903"
    assert error.value.message == f"{message}, which has no counterpart in a .net file"


def test_what_does_not_fit_the_outputs_can_be_left_out() -> None:
    """Keras finds it out when the model is trained."""
    with pytest.raises(Fault) as error:
        training_text(loss={"c": "mse"})
    assert error.value.code.id == "E0906"
    assert "net has no output `c`" in error.value.message
    assert error.value.help == "--no-train leaves the compile configuration out"
