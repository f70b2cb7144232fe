"""Static values, definitions and layers as Keras' `serialize_keras_object` writes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphc.declare.arg import Argument
from graphc.declare.definition import Definition
from graphc.declare.layer import Layer
from graphc.declare.number_array import NumberArray
from graphc.declare.op import Op
from graphc.declare.rules import REJECTED, OneOf, OnlyNone
from graphc.ir.dims import UNKNOWN, SymbolicDim
from graphc.keras_format.inexpressible import Inexpressible, without_size
from graphc.ops.activation import activations
from graphc.training.loss import AutoCrossentropy
from graphc.training.metric import AutoAccuracy, Metric

WEIGHT_CLASS = "graphc>Weight"
"""What programs of `graphc emit` register for the weights of `weight` statements."""

Json = Any
_MODULES = {
    "layer": Layer.keras_module,
    "initializer": "keras.initializers",
    "regularizer": "keras.regularizers",
    "constraint": "keras.constraints",
    "loss": "keras.losses",
    "metric": "keras.metrics",
    "optimizer": "keras.optimizers",
    "schedule": "keras.optimizers.schedules",
}
_SHORT = (AutoCrossentropy, AutoAccuracy)


def entry(module: str | None, class_name: str, config: dict[str, Json], **more: Json) -> Json:
    """An object as Keras writes it."""
    made = {"module": module, "class_name": class_name, "config": config, "registered_name": None}
    return made | more


def plain(value: Any, inner: Callable[[Any], Json] | None = None) -> Json:
    """A static value; `inner` writes layers that stand in it."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, NumberArray):
        return _array(value)
    if isinstance(value, (list, tuple, range)):
        return [plain(item, inner) for item in value]
    if isinstance(value, dict):
        return {key: plain(item, inner) for key, item in value.items()}
    if isinstance(value, Op):
        if value.name not in activations():
            raise Inexpressible(f"{value.name} is no activation that Keras knows by name")
        return value.name
    if isinstance(value, Definition):
        if value.family != "layer":
            return definition(value)
        if inner is not None:
            return inner(value)
    if isinstance(value, SymbolicDim) or value is UNKNOWN:
        raise without_size(value)
    raise Inexpressible(f"needs {value}, which a configuration cannot hold")


def array_entry(values: Json, dtype: str, *, is_numpy: bool) -> Json:
    """Nested lists of numbers as a tensor, or NumPy's array."""
    config = {"value": values, "dtype": dtype}
    return {"class_name": "__numpy__" if is_numpy else "__tensor__", "config": config}


def _array(value: NumberArray) -> Json:
    import numpy as np

    try:
        made = np.array(value, value.dtype)
    except TypeError:
        raise Inexpressible(f"needs an array of {value.dtype}, which NumPy has not") from None
    return array_entry(made.tolist(), value.dtype, is_numpy=value.is_numpy)


def definition(value: Definition) -> Json:
    """An initializer, a loss, an optimizer: whatever is made of arguments."""
    return short_name(value) or entry(
        _MODULES[value.family], type(value).__name__, arguments(value)
    )


def short_name(value: Definition) -> str | None:
    """What a metric was called by, and what stands for a class that its shapes tell."""
    if isinstance(value, Metric) and value.short is not None:
        return value.short
    return value.type_name if isinstance(value, _SHORT) else None


def arguments(value: Definition, inner: Callable[[Any], Json] | None = None) -> dict[str, Json]:
    """The arguments of a definition, all but those that mean nothing here."""
    return {
        name: plain(sized(argument, getattr(value, name)), inner)
        for name, argument in value.arguments.items()
        if not _is_settled(argument)
    }


def _is_settled(argument: Argument) -> bool:
    """Whether there is one value alone: Keras' class does not take such an argument."""
    rule = argument.rule
    return isinstance(rule, OnlyNone) or (isinstance(rule, OneOf) and len(rule.values) == 1)


def sized(argument: Argument, value: Any) -> Any:
    """A list of sizes without one that is not known: None, if that may stand there, or else -1."""
    if not isinstance(value, tuple) or not any(isinstance(item, SymbolicDim) for item in value):
        return value
    open_places = [place for place, item in enumerate(value) if isinstance(item, SymbolicDim)]
    unknown = tuple(None if place in open_places else item for place, item in enumerate(value))
    if argument.rule.accept(unknown) is not REJECTED:
        return unknown
    if len(open_places) > 1 or -1 in value:
        return value
    return tuple(-1 if place in open_places else item for place, item in enumerate(value))


def dtype_policy(dtype: str | None) -> Json:
    """What a layer computes in."""
    return entry("keras", "DTypePolicy", {"name": dtype or "float32"})


def layer_entry(cls: type[Definition], config: dict[str, Json]) -> Json:
    """A layer of a class of Keras."""
    assert issubclass(cls, Layer)
    made = entry(cls.keras_module, cls.__name__, config)
    if cls.keras_module != Layer.keras_module:
        made["registered_name"] = cls.__name__
    return made
