"""What a file calls its things and writes in its texts stays names and texts in the program.

A file with ordinary names and texts says what the program is; with hostile ones it has to be the
same, but for what stands in names, strings and comments.
"""

from __future__ import annotations

import ast
import builtins
import keyword
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from graphc.emit.keras import Recorder, keras_program
from graphc.emit.keras.spelling import RESERVED
from graphc.model import check_source, options
from graphc.source import SourceFile
from tests.emit.built import fresh_process, run
from tests.emit.test_samples import ruff

FILE = """\
# {comment}

# {comment}
const {constant} = 3  # {comment}
# {comment}
block {block}({parameter}, {other}=2) {{  # {comment}
    input {block_input}
    # {comment}
    {local} = {block_input} -> Dense({parameter}) as {text}  # {comment}
    output {local} -> Dense({other}) as f{text2}
}}
sequential {sequential} {{
    input [2]
    # {comment}
    Dense(2) as {text}  # {comment}
}}
# {comment}
model {model}({setting}=4) {{
    input {input}: [8] as {text}
    {variable} = {input} -> {block}({constant}, {other}=2)  # {comment}
    weight {weight}: [2] = ones
    {variable} = {variable} -> {sequential}
    output {variable} * {weight} -> Dense({setting})
}}
train {model} {{  # {comment}
    loss = mse
    epochs = 1
}}
"""
SLOTS = (
    "constant", "block", "parameter", "other", "block_input", "local", "sequential", "model",
    "setting", "input", "variable", "weight",
)  # fmt: skip
PLAIN = {slot: f"plain_{slot}" for slot in SLOTS}
NAMES = [
    "keras", "layers", "ops", "np", "numpy", "sys", "math", "pathlib", "name", "self", "print", "type",
    "len", "next", "tuple", "super", "list", "object", "exec", "eval", "open", "__import__",
    "__name__", "__file__", "__init__", "__class__", "__builtins__", "__dunder", "_", "__", "Weight",
    "reserve", "numbered", "main", "train_", "compile_model", "build_model", "load_model",
    "distribute", "inputs", "outputs", "x", "y", "z", "data", "history", "values", "kwargs", "call",
    "build", "get_config", "weight_shape", "initializer", "Model", "Sequential", "def_",
    "class_", "väl", "ﬁ", "ﬀ_", "ℌ", "变量", "K", "ª",
]  # fmt: skip
WORDS = sorted({*keyword.kwlist, *keyword.softkwlist})
TEXTS = [
    '"', "'", '"""', "'''", "\\", '\\"', "\\\\'''", '""" + __import__("os").system("true") + """',
    "'); import os #", "\n", "\nimport os\n", "\r", "\t", "\0", "\x1b[2J", "{x}", "{{", "}", "{0!r}", "%s",
    "\\N{DASH}", "\\x41", "\u202eimport os\u2066", "\u2028", "\u2029", "\x85", "\ufeff", "\u200b", "é",
    "e\u0301", "😀", "# noqa", "a#b", " ", "  padded  ", "x" * 50, "long words " * 20, '"quoted"',
    "ends in a quote\"", "ends in a backslash\\", "coding: utf-7", "type: ignore", "fmt: off",
]  # fmt: skip


def source(names: dict[str, str], text: str) -> str:
    """The file with these names, and this text in strings and in comments."""
    comment = "".join(
        each for each in text if each not in "\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
    )
    text, other = (literal(f"{start}{text}") for start in "ab")
    return FILE.format(**names, comment=comment, text=text, text2=other)


def literal(text: str) -> str:
    """A string of the language: a brace stands for itself in f-strings when there are two."""
    return '"' + "".join("{{" if each == "{" else f"\\U{ord(each):08x}" for each in text) + '"'


def program_of(text: str, *, flat: bool) -> str | None:
    """The program of a text, if it has no errors."""
    chosen = options()
    chosen.observer = recorder = Recorder()
    report = check_source(SourceFile("hostile.net", text), None, chosen)
    if not report.is_clean or report.program is None:
        return None
    return keras_program(report.program, recorder, is_flat=flat)


def skeleton(program: str) -> Any:
    """A program without its names, but for those that no name of a file becomes, and its strings."""
    tree = ast.parse(program)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
        for field in ("id", "arg", "name"):
            own = getattr(node, field, None)
            if isinstance(own, str) and own not in RESERVED:
                setattr(node, field, "other")
    return ast.dump(tree)


EXPECTED = {
    flat: skeleton(program_of(source(PLAIN, "text"), flat=flat) or "") for flat in (False, True)
}


def check_hostile(names: dict[str, str], text: str, *, flat: bool) -> str | None:
    program = program_of(source(names, text), flat=flat)
    if program is not None:
        assert skeleton(program) == EXPECTED[flat], program
        assert "\r" not in program
        assert program.isprintable() or all(c.isprintable() or c == "\n" for c in program)
    return program


@pytest.mark.parametrize("flat", [False, True])
def test_names_and_texts(flat, tmp_path):
    """Each name in each place, each text in each, built where Keras takes such names."""
    written = built = 0
    for number in range(max(len(NAMES), len(TEXTS))):
        chosen = [NAMES[(number + 5 * place) % len(NAMES)] for place in range(len(SLOTS))]
        names = dict(zip(SLOTS, chosen, strict=True))
        program = check_hostile(names, TEXTS[number % len(TEXTS)], flat=flat)
        if program is None:
            continue
        written += 1
        (tmp_path / f"p{number}.py").write_text(program, encoding="utf-8")
        if number % 12 == 0:
            with fresh_process():
                model = run(program)
            assert model.count_params() == 8 * 3 + 3 + 3 * 2 + 2 + 2 * 2 + 2 + 2 + 2 * 4 + 4
            built += 1
    assert written > 30
    assert built > 3
    assert ruff("format", "--check", "--diff", str(tmp_path)) == ""
    assert ruff("check", "--select", "F,W,I,B,UP", "--ignore", "B018", str(tmp_path)) == ""


@pytest.mark.parametrize("word", WORDS)
def test_words_of_python(word):
    """Those that the language does not keep for itself are names in it, and others in Python."""
    for slot in SLOTS:
        program = check_hostile({**PLAIN, slot: word}, "text", flat=False)
        assert program is None or word not in {
            each.id for each in ast.walk(ast.parse(program)) if isinstance(each, ast.Name)
        } - {"print", "type", "_"}


@settings(max_examples=20, deadline=None)
@given(
    text=st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
    names=st.lists(
        st.one_of(st.sampled_from([*NAMES, *dir(builtins)]), st.from_regex(r"[^\W\d]\w{0,8}", fullmatch=True)),
        min_size=len(SLOTS), max_size=len(SLOTS), unique=True,
    ),
    flat=st.booleans(),
)  # fmt: skip
def test_any_names_and_texts(text, names, flat):
    program = check_hostile(dict(zip(SLOTS, names, strict=True)), text, flat=flat)
    assume(program is not None)
