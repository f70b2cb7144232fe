"""Diagrams for the pages: of samples, of texts, and one of everything that can be marked."""

from __future__ import annotations

from pathlib import Path

from graphc.analysis.diagram import Diagram, Group, Node, Part
from graphc.model import check_source
from graphc.record import replace
from graphc.source import SourceFile

SAMPLES = Path(__file__).parents[3] / "samples"

HOSTILE = (
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "a\"b'c`d${alert(1)}",
    "back\\slash \\n \\u003c",
    "two\nlines\r\nand\ta tab",
    "</svg><svg onload=alert(1)>",
    "{record|<port> x}",
    "<!-- comment",
    "\u202eright to left\u202c",
    "\u0634\u0628\u0643\u0629 \u05e8\u05e9\u05ea",
    "]]> &amp; &lt; \u2028\u2029",
    "\x00\x01\x1b[31m\x7f\ufffe",
    "{{data}}{{script}}",
    "javascript:alert(1)",
    "x" * 3000,
)


def of_sample(name: str) -> Diagram:
    path = SAMPLES / f"{name}.net"
    main = check_source(SourceFile(path.name, path.read_text(encoding="utf-8")), path).main
    assert main is not None
    return main.diagram()


def of_text(text: str) -> Diagram:
    main = check_source(SourceFile("test.net", text)).main
    assert main is not None
    return main.diagram()


def chain(length: int) -> str:
    return f"""
model chain {{
    input x: [8]
    y = x
    for i in range({length}) {{
        y = y -> Dense(8)
    }}
    output y
}}
"""


def hostile() -> Diagram:
    """A chain whose names, types, arguments and messages are text that tries to be more."""
    diagram = of_text(chain(len(HOSTILE) - 1))
    parts = []
    for part, text in zip(diagram.parts, HOSTILE, strict=True):
        assert isinstance(part, Node)
        changed = replace(
            part,
            name=text,
            type=text,
            config=((text, text),),
            activation=text,
            message=text if len(parts) % 2 else None,
            results=(text,),
            change="changed",
            changes=(text,),
            layer=text,
            calls=2,
        )
        parts.append(changed)
    return replace(diagram, name=HOSTILE[0], kind=HOSTILE[1], parts=tuple(parts))


def marked() -> Diagram:
    """Parts that were added, removed, changed and moved, and one at fault."""
    diagram = of_text(chain(5))
    given = ("", "added", "removed", "changed", "moved", "")
    parts: list[Part] = [
        replace(part, change=change, changes=("units: 4 \u2192 8",) if change == "changed" else ())
        for part, change in zip(diagram.parts, given, strict=True)
    ]
    parts[5] = replace(parts[5], category="fault", message="Dense needs rank 2 or more, got rank 1")
    return replace(diagram, parts=tuple(parts), is_complete=False)


def groups(diagram: Diagram) -> list[Group]:
    return [part for part in diagram.parts if isinstance(part, Group)]
