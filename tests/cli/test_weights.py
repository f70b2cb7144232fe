"""`graphc weights` as a user runs it."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

import graphc
from tests.cli.test_commands import GOOD, run


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model, and a file of weights that fits it."""
    monkeypatch.chdir(tmp_path)
    Path("m.net").write_text(GOOD.replace("784", "4"))
    model = graphc.load("m.net")
    model.save_weights("w.npz", model.init_weights())
    return tmp_path


def test_what_is_in_a_file(folder: Path) -> None:
    result = run("weights", "w.npz")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "│ dense/kernel  │ [4, 64]  │ float32 │ 1,024 │" in result.stdout
    assert result.stdout.endswith("4 arrays, 3.79 KiB\n")


def test_what_is_in_a_file_for_a_model(folder: Path) -> None:
    result = run("weights", "w.npz", "--model", "m.net")
    assert "w.npz for small" in result.stdout
    assert "│ logits/bias   │ [10]     │ float32 │    40 │ yes       │" in result.stdout


def test_json(folder: Path) -> None:
    run("weights", "w.npz", "--model", "m.net", "-o", "w.weights.h5")
    result = run("weights", "w.weights.h5", "--model", "m.net:small", "--format", "json")
    document = json.loads(result.stdout)
    assert document["diagnostics"] == []
    assert document["weights"][0] == {
        "name": "dense/kernel",
        "shape": [4, 64],
        "dtype": "float32",
        "bytes": 1024,
        "trainable": True,
        "entry": "layers/dense/vars/0",
    }
    listed = json.loads(run("weights", "w.weights.h5", "--format", "json").stdout)["weights"]
    assert [each["name"] for each in listed][:2] == ["layers/dense/vars/0", "layers/dense/vars/1"]


@pytest.mark.parametrize("ending", ["npz", "safetensors", "weights.h5"])
def test_there_and_back(folder: Path, ending: str) -> None:
    for source, target in (("w.npz", f"x.{ending}"), (f"x.{ending}", "y.npz")):
        result = run("weights", source, "--model", "m.net", "-o", target)
        assert (result.exit_code, result.stdout) == (0, "")
        assert result.stderr == f"wrote {target}: 4 arrays\n"
    with np.load("w.npz") as one, np.load("y.npz") as other:
        assert list(one) == list(other)
        for name in one:
            np.testing.assert_array_equal(one[name], other[name])


def test_archives_hold_the_model(folder: Path) -> None:
    result = run("weights", "w.npz", "--model", "m.net", "-o", "w.keras")
    assert (result.exit_code, result.stderr) == (0, "wrote w.keras: 4 arrays\n")
    with zipfile.ZipFile("w.keras") as archive:
        config = json.loads(archive.read("config.json"))
    assert config == json.loads(run("emit", "m.net", "--target", "json").stdout)
    assert run("weights", "w.keras", "--model", "m.net").exit_code == 0


def test_models_that_no_archive_holds(folder: Path) -> None:
    text = "model net {\n    input x: [T]\n    output x[: T // 2]\n}\n"
    Path("open.net").write_text(text)
    np.savez("none.npz")
    for command in (
        ("weights", "none.npz", "--model", "open.net", "-o", "w.keras"),
        ("emit", "open.net", "--target", "json"),
    ):
        result = run(*command)
        assert result.exit_code == 1
        assert "error[E0907]: needs the size min(B, T // 2)" in result.stderr
        assert "--> open.net:3:12" in result.stderr
    assert not Path("w.keras").exists()


def test_the_state_of_training_is_left_out(folder: Path) -> None:
    run("weights", "w.npz", "--model", "m.net", "-o", "w.weights.h5")
    with h5py.File("w.weights.h5", "a") as file:
        file["optimizer/vars/0"] = np.ones([], "int32")
        file["optimizer/vars/1"] = np.ones([4, 64], "float32")
    for model in ((), ("--model", "m.net")):
        result = run("weights", "w.weights.h5", *model)
        assert result.exit_code == 0
        assert "optimizer" not in result.stdout
        lines = result.stdout.splitlines()[-2:]
        assert lines == [
            "4 arrays, 3.79 KiB",
            "beside them the state of training: 2 arrays, 1.00 KiB",
        ]
        listed = json.loads(run("weights", "w.weights.h5", *model, "--format", "json").stdout)
        states = [each["name"] for each in listed["weights"] if each.get("state")]
        assert states == ["optimizer/vars/0", "optimizer/vars/1"]
    result = run("weights", "w.weights.h5", "--model", "m.net", "-o", "x.npz")
    assert result.stderr == "wrote x.npz: 4 arrays; 2 of the state of training are left out\n"


def test_without_a_model(folder: Path) -> None:
    assert run("weights", "w.npz", "-o", "w.safetensors").exit_code == 0
    result = run("weights", "w.safetensors", "-o", "w.weights.h5")
    assert result.exit_code == 2
    assert "needs --model, whose layers say what stands where" in result.stderr
    run("weights", "w.npz", "--model", "m.net", "-o", "w.weights.h5")
    result = run("weights", "w.weights.h5", "-o", "x.npz")
    assert result.exit_code == 2
    assert "has no names of variables: give --model" in result.stderr


def test_what_does_not_fit(folder: Path) -> None:
    Path("m.net").write_text(GOOD.replace("784", "4").replace("Dense(64", "Dense(32"))
    result = run("weights", "w.npz", "--model", "m.net", "-o", "x.npz")
    assert result.exit_code == 1
    assert "error[E0804]: `dense/kernel` needs shape [4, 32], got [4, 64]" in result.stderr
    assert "--> m.net:3:18" in result.stderr
    assert "m.net: 3 errors" in result.stderr
    assert not Path("x.npz").exists()


def test_other_dtypes(folder: Path) -> None:
    with np.load("w.npz") as file:
        np.savez("w64.npz", **{name: array.astype("float64") for name, array in file.items()})
    assert "E0805" in run("weights", "w64.npz", "--model", "m.net").stderr
    assert run("weights", "w64.npz", "--model", "m.net", "--cast", "-o", "x.npz").exit_code == 0
    with np.load("x.npz") as file:
        assert {array.dtype.name for array in file.values()} == {"float32"}


def test_files_that_cannot_be_used(folder: Path) -> None:
    Path("bad.net").write_text(GOOD.replace("Dense", "Dnse", 1))
    assert "E0201" in run("weights", "w.npz", "--model", "bad.net").stderr
    assert "E0506" in run("weights", "w.npz", "--model", "m.net:large").stderr
    Path("open.net").write_text("sequential s {\n    Dense(4)\n}\n")
    assert "--input" in run("weights", "w.npz", "--model", "open.net").stderr
    result = run("weights", "no.npz")
    assert result.exit_code == 1
    assert "error[E0801]: `no.npz` is not there" in result.stderr
    assert run("weights", "w.npz", "-o", "w.txt").exit_code == 2
    assert run("weights", "w.npz", "-o", "nowhere/w.npz").exit_code == 2


def test_what_is_missing_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("w.weights.h5").write_bytes(b"")
    monkeypatch.setitem(__import__("sys").modules, "h5py", None)
    result = run("weights", "w.weights.h5")
    assert result.exit_code == 1
    assert "need h5py: pip install 'graphc[weights]'" in result.stderr
