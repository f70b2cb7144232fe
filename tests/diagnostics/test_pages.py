"""Every code has a page, and every page has the parts that `graphc explain` promises.

That the examples give what they say is for the checker's own tests to find out.
"""

import re

import pytest

from graphc.diagnostics.codes import CODES
from graphc.diagnostics.pages import page

# Codes of what is no program: their example is a command.
NO_PROGRAM = {
    *("E0603", "E0604", "E0801", "W0105", "W0106", "W0107", "W0108"),
    *(code for code in CODES if code.startswith(("E09", "E10", "E11"))),
}

HEADINGS = ["Erroneous example", "Why", "Fix", "Corrected example"]


def section(text: str, heading: str) -> str:
    return text.split(f"## {heading}\n")[1].split("\n## ", maxsplit=1)[0]


@pytest.mark.parametrize("code", CODES.values(), ids=CODES)
def test_page(code) -> None:
    text = page(code.id)
    assert text is not None, f"docs/errors/{code.id}.md is missing"
    assert text.startswith(f"# {code.id}: {code.slug}\n\n")
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == HEADINGS
    erroneous, corrected = section(text, HEADINGS[0]), section(text, HEADINGS[3])
    assert re.findall(r"^```net.*$", corrected, re.MULTILINE)
    if code.id in NO_PROGRAM:
        assert f"[{code.id}]" in erroneous
    else:
        assert re.findall(r"^```net.*$", erroneous, re.MULTILINE)
        assert re.findall(r"#~ (\w+)", text, re.MULTILINE) == [code.id]
        assert f"#~ {code.id}" in erroneous
    for heading in HEADINGS:
        assert section(text, heading).strip()


def test_pages_are_only_read_for_codes() -> None:
    assert page("E9999") is None
    assert page("../../README") is None
    assert page("e0301") is None
