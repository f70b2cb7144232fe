"""Arguments as they are declared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphc.record import Record

if TYPE_CHECKING:
    from graphc.declare.rules import Rule


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"


MISSING: Any = _Missing()


class Argument(Record):
    """One argument: its rule holds the check, the sentence for messages, and sample values."""

    name: str
    rule: Rule
    default: Any
    is_keyword_only: bool

    @property
    def is_required(self) -> bool:
        """Whether a call must give it."""
        return self.default is MISSING


class _Declared:
    """An argument in a class body, before the class knows its name."""

    __slots__ = ("default", "kw_only", "rule")

    def __init__(self, rule: Rule, default: Any, kw_only: bool) -> None:
        self.rule = rule
        self.default = default
        self.kw_only = kw_only


# Named as the class it stands for in the bodies of definitions, where its result takes the
# annotated type of the field, as dataclasses.field does.
def Arg(rule: Rule, *, default: Any = MISSING, kw_only: bool = False) -> Any:
    """Declare an argument in the body of a definition; Keras' order is the order of lines."""
    return _Declared(rule, default, kw_only)
