"""Configurations to definitions: layers, initializers, losses with their arguments checked.

The classes know their arguments, defaults and rules. What a class does not know, or a rule does
not allow, is a `Fault` with the path of the value.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphc.declare.arg import Argument
from graphc.declare.definition import Definition, registry
from graphc.declare.layer import Layer
from graphc.declare.number_array import NumberArray
from graphc.declare.rules import REJECTED
from graphc.declare.values import value_text
from graphc.diagnostics.codes import FOREIGN_ARGUMENT, UNKNOWN_FOREIGN_CLASS
from graphc.diagnostics.fault import Fault
from graphc.interop.keras_json.arrays import ARRAYS, array, check_size
from graphc.interop.keras_json.classes import (
    class_title,
    is_keras_module,
    is_of_keras,
    layer_class,
)
from graphc.interop.keras_json.cursor import Cursor
from graphc.interop.keras_json.network import ForeignArray
from graphc.interop.keras_json.parse_network import argument, is_network
from graphc.interop.keras_json.wrapped_functions import (
    is_wrapped_function,
    wrapped_class,
    wrapped_config,
)
from graphc.ir.types import Shape
from graphc.layers.opaque import Opaque
from graphc.record import Record

# The modules in which Keras keeps each family.
_FAMILIES = {
    "initializers": "initializer",
    "regularizers": "regularizer",
    "constraints": "constraint",
    "losses": "loss",
    "metrics": "metric",
    "optimizers": "optimizer",
    "schedules": "schedule",
    "learning_rate_schedule": "schedule",
    "layers": "layer",
}

ToModel = Callable[[Cursor], Layer]
"""Makes the layer that stands for a nested model."""


OnLayer = Callable[[Cursor, Layer], None]
"""Told of each layer that stands among the arguments of another one."""


class Configurer:
    """Turns configurations into definitions; nested models are the caller's business."""

    def __init__(self, to_model: ToModel, on_layer: OnLayer) -> None:
        self.to_model = to_model
        self.on_layer = on_layer
        self._lenience: _Lenience | None = None

    def layer(self, entry: Cursor) -> Layer:
        """The layer that an entry describes."""
        cls, config = layer_class(entry), entry.at("config")
        if cls is None:
            name = config.mapping().get("name")
            called = name if isinstance(name, str) else ""
            raise unknown_class(config, class_title(entry), "layer", called)
        made = self._configured(cls, config)
        assert isinstance(made, Layer)
        return made

    def lenient(self, entry: Cursor, inner_shape: Shape | None = None) -> Lenient | None:
        """A layer of Keras without what is unknown among its arguments; None where that is no layer.

        A layer among them becomes an opaque one, of a shape that is to be found out.
        """
        self._lenience = _Lenience(inner_shape or ())
        try:
            made = self.layer(entry)
        except Fault:
            return None
        else:
            return Lenient(made, tuple(self._lenience.dropped), tuple(self._lenience.inner))
        finally:
            self._lenience = None

    def _configured(self, cls: type[Definition], config: Cursor) -> Definition:
        values = {}
        for name, value in config.items():
            argument = cls.arguments.get(name)
            if argument is None:
                if value.value is None or name in _IGNORED or _is_off(name, value.value):
                    continue
                raise Fault(
                    FOREIGN_ARGUMENT,
                    f"{value.path} is an argument that {cls.__name__} does not have here, "
                    f"got {value_text(value.value)}",
                )
            if name == "name":
                if value.value is None:
                    continue  # Keras names it by itself
                value.text()
            try:
                values[name] = self._accepted(value, argument)
            except Fault as fault:
                is_lost = fault.code is not UNKNOWN_FOREIGN_CLASS or argument.is_required
                if self._lenience is None or is_lost:
                    raise
                self._lenience.dropped.append(name)
        missing = [n for n, a in cls.arguments.items() if a.is_required and n not in values]
        if missing:
            raise Fault(
                FOREIGN_ARGUMENT,
                f"{config.place} needs `{missing[0]}`, which {cls.__name__} has no default for",
            )
        try:
            return cls.from_saved(values)
        except Fault as fault:
            raise Fault(
                FOREIGN_ARGUMENT, f"{config.place}: {cls.__name__} {fault.message}"
            ) from None

    def _accepted(self, value: Cursor, argument: Argument) -> Any:
        check_size(value)
        decoded = self.decoded(value)
        accepted = argument.rule.accept_saved(decoded)
        if accepted is REJECTED:
            accepted = argument.rule.accept(decoded)
        if accepted is REJECTED and isinstance(decoded, list) and len(decoded) == 1:
            accepted = argument.rule.accept(decoded[0])  # `axis` was a list to Keras 2
        if accepted is REJECTED and isinstance(decoded, NumberArray):
            accepted = argument.rule.accept(tuple(decoded))  # Keras makes something else of it
        if accepted is not REJECTED:
            return accepted
        if self._lenience is not None and decoded in self._lenience.inner:
            self._lenience.inner.remove(decoded)  # it is no layer
            raise unknown_class(value, decoded.class_name, "class")
        if _is_function(value.value) and not isinstance(decoded, Definition):
            raise unknown_class(value, str(decoded), "function")
        raise Fault(
            FOREIGN_ARGUMENT,
            f"{value.path} needs to be {argument.rule.sentence}, got {value_text(decoded)}",
        )

    def decoded(self, value: Cursor) -> Any:
        """A configured value: definitions for objects with a class, plain values for the rest."""
        if isinstance(value.value, list):
            return [self.decoded(item) for item in value.entries()]
        if not isinstance(value.value, dict):
            return value.scalar()
        if not isinstance(value.value.get("class_name"), str):
            return {key: self.decoded(item) for key, item in value.items()}
        return self._object(value)

    def _object(self, value: Cursor) -> Any:
        class_name = value.at("class_name").text()
        if class_name in ARRAYS:
            return _array(array(value))
        if class_name in ("DTypePolicy", "__tuple__"):
            return argument(value)
        if class_name == "function":
            return self._function(value)
        if is_network(value):
            return self.to_model(value)
        if is_wrapped_function(value):
            return self._wrapped(value)
        config = value.get("config") or Cursor({}, f"{value.path}.config")
        cls = _class_of(value, class_name)
        if cls is None:
            if self._lenience is None:
                raise _quantized(value) or unknown_class(value, class_name, "class")
            return self._lenience.stand_in(value)
        made = self._configured(cls, config)
        if not isinstance(made, Layer):
            return made
        made = made.as_written([])
        self.on_layer(value, made)
        return made

    def _wrapped(self, value: Cursor) -> Definition:
        """A function in a wrapper, as the class of that function."""
        function = value.at("config").at("fn")
        found = self.decoded(function)
        name = found if isinstance(found, str) else class_title(function)
        cls = wrapped_class(value, name)
        if cls is None:
            raise unknown_class(function, name, "function")
        return self._configured(cls, wrapped_config(value))

    def _function(self, value: Cursor) -> Any:
        """A function by its name; one of the user's own has a module of the user's."""
        module = value.get("module")
        if module is not None and not (
            module.text() == "builtins" or is_keras_module(module.text())
        ):
            raise unknown_class(value, value.at("config").text(), "function")
        return value.at("config").text()


