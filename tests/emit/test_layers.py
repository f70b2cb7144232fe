"""Every layer with many configurations, as a Keras program."""

from __future__ import annotations

from typing import Any

import pytest

from graphc.model import check_source
from graphc.source import SourceFile
from tests.emit.built import check, emitted
from tests.emit.layer_cases import argument_cases, table_cases, text_of

# What Keras 3.15 announces for it is its input, so that its graph is a circle where it casts nothing.
RETURNS_ITS_INPUT = "-> Equalization("
# What Keras announces for an axis that it does not know, and for several that "..." stands for, which
# it turns round.
ANNOUNCED_WRONGLY = ("EinsumDense('abc,cde->abde'", "input_0 -> EinsumDense('...x,xy->...y'")


def texts(cases: Any) -> list[str]:
    found = {text_of(case) for case in cases} - {None}
    return sorted(text for text in found if not any(each in text for each in ANNOUNCED_WRONGLY))


def check_text(text: str, *, flat: bool) -> None:
    if not check_source(SourceFile("model.net", text)).is_clean:
        return
    try:
        check(*emitted(text, flat=flat))
    except ValueError as error:
        if RETURNS_ITS_INPUT not in text or "is part of a cycle" not in str(error):
            raise


def test_some() -> None:
    for text in texts(argument_cases())[::80]:
        check_text(text, flat=False)


@pytest.mark.slow
@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("cases", [argument_cases, table_cases])
def test_all(cases: Any, flat: bool) -> None:
    for text in texts(cases()):
        check_text(text, flat=flat)
