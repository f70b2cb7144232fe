"""Keras models made of our configurations."""

from __future__ import annotations

import json
from typing import Any

from keras.src.saving.serialization_lib import ObjectSharingScope

from graphc.emit.keras.weight import WEIGHT_CLASS
from graphc.model import Model
from tests.differential.graphs.keras_side import session
from tests.differential.harness import keras

# What an emitted program registers for `weight` statements.
exec(WEIGHT_CLASS, {"keras": keras, "layers": keras.layers, "ops": keras.ops})


def rebuilt(model: Model, *, sharing: bool = False) -> Any:
    """What Keras builds; with `sharing` as it does of an archive. Weights have no values."""
    # Optimizers make variables, which need values.
    text = json.dumps({**model.keras_json(), "compile_config": None})
    with session():
        if not sharing:
            return keras.models.model_from_json(text)
        with ObjectSharingScope():
            return keras.models.model_from_json(text)


def configs(model: Any) -> list[dict[str, Any]]:
    """The configurations of a model's layers and functions, nested ones with their own."""
    operations = model.layers if isinstance(model, keras.Sequential) else model.operations
    return [plain(each.get_config()) for each in operations]


def plain(config: Any) -> Any:
    """A configuration as it comes back from a file: tuples are lists, functions are gone."""
    return _without(json.loads(json.dumps(config, default=str)))


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        # Of shared objects, and what layers were built with: neither is configuration.
        left_out = ("shared_object_id", "build_config", "compile_config", "build_input_shape")
        return {key: _without(item) for key, item in value.items() if key not in left_out}
    return [_without(item) for item in value] if isinstance(value, list) else value
