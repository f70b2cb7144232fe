"""Whole trainings beside Keras' `fit`."""

from __future__ import annotations

import contextlib
import csv
import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphc
from graphc.runtime.arguments import InputError
from graphc.runtime.lookups import OutOfRange
from graphc.runtime.train.faults import Interrupted, LossNotANumber, TrainingError
from graphc.runtime.train.learner import Batch
from graphc.runtime.train.report import Reporter
from graphc.runtime.train.trainer import Trainer
from tests.runtime.train.keras_side import keras_model, random
from tests.runtime.train.test_steps import CNN, LINE, TWO, WORDS, images, pairs


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def trainer_of(source: str, reporter: Reporter | None = None) -> Trainer:
    return graphc.parse(source).trainer(seed=1, reporter=reporter)


def fit_both(source: str, data: Batch, **settings: Any) -> Trainer:
    """Fit both sides; hold histories and weights against each other."""
    ours = trainer_of(source)
    theirs = keras_model(source, ours.weights)
    x, y, weights = ours_given(data)
    made = ours.fit(x, y, sample_weight=weights, shuffle=False, **settings)
    x, y, weights = keras_given(data)
    callbacks = [keras_callback(each) for each in ours.train.callbacks or ()]
    before = {key: value for key, value in ours.train.all_values().items() if key in KEYS}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of NumPy, about Keras' variables
        expected = theirs.fit(
            x, y, sample_weight=weights, shuffle=False, verbose=0, callbacks=callbacks,
            **{**before, **settings},
        ).history  # fmt: skip
    assert set(made) == set(expected)
    for name, values in expected.items():
        np.testing.assert_allclose(made[name], values, rtol=1e-4, atol=1e-5, err_msg=name)
    for variable, (key, value) in zip(theirs.weights, ours.weights.items(), strict=True):
        np.testing.assert_allclose(
            value, np.asarray(variable.value), rtol=1e-4, atol=1e-5, err_msg=key
        )
    return ours


KEYS = ("epochs", "batch_size", "validation_split", "class_weight")


def keras_callback(callback: Any) -> Any:
    from tests.differential.harness import keras

    values = callback.all_values()
    if "filepath" in values:
        values["filepath"] = values["filepath"].replace("ours", "theirs")
    if "filename" in values:
        values["filename"] = values["filename"].replace("ours", "theirs")
    return getattr(keras.callbacks, type(callback).__name__)(**values)


def ours_given(data: Batch) -> tuple[Any, Any, Any]:
    return data.inputs, data.targets, data.weights or None


def keras_given(data: Batch) -> tuple[Any, Any, Any]:
    inputs, targets, weights = (
        list(arrays.values()) for arrays in (data.inputs, data.targets, data.weights)
    )
    single = len(targets) == 1
    sample_weight = (weights[0] if single else weights) if weights else None
    return (
        (inputs if len(inputs) > 1 else inputs[0]),
        (targets[0] if single else targets),
        sample_weight,
    )


def line(optimizer: str, *keys: str) -> str:
    return LINE.format(optimizer=optimizer).rstrip("}\n") + "\n" + "\n".join(keys) + "\n}\n"


def numbers(size: int) -> Batch:
    return Batch(
        {"x": random.normal(size=(size, 4)).astype("float32")},
        {"out": random.normal(size=(size, 3)).astype("float32")},
        {},
    )


def test_epochs_with_validation_and_sample_weights() -> None:
    fit_both(CNN, images(21), epochs=3, batch_size=8, validation_split=0.3)


def test_names_of_metrics() -> None:
    metrics = ("metrics = [mae, mean_absolute_error, MeanSquaredError, MeanSquaredError()]",)
    made = fit_both(line("SGD(0.01)", *metrics), numbers(4)).history
    assert list(made) == ["loss", "mae", "mean_absolute_error", "MeanSquaredError",
                          "mean_squared_error"]  # fmt: skip


