"""A compile configuration as a `train` block."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import Any

from graphc.declare.definition import Definition, registry
from graphc.declare.registry import snake_case
from graphc.declare.rules import REJECTED
from graphc.diagnostics.codes import UNKNOWN_FOREIGN_CLASS
from graphc.diagnostics.fault import Fault
from graphc.interop.keras_json import build
from graphc.interop.keras_json.configure import unknown_class
from graphc.interop.keras_json.cursor import Cursor
from graphc.interop.keras_json.file import FileBuilder
from graphc.interop.keras_json.spelling import arguments_of, spell
from graphc.syntax import nodes

# Keys that take functions, and the families whose names they may have.
_FAMILIES = {"loss": "loss", "metrics": "metric", "weighted_metrics": "metric"}

WITHOUT_TRAINING = "--no-train leaves the compile configuration out"


def train_block(document: Cursor, model: str, file: FileBuilder) -> nodes.Train | None:
    """The block for a model; None where it has not been compiled. Raises `Fault`.

    What is of an unknown class is left out where that is allowed: with a loss, all of it.
    """
    file.left_out += _nested_configurations(document.get("config"))
    compiled = document.get("compile_config")
    if compiled is None or not compiled.mapping():
        return None
    try:
        entries = _entries(compiled, file)
    except Fault as fault:
        fault.help = fault.help or WITHOUT_TRAINING
        raise
    if not any(entry.name == "loss" for entry in entries):
        return None
    return nodes.Train(build.SPAN, model, build.SPAN, tuple(entries))


def _nested_configurations(config: Cursor | None) -> Iterator[str]:
    """What is said of models inside of one that have been compiled by themselves."""
    if config is None or not isinstance(config.value, (dict, list)):
        return
    if isinstance(config.value, dict) and config.value.get("compile_config"):
        yield f"{config.path}.compile_config, of a model inside of this one, is left out"
    keys = config.value if isinstance(config.value, dict) else range(len(config.value))
    for key in keys:
        if isinstance(config.value[key], (dict, list)):
            yield from _nested_configurations(config.at(key))


def _entries(compiled: Cursor, file: FileBuilder) -> list[nodes.TrainEntry]:
    keys = registry("train")["TrainConfig"].arguments
    entries = []
    for name, argument in keys.items():
        found = compiled.get(name) if name in compiled.value else None
        if name == "loss" and (found is None or found.value in ([], {})):
            entries.append(nodes.TrainEntry(build.SPAN, name, build.SPAN, build.literal(None)))
            continue
        if found is None:
            continue
        try:
            value = _shortened(file.configurer.decoded(found))
            if argument.rule.accept(value) is REJECTED:
                _check_functions(found, _FAMILIES.get(name, "optimizer"))
        except Fault as fault:
            if file.unknown is None or fault.code is not UNKNOWN_FOREIGN_CLASS:
                raise
            file.left_out.append(f"{found.path} is of an unknown class, and left out")
            continue
        is_default = not argument.is_required and value == argument.default
        if is_default or (name == "jit_compile" and value is True):  # what "auto" has become
            continue
        entries.append(nodes.TrainEntry(build.SPAN, name, build.SPAN, _spelled(value)))
    return entries


def _check_functions(value: Cursor, family: str) -> None:
    """Raise `Fault` for a function of somebody's own: Keras writes their names alone."""
    if isinstance(value.value, list):
        for item in value.entries():
            _check_functions(item, family)
    elif isinstance(value.value, dict):
        name = value.value.get("config")
        if value.value.get("class_name") == "function" and isinstance(name, str):
            if registry(family).find(name) is None:
                raise unknown_class(value, name, "function")
        elif "class_name" not in value.value:
            for key in value.value:
                _check_functions(value.at(key), family)


def _spelled(value: Any) -> nodes.Expression:
    """A value; names of losses and metrics stand without quotes, as people write them."""
    if isinstance(value, str) and value.isidentifier() and _is_training_name(value):
        return build.name(value)
    if isinstance(value, (list, tuple)):
        return build.listed(map(_spelled, value))
    if isinstance(value, dict):
        return nodes.DictDisplay(
            build.SPAN, tuple((spell(key), _spelled(item)) for key, item in value.items())
        )
    if isinstance(value, Definition):
        return build.call(type(value).__name__, arguments_of(value))
    return spell(value)


def _is_training_name(text: str) -> bool:
    return any(
        registry(family).find(text) is not None for family in ("loss", "metric", "optimizer")
    )


def _shortened(value: Any) -> Any:
    """A value without the names that classes have by themselves, and floats of 32 bits shortened.

    Keras keeps a learning rate in 32 bits, and 0.001 comes back as 0.0010000000474974513.
    """
    if isinstance(value, float):
        return shortest_float32(value)
    if isinstance(value, (list, tuple)):
        return [_shortened(item) for item in value]
    if isinstance(value, dict):
        return {key: _shortened(item) for key, item in value.items()}
    if not isinstance(value, Definition):
        return value
    values = {name: _inner(item) for name, item in value.all_values().items()}
    cls = type(value)
    name = values.get("name")
    if isinstance(name, str) and _is_automatic(name, cls):
        del values["name"]
    return cls.from_values(values)


def _is_automatic(name: str, cls: type[Definition]) -> bool:
    """Whether a name says nothing: optimizers are numbered over all that a program has made."""
    base = snake_case(cls.__name__)
    is_numbered = cls.family == "optimizer" and re.fullmatch(rf"{base}(_\d+)?", name) is not None
    is_class_name = cls.family != "metric" and name == cls.__name__  # reports would have it
    return name == base or is_class_name or is_numbered


def _inner(value: Any) -> Any:
    return _shortened(value) if isinstance(value, (float, Definition)) else value


def shortest_float32(value: float) -> float:
    """The shortest number with the same 32 bits, if the value has no more than those."""
    try:
        bits = struct.pack("f", value)
    except OverflowError:
        return value
    if struct.unpack("f", bits)[0] != value:
        return value
    for digits in range(1, 9):
        short = float(f"{value:.{digits}g}")
        if struct.pack("f", short) == bits:
            return short
    return value
