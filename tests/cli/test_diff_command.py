"""`graphc diff` as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from graphc.cli.main import cli

SAMPLES = Path(__file__).parents[2] / "samples"
BEFORE = """model small(depth=2) {
    input image: [784]
    x = image
    for i in range(depth) {
        x = x -> Dense(64, relu)
    }
    output x -> Dense(10) as logits
}
"""
AFTER = BEFORE.replace("    output x", "    output x -> Dropout(0.5)")


def run(*args: object, text: str | None = None) -> Result:
    result = CliRunner().invoke(cli, ["diff", *map(str, args)], input=text, prog_name="graphc")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture
def before(tmp_path: Path) -> Path:
    path = tmp_path / "before.net"
    path.write_text(BEFORE)
    return path


@pytest.fixture
def after(tmp_path: Path) -> Path:
    path = tmp_path / "after.net"
    path.write_text(AFTER)
    return path


def test_equal_models_exit_with_0(before: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.net"
    other.write_text(BEFORE.replace("x", "y"))
    result = run(before, other)
    assert (result.exit_code, result.stdout) == (
        0, f"small: {before} → {other}: no difference\n",
    )  # fmt: skip


def test_models_that_differ_exit_with_1(before: Path, after: Path) -> None:
    result = run(before, after)
    assert result.exit_code == 1
    assert "+ Dropout dropout · rate=0.5 · after dense_1" in result.stdout


def test_errors_are_shown_and_exit_with_1(before: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.net"
    bad.write_text(BEFORE.replace("Dense(64", "Dnse(64"))
    result = run(before, bad)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "nothing is named `Dnse`" in result.stderr


def test_a_fault_in_a_model_that_is_not_compared_does_not_hide_the_comparison(
    before: Path, after: Path
) -> None:
    after.write_text("model other {\n    input x: [4]\n    output x -> Dnse(3)\n}\n" + AFTER)
    result = run(before, after)
    assert result.exit_code == 1
    assert "+ Dropout" in result.stdout
    assert "nothing is named `Dnse`" in result.stderr


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["x.net"], "diff needs AFTER"),
        (["-", "-"], "- can stand once"),
        (["x.net", "y.net", "--set", "depth"], "--set needs KEY=VALUE"),
        (["x.net", "y.net", "--format", "yaml"], "Invalid value for '--format'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_usage_errors_exit_with_2(args: list[str], said: str) -> None:
    result = run(*args)
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_file_is_compared_with_itself_under_other_settings(before: Path) -> None:
    result = run(before, "--set-after", "depth=3")
    assert result.stdout.startswith(f"small: {before} → {before} depth=3\n\n+ Dense dense_2")
    assert run(before, "--set-before", "depth=3", "--set-after", "depth=3").exit_code == 0
    assert run(before, before, "--set", "depth=5", "--input", "[10]").exit_code == 0


def test_one_side_comes_from_standard_input(after: Path) -> None:
    result = run("-", after, text=BEFORE)
    assert result.exit_code == 1
    assert "+ Dropout dropout" in result.stdout


def test_a_model_is_chosen_by_name(before: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.net"
    other.write_text(BEFORE + "model second {\n    input x: [4]\n    output x -> Dense(3)\n}\n")
    assert run(before, other).exit_code == 1
    assert run(before, other, "--model", "small").exit_code == 0


def test_json_has_every_change(before: Path, after: Path) -> None:
    after.write_text(AFTER.replace("Dense(64", "Dense(96"))
    document = json.loads(run(before, after, "--format", "json").stdout)
    assert not document["is_equal"]
    assert [(each["kind"], each["type"], each["count"]) for each in document["findings"]] == [
        ("changed", "Dense", 2), ("added", "Dropout", 1),
    ]  # fmt: skip
    changed = document["findings"][0]
    assert changed["causes"] == [{"what": "units", "before": "64", "after": "96"}]
    assert [each["after"]["name"] for each in changed["changes"]] == ["dense", "dense_1"]
    assert changed["changes"][0]["after"]["source"]["line"] == 5
    assert document["totals"]["params"] == {"before": 55050, "after": 85642, "percent": 55.5713}


def test_markdown_is_a_list_and_a_table(before: Path, after: Path) -> None:
    text = run(before, after, "--format", "markdown").stdout
    assert "- ➕ **Dropout** dropout" in text
    assert "| output bytes | 3,688 | 3,944 | +6.9 % |" in text


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_the_output_is_the_same_each_time(form: str) -> None:
    paths = (SAMPLES / "resnet50.net", SAMPLES / "mobilenet_v2.net")
    assert run(*paths, "--format", form).stdout == run(*paths, "--format", form).stdout