@pytest.mark.slow  # jax takes its time to compile
def test_several_outputs() -> None:
    data = pairs(10)
    x, y, _ = keras_given(data)
    ours = trainer_of(TWO)
    theirs = keras_model(TWO, ours.weights)
    made = ours.fit(
        x, y, epochs=4, batch_size=4, shuffle=False, validation_data=(x, y), validation_freq=[1, 4]
    )
    expected = theirs.fit(
        x, y, epochs=4, batch_size=4, shuffle=False, validation_data=(x, y),
        validation_freq=[1, 4], verbose=0,
    ).history  # fmt: skip
    assert set(made) == set(expected)
    for name, values in expected.items():
        np.testing.assert_allclose(made[name], values, rtol=1e-4, atol=1e-5, err_msg=name)


CALLBACKS = """\
    epochs           = 9
    batch_size       = 4
    validation_split = 0.25
    callbacks        = [
        ReduceLROnPlateau("val_loss", factor=0.5, patience=1, min_delta=0.01, min_lr=0.02, cooldown=1),
        EarlyStopping("val_loss", patience=3, restore_best_weights=True),
        CSVLogger("ours.csv"),
        ModelCheckpoint("ours/{epoch:02d}.weights.h5", save_best_only=True, save_weights_only=True),
    ]
"""


def test_callbacks() -> None:
    # A rate that is too large: the validation loss rises, and the best weights are early ones.
    fit_both(line("SGD(0.9)", CALLBACKS), numbers(16))
    ours, theirs = (
        list(csv.DictReader(Path(f"{name}.csv").read_text().splitlines()))
        for name in ("ours", "theirs")
    )
    assert len(ours) == len(theirs) > 3
    for mine, other in zip(ours, theirs, strict=True):
        assert list(mine) == list(other)
        assert [float(mine[key]) for key in mine] == pytest.approx(
            [float(other[key]) for key in other], rel=1e-4
        )
    saved = [sorted(each.name for each in Path(name).iterdir()) for name in ("ours", "theirs")]
    assert saved[0] == saved[1]


def test_averages_of_weights() -> None:
    swap = "epochs = 3\nvalidation_split = 0.25\ncallbacks = [SwapEMAWeights()]"
    fit_both(line("SGD(0.1, use_ema=True, ema_momentum=0.7)", swap), numbers(16), batch_size=4)


def test_a_training_that_is_stopped_ends_with_the_averages_too() -> None:
    """Keras is no oracle here: it leaves the trained weights (docs/train.md)."""
    swap = "SwapEMAWeights(swap_on_epoch=True)"
    stop = f'{swap}, EarlyStopping("loss", min_delta=100.0, patience=1)'
    data = numbers(16)
    made = []
    for callbacks, epochs in ((stop, 9), (swap, 2)):
        keys = f"callbacks = [{callbacks}]\nepochs = {epochs}"
        ours = trainer_of(line("SGD(0.1, use_ema=True, ema_momentum=0.7)", keys))
        assert len(ours.fit(data.inputs, data.targets, batch_size=4)["loss"]) == 2
        made.append(ours.weights)
    for key, array in made[0].items():
        np.testing.assert_array_equal(array, made[1][key])


@pytest.mark.slow
def test_class_weights() -> None:
    data = images(12)
    fit_both(CNN, Batch(data.inputs, data.targets, {}), epochs=2, class_weight={0: 3.0, 2: 0.5})


