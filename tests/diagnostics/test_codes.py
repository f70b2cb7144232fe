"""Of each code: is it emitted by a golden program, and has it a page?"""

import re
from pathlib import Path

import pytest

from graphc.diagnostics.codes import CODES
from graphc.diagnostics.pages import page

GOLDEN = Path(__file__).parent.parent / "golden"

# Codes that no golden program gives, each with the reason.
NOT_GOLDEN: dict[str, str] = {
    "E0907": "of a target: its page, and tests/keras_format",
    **{
        code: "of a file of weights: its page, and tests/interop/weights"
        for code in CODES
        if code.startswith("E08")
    },
}
NOT_GOLDEN |= {
    code: "of what is run: its page, and tests/cli/test_run.py"
    for code in CODES
    if code.startswith("E10")
}
NOT_GOLDEN |= dict.fromkeys(
    ("E0603", "E0604"), "of a training: their pages, and tests/runtime/train"
)
NOT_GOLDEN |= {
    code: "of what is imported: its page, and tests/interop/keras_json"
    for code in CODES
    if code.startswith("E09") or code == "W0105"
}
NOT_GOLDEN |= {
    code: "of data to train on: its page, and tests/interop/data"
    for code in CODES
    if code.startswith("E11") or code in ("W0106", "W0107", "W0108")
}


def emitted() -> dict[str, list[str]]:
    """The golden outputs in which each code stands."""
    found: dict[str, list[str]] = {}
    for text in GOLDEN.glob("*/*.txt"):
        for code in re.findall(r"^(?:error|warning)\[(\w+)\]", text.read_text("utf-8"), re.M):
            found.setdefault(code, []).append(text.stem)
    return found


@pytest.mark.parametrize("code", CODES)
def test_code_is_emitted(code: str) -> None:
    assert (code in emitted()) != (code in NOT_GOLDEN)


@pytest.mark.parametrize("code", CODES)
def test_code_has_a_page(code: str) -> None:
    assert page(code) is not None


def test_only_known_codes_are_emitted() -> None:
    assert set(emitted()) <= set(CODES)


def test_every_golden_folder_is_a_code() -> None:
    assert {folder.name for folder in GOLDEN.glob("[EW][0-9]*")} <= set(CODES)


def test_codes_are_in_order() -> None:
    assert list(CODES) == sorted(CODES, key=lambda code: (code.startswith("W"), code))
    assert len({code.slug for code in CODES.values()}) == len(CODES)
