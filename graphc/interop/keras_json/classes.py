"""Whose a class is: Keras' own, or one that somebody has written."""

from __future__ import annotations

from graphc.declare.definition import registry
from graphc.declare.layer import Layer
from graphc.interop.keras_json.cursor import Cursor


def is_of_keras(entry: Cursor) -> bool:
    """Whether an entry's class is one of Keras: others may have the same names.

    Classes that are registered under a package have no module, and a name of their own.
    """
    module = entry.get("module")
    if module is not None:
        return is_keras_module(module.text())
    return entry.get("registered_name") is None


def is_keras_module(module: str) -> bool:
    """Whether a module is one of Keras."""
    return module == "keras" or module.startswith("keras.")


def layer_class(entry: Cursor) -> type[Layer] | None:
    """The class of the layer that an entry describes; None where it is none that the language has."""
    if not is_of_keras(entry):
        return None
    found: type[Layer] | None = registry("layer").get(entry.at("class_name").text())
    if found is None or found.keras_module == Layer.keras_module:
        return found
    # It has no public name: of another module, it is another class.
    module = entry.get("module")
    return found if module is not None and module.text() == found.keras_module else None


def class_title(entry: Cursor) -> str:
    """A class as it is known to whoever loads it: `package>Class`, or the class alone."""
    class_name = entry.at("class_name").text()
    registered = entry.get("registered_name")
    title = registered.value if registered is not None else class_name
    is_own = isinstance(title, str) and title.rpartition(">")[2] == class_name
    return str(title) if is_own else class_name