def test_epochs_of_fewer_steps() -> None:
    ours = trainer_of(line("SGD(0.1)"))
    theirs = keras_model(line("SGD(0.1)"), ours.weights)
    data = numbers(10)
    made = ours.fit(
        data.inputs, data.targets, batch_size=2, steps_per_epoch=2, epochs=4, shuffle=False
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an epoch ends early where the data does
        x, y, _ = keras_given(data)
        expected = theirs.fit(
            x, y, batch_size=2, steps_per_epoch=2, epochs=4, shuffle=False, verbose=0
        ).history
    np.testing.assert_allclose(made["loss"], expected["loss"], rtol=1e-4)


def test_evaluate_and_predict() -> None:
    data = pairs(10)
    ours = trainer_of(TWO)
    theirs = keras_model(TWO, ours.weights)
    x, y, _ = keras_given(data)
    logs = ours.evaluate(x, y, batch_size=4)
    expected = theirs.evaluate(x, y, batch_size=4, return_dict=True, verbose=0)
    assert logs == pytest.approx(expected, rel=1e-4)
    for name, output in theirs.predict(x, verbose=0).items():
        np.testing.assert_allclose(ours.predict(x)[name], output, rtol=1e-5, atol=1e-6)


class Stop(Reporter):
    """Interrupts a training after some batches."""

    def __init__(self, after: int) -> None:
        self.after = after
        self.trainer: Trainer | None = None

    def batch_end(self, batch: int, logs: Any) -> None:
        self.after -= 1
        if self.after == 0:
            assert self.trainer is not None
            self.trainer.interrupt()


RESUMED = line(
    "Adam(0.05, use_ema=True)",
    CALLBACKS.replace("EarlyStopping(", "SwapEMAWeights(swap_on_epoch=True), EarlyStopping("),
).replace("as hidden\n", "as hidden -> Dropout(0.3) -> BatchNormalization()\n")


@pytest.mark.parametrize("after", [1, 3, 7, 11])
def test_an_interrupted_training_goes_on_to_the_same_result(after: int) -> None:
    data = numbers(16)
    whole = trainer_of(RESUMED)
    expected = whole.fit(data.inputs, data.targets)
    log = Path("ours.csv").read_text()
    stop = Stop(after)
    stop.trainer = trainer_of(RESUMED, stop)
    with pytest.raises(Interrupted):
        stop.trainer.fit(data.inputs, data.targets, checkpoint="at.npz")
    resumed = trainer_of(RESUMED)
    made = resumed.fit(data.inputs, data.targets, checkpoint="at.npz", resume=True)
    assert json.dumps(made) == json.dumps(expected)
    assert Path("ours.csv").read_text() == log
    for key, value in whole.weights.items():
        assert np.array_equal(resumed.weights[key], value), key
    assert [each.name for each in Path().iterdir() if each.name.startswith(".")] == []


def test_a_finished_training_stays_so() -> None:
    data = numbers(8)
    source = line("Adam(0.05)", "epochs = 2")
    first = trainer_of(source)
    history = first.fit(data.inputs, data.targets, checkpoint="at.npz")
    again = trainer_of(source)
    assert again.fit(data.inputs, data.targets, checkpoint="at.npz", resume=True) == history
    further = again.fit(data.inputs, data.targets, checkpoint="at.npz", resume=True, epochs=3)
    assert len(further["loss"]) == 3
    assert further["loss"][:2] == history["loss"]


def test_backups_go_away() -> None:
    data = numbers(8)
    stop = Stop(5)
    source = line(
        "Adam(0.05)",
        'epochs = 4\nbatch_size = 2\ncallbacks = [BackupAndRestore("backup", save_freq=1)]',
    )
    whole = trainer_of(source)
    expected = whole.fit(data.inputs, data.targets)
    stop.trainer = trainer_of(source, stop)
    with pytest.raises(Interrupted):
        stop.trainer.fit(data.inputs, data.targets)
    assert Path("backup/training.npz").exists()
    again = trainer_of(source)
    assert again.fit(data.inputs, data.targets) == expected
    assert not Path("backup/training.npz").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("Dense(5", "Dense(6"), "the weight `hidden/kernel` is float32\\[4, 6\\] here"),
        (("Adam(0.05)", "SGD(0.05)"), "it has what an optimizer remembers of `hidden/kernel`"),
        (("batch_size = 2", "batch_size = 3"), "its batch_size was 2, and is 3 here"),
        (("TerminateOnNaN", "EarlyStopping"), "with other callbacks"),
    ],
)
def test_checkpoints_of_other_trainings(change: tuple[str, str], message: str) -> None:
    data = numbers(8)
    source = line("Adam(0.05)", "batch_size = 2", "callbacks = [TerminateOnNaN()]")
    trainer_of(source).fit(data.inputs, data.targets, checkpoint="at.npz")
    other = trainer_of(source.replace(*change))
    before = other.weights
    with pytest.raises(TrainingError, match=message):
        other.fit(data.inputs, data.targets, checkpoint="at.npz", resume=True)
    assert all(np.array_equal(other.weights[key], before[key]) for key in before)


