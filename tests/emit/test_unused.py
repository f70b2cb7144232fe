"""Names that nothing reads: programs have none, and what they stood for stays where it counts."""

from __future__ import annotations

import ast

import pytest

from graphc.emit.keras.aliases import without_aliases
from graphc.emit.keras.unused import without_unused
from tests.emit.built import check, emitted
from tests.emit.computed import check_values
from tests.emit.test_samples import ruff

TEXTS = {
    "layer": """
        model net {
            input x: [4]
            a = x -> Dense(3)
            b = x -> Dense(2)
            output a, x -> Dense(5)
        }
    """,
    "function": """
        model net {
            input x: [4, 3]
            unused = mean(x, axis=1) -> relu
            y = x -> relu
            output y -> ReLU() -> Dense(2)
        }
    """,
    "several": """
        model net {
            input x: [4, 3]
            a, b, c = x -> LSTM(3, return_state=True)
            d, e, f = x -> LSTM(3, return_state=True)
            output a, x -> LSTM(2)
        }
    """,
    "block": """
        block two(n) {
            input x
            a = x -> Dense(n)
            b = x -> Dense(n) -> ReLU()
            output x -> Dense(n)
        }
        model net {
            input x: [4]
            for i in range(3) {
                y = x -> two(4)
                x = x -> two(4)
            }
            output x
        }
    """,
    "model": """
        model inner {
            input x: [4]
            d = x -> Dense(1)
            output x -> Dense(2)
        }
        model net {
            input x: [4]
            z = x -> inner()
            output x -> inner(), x -> Dense(3)
        }
    """,
}  # fmt: skip


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("name", TEXTS)
def test_branches_that_reach_no_output(name, flat, tmp_path):
    model, program = emitted(TEXTS[name], flat=flat)
    check(model, program)
    check_values(model, program, tmp_path)
    (tmp_path / "model.py").write_text(program, encoding="utf-8")
    assert ruff("check", "--select", "E,F,W,I,B,UP", str(tmp_path / "model.py")) == ""
    assert ruff("format", "--check", "--diff", str(tmp_path / "model.py")) == ""


def cleaned(text: str, by=without_unused) -> str:
    body = by(ast.parse(text).body)
    return ast.unparse(ast.fix_missing_locations(ast.Module(body, [])))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("y = layers.Dense(3)(x)\nreturned(x)", "layers.Dense(3)(x)\nreturned(x)"),
        ("y = ops.relu(x)\nreturned(x)", "returned(x)"),
        ("for i in range(3):\n    x = f(x)\nreturned(x)",
         "for _ in range(3):\n    x = f(x)\nreturned(x)"),
        ("for i, n in enumerate(z):\n    x = f(x, n)\nreturned(x)",
         "for _i, n in enumerate(z):\n    x = f(x, n)\nreturned(x)"),
        ("for i in range(3):\n    x = f(x)\nreturned(x, i)",
         "for i in range(3):\n    x = f(x)\nreturned(x, i)"),
        ("if t:\n    y = 1\nelse:\n    x = f(x)\nreturned(x)",
         "if not t:\n    x = f(x)\nreturned(x)"),
    ],
)  # fmt: skip
def test_what_goes(text, expected):
    assert cleaned(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = x\nreturned(f(a), a)", "returned(f(x), x)"),
        ("a = x\nx = f(x)\nreturned(x, a)", "a = x\nx = f(x)\nreturned(x, a)"),
        ("a = x\nif t:\n    a = f(a)\nreturned(a)", "a = x\nif t:\n    a = f(a)\nreturned(a)"),
        ("a = x\nfor x in z:\n    f(a)", "a = x\nfor x in z:\n    f(a)"),
        ("a = x\nb = a\nreturned(b)", "returned(x)"),
        ("a = x\nx = f(a)\nreturned(x)", "x = f(x)\nreturned(x)"),
        ("a = x\nb = f(a)\nx = f(b)\nreturned(x, a)", "a = x\nb = f(a)\nx = f(b)\nreturned(x, a)"),
    ],
)
def test_second_names(text, expected):
    assert cleaned(text, without_aliases) == expected


def test_steps_to_the_output():
    """They are `x` where that is not needed any more: an input is, and what a later step reads."""
    free = "model net {\n    input image: [4]\n    x = image -> Dense(3)\n"
    _, program = emitted(f"{free}    output x -> Dense(4) -> Dense(5)\n}}")
    assert "    x = layers.Dense(4)(x)\n    outputs = layers.Dense(5)(x)\n" in program
    model, program = emitted(f"{free}    output x -> Dense(4) -> Dense(3) -> add(x)\n}}")
    assert "    y = layers.Dense(4)(x)\n    y = layers.Dense(3)(y)\n" in program
    check(model, program)
    model, program = emitted(
        "model net {\n    input x: [4]\n    output x -> Dense(4) -> Dense(3)\n}"
    )
    assert "    y = layers.Dense(4)(x)\n    outputs = layers.Dense(3)(y)\n" in program
    check(model, program)
