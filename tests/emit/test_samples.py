"""The samples as Keras programs: built, read, and as ruff would have them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.emit.built import check, emitted_file
from tests.samples.rows import SAMPLES

FILES = sorted(SAMPLES.glob("*.net"))
GOLDEN = Path(__file__).parent / "golden"
SMALL = ("autoencoder", "linear_regression", "lstm_classifier", "seq2seq_attention", "siamese")
by_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def ruff(*arguments: str) -> str:
    """What ruff says with its own settings; nothing, if it has nothing to say."""
    command = [sys.executable, "-m", "ruff", *arguments, "--isolated"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


@by_file
def test_builds_the_model(path):
    check(*emitted_file(path))


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=path.stem, marks=[] if path.stem in SMALL else pytest.mark.slow)
        for path in FILES
    ],
)
def test_flat_builds_the_model(path):
    check(*emitted_file(path, flat=True))


@by_file
def test_reads_as_before(path, pytestconfig):
    _, program = emitted_file(path)
    kept = GOLDEN / f"{path.stem}.py"
    if pytestconfig.getoption("--bless"):
        kept.write_text(program, encoding="utf-8")
    assert program == kept.read_text(encoding="utf-8"), "run pytest --bless to keep the new text"


def test_nothing_else_is_kept():
    assert sorted(path.stem for path in GOLDEN.glob("*.py")) == [path.stem for path in FILES]


def test_ruff_has_nothing_to_say(tmp_path):
    for path in FILES:
        for flat in (False, True):
            _, program = emitted_file(path, flat=flat)
            (tmp_path / f"{path.stem}_{flat}.py").write_text(program, encoding="utf-8")
    assert ruff("format", "--check", "--diff", str(tmp_path)) == ""
    assert ruff("check", "--select", "E,F,W,I,B,UP", str(tmp_path)) == ""


def test_resnet_is_about_as_long_as_a_person_writes_it():
    _, program = emitted_file(SAMPLES / "resnet50.net")
    assert len(program.splitlines()) < 65
