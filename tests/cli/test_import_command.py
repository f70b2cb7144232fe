"""`graphc import`: what it reads, what it writes, and what it does not."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from graphc.cli.main import cli

MODEL: dict[str, Any] = {
    "module": "keras",
    "class_name": "Sequential",
    "config": {
        "name": "net",
        "layers": [
            {"class_name": "InputLayer", "config": {"name": "x", "batch_shape": [None, 4]}},
            *[
                {"class_name": "Dense", "config": {"name": f"d{i}", "units": 8}}
                for i in range(1, 10)
            ],
        ],
    },
    "compile_config": {"loss": "mse", "optimizer": "adam"},
}
FOLDED = """\
sequential net {
    input x: [4]
    for i in range(1, 10) {
        Dense(8) as f"d{i}"
    }
}

train net {
    loss      = mse
    optimizer = adam
}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.json").write_text(json.dumps(MODEL))
    return tmp_path


def run(*arguments: str) -> Any:
    return CliRunner().invoke(cli, ["import", *arguments], catch_exceptions=False)


def test_the_file_written_is_named(folder: Path) -> None:
    result = run("model.json", "-o", "model.net")
    assert result.exit_code == 0
    assert result.stderr == "wrote model.net\n"
    assert (folder / "model.net").read_text() == FOLDED


def test_json_to_standard_output(folder: Path) -> None:
    result = run("model.json")
    assert result.exit_code == 0
    assert result.stdout == FOLDED


def test_archive_to_a_file(folder: Path) -> None:
    with zipfile.ZipFile("model.keras", "w") as archive:
        archive.writestr("config.json", json.dumps(MODEL))
    assert run("model.keras", "-o", "model.net").stdout == ""
    assert (folder / "model.net").read_text() == FOLDED


def test_flat_and_without_training(folder: Path) -> None:
    text = run("model.json", "--no-fold", "--no-train").stdout
    assert text.count("Dense(8) as d") == 9
    assert "train" not in text


def test_nothing_is_written_after_an_error(folder: Path) -> None:
    changed = json.loads(json.dumps(MODEL))
    changed["config"]["layers"][3]["class_name"] = "Mine"
    Path("mine.json").write_text(json.dumps(changed))
    result = run("mine.json", "-o", "mine.net")
    assert result.exit_code == 1
    assert "error[E0903]" in result.stderr
    assert "`d3`" in result.stderr
    assert "Mine" in result.stderr
    assert not Path("mine.net").exists()


def test_custom_losses_may_be_left_out(folder: Path) -> None:
    changed = json.loads(json.dumps(MODEL))
    changed["compile_config"]["loss"] = {
        "module": "mine", "class_name": "function", "config": "my_loss",
    }  # fmt: skip
    Path("mine.json").write_text(json.dumps(changed))
    result = run("mine.json")
    assert result.exit_code == 1
    assert "compile_config.loss" in result.stderr
    assert "--no-train" in result.stderr
    assert run("mine.json", "--no-train").exit_code == 0


def test_a_file_that_is_not_there(folder: Path) -> None:
    result = run("nothing.json")
    assert result.exit_code == 1
    assert "error[E0901]: the file nothing.json does not exist" in result.stderr


def test_a_folder_that_is_not_there(folder: Path) -> None:
    assert run("model.json", "-o", "nowhere/model.net").exit_code == 2


def test_the_source_is_not_written_over(folder: Path) -> None:
    before = Path("model.json").read_bytes()
    result = run("model.json", "-o", "./model.json")
    assert result.exit_code == 2
    assert "./model.json is what is read" in result.stderr
    assert Path("model.json").read_bytes() == before


def test_a_function(folder: Path) -> None:
    Path("made_by_hand.py").write_text(
        textwrap.dedent(
            f"""
            class Model:
                def to_json(self):
                    return {json.dumps(MODEL)!r}

            def net():
                return Model()

            def fails():
                raise ValueError("no such luck")

            def ends():
                raise SystemExit(3)

            def talks():
                print("Total params: 640")
                return Model()

            class Custom:
                def to_json(self):
                    raise NotImplementedError("override\\n`get_config()`")
            """
        )
    )
    assert run("made_by_hand:net").stdout == FOLDED
    result = run("made_by_hand:talks")
    assert (result.stdout, result.stderr) == (FOLDED, "Total params: 640\n")
    for name, message in (
        ("fails", "it raised ValueError: no such luck"),
        ("ends", "it raised SystemExit: 3"),
        ("Custom", "gives no JSON: it raised NotImplementedError: override `get_config()`\n"),
        ("nothing", "has no function `nothing`"),
        ("json", "has no function `json`"),
    ):
        result = run(f"made_by_hand:{name}")
        assert result.exit_code == 1
        assert message in result.stderr
    assert "cannot be imported" in run("not_there:net").stderr


def test_help_says_what_is_run() -> None:
    text = " ".join(run("--help").stdout.split())
    assert "runs your own Python" in text
    assert "nothing in them is run" in text


def test_keras_is_not_imported(folder: Path) -> None:
    code = (
        "import sys; from graphc.interop.keras_json import import_model; "
        "import_model('model.json'); assert 'keras' not in sys.modules; "
        "assert 'numpy' not in sys.modules; assert 'pickle' not in sys.modules"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
