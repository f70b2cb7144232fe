"""The commands as a user runs them: output, exit status, files left behind."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from graphc.cli.main import COMMANDS, cli

SAMPLES = Path(__file__).parents[2] / "samples"

GOOD = """model small {
    input image: [784]
    x = image -> Dense(64, relu)
    output x -> Dense(10) as logits
}
"""
BAD = GOOD.replace("Dense(64", "Dnse(64").replace("Dense(10)", "Dense(10, activatoin=relu)")


def run(*args: str, text: str | None = None) -> Result:
    result = CliRunner().invoke(cli, list(args), input=text, prog_name="graphc")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.net"
    path.write_text(GOOD)
    return path


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "bad.net"
    path.write_text(BAD)
    return path


def test_check_says_that_a_file_is_right(good: Path) -> None:
    result = run("check", str(good))
    assert (result.exit_code, result.stdout, result.stderr) == (0, f"{good}: no errors\n", "")


def test_check_reports_all_errors_of_all_files(good: Path, bad: Path) -> None:
    result = run("check", str(good), str(bad))
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "nothing is named `Dnse`" in result.stderr
    assert "did you mean `activation`?" in result.stderr
    assert "2 errors" in result.stderr


def test_check_walks_folders(good: Path, bad: Path) -> None:
    result = run("check", str(good.parent))
    assert result.exit_code == 1
    assert "bad.net" in result.stderr


def test_check_prints_json(bad: Path) -> None:
    result = run("check", "--format", "json", str(bad))
    assert result.exit_code == 1
    document = json.loads(result.stdout)
    assert [each["code"] for each in document["diagnostics"]] == ["E0201", "E0202"]


def test_check_prints_sarif(bad: Path) -> None:
    result = run("check", "--format", "sarif", str(bad))
    document = json.loads(result.stdout)
    assert document["version"] == "2.1.0"
    assert [each["ruleId"] for each in document["runs"][0]["results"]] == ["E0201", "E0202"]


def test_check_fix_mends_what_is_certain(bad: Path) -> None:
    result = run("check", "--fix", str(bad))
    assert result.exit_code == 0
    assert result.stdout.startswith(f"{bad}: applied 2 fixes\n")
    assert bad.read_text() == GOOD.replace("Dense(10)", "Dense(10, activation=relu)")
    assert [path.name for path in bad.parent.iterdir()] == ["bad.net"]


def test_check_fix_keeps_its_hands_off_a_fix_that_does_not_help(tmp_path: Path) -> None:
    # The nearest name is a layer that takes no such argument: mending it would trade errors.
    path = tmp_path / "kept.net"
    text = "model m {\n    input x: [8]\n    output x -> ReLUU(nonsense=3, other=4)\n}\n"
    path.write_text(text)
    result = run("check", "--fix", str(path))
    assert result.exit_code == 1
    assert path.read_text() == text


def test_check_shapes_stand_beside_their_lines(good: Path) -> None:
    result = run("check", "--shapes", str(good))
    lines = result.stdout.splitlines()
    assert lines[2].startswith("    x = image -> Dense(64, relu)")
    assert lines[2].endswith("50,240 params")
    assert "[B, 64]" in lines[2]
    assert lines[4] == "}"


def test_input_and_set_reach_the_model(tmp_path: Path) -> None:
    path = tmp_path / "open.net"
    path.write_text("sequential open(units=3) {\n    Dense(units)\n}\n")
    result = run("summary", str(path), "--format", "json", "--input", "[5]", "--set", "units=7")
    (model,) = json.loads(result.stdout)["models"]
    assert model["total_params"] == 5 * 7 + 7


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["chekc"], "did you mean `check`?"),
        (["check"], "Missing argument"),
        (["summary", "x.net", "--columns", "parms"], "did you mean `params`?"),
        (["summary", "x.net", "--set", "classes"], "--set needs KEY=VALUE"),
        (["summary", "x.net", "--input", "[3"], "is not a shape"),
        (["explain", "E9999"], "there is no code E9999"),
        (["layers", "Dnse"], "did you mean `Dense`?"),
    ],
    ids=" ".join,
)
def test_usage_errors_exit_with_2(args: list[str], said: str) -> None:
    result = run(*args)
    assert result.exit_code == 2
    assert said in result.stderr


@pytest.mark.parametrize("args", [["{}"], ["other.net", "--weights", "{}"]])
def test_emit_does_not_write_over_what_it_reads(good: Path, args: list[str]) -> None:
    before = good.read_text()
    result = run("emit", *[each.format(good) for each in args], "-o", str(good))
    assert result.exit_code == 2
    assert "is what is read" in result.stderr
    assert good.read_text() == before


def test_a_file_that_is_not_there_is_an_error() -> None:
    result = run("check", "nowhere.net")
    assert result.exit_code == 1
    assert "nowhere.net does not exist" in result.stderr


def test_summary_json_has_an_entry_per_layer() -> None:
    result = run("summary", str(SAMPLES / "mnist.net"), "--format", "json")
    (model,) = json.loads(result.stdout)["models"]
    assert [(each["type"], each["output_shape"], each["params"]) for each in model["layers"]] == [
        ("InputLayer", [None, 784], 0),
        ("Dense", [None, 64], 50240),
        ("Dense", [None, 64], 4160),
        ("Dense", [None, 10], 650),
    ]
    assert (model["total_params"], model["non_trainable_params"]) == (55050, 0)


def test_summary_lists_a_nested_model_as_one_layer() -> None:
    result = run("summary", str(SAMPLES / "autoencoder_models.net"), "--format", "json")
    models = json.loads(result.stdout)["models"]
    outer = models[-1]
    nested = [each for each in outer["layers"] if each["type"] == "Functional"]
    assert [each["params"] for each in nested] == [each["total_params"] for each in models[:2]]


def test_summary_opens_blocks_to_a_depth() -> None:
    folded = run("summary", str(SAMPLES / "llama2_7b.net"), "--depth", "0")
    opened = run("summary", str(SAMPLES / "llama2_7b.net"), "--depth", "1")
    assert len(opened.stdout.splitlines()) > 2 * len(folded.stdout.splitlines())
    assert "6,738,415,616" in folded.stdout


def test_fmt_rewrites_and_then_agrees(tmp_path: Path) -> None:
    path = tmp_path / "loose.net"
    path.write_text(GOOD.replace("Dense(64, relu)", "Dense( 64,relu )"))
    assert run("fmt", "--check", str(path)).exit_code == 1
    assert "+    x = image -> Dense(64, relu)" in run("fmt", "--diff", str(path)).stdout
    assert run("fmt", str(path)).exit_code == 0
    assert path.read_text() == GOOD
    assert run("fmt", "--check", str(path)).exit_code == 0


def test_fmt_reads_standard_input() -> None:
    result = run("fmt", "-", text=GOOD.replace("    x =", "  x  ="))
    assert (result.exit_code, result.stdout) == (0, GOOD)


def test_fmt_leaves_a_broken_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "broken.net"
    path.write_text("model m {\n    input x: [3\n}\n")
    result = run("fmt", str(path))
    assert result.exit_code == 1
    assert path.read_text() == "model m {\n    input x: [3\n}\n"


def test_every_command_has_an_example_in_its_help() -> None:
    for name in COMMANDS:
        result = run(name, "--help")
        assert result.exit_code == 0
        assert "Example: graphc " + name in result.stdout


def test_layers_shows_arguments_weights_and_cost() -> None:
    page = run("layers", "Dense").stdout
    assert page.startswith("Dense(units, activation=None, use_bias=True,")
    assert "kernel [16, 8]" in page
    assert "136 params, 128 MACs" in page


def test_layers_has_a_page_for_each() -> None:
    names = [line.split()[0] for line in run("layers").stdout.splitlines() if line.startswith("  ")]
    assert len(names) > 100
    for name in names:
        page = run("layers", name)
        assert page.exit_code == 0
        assert page.stdout.startswith(f"{name}(")


def test_completion_scripts_name_the_command() -> None:
    for shell in ("bash", "zsh", "fish"):
        assert "graphc" in run("completion", shell).stdout


def test_an_unbuilt_sequential_is_listed_without_shapes(tmp_path: Path) -> None:
    path = tmp_path / "open.net"
    path.write_text("sequential open {\n    Dense(3)\n    Dense(4) as last\n}\n")
    result = run("summary", str(path))
    assert result.exit_code == 0
    assert "last" in result.stdout
    assert "unknown until an input is given" in result.stdout
    assert "warning[W0102]" in result.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is full")
def test_output_that_cannot_be_written_is_no_crash(good: Path) -> None:
    with Path("/dev/full").open("w") as full:
        result = subprocess.run(
            [sys.executable, "-m", "graphc", "summary", str(good)],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert result.returncode == 1
    assert result.stderr == "the output cannot be written: No space left on device\n"
