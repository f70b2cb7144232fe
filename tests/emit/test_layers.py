"""Every layer with many configurations, as a Keras program."""

from __future__ import annotations

from typing import Any

import pytest

from graphc.model import check_source
from graphc.source import SourceFile
from tests.emit.built import check, emitted
from tests.emit.layer_cases import argument_cases, table_cases, text_of

# Keras 3.15 returns its input where it has nothing to do, which makes its graph a circle.
RETURNS_ITS_INPUT = "Equalization([0, 1], 64)"
# What Keras announces for an axis that it does not know.
UNKNOWN_AXIS = "EinsumDense('abc,cde->abde'"


def texts(cases: Any) -> list[str]:
    found = {text_of(case) for case in cases} - {None}
    left_out = (RETURNS_ITS_INPUT, UNKNOWN_AXIS)
    return sorted(text for text in found if not any(each in text for each in left_out))


def check_text(text: str, *, flat: bool) -> None:
    if check_source(SourceFile("model.net", text)).is_clean:
        check(*emitted(text, flat=flat))


def test_some() -> None:
    for text in texts(argument_cases())[::80]:
        check_text(text, flat=False)


@pytest.mark.slow
@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("cases", [argument_cases, table_cases])
def test_all(cases: Any, flat: bool) -> None:
    for text in texts(cases()):
        check_text(text, flat=flat)
