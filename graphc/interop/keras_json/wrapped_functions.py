"""Losses and metrics that Keras keeps as a function in a wrapper, as the classes of these functions."""

from __future__ import annotations

import re

from graphc.declare.definition import Definition, registry
from graphc.declare.registry import snake_case
from graphc.interop.keras_json.classes import is_of_keras
from graphc.interop.keras_json.cursor import Cursor

# By class: the family whose classes are wrappers of a function in Keras too.
_FAMILIES = {"LossFunctionWrapper": "loss", "MeanMetricWrapper": "metric"}


def is_wrapped_function(entry: Cursor) -> bool:
    """Whether an entry is a wrapper of a function."""
    return entry.at("class_name").value in _FAMILIES and is_of_keras(entry)


def wrapped_class(entry: Cursor, function: str) -> type[Definition] | None:
    """The class that computes the same as a wrapper of a function of Keras, if there is one."""
    family = _FAMILIES[entry.at("class_name").text()]
    found: type[Definition] | None = registry(family).find(function)
    return found


def wrapped_config(entry: Cursor) -> Cursor:
    """The arguments that such a class is to have.

    What a metric is called is what its results are called; the name of a loss says nothing.
    """
    config = entry.at("config")
    left_out = ["fn"]
    class_name = entry.at("class_name").text()
    name = config.mapping().get("name")
    if _FAMILIES[class_name] == "loss" and isinstance(name, str):
        left_out += ["name"] * bool(re.fullmatch(rf"{snake_case(class_name)}(_\d+)?", name))
    kept = {key: value for key, value in config.mapping().items() if key not in left_out}
    return Cursor(kept, config.path)
