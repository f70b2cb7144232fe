"""One harness for every layer: what Keras makes of a configuration, and what we make of it.

A configuration is plain data. `L("LSTMCell", units=3)` in it stands for a layer of both sides,
`I("HeNormal", seed=1)` for an initializer, regularizer or constraint.
"""

from __future__ import annotations

import os
import warnings
from importlib import import_module
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import keras

import graphc.layers  # noqa: F401 - fills the registry
from graphc.declare import registry
from graphc.declare.trace import Signature, signature_of, trace_layer
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import BATCH, UNKNOWN, SymbolicDim
from graphc.ir.types import TensorType


class L:
    """A layer by its class name and arguments, on both sides."""

    def __init__(self, class_name: str, *args: Any, **config: Any) -> None:
        self.class_name, self.args, self.config = class_name, args, config

    def our_class(self) -> Any:
        return registry("layer")[self.class_name]

    def their_class(self) -> Any:
        return getattr(import_module(self.our_class().keras_module), self.class_name)

    def ours(self) -> Any:
        config = {name: ours(value) for name, value in self.config.items()}
        return self.our_class()(*map(ours, self.args), **config)

    def theirs(self) -> Any:
        config = {name: theirs(value) for name, value in self.config.items()}
        return self.their_class()(*map(theirs, self.args), **config)

    def __repr__(self) -> str:
        given = [*map(repr, self.args), *(f"{k}={v!r}" for k, v in self.config.items())]
        return f"{self.class_name}({', '.join(given)})"


class I(L):  # noqa: E742 - short, for tables of cases
    """An initializer, regularizer or constraint by its class name, on both sides."""

    def our_class(self) -> Any:
        families = map(registry, ("initializer", "regularizer", "constraint"))
        return next(family[self.class_name] for family in families if self.class_name in family)

    def their_class(self) -> Any:
        modules = (keras.initializers, keras.regularizers, keras.constraints)
        return next(found for m in modules if (found := getattr(m, self.class_name, None)))


class T:
    """A tensor argument: dims without the batch (None is unknown), a dtype, maybe a mask.

    Where the case runs on arrays (see `values`), whole numbers go from 0 to `below`, fractions
    are normally distributed around `center`, or `values` are the elements, the batch included.
    """

    def __init__(
        self,
        *dims: int | None,
        dtype: str = "float32",
        masked: bool = False,
        below: int = 5,
        center: float = 0.0,
        values: Any = None,
    ) -> None:
        self.dims, self.dtype, self.masked = dims, dtype, masked
        self.below, self.center, self.values = below, center, values

    def ours(self) -> TensorType:
        shape = (BATCH, *[UNKNOWN if dim is None else dim for dim in self.dims])
        return TensorType(shape, self.dtype, shape[:2] if self.masked else None)

    def theirs(self) -> Any:
        tensor = keras.KerasTensor((None, *self.dims), dtype=self.dtype)
        if self.masked:
            mask = keras.KerasTensor((None, *self.dims)[:2], dtype="bool")
            keras.src.backend.set_keras_mask(tensor, mask)
        return tensor

    def __repr__(self) -> str:
        dtype = f":{self.dtype}" if self.dtype != "float32" else ""
        return f"T{self.dims}{dtype}{' masked' * self.masked}"


def ours(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return type(value)(ours(item) for item in value)
    return value.ours() if isinstance(value, (L, T)) else value


def theirs(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return type(value)(theirs(item) for item in value)
    return value.theirs() if isinstance(value, (L, T)) else value


def check_layer(layer: L, *inputs: Any, **call: Any) -> None:
    """Compare output types, masks, weights and rejections of one layer on one input with Keras'.

    `inputs` are given by position and `call` by name; lists of `T` for layers that take lists.
    """
    # Weights that get no values: drawing them is nearly all that Keras' side takes.
    with warnings.catch_warnings(), keras.StatelessScope(initialize_variables=False):
        warnings.simplefilter("ignore")
        expected = _facts_of_keras(layer, inputs, call)
    got = _facts_of_ours(layer, inputs, call)
    assert got == expected, f"{layer!r} on {inputs} {call}"


def _facts_of_keras(layer: L, inputs: tuple[Any, ...], call: dict[str, Any]) -> Any:
    try:
        made = layer.theirs()
        outputs = made(*theirs(inputs), **{k: theirs(v) for k, v in call.items()})
    except Exception:  # noqa: BLE001 - Keras rejects with whatever it stumbles over
        return "rejected"
    listed = keras.tree.flatten(outputs)
    return {
        "outputs": [(tuple(o.shape), keras.backend.standardize_dtype(o.dtype)) for o in listed],
        "masks": [_mask_shape(o) for o in listed],
        "weights": [(w.name, tuple(w.shape), w.dtype, w.trainable) for w in made.weights],
    }


def _mask_shape(tensor: Any) -> Any:
    mask = keras.src.backend.get_keras_mask(tensor)
    return None if mask is None else tuple(mask.shape)


def _facts_of_ours(layer: L, inputs: tuple[Any, ...], call: dict[str, Any]) -> Any:
    try:
        made = layer.ours()
        arguments = dict(zip(made.parameters, ours(inputs), strict=False))
        arguments.update({k: ours(v) for k, v in call.items()})
        signature = signature_of(trace_layer(made, arguments))
    except Fault:
        return "rejected"
    return facts_of_signature(signature)


def facts_of_signature(signature: Signature) -> dict[str, Any]:
    return {
        "outputs": [(_plain(t.shape), t.dtype) for t in signature.outputs],
        "masks": [None if t.mask is None else _plain(t.mask) for t in signature.outputs],
        "weights": [(w.name, w.shape, w.dtype, w.is_trainable) for w in signature.weights],
    }


def _plain(shape: Any) -> tuple[int | None, ...]:
    return tuple(None if isinstance(d, SymbolicDim) or d is UNKNOWN else d for d in shape)


def check_accepted(layer: L, *inputs: Any, **call: Any) -> None:
    """The same, of a configuration that both sides take."""
    assert _facts_of_ours(layer, inputs, call) != "rejected", f"{layer!r} on {inputs} {call}"
    check_layer(layer, *inputs, **call)


def check_rejected(layer: L, *inputs: Any, **call: Any) -> None:
    """The same, of a configuration that both sides reject."""
    assert _facts_of_ours(layer, inputs, call) == "rejected", f"{layer!r} on {inputs} {call}"
    check_layer(layer, *inputs, **call)


def check_stricter(layer: L, *inputs: Any) -> None:
    """We reject a configuration to which Keras gives a shape."""
    layer.theirs()(*theirs(inputs))
    assert _facts_of_ours(layer, inputs, {}) == "rejected", f"{layer!r} on {inputs}"


def cases(*tables: list[Any], slow: Any = ()) -> Any:
    """Parametrize a test by tables whose rows are a layer and its inputs.

    Rows of `slow` run where slow tests do.
    """
    listed = [case for table in tables for case in table]
    listed += [pytest.param(case, marks=pytest.mark.slow) for case in slow]
    return pytest.mark.parametrize("case", listed, ids=lambda case: " ".join(map(repr, case)))
