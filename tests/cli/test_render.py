"""`graphc render` as a user runs it."""

from __future__ import annotations

import struct
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest
from click.testing import CliRunner
from pypdf import PdfReader

import graphc
from graphc.cli.main import cli
from graphc.diagnostics.glyphs import printable
from tests.render.drawn import HOSTILE_NAMES, SAMPLES, hostile_source

MNIST = str(SAMPLES / "mnist.net")
FAULTY = "model m {\n    input x: [4]\n    output x -> Conv2D(2, 3)\n}\n"


def run(*arguments: str):
    return CliRunner().invoke(cli, ["render", *arguments], catch_exceptions=False)


@pytest.fixture(autouse=True)
def in_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def png_size(path):
    header = Path(path).read_bytes()[:24]
    assert header.startswith(b"\x89PNG")
    return struct.unpack(">II", header[16:24])


@pytest.mark.parametrize(
    ("ending", "start"),
    [
        ("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF"), ("dot", b"digraph"),
        ("gv", b"digraph"), ("mmd", b"flowchart TB"), ("txt", "╭".encode()),
    ],
)  # fmt: skip
def test_the_ending_says_what(ending, start):
    result = run(MNIST, "-o", f"m.{ending}")
    assert result.exit_code == 0
    assert result.stdout == ""
    assert result.stderr == f"wrote m.{ending}\n"
    assert Path(f"m.{ending}").read_bytes().startswith(start)


def test_without_an_output_a_png_of_the_file_s_name():
    assert run(MNIST).exit_code == 0
    assert [path.name for path in Path().iterdir()] == ["mnist.png"]


@pytest.mark.parametrize("form", ["png", "svg", "pdf", "dot", "mermaid", "text"])
def test_standard_output_holds_the_drawing_alone(form):
    result = run(MNIST, "-o", "-", "--format", form)
    assert result.exit_code == 0
    assert result.stderr == ""
    again = run(MNIST, "-o", "-", "--format", form)
    assert result.stdout_bytes == again.stdout_bytes
    assert list(Path().iterdir()) == []


