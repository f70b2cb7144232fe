"""What is stopped before it takes long, and what is not."""

from __future__ import annotations

import pytest

from graphc.diagnostics.diagnostic import Sink
from graphc.elaborate.limits import Limits
from graphc.elaborate.program import Options, elaborate
from graphc.source import SourceFile

LIMITS = Limits(steps=20_000, layers=30_000)


def codes(body: str) -> list[str]:
    """What a model says under a small limit, whose body has many turns."""
    text = f"model net {{\n    input x: [T, 8]\n{body}\n    output x -> Dense(8)\n}}\n"
    sink = Sink()
    elaborate(SourceFile("net.net", text), sink, options=Options(limits=LIMITS))
    return [each.code.id for each in sink.diagnostics if each.is_error]


@pytest.mark.parametrize(
    "work",
    [
        "for j in range(1_000_000) { }",
        "a = sorted(list(range(100_000)))",
        "a = sum(range(1_000_000))",
        'a = len(f"{i}" * 100_000)',
        "a = [0] * 100_000 == [0] * 100_000",
        "a = 99_999 in [0] * 100_000",
        "a = T * i + T // (i + 1)",
        "a = 2 ** 4_000 // 3",
    ],
)
def test_long_work_is_stopped(work: str) -> None:
    assert codes(f"    for i in range(100_000) {{\n        {work}\n    }}") == ["E0404"]


def test_layers_may_take_their_steps() -> None:
    assert codes("    for i in range(10_000) { x = x -> Dense(8) }") == []


@pytest.mark.parametrize(
    ("work", "code"),
    [
        ("x = x -> Dense(unit)", "E0201"),
        ("if T < i + 3 { }", "E0401"),
        ("x = x -> Conv2D(3, 3)", "E0301"),
    ],
)
def test_a_mistake_in_a_long_loop_is_one_error(work: str, code: str) -> None:
    assert codes(f"    for i in range(100_000) {{\n        {work}\n    }}") == [code]
