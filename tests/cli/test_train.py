"""`graphc train`, `evaluate` and `predict` as a user runs them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import graphc
from tests.cli.test_commands import run

NET = """\
model net {
    input x: [4]
    y = x -> Dense(8, relu) as hidden
    output y -> Dense(3) as out
}
train net {
    loss             = SparseCategoricalCrossentropy(from_logits=True)
    optimizer        = Adam(0.05)
    metrics          = [accuracy]
    epochs           = 15
    validation_split = 0.2
}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("net.net").write_text(NET)
    random = np.random.default_rng(0)
    x = random.normal(size=(120, 4)).astype("float32")
    y = np.argmax(x[:, :3], axis=1)
    np.savez("data.npz", x_train=x[:80], y_train=y[:80], x_test=x[80:], y_test=y[80:])
    return tmp_path


def train(*more: str) -> str:
    result = run("train", "net.net", "--data", "data.npz", "-o", "out.npz", *more)
    assert result.exit_code == 0, result.stderr
    return result.stderr


def test_a_part_of_the_data_to_validate_with() -> None:
    with np.load("data.npz") as data:
        train_part = {name: data[name] for name in ("x_train", "y_train")}
        held = {"x_val": data["x_test"][:7], "y_val": data["y_test"][:7]}
    np.savez("data.npz", **train_part, **held)
    train("--history", "h.json", "--epochs", "2")
    found = json.loads(Path("h.json").read_text())
    np.savez("data.npz", **train_part)
    np.savez("held.npz", **held)
    train("--history", "again.json", "--epochs", "2", "--validation", "held.npz")
    assert found == json.loads(Path("again.json").read_text())
    assert len(found["val_accuracy"]) == 2
    train("--history", "split.json", "--epochs", "2")
    assert found["loss"] != json.loads(Path("split.json").read_text())["loss"]


def test_a_history_has_the_epochs_that_were_validated() -> None:
    keys = "validation_freq = [3, 4]\n    initial_epoch = 1\n"
    Path("net.net").write_text(NET.replace("    epochs", f"    {keys}    epochs"))
    train("--history", "h.csv", "--epochs", "5", "--quiet")
    rows = [line.split(",") for line in Path("h.csv").read_text().splitlines()]
    assert rows[0][:1] + rows[0][-1:] == ["epoch", "val_accuracy"]
    assert [(row[0], row[-1] != "") for row in rows[1:]] == [
        *(("1", False), ("2", True), ("3", True), ("4", False)),
    ]


def test_a_model_is_trained_evaluated_and_used() -> None:
    told = train("--history", "h.json", "--validation", "data.npz")
    assert told.count("\n") == 15 + 2
    assert told.startswith("epoch 1/15  loss ")
    assert "val_accuracy" in told
    assert told.endswith("wrote out.npz\nwrote h.json\n")
    history = json.loads(Path("h.json").read_text())
    assert len(history["loss"]) == 15
    result = run("evaluate", "net.net", "--data", "data.npz", "--weights", "out.npz", "--json")
    logs = json.loads(result.stdout)
    assert logs["accuracy"] > 0.8
    assert logs["loss"] == pytest.approx(history["val_loss"][-1], rel=1e-5)
    result = run("evaluate", "net.net", "--data", "data.npz", "--weights", "out.npz")
    assert result.stdout == f"loss: {logs['loss']:.6g}\naccuracy: {logs['accuracy']:.6g}\n"
    result = run(
        *("predict", "net.net", "--data", "data.npz", "--weights", "out.npz", "-o", "y.npz")
    )
    assert result.stderr == "wrote y.npz: out [40, 3]\n"
    model = graphc.load("net.net")
    with np.load("data.npz") as data, np.load("y.npz") as made:
        expected = model.compile(model.load_weights("out.npz"))(data["x_test"])
        np.testing.assert_allclose(made["out"], expected, rtol=1e-5, atol=1e-6)
        right = np.mean(np.argmax(made["out"], 1) == data["y_test"])
    assert right == pytest.approx(logs["accuracy"])


def test_options_come_before_the_train_block() -> None:
    told = train("--epochs", "2", "--batch-size", "80", "--history", "h.csv")
    assert told.startswith("epoch 1/2  ")
    assert len(Path("h.csv").read_text().splitlines()) == 3
    first = Path("out.npz").read_bytes()
    train("--epochs", "2", "--batch-size", "80", "-q")
    assert Path("out.npz").read_bytes() == first
    train("--epochs", "2", "--batch-size", "80", "--seed", "3", "-q")
    assert Path("out.npz").read_bytes() != first