def test_text_is_printed():
    result = run(MNIST, "--format", "text")
    assert "│ Dense  logits" in result.stdout.replace("│   Dense", "│ Dense")
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-o", "m.foo"], "m.foo has no ending that says what to draw"),
        (["-o", "-"], "-o - needs --format"),
        (["-o", "nowhere/m.png"], "there is no folder nowhere to write m.png into"),
        (["-o", ".", "--format", "png"], ". is a folder"),
        (["--label", "{nam}"], "--label has no field {nam}; did you mean `name`?"),
        (["--rankdir", "XX"], "'XX' is not one of 'TB', 'LR', 'BT', 'RL'"),
        (["--dpi", "0"], "0 is not in the range"),
        (["--depth", "-1"], "-1 is not in the range"),
        (["--show-shape"], "No such option"),
    ],
    ids=lambda value: value[-1] if isinstance(value, list) else "",
)
def test_usage(arguments, message):
    result = run(MNIST, *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert list(Path().iterdir()) == []


def test_a_model_with_errors_is_drawn_and_the_status_is_1():
    Path("m.net").write_text(FAULTY)
    result = run("m.net", "-o", "m.svg")
    assert result.exit_code == 1
    assert "error[E0301]" in result.stderr
    assert "Conv2D needs a rank-4 input" in unescape(Path("m.svg").read_text())


def test_what_does_not_parse_at_all_writes_nothing():
    Path("m.net").write_text("model {")
    result = run("m.net", "-o", "m.svg")
    assert result.exit_code == 1
    assert not Path("m.svg").exists()


def test_a_file_without_models_and_one_that_is_missing():
    Path("m.net").write_text("const a = 1\n")
    assert run("m.net").exit_code == 1
    assert "m.net holds no model" in run("m.net").stderr
    assert run("missing.net").exit_code == 1
    assert [path.name for path in Path().iterdir()] == ["m.net"]


def test_what_is_not_known_of_a_sequential_is_drawn_with_its_layers():
    Path("m.net").write_text("sequential s {\n    Dense(4) as first\n    Dense(2)\n}\n")
    result = run("m.net", "--format", "text")
    assert "first" in result.stdout
    assert result.exit_code == 0


def test_what_cannot_be_written_says_so():
    result = run(MNIST, "-o", "/proc/m.svg")
    assert result.exit_code == 1
    assert result.stderr.startswith("/proc/m.svg cannot be written: ")


def test_options_of_the_model():
    text = "model a(n=4) {\n input x: [T]\n output x -> reshape([-1, T, 1]) -> Dense(n)\n}\n"
    Path("m.net").write_text(text + "model b {\n input x: [2]\n output x -> ReLU()\n}\n")
    result = run("m.net", "--model", "a", "--set", "n=7", "--input", "[9]", "--format", "text")
    assert "[B, 9, 7]" in result.stdout


def test_dpi_scales_a_bitmap():
    run(MNIST, "-o", "a.png", "--dpi", "100")
    run(MNIST, "-o", "b.png", "--dpi", "200")
    run(MNIST, "-o", "c.png")
    (a, b), (c, d) = png_size("a.png"), png_size("b.png")
    assert c == pytest.approx(2 * a, abs=3)
    assert d == pytest.approx(2 * b, abs=3)
    assert png_size("c.png") == (c, d)


def test_a_large_bitmap_stays_within_what_programs_open():
    run(str(SAMPLES / "resnet50.net"), "-o", "r.png")
    width, height = png_size("r.png")
    assert width * height < 12e6
    run(str(SAMPLES / "resnet50.net"), "-o", "tall.png", "--wrap", "0", "--dpi", "2400")
    assert max(png_size("tall.png")) <= 32_767


def chain(layers):
    return f"model big {{\n input x: [4]\n for i in range({layers}) {{\n x = x -> Dense(i + 1)\n }}\n output x\n}}\n"


def blocks(count):
    return (
        "block unit(n) {\n input x: [D]\n output x + (x -> Dense(n) -> Dense(D))\n}\n"
        f"model big {{\n input x: [4]\n for i in range({count}) {{\n x = x -> unit(8)\n }}\n output x\n}}\n"
    )


def test_too_many_boxes_say_what_to_do():
    Path("m.net").write_text(blocks(3000))
    result = run("m.net", "-o", "m.png")
    assert result.exit_code == 1
    assert result.stderr == (
        "big has 9,001 boxes, more than the 1,500 that can be laid out; try --fold (4 boxes) or "
        "--depth 0 (2 boxes) or --fold --depth 0 (2 boxes)\n"
    )
    assert not Path("m.png").exists()
    assert run("m.net", "-o", "m.png", "--fold").exit_code == 0
    assert run("m.net", "-o", "m.png", "--depth", "0").exit_code == 0


def test_too_many_boxes_of_their_own_are_for_the_page():
    Path("m.net").write_text(chain(2000))
    assert "an interactive page takes it: -o model.html" in run("m.net", "-o", "m.svg").stderr
    assert run("m.net", "-o", "m.mmd").exit_code == 0


def test_a_pdf_holds_the_names_and_is_the_same_each_time():
    Path("m.net").write_text(hostile_source())
    run("m.net", "-o", "a.pdf")
    run("m.net", "-o", "b.pdf")
    assert Path("a.pdf").read_bytes() == Path("b.pdf").read_bytes()
    text = PdfReader("a.pdf").pages[0].extract_text()
    plain = [name for name in HOSTILE_NAMES if name.isascii() and name.isprintable()]
    assert len(plain) >= 5
    for name in plain:
        assert printable(name) in text.replace("\n", ""), name


def test_without_graphviz_it_says_what_to_install_and_the_rest_works():
    script = (
        "import sys; sys.modules['pygraphviz'] = None\n"
        "from graphc.cli.main import main\n"
        "main(sys.argv[1:])\n"
    )
    environment = {"PATH": "/nonexistent"}

    def graphc_without(*arguments):
        return subprocess.run(
            [sys.executable, "-c", script, "render", MNIST, *arguments],
            capture_output=True, text=True, env=environment, check=False,
        )  # fmt: skip

    result = graphc_without("-o", "m.png")
    assert result.returncode == 1
    assert "pip install pygraphviz" in result.stderr
    assert "Traceback" not in result.stderr
    assert list(Path().iterdir()) == []
    for ending in ("dot", "mmd", "txt"):
        assert graphc_without("-o", f"m.{ending}").returncode == 0
        assert Path(f"m.{ending}").stat().st_size > 100


BEFORE = "model m {\n input x: [4]\n output x -> Dense(8, relu) -> Dense(2) as y\n}\n"
AFTER = (
    "model m {\n input x: [4]\n output x -> Dense(16, relu) -> Dropout(0.1) -> Dense(2) as y\n}\n"
)


@pytest.mark.parametrize("form", ["svg", "dot", "mermaid", "text", "html", "png", "pdf"])
def test_two_models_in_one_picture(form):
    Path("before.net").write_text(BEFORE)
    Path("after.net").write_text(AFTER)
    result = run("before.net", "--against", "after.net", "--format", form, "-o", "-")
    assert result.exit_code == 0
    if form in ("png", "pdf"):
        assert len(result.stdout_bytes) > 1000
        return
    drawn = unescape(result.stdout)
    assert "Dropout" in drawn
    assert "units: 8 → 16" in drawn
    if form in ("svg", "text"):
        assert "+ Dropout" in drawn
        assert "~ Dense" in drawn
    if form == "mermaid":
        assert "linkStyle" in drawn
        assert "stroke-dasharray" in drawn


def test_a_picture_against_the_same_has_no_marks():
    Path("before.net").write_text(BEFORE)
    plain = run("before.net", "--format", "text").stdout
    assert run("before.net", "--against", "before.net", "--format", "text").stdout == plain


def test_against_a_file_with_errors():
    Path("before.net").write_text(BEFORE)
    Path("after.net").write_text(FAULTY)
    result = run("before.net", "--against", "after.net", "--format", "text")
    assert result.exit_code == 1
    assert "error[E0301]" in result.stderr
    assert "needs a rank-4 input" in result.stdout


def test_from_python(tmp_path):
    model = graphc.load(MNIST)
    model.render("m.svg", show_params=True, rankdir="LR")
    assert "50,240 params" in Path("m.svg").read_text()
    model.render(tmp_path / "m.png", show_shapes=False)
    assert png_size("m.png")[0] > 100
    assert model.to_dot(show_dtype=True).startswith("digraph")
    assert "float32[B, 784]" in model.to_dot(show_dtype=True)
    assert model._repr_svg_().startswith("<?xml")
    with pytest.raises(TypeError, match="render has no option show_shape; did you mean"):
        model.render("m.svg", show_shape=True)
    with pytest.raises(ValueError, match=r"m\.foo has no ending"):
        model.render("m.foo")