def test_files_that_are_no_checkpoints() -> None:
    data = numbers(8)
    source = line("Adam(0.05)", "batch_size = 2")
    trainer_of(source).fit(data.inputs, data.targets, checkpoint="at.npz")
    whole = Path("at.npz").read_bytes()
    for place in range(0, len(whole), 97):
        broken = bytearray(whole)
        broken[place] ^= 0x5A
        Path("broken.npz").write_bytes(broken[: len(whole) - place % 13 * 7])
        # Some bytes of an archive are of no account.
        with contextlib.suppress(TrainingError):
            trainer_of(source).fit(data.inputs, data.targets, checkpoint="broken.npz", resume=True)
    np.savez("plain.npz", x=np.ones(3))
    with pytest.raises(TrainingError, match=r"`plain\.npz` is no checkpoint of a training"):
        trainer_of(source).fit(data.inputs, data.targets, checkpoint="plain.npz", resume=True)


@pytest.mark.parametrize("what", ["weight", "facts", "order"])
def test_checkpoints_that_were_changed(what: str) -> None:
    data = numbers(8)
    source = line("Adam(0.05)", "batch_size = 2", "epochs = 2")
    trainer_of(source).fit(data.inputs, data.targets, checkpoint="at.npz")
    with np.load("at.npz") as stored:
        arrays = dict(stored)
    if what == "weight":
        name = next(name for name, array in arrays.items() if array.dtype == "float32")
        arrays[name] = arrays[name] + 1
    elif what == "facts":
        text = arrays["facts"].tobytes().replace(b'"position": [2,', b'"position": [1,')
        assert text != arrays["facts"].tobytes()
        arrays["facts"] = np.frombuffer(text, np.uint8)
    else:
        same = [name for name, array in arrays.items() if array.shape == arrays["0"].shape]
        arrays["0"], arrays[same[1]] = arrays[same[1]], arrays["0"]
    np.savez("changed.npz", **arrays)
    with pytest.raises(TrainingError, match="it was changed, or is damaged") as raised:
        trainer_of(source).fit(
            data.inputs, data.targets, epochs=4, checkpoint="changed.npz", resume=True
        )
    assert raised.value.diagnostics[0].code.id == "E0604"


def test_shuffling_depends_on_the_seed_and_the_epoch() -> None:
    data = numbers(16)
    source = line("SGD(0.1)", "batch_size = 4", "epochs = 2")
    first, second = (trainer_of(source).fit(data.inputs, data.targets) for _ in range(2))
    assert first == second
    assert first != trainer_of(source).fit(data.inputs, data.targets, shuffle=False)


NAN = """\
model nan {
    input x: [4]
    h = x -> Dense(3) as first
    s = sqrt(h - 100) as root
    output s -> Dense(3) as out
}
train nan {
    loss = MeanSquaredError()
}
"""


def test_the_first_layer_that_gives_no_number_is_named() -> None:
    data = numbers(8)
    with pytest.raises(LossNotANumber) as caught:
        trainer_of(NAN).fit(data.inputs, data.targets)
    (found,) = caught.value.diagnostics
    assert found.message == (
        "the loss is not a number at batch 1 of epoch 1: Sqrt `root` is the first to give NaN"
    )
    assert found.span.text == "sqrt(h - 100)"


