"""Graphs as lines, behind each pass."""

from __future__ import annotations

from pathlib import Path

import graphc
from graphc.emit.numpy.lowering import model_stages
from graphc.passes.listing import Stage
from graphc.passes.pipeline import INFERENCE
from graphc.render.passes_text import passes_text
from tests.cli.test_commands import run

NET = """model net {
    input image: [32, 32, 3]
    output image -> ZeroPadding2D() -> Conv2D(8, 3, use_bias=False) -> ReLU() as end
    output image -> ReLU() -> Rescaling(2, offset=1) as again
    output image -> ReLU() -> Rescaling(3, offset=1) as twice
}"""


def stages(text: str = NET):
    return model_stages(graphc.parse(text).model_graph)


def test_there_is_one_for_each_pass():
    found = stages()
    assert [stage.name for stage in found] == ["lower", *INFERENCE, "divide"]
    assert all(stage.purpose.endswith(".") for stage in found)
    for stage in found:
        own = [line for line in stage.lines if not line.startswith("output ")]
        assert len(own) == stage.total == sum(stage.counts.values())


def test_every_name_is_defined_once_and_before_it_is_used():
    for stage in stages():
        seen = {"image", "`conv2d/kernel`"}
        for line in stage.lines:
            name, _, rest = line.partition(" = ")
            used = [
                each for each in rest.partition("(")[2].split(", ") if each.endswith(".maximum")
            ]
            assert set(used) <= seen, line
            assert name not in seen
            seen.add(name)


def test_lines_say_what_changes():
    found = {stage.name: stage for stage in stages()}
    lower, share, absorb, divide = map(found.get, ("lower", "share", "absorb", "divide"))
    assert sum("maximum(image" in line for line in lower.lines) == 2
    assert sum("maximum(image" in line for line in share.lines) == 1
    assert any("zero_padding2d.pad = pad(image" in line for line in share.lines)
    assert absorb.counts.get("pad", 0) == 0
    conv = next(line for line in absorb.lines if line.startswith("conv2d.conv = "))
    assert "(image, `conv2d/kernel`" in conv
    assert "padding=((1, 1), (1, 1))" in conv
    assert conv.endswith("  [B, 32, 32, 8]")
    assert divide.counts.get("constant", 0) == 0
    assert absorb.lines[-3:] == divide.lines[-3:]


def test_loops_show_their_bodies():
    (lower, *_) = stages("model net {\n input x: [T, 3]\n output x -> LSTM(2)\n}")
    (scan,) = [place for place, line in enumerate(lower.lines) if " = scan(" in line]
    body = [line for line in lower.lines[scan + 1 :] if line.startswith("    ")]
    assert body[-1].startswith("    give ")
    assert any(" = tanh(" in line for line in body)


def test_the_text():
    text = passes_text("net", stages())
    sections = text.split("\n\n")
    assert "simplify: " in text
    assert "Nothing changes." in text
    shared = next(part for part in sections if part.startswith("share: "))
    assert shared.splitlines()[1] == "The same results, with one step for all that are equal."
    removed = [line for line in text.splitlines() if line.startswith("- ")]
    assert any("zero_padding2d.pad = pad(" in line for line in removed)
    assert "\x1b" not in text
    assert "\x1b[32m+ conv2d.conv = " in passes_text("net", stages(), color=True).replace(
        "\x1b[0m", ""
    )


def test_the_command(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("m.net").write_text(NET)
    result = run("emit", "m.net", "--target", "numpy", "--passes")
    assert result.exit_code == 0
    assert "net: primitives behind each pass" in result.stdout
    written = run("emit", "m.net", "--target", "numpy", "--passes", "-o", "p.txt")
    assert (written.exit_code, written.stderr) == (0, "wrote p.txt\n")
    assert Path("p.txt").read_text(encoding="utf-8") == result.stdout
    assert run("emit", "m.net", "--passes").exit_code == 2


def test_names_cannot_steer_a_terminal():
    before, after = (
        Stage(name, "Done.", {"add": 1}, (f"a\x1b[31m.{name} = add(x, x)  [2]",)) for name in "ab"
    )
    text = passes_text("net\x1b[31m", [before, after])
    assert "\x1b" not in text
    assert "a.b" not in text
