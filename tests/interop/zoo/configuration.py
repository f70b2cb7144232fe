"""Configurations of Keras models, without what a process counts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

LEFT_OUT = ("shared_object_id", "build_config", "compile_config", "build_input_shape")
"""Of shared objects, and what layers were built with: neither is configuration."""
INNER = ("layer", "backward_layer", "forward_layer", "cell", "cells", "activation")
"""Arguments that are layers: Keras numbers them with all others of the process."""
OPERATIONS = "keras.src.ops."
LISTS_OF_SOME = ("Clip", "FullLike", "Quantile", "Select", "SliceUpdate")
"""Functions of which not every backend takes lists: these come back as tensors (docs/import.md)."""


def configuration(model: Any) -> Any:
    """A model's configuration as it comes back from a file.

    Keras names functions by counting.
    """
    return _plain(json.loads(model.to_json()))


def _plain(value: Any, *, in_lists: bool = False) -> Any:
    if isinstance(value, list):
        return [_plain(item, in_lists=in_lists) for item in value]
    if not isinstance(value, dict):
        return value
    if in_lists and value.get("class_name") == "__tensor__":
        return value["config"]["value"]
    in_lists = in_lists or value.get("class_name") in LISTS_OF_SOME
    for key in INNER:
        found = value.get(key)
        for each in found if isinstance(found, list) else [found]:
            if isinstance(each, dict) and "config" in each:
                each["config"]["name"] = "inner"
    if value.get("class_name") == "Sequential":
        for layer in value["config"]["layers"]:
            if layer["class_name"] == "InputLayer":
                layer["config"]["name"] = "input"
    if "input_layers" in value:
        counted = {}
        for layer in value["layers"]:
            if layer["module"].startswith(OPERATIONS):
                counted[layer["name"]] = f"{layer['class_name']}#{len(counted)}"
        value = _renamed(value, counted)
    return {
        key: _plain(item, in_lists=in_lists) for key, item in value.items() if key not in LEFT_OUT
    }


def _renamed(network: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """A functional configuration whose functions have other names."""
    layers = [
        {
            **layer,
            "name": names.get(layer["name"], layer["name"]),
            "config": (
                {**layer["config"], "name": names[layer["name"]]}
                if layer["name"] in names
                else layer["config"]
            ),
            "inbound_nodes": _places(layer["inbound_nodes"], names),
        }
        for layer in network["layers"]
    ]
    outputs = _places(network["output_layers"], names)
    return {**network, "layers": layers, "output_layers": outputs}


def _places(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _places(item, names) for key, item in value.items()}
    if isinstance(value, list) and len(value) == 3 and isinstance(value[0], str):
        return [names.get(value[0], value[0]), *value[1:]]
    return [_places(item, names) for item in value] if isinstance(value, list) else value


def differences(one: Any, other: Any, path: str) -> Iterator[str]:
    """Where two configurations differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted({*one, *other}):
            yield from differences(one.get(key, "-"), other.get(key, "-"), f"{path}.{key}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, (a, b) in enumerate(zip(one, other, strict=True)):
            yield from differences(a, b, f"{path}[{index}]")
    elif one != other or type(one) is not type(other):
        yield f"{path}: {one!r} is not {other!r}"[:500]
