"""`weight` statements: the layer that each becomes, and its class."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from graphc.emit.keras.tree import call, constant, sequence
from graphc.emit.keras.values import Values

if TYPE_CHECKING:
    from graphc.emit.keras.module import Module

WEIGHT_CLASS = '''@keras.saving.register_keras_serializable(package="graphc")
class Weight(layers.Layer):
    """A weight of the model's own; what it is called on ties it to the graph."""

    def __init__(self, weight_shape, initializer="glorot_uniform", **kwargs):
        super().__init__(**kwargs)
        self.weight_shape = tuple(weight_shape)
        self.initializer = keras.initializers.get(initializer)

    def build(self, input_shape):
        name = self.name.rpartition(".")[2]
        self.weight = self.add_weight(
            shape=self.weight_shape, initializer=self.initializer, name=name
        )

    def call(self, inputs):
        return ops.convert_to_tensor(self.weight)

    def compute_output_spec(self, inputs):
        return keras.KerasTensor(self.weight_shape, dtype=self.variable_dtype)

    def get_config(self):
        return {
            **super().get_config(),
            "weight_shape": self.weight_shape,
            "initializer": keras.initializers.serialize(self.initializer),
        }
'''


def weight_call(module: Module, values: Values, spec: Any, name: ast.expr) -> ast.Call:
    """`Weight(shape, initializer, name=…)`."""
    start = spec.initializer
    keywords: dict[str, ast.expr] = {}
    initializer = values.short(start)
    is_default = isinstance(initializer, ast.Constant) and initializer.value == "glorot_uniform"
    given = [] if is_default else [initializer]
    if not spec.is_trainable:
        keywords["trainable"] = constant(False)
    if spec.dtype != "float32":
        keywords["dtype"] = constant(spec.dtype)
    keywords["name"] = name
    shape = sequence(map(constant, spec.shape))
    return call(module.weight(), shape, *given, keywords=keywords)