def _is_function(value: Any) -> bool:
    return isinstance(value, dict) and value.get("class_name") == "function"


class Lenient(Record):
    """A layer with what is left of its configuration."""

    made: Layer
    dropped: tuple[str, ...]
    """The arguments that are left at their defaults."""
    inner: tuple[Layer, ...]
    """The opaque layers among its arguments."""


class _Lenience:
    """What comes up while a configuration is read that may hold what is unknown."""

    def __init__(self, inner_shape: Shape) -> None:
        self.inner_shape = inner_shape
        self.dropped: list[str] = []
        self.inner: list[Any] = []

    def stand_in(self, value: Cursor) -> Layer:
        """The opaque layer for a class that may be one of a layer."""
        config = value.get("config")
        name = None if config is None else config.mapping().get("name")
        made = Opaque.standing_for(
            class_title(value), self.inner_shape, is_own=is_of_keras(value), name=name
        )
        self.inner.append(made)
        return made


_IGNORED = ("autocast", "batch_input_shape", "build_config", "implementation")
"""Keys of older versions, of which nothing depends here."""

_OFF = ("time_major", "ragged", "sparse", "fused", "experimental_run_tf_function")
"""Keys of older versions that ask for what there is no more, unless they are false."""


def _array(value: ForeignArray) -> Any:
    """An array as one that configures a layer; of one number, that number."""
    if not value.shape:
        return value.values
    return NumberArray.of(value.values, value.dtype, is_numpy=value.is_numpy)


def _is_off(name: str, value: Any) -> bool:
    return name in _OFF and value is False


def _class_of(value: Cursor, class_name: str) -> type[Definition] | None:
    if not is_of_keras(value):
        return None
    module = value.get("module")
    parts = module.text().split(".") if module else []
    families = [_FAMILIES[part] for part in reversed(parts) if part in _FAMILIES]
    for family in dict.fromkeys([*families, *_FAMILIES.values()]):
        found: type[Definition] | None = (
            layer_class(value) if family == "layer" else registry(family).get(class_name)
        )
        if found is not None:
            return found
    return None


def _quantized(value: Cursor) -> Fault | None:
    """The fault of what `model.quantize` has given a layer: a dtype, or a configuration."""
    class_name, config = value.at("class_name").text(), value.get("config")
    mode: Any
    if class_name.endswith("QuantizationConfig"):
        mode = class_name.removesuffix("QuantizationConfig").lower()
    elif class_name.endswith("DTypePolicy") and config is not None:
        mode = config.mapping().get("mode")
    else:
        return None
    if not isinstance(mode, str) or not is_of_keras(value):
        return None
    what, _, _ = mode.partition("/")  # int4/128
    return Fault(
        UNKNOWN_FOREIGN_CLASS,
        f"{value.path} quantizes to {what}, which has no counterpart in a .net file",
        help=f'save the model before model.quantize("{what}"); '
        "--allow-unknown keeps the layer with its shapes",
    )


def unknown_class(value: Cursor, class_name: str, kind: str, name: str = "") -> Fault:
    """The fault of a class or function that the language does not have."""
    called = f", called `{name}`," if name else ""
    where = f"{value.place}{called} is"
    reason = "which has no counterpart in a .net file"
    if class_name == "Lambda":
        reason = "whose code is compiled Python, which is neither run nor read"
    article = "an" if kind[0] in "aeiou" else "a"
    return Fault(UNKNOWN_FOREIGN_CLASS, f"{where} {article} {kind} {class_name}, {reason}")
