"""Checking generated files of 1,000 to 100,000 layer lines against plain lark parsing them.

Prints time per layer at each size, the ratio to `Lark(grammar).parse` of the largest (building
its own tree with the same grammar), and peak memory. Aims: a ratio of at most 1, under 1 GB, and
a flat time per layer. Each measurement is a process of its own.

    python tests/benchmarks/check_scale.py [LARGEST]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from measure import python, run

PLAIN = """
from pathlib import Path
from lark import Lark
from graphc.syntax.grammar import grammar_path
text = Path({path!r}).read_text()
Lark(Path(grammar_path()).read_text(), parser="lalr", start="file").parse(text)
"""


def generated(lines: int) -> str:
    """A model of so many lines, of a few kinds of layers, repeated with two residual forms."""
    body = []
    for index in range(lines):
        width = 64 + index % 7
        match index % 4:
            case 0:
                body.append(f'    x = x -> Dense({width}, activation="relu") as dense_at_{index}')
            case 1:
                body.append("    y = x -> BatchNormalization(epsilon=1e-5)")
            case 2:
                body.append("    x = x + y")
            case _:
                body.append("    x = x -> Dropout(0.1)")
    head = "model deep {\n    input x: [64]\n"
    return head + "\n".join(body) + "\n    output x\n}\n"


def main() -> None:
    largest = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        start = run([sys.executable, "-m", "graphc", "--version"]).cpu
        size = 1_000
        while size <= largest:
            path = Path(folder) / f"deep_{size}.net"
            path.write_text(generated(size))
            ours = run([sys.executable, "-m", "graphc", "check", str(path)])
            each = (ours.cpu - start) / size * 1e6
            print(
                f"{size:>8,} lines: {ours.cpu:6.2f} s CPU, {each:5.0f} µs a line, "
                f"{ours.peak_bytes / 1e6:5.0f} MB"
            )
            size *= 10
        plain = run(python(PLAIN.format(path=str(path))))
        print(f"plain lark on the largest: {plain.cpu:.2f} s, {plain.peak_bytes / 1e6:.0f} MB")
        print(f"graphc check / plain lark: {ours.cpu / plain.cpu:.2f} (aim 1)")


if __name__ == "__main__":
    main()
