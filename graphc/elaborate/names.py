"""What a bare name stands for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphc.declare.definition import registry
from graphc.declare.op import OPS
from graphc.diagnostics.codes import UNKNOWN_NAME
from graphc.diagnostics.diagnostic import Edit, Fix
from graphc.diagnostics.suggest import nearest
from graphc.elaborate.builtins import BUILTINS
from graphc.elaborate.foreign import LITERALS, STATEMENTS
from graphc.elaborate.frame import Frame
from graphc.elaborate.values import ClassValue
from graphc.ir.dtypes import DTYPES
from graphc.syntax import nodes

_FAMILIES = (
    "initializer", "regularizer", "constraint", "loss", "metric", "optimizer", "schedule",
    "callback",
)  # fmt: skip

_CLASS_VALUES: dict[type, ClassValue] = {}


def lookup(frame: Frame, name: str) -> Any:
    """The value of a name: the body's, the file's, then what the language knows; or None."""
    found = frame.names.get(name)
    if found is None and name not in frame.names:
        found = frame.scope.values.get(name)
        if found is None and name not in frame.scope.values:
            return known_value(name)
    return _Null if found is None else found


class _NullType:
    """Stands for a name bound to None, so that None can mean unbound."""


_Null = _NullType()


def value_of(frame: Frame, name: str) -> tuple[bool, Any]:
    """Whether a name is bound, and its value."""
    found = lookup(frame, name)
    return found is not None, None if found is _Null else found


def known_value(name: str) -> Any:
    """What the language knows by a name that no file binds; or None."""
    cls = registry("layer").get(name)
    if cls is not None:
        return _class_value(cls)
    if name in BUILTINS:
        return BUILTINS[name]
    if name in OPS:
        return OPS[name]
    for family in _FAMILIES:
        cls = registry(family).get(name)
        if cls is not None:
            return _class_value(cls)
    return name if name in DTYPES else None


def _class_value(cls: type) -> ClassValue:
    found = _CLASS_VALUES.get(cls)
    if found is None:
        found = _CLASS_VALUES[cls] = ClassValue(cls)
    return found


def expected_names(frame: Frame, node: nodes.Name, names: Mapping[str, Any]) -> str | None:
    """The name as a string where an argument expects it and the file does not bind it."""
    is_bound = node.id in frame.names or node.id in frame.scope.values
    return node.id if node.id in names and not is_bound else None


def no_value(
    frame: Frame, node: nodes.Name, expected: list[str] | None = None, kind: str = ""
) -> None:
    """Report a name that stands for nothing, or for nothing of the kind that is expected."""
    if frame.run.is_met_again(UNKNOWN_NAME, node.span):
        return
    best = LITERALS.get(node.id)
    if best is None and (kind or node.id not in STATEMENTS):
        best = nearest(node.id, expected or candidate_names(frame))
    if best is None and not kind and not frame.run.is_first_use(frame.scope, node.id):
        return  # a definition is missing: one line mends all uses
    frame.report(
        UNKNOWN_NAME,
        f"no {kind} is named `{node.id}`" if kind else f"nothing is named `{node.id}` here",
        node.span,
        help=f"did you mean `{best}`?" if best else STATEMENTS.get(node.id),
        fix=Fix(f"write {best}", (Edit(node.span, best),)) if best else None,
    )


def candidate_names(frame: Frame) -> list[str]:
    """All names in scope, the nearest scope first."""
    return [
        *frame.names, *frame.scope.values, *registry("layer"), *BUILTINS, *OPS,
    ]  # fmt: skip