def test_training_goes_on_from_a_checkpoint() -> None:
    assert train("-q", "--epochs", "6") == "wrote out.npz\n"
    whole = Path("out.npz").read_bytes()
    train("-q", "--epochs", "2", "--checkpoint", "at.npz", "--resume")
    assert Path("out.npz").read_bytes() != whole
    told = train("--epochs", "6", "--checkpoint", "at.npz", "--resume")
    assert told.startswith("epoch 3/6")
    assert Path("out.npz").read_bytes() == whole


def test_weights_to_begin_with() -> None:
    train("-q", "--epochs", "1")
    before = np.load("out.npz")["hidden/kernel"]
    Path("still.net").write_text(NET.replace("Adam(0.05)", "SGD(0.0)"))
    result = run(
        *("train", "still.net", "--data", "data.npz", "--weights", "out.npz"),
        *("-o", "again.npz", "-q", "--seed", "9"),
    )
    assert result.exit_code == 0
    assert np.array_equal(np.load("again.npz")["hidden/kernel"], before)


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent in another way")
def test_ctrl_c_leaves_a_checkpoint() -> None:
    options = ["--data", "data.npz", "--batch-size", "8", "-q", "--checkpoint", "at.npz"]
    few = ["--epochs", "1000"]
    command = [sys.executable, "-m", "graphc", "train", "net.net", *options]
    process = subprocess.Popen(
        [*command, "-o", "cut.npz", *few, "--epochs", "100000"],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    deadline = time.monotonic() + 60
    while not Path("at.npz").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "training was interrupted in epoch" in told
    assert told.endswith("; --resume goes on from at.npz\n")
    assert not Path("cut.npz").exists()
    assert not [each for each in Path().iterdir() if each.name.startswith(".")]
    facts = json.loads(np.load("at.npz")["facts"].tobytes())
    epoch = facts["position"][0] + 1
    more = ["--epochs", str(epoch + 1), *options]
    resumed = run("train", "net.net", "-o", "on.npz", *more, "--resume")
    assert resumed.exit_code == 0, resumed.stderr
    plain = [each for each in more if each not in ("--checkpoint", "at.npz")]
    assert run("train", "net.net", "-o", "whole.npz", *plain).exit_code == 0
    assert Path("on.npz").read_bytes() == Path("whole.npz").read_bytes()


@pytest.mark.parametrize(
    ("source", "arguments", "status", "message"),
    [
        (NET, ("--resume",), 2, "--resume needs --checkpoint"),
        (NET, ("--checkpoint", "at.pt"), 2, "at.pt has to end in .npz"),
        (NET, ("--history", "h.txt"), 2, "h.txt has to end in .json or .csv"),
        (NET, ("-o", "out.pt"), 2, "out.pt has to end in one of"),
        (NET, ("-o", "nowhere/out.npz"), 2, "there is no folder nowhere"),
        (NET, ("--weights", "no.npz"), 1, "no.npz"),
        (NET, ("--data", "no.npz"), 1, "no.npz"),
        (NET.split("train")[0], (), 1, "net has no train block"),
        (NET.replace("[4]", "[5]"), (), 1, "error[E"),
        (NET.replace("Dense(3)", "Dense(2)"), (), 1, "error[E11"),
        (NET.replace("relu)", "relu) -> Opaque('Blur', [8], weights={})"), (), 1, "error[E1003]"),
        (NET.replace("Adam(0.05)", "SGD(1e38)"), (), 1, "error[E0603]: the loss is"),
    ],
)
def test_what_cannot_be_trained(
    source: str, arguments: tuple[str, ...], status: int, message: str
) -> None:
    Path("net.net").write_text(source)
    result = run("train", "net.net", "--data", "data.npz", "-o", "out.npz", "-q", *arguments)
    assert result.exit_code == status, result.stderr
    assert message in result.stderr
    assert not Path("out.npz").exists()


@pytest.mark.parametrize(("option", "examples"), [((), 3), (("--header",), 2)])
def test_whether_a_table_has_a_header(option: tuple[str, ...], examples: int) -> None:
    Path("d.csv").write_text("3,1,2,4,0\n5,6,7,8,1\n1,1,1,1,2\n")
    Path("x.csv").write_text("3,1,2,4\n5,6,7,8\n1,1,1,1\n")
    result = run("train", "net.net", "--data", "d.csv", "-o", "o.npz", *option)
    assert result.exit_code == 0, result.stderr
    given = ("net.net", "--weights", "o.npz", "--data")
    assert run("evaluate", *given, "d.csv", *option).exit_code == 0
    result = run("predict", *given, "x.csv", "-o", "y.npz", *option)
    assert result.stderr == f"wrote y.npz: out [{examples}, 3]\n"
