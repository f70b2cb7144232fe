"""The base of layers that wrap another, and the rule for arguments that are layers."""

from __future__ import annotations

from typing import Any

from graphc.declare.arg import Arg
from graphc.declare.layer import Layer
from graphc.declare.rules import REJECTED, Rule
from graphc.diagnostics.fault import CALL, Fault


def class_hint(value: Any) -> str | None:
    """What stands for a class of layers, by itself or in a list, where a layer is expected."""
    for item in value if isinstance(value, (list, tuple)) else (value,):
        cls = getattr(item, "cls", None)
        if isinstance(cls, type) and issubclass(cls, Layer):
            required = [name for name, argument in cls.arguments.items() if argument.is_required]
            return f"write {cls.__name__}({', '.join(required)})"
    return None


class IsLayer(Rule):
    """A layer, or a model used as one."""

    @property
    def sentence(self) -> str:
        return "a layer"

    def accept(self, value: Any) -> Any:
        return value if isinstance(value, Layer) else REJECTED

    def hint(self, value: Any) -> tuple[str | None, str | None]:
        return class_hint(value), None

    @property
    def invalid(self) -> tuple[Any, ...]:
        return ("dense", 3, None)


def inner_fault(fault: Fault, how: str) -> Fault:
    """The fault of an inner layer as one of the layer around it: `how` it comes to its input."""
    return Fault(
        fault.code,
        f"{how}, which {fault.message}",
        label=fault.label,
        # What speaks of the inner call has no place at the outer one.
        help=None if fault.help is None or CALL in fault.help else fault.help,
        inputs=("inputs",),
    )


class Wrapper(Layer, abstract=True):
    """A layer around another one. Keras' `Wrapper` has no computation of its own either."""

    layer: Layer = Arg(IsLayer())

    trains_inside = True
