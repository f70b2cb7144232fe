"""The base of layers that wrap another, and the rule for arguments that are layers."""

from __future__ import annotations

from typing import Any

from graphc.declare.arg import Arg
from graphc.declare.layer import Layer
from graphc.declare.rules import REJECTED, Rule


class IsLayer(Rule):
    """A layer, or a model used as one."""

    @property
    def sentence(self) -> str:
        return "a layer"

    def accept(self, value: Any) -> Any:
        return value if isinstance(value, Layer) else REJECTED

    def hint(self, value: Any) -> tuple[str | None, str | None]:
        is_class = isinstance(value, type) and issubclass(value, Layer)
        return (f"write {value.__name__}(…)", None) if is_class else (None, None)

    @property
    def invalid(self) -> tuple[Any, ...]:
        return ("dense", 3, None)


class Wrapper(Layer, abstract=True):
    """A layer around another one. Keras' `Wrapper` has no computation of its own either."""

    layer: Layer = Arg(IsLayer())
