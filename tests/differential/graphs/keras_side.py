"""What the Python side of a graph may use: Keras' layers and tensor functions, and scopes.

A block of the language counts its layers' names anew, under its own name. Keras has nothing like
it, so that `use` lets Keras count from nothing inside a block, and puts the block's name in front.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from keras.src.backend.common import global_state
from keras.src.utils import naming

from tests.differential.harness import keras

MASK = "~"
"""What the names of operations on masks begin with: ours keep masks apart from the graph."""

_COUNTS = "object_name_uids"
_prefix = ""


@contextmanager
def session() -> Iterator[None]:
    """Keras with nothing named yet, and weights that get no values."""
    set_mask = keras.layers.Layer._set_mask_metadata
    masks: Counter[str] = Counter()

    def set_mask_apart(layer: Any, *args: Any) -> Any:
        with _names(MASK, masks):
            return set_mask(layer, *args)

    with (
        warnings.catch_warnings(),
        # Drawing weights is nearly all that Keras would take.
        keras.StatelessScope(initialize_variables=False),
        mock.patch(
            "keras.src.ops.operation.auto_name", lambda base: _prefix + naming.auto_name(base)
        ),
        mock.patch.object(keras.layers.Layer, "_set_mask_metadata", set_mask_apart),
        # Not `clear_session`, which walks the heap: that takes longer than a graph.
        _names(""),
    ):
        warnings.simplefilter("ignore")
        yield


@contextmanager
def _names(prefix: str, begun: Counter[str] | None = None) -> Iterator[None]:
    """Names counted from nothing, or from what was counted, under a prefix."""
    global _prefix  # noqa: PLW0603 - as Keras' own counts are
    outer, counts = _prefix, global_state.get_global_attribute(_COUNTS)
    _prefix = prefix
    own = Counter[str]() if begun is None else begun
    global_state.set_global_attribute(_COUNTS, own)
    try:
        yield
    finally:
        _prefix = outer
        global_state.set_global_attribute(_COUNTS, counts)


def scratch() -> Any:
    """Names that leave no trace in the counts around."""
    return _names(_prefix)


def named(name: str) -> str:
    """A name that the source gives a layer."""
    return _prefix + name


def use(block: Callable[..., Any], label: str | None, *args: Any, **settings: Any) -> Any:
    """Use a block: a function that makes layers and applies them."""
    with _names(_prefix + (label or naming.uniquify(block.__name__)) + "."):
        return block(*args, **settings)


def instance(model: Callable[..., Any], label: str | None = None, **settings: Any) -> Any:
    """A new instance of a model: a function that gives inputs and outputs, or layers."""
    name = _prefix + (label or naming.uniquify(model.__name__))
    with _names(""):
        made = model(**settings)
        if isinstance(made, list):
            return keras.Sequential(made, name=name)
        return keras.Model(*made, name=name)


def environment() -> dict[str, Any]:
    """The names that the Python side of a graph finds bound."""
    layers = {name: each for name, each in vars(keras.layers).items() if isinstance(each, type)}
    return {
        **layers,
        "Input": keras.Input,
        "Model": keras.Model,
        "Sequential": keras.Sequential,
        "ops": keras.ops,
        "named": named,
        "use": use,
        "instance": instance,
    }
