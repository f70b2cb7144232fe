"""The layers that `graphc emit` makes of `weight` statements, as such statements again."""

from __future__ import annotations

from graphc.declare.definition import registry
from graphc.interop.keras_json import build
from graphc.interop.keras_json.configure import Configurer
from graphc.interop.keras_json.network import ForeignLayer
from graphc.interop.keras_json.spelling import spell
from graphc.keras_format.values import WEIGHT_CLASS
from graphc.syntax import nodes


def is_weight(layer: ForeignLayer) -> bool:
    """Whether a layer is nothing but a weight."""
    return layer.entry.mapping().get("registered_name") == WEIGHT_CLASS


def weight_statement(layer: ForeignLayer, name: str, configurer: Configurer) -> nodes.Weight:
    """`frozen weight name: dtype[dims] = value`."""
    config = layer.config
    dims = tuple(build.literal(dim.whole()) for dim in config.at("weight_shape").entries())
    dtype = config.get("dtype")
    dtype_name = "float32" if dtype is None else configurer.decoded(dtype)
    annotation = nodes.Annotation(
        build.SPAN, None if dtype_name == "float32" else str(dtype_name), dims
    )
    made = configurer.decoded(config.at("initializer"))
    constant = registry("initializer")["Constant"]
    is_number = isinstance(made, constant) and list(made.changed_values()) in ([], ["value"])
    value = spell(made.value if is_number else made)
    trainable = config.get("trainable")
    is_frozen = trainable is not None and not trainable.flag()
    return nodes.Weight(build.SPAN, name, build.SPAN, annotation, value, is_frozen)
