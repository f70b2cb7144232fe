"""Expressions in lines, against `ruff format`."""

from __future__ import annotations

import ast
import subprocess
import sys
from random import Random

import pytest

from graphc.emit.keras.layout import flat, value_lines

BEFORE = ["x = ", "return ", "shortcut = "]


def name(random: Random) -> ast.expr:
    return ast.Name(random.choice("abcdxyz") * random.randint(1, 14))


def expression(random: Random, depth: int) -> ast.expr:
    kind = random.random()
    if depth <= 0 or kind < 0.25:
        value = random.choice([1, 64, 0.1, "same", "re'lu", None])
        return random.choice([name(random), ast.Constant(value)])
    inner = [expression(random, depth - 1) for _ in range(4)]
    if kind < 0.5:
        words = random.sample(["strides", "name", "activation", "use_bias"], random.randint(0, 3))
        keywords = [ast.keyword(word, expression(random, depth - 2)) for word in words]
        layer = ast.Attribute(ast.Name("layers"), random.choice(["Dense", "BatchNormalization"]))
        made = ast.Call(layer, inner[: random.randint(0, 3)], keywords)
        listed = ast.List([name(random) for _ in range(random.randint(1, 3))])
        return random.choice([made, ast.Call(made, [random.choice([name(random), listed])], [])])
    if kind < 0.6:
        return ast.Call(ast.Attribute(ast.Name("ops"), "where"), inner[: random.randint(1, 3)], [])
    if kind < 0.72:
        operator = random.choice([ast.Add(), ast.Mult(), ast.Sub(), ast.FloorDiv(), ast.Pow()])
        if isinstance(operator, ast.Pow):
            return ast.BinOp(name(random), operator, name(random))
        return ast.BinOp(inner[0], operator, inner[1])
    if kind < 0.77:
        return ast.Compare(inner[0], [random.choice([ast.Lt(), ast.Eq()])], [inner[1]])
    if kind < 0.82:
        return ast.IfExp(inner[0], inner[1], inner[2])
    if kind < 0.86:
        return ast.BoolOp(random.choice([ast.And(), ast.Or()]), inner[: random.randint(2, 3)])
    if kind < 0.93:
        return random.choice([ast.List, ast.Tuple])(inner[: random.randint(1, 4)])
    return ast.Subscript(name(random), ast.Tuple([ast.Slice(), inner[0]]))


def check(seeds: range) -> None:
    made, wanted = [], []
    for seed in seeds:
        random = Random(seed)
        value = expression(random, random.randint(1, 4))
        before = random.choice(BEFORE)
        made.append(f"def f{seed}():\n{value_lines(before, value, '', 4)}\n")
        wanted.append(f"def f{seed}():\n    {before}{flat(value)}\n")
        assert ast.dump(ast.parse(flat(value), mode="eval").body) == ast.dump(
            ast.parse(ast.unparse(value), mode="eval").body
        )
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "-"]
    done = subprocess.run(
        command, input="".join(wanted), capture_output=True, text=True, check=True
    )
    formatted = ["def f" + part.rstrip("\n") for part in done.stdout.split("def f")[1:]]
    assert [part.rstrip("\n") for part in made] == formatted


def test_lines() -> None:
    check(range(3000))


@pytest.mark.slow
@pytest.mark.parametrize("first", range(3000, 30_000, 3000))
def test_many_lines(first: int) -> None:
    check(range(first, first + 3000))


def test_long_tables_take_time_in_proportion_to_their_lengths():
    """Counted in calls of functions, of which there are as many each time."""

    def calls(length: int) -> int:
        table = ast.List([ast.UnaryOp(ast.USub(), ast.Constant(0.5))] * length)
        count = 0

        def note(*_: object) -> None:
            nonlocal count
            count += 1

        sys.setprofile(note)
        try:
            value_lines("TABLE = ", table, "", 0)
        finally:
            sys.setprofile(None)
        return count

    assert calls(400) < 2.5 * calls(200)