def test_numbers_of_the_data_that_are_none() -> None:
    source = line("SGD(0.1)", "callbacks = [TerminateOnNaN()]", "epochs = 5")
    data = numbers(8)
    data.inputs["x"][3, 1] = np.nan
    with pytest.raises(LossNotANumber, match="the input `x` has NaN"):
        trainer_of(line("SGD(0.1)")).fit(data.inputs, data.targets)
    ours = trainer_of(source)
    before = ours.weights
    history = ours.fit(data.inputs, data.targets)
    assert len(history["loss"]) == 1
    assert np.isnan(history["loss"][0])
    assert all(np.array_equal(ours.weights[key], before[key]) for key in before)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"x": np.ones((3, 4))}, "needs a target for its output `out`"),
        ({"x": np.ones((3, 4)), "y": np.ones((2, 3))}, "`x` has 3 examples, and .* `out` 2"),
        ({"x": np.ones((3, 5)), "y": np.ones((3, 3))}, r"`x` needs shape \[B, 4\], got \[3, 5\]"),
        ({"x": np.ones((0, 4)), "y": np.ones((0, 3))}, r"`x` needs shape \[B, 4\], got \[0, 4\]"),
        ({"x": np.ones((3, 4)), "y": {"ou": np.ones(3)}}, "no target for `ou`; did you mean `out`"),
        ({"x": np.ones((3, 4)), "y": np.array(["a"] * 3)}, "needs numbers, got text"),
        ({"x": np.ones((3, 4)), "y": np.ones((3, 5))}, "MeanSquaredError of `out` needs "),
        (
            {"x": np.ones((3, 4)), "y": np.ones((3, 3)), "validation_split": 0.99},
            "validation_split=0.99 leaves nothing of 3 examples",
        ),
        ({"x": np.ones((3, 4)), "y": np.ones((3, 3)), "epochs": -1}, "fit .*epochs"),
        ({"x": np.ones((3, 4)), "y": np.ones((3, 3)), "resume": True}, "fit needs `checkpoint`"),
        (
            {"x": np.ones((3, 4)), "y": np.ones((3, 3)), "validation_data": np.ones((3, 4))},
            r"needs `validation_data` to be \(x, y\) or \(x, y, sample_weight\)",
        ),
    ],
)
def test_what_does_not_fit(given: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        trainer_of(line("SGD(0.1)")).fit(**given)


@pytest.mark.parametrize(
    ("loss", "labels", "message"),
    [
        (
            "SparseCategoricalCrossentropy()",
            [0, 2, 3],
            "from 0 to 2, got 3; example 2 is the first",
        ),
        ("SparseCategoricalCrossentropy()", [0, -1, 3], "from 0 to 2, got -1; example 1 is"),
        ("SparseCategoricalCrossentropy(ignore_class=-1)", [-1, 7, 0], "got 7; example 1 is"),
        ("crossentropy", [0, 1.5, 0], "needs whole numbers from 0 to 2, got 1.5; example 1 is"),
    ],
)
def test_classes_that_there_are_no_scores_for(loss: str, labels: Any, message: str) -> None:
    ours = trainer_of(line("SGD(0.1)").replace("MeanSquaredError()", loss))
    with pytest.raises(InputError, match=message):
        ours.fit(np.ones((3, 4), "float32"), np.array(labels), epochs=1)
    fitting = trainer_of(line("SGD(0.1)").replace("MeanSquaredError()", loss))
    right = [-1, 0, 2] if "ignore" in loss else [1.0, 0.0, 2.0]
    fitting.fit(np.ones((3, 4), "float32"), np.array(right), epochs=1)


@pytest.mark.parametrize(
    ("callback", "message"),
    [
        ('"c{los}.keras"', "after `los`, which is no number .*; did you mean `loss`"),
        ('"c{loss:02d}.keras"', "`d` is for `epoch` and `batch` alone"),
        ('"c{val_loss:.2f}.keras"', "after `val_loss`, which is no number whenever it saves"),
        ('"c{learning_rate:.2f}.keras"', "epoch 1 has no `learning_rate`"),
        ('"c{f1_score:.2f}.keras"', "`f1_score` is a list of numbers"),
    ],
)
def test_names_that_checkpoints_cannot_have(callback: str, message: str) -> None:
    keys = (f"callbacks = [ModelCheckpoint({callback})]", "metrics = [F1Score()]")
    ours = trainer_of(line("SGD(0.1)", *keys, "validation_freq = 2", "validation_split = 0.5"))
    x, y, _ = ours_given(numbers(4))
    with pytest.raises(InputError, match=message):
        ours.fit(x, y, epochs=3)
    assert not list(Path().glob("c*"))


def test_counts_of_numpy_are_numbers_and_none_is_below_1() -> None:
    ours = trainer_of(line("SGD(0.1)"))
    x, y = np.ones((3, 4)), np.ones((3, 3))
    weights = {np.int64(0): np.float32(1.0)}
    history = ours.fit(x, y, epochs=np.int64(2), batch_size=np.int32(2), class_weight=weights)
    assert len(history["loss"]) == 2
    assert ours.predict(x, batch_size=np.int64(2)).shape == (3, 3)
    for count in (0, -1, 1.5):
        with pytest.raises(InputError, match="predict needs `batch_size` to be a positive"):
            ours.predict(x, batch_size=count)
        with pytest.raises(InputError, match="evaluate needs `steps` to be a positive"):
            ours.evaluate(x, y, steps=count)


@pytest.mark.parametrize("word", [9, -1, -9])
def test_words_that_an_embedding_lacks(word: int) -> None:
    ours = trainer_of(WORDS)
    ids, y = np.full((3, 6), 1), np.zeros((3, 6), int)
    ids[1, 2] = word
    for use in (ours.fit, ours.evaluate, lambda x, _: ours.predict(x)):
        with pytest.raises(OutOfRange, match=f"needs numbers from 0 to 8, got {word}"):
            use(ids, y)
    value_and_grad = graphc.parse(WORDS).value_and_grad()
    with pytest.raises(OutOfRange, match=f"needs numbers from 0 to 8, got {word}"):
        value_and_grad(ours.weights, ids, y)


def test_batches_and_epochs_may_be_given_by_place() -> None:
    x, y = np.arange(16.0).reshape(4, 4), np.ones((4, 3))
    by_place, by_name = trainer_of(line("SGD(0.01)")), trainer_of(line("SGD(0.01)"))
    assert len(by_place.fit(x, y, 2, 3)["loss"]) == 3
    by_name.fit(x, y, batch_size=2, epochs=3)
    assert by_place.history == by_name.history
    assert by_place.evaluate(x, y, 2) == by_name.evaluate(x, y, batch_size=2)
    np.testing.assert_array_equal(by_place.predict(x, 3), by_name.predict(x, batch_size=3))


def test_arguments_that_fit_does_not_have() -> None:
    with pytest.raises(TypeError, match="fit has no argument epoch; did you mean `epochs`"):
        trainer_of(line("SGD(0.1)")).fit(np.ones((3, 4)), np.ones((3, 3)), epoch=3)


def test_weights_that_are_not_those_of_the_model() -> None:
    model = graphc.parse(line("SGD(0.1)"))
    given = model.init_weights()
    with pytest.raises(InputError, match=r"`out/bias` of line needs shape \[3\], got \[2\]"):
        model.trainer({**given, "out/bias": np.ones(2)})
    del given["hidden/kernel"]
    with pytest.raises(InputError, match="line needs the weight `hidden/kernel`"):
        model.trainer(given)
    with pytest.raises(ValueError, match="line has no train block"):
        graphc.parse(LINE.split("train")[0].format()).trainer()


@pytest.mark.parametrize("verbose", [0, 1, 2, "auto"])
def test_progress_is_shown_where_it_is_asked_for(verbose: Any, capsys: Any) -> None:
    ours = trainer_of(line("SGD(0.1)"))
    x, y = np.ones((4, 4)), np.ones((4, 3))
    ours.fit(x, y, epochs=2, verbose=verbose)
    told = capsys.readouterr().err.splitlines()
    assert [text.split("  ")[0] for text in told] == (
        ["epoch 1/2", "epoch 2/2"] if verbose in (1, 2) else []
    )
    ours.evaluate(x, y, verbose=verbose)
    told = capsys.readouterr().err.splitlines()
    assert [text.split()[0] for text in told] == (["loss"] if verbose in (1, 2) else [])
    assert ours.predict(x, verbose=verbose).shape == (4, 3)
    assert not capsys.readouterr().err
    for use in (ours.fit, ours.evaluate, lambda x, _, **more: ours.predict(x, **more)):
        with pytest.raises(InputError, match="needs `verbose` to be"):
            use(x, y, verbose=3)


def test_a_reporter_is_silent_where_progress_is_not_wanted() -> None:
    told = Stop(100)
    ours = trainer_of(line("SGD(0.1)"), told)
    ours.fit(np.ones((4, 4)), np.ones((4, 3)), verbose=0)
    assert told.after == 100
    ours.fit(np.ones((4, 4)), np.ones((4, 3)))
    assert told.after == 99
