"""Which names mean something in the language, so that models and tensors need others."""

from __future__ import annotations

import re

from graphc.declare.definition import registry
from graphc.declare.op import OPS
from graphc.elaborate.builtins import BUILTINS
from graphc.ir.dims import BATCH_NAME
from graphc.ir.dtypes import DTYPES
from graphc.syntax.tokens import HARD_WORDS, STATEMENT_WORDS

_FAMILIES = (
    "layer", "initializer", "regularizer", "constraint", "loss", "metric", "optimizer",
    "schedule", "callback",
)  # fmt: skip
_KEYWORDS = {word.lower() for word in HARD_WORDS} | {"True", "False", "None"}
_STATEMENTS = {word.lower() for word in STATEMENT_WORDS}


def is_identifier(text: str) -> bool:
    """Whether a text is a name of the language."""
    return text.isidentifier() and text not in _KEYWORDS


def is_known(name: str) -> bool:
    """Whether a name means something already, or would be read as a statement."""
    if (
        name in _STATEMENTS
        or name in BUILTINS
        or name in DTYPES
        or name in OPS
        or name == BATCH_NAME
    ):
        return True
    return any(registry(family).find(name) is not None for family in _FAMILIES)


def identifier(text: str, fallback: str) -> str:
    """A name of the language that is like a text."""
    name = re.sub(r"\W+", "_", text).strip("_")
    if name[:1].isdigit():
        name = f"{fallback}_{name}"
    return name if is_identifier(name) else fallback
