"""Samples with one word or number replaced: whatever is wrong, `check` says so and goes on."""

import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from graphc.model import check_source, options
from graphc.source import SourceFile

SAMPLES = sorted((Path(__file__).parent.parent.parent / "samples").glob("*.net"))
TOKEN = re.compile(r"\b[A-Za-z_]\w*\b|\b\d[\d_.]*\b")
NUMBERS = ("0", "-1", "7", "1.5", '"a"', "None", "x", "[1, 2]", "10**9")
WORDS = ("3", '"a"', "None", "[]", "relu", "Dense", "len")


def mutations(seed: int) -> Iterator[tuple[str, str]]:
    """A description of what was replaced, and the text; without end."""
    choose = random.Random(seed)
    while True:
        sample = choose.choice(SAMPLES)
        text = sample.read_text(encoding="utf-8")
        code = re.sub("#.*", lambda comment: " " * len(comment[0]), text)
        token = choose.choice(list(TOKEN.finditer(code)))
        is_number = token[0][0].isdigit()
        new = choose.choice(NUMBERS if is_number else (*WORDS, token[0] + "x", token[0][:-1]))
        line = code.count("\n", 0, token.start()) + 1
        yield (
            f"{sample.name}:{line}: {token[0]} -> {new}",
            text[: token.start()] + new + text[token.end() :],
        )


def check(seed: int, count: int) -> None:
    run_options = options(max_layers=5000)
    for _, (what, text) in zip(range(count), mutations(seed), strict=False):
        report = check_source(SourceFile("mutated.net", text), None, run_options)
        for diagnostic in report.diagnostics:
            span = diagnostic.span
            assert 0 <= span.start <= span.end <= len(text), what
            assert " object at 0x" not in diagnostic.message, what
            assert diagnostic.message.strip() == diagnostic.message, what


@pytest.mark.parametrize("seed", range(4))
def test_mutated_samples(seed: int) -> None:
    check(seed, 12)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 110))
def test_many_mutated_samples(seed: int) -> None:
    check(seed, 200)
