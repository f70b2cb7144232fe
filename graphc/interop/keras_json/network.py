"""A serialised model as records: its layers, their calls, and the tensors between them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphc.interop.keras_json.cursor import Cursor
from graphc.ir.dims import BATCH, UNKNOWN
from graphc.ir.dtypes import DTYPES
from graphc.ir.structure import Structure
from graphc.ir.types import TensorType
from graphc.record import Record


class Address(Record):
    """A tensor: which output of which call of which layer."""

    layer: str
    call: int
    output: int


class SliceOf(Record):
    """A slice in an index: bounds are numbers or None."""

    start: Any
    stop: Any
    step: Any


class ForeignArray(Record):
    """Numbers in nested lists, as a tensor or as NumPy's array: `own_dtype` is that of such lists."""

    values: Any
    dtype: str
    own_dtype: str
    shape: tuple[int, ...]
    is_numpy: bool


class ForeignCall(Record):
    """One call: arguments are nested lists and dicts of values and `Address`es."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    path: str


class ForeignLayer(Record):
    """A layer, operation or nested model with its calls; `network` is there for models."""

    name: str
    module: str
    class_name: str
    config: Cursor
    calls: tuple[ForeignCall, ...]
    network: Network | None
    is_operation: bool
    entry: Cursor
    """The whole of it, of which `config` is a part."""

    @property
    def path(self) -> str:
        """Where it stands in the document."""
        return self.entry.path

    __hash__ = object.__hash__


class Network(Record):
    """A model: `outputs` are addresses by name where they are a dict, else all named None."""

    name: str
    kind: str
    layers: tuple[ForeignLayer, ...]
    inputs: tuple[Address, ...]
    outputs: tuple[tuple[str | None, Address], ...]
    is_trainable: bool
    """False where it is frozen as a whole, each layer in it."""
    thaws: bool
    """Whether it is frozen, and some of its layers are trained all the same."""
    input_structure: Structure
    """The lists and dicts that the inputs are in, by their places among them."""
    output_structure: Structure
    """The same of the outputs."""
    path: str
    types: dict[Address, TensorType]
    """What is recorded of the tensors that calls take."""

    def before(self, layer: ForeignLayer) -> TensorType | None:
        """What is recorded of the input of a layer of a sequential."""
        found = layer.entry.get("build_config")
        shape = None if found is None else found.get("input_shape")
        return None if shape is None else recorded_type(shape, "float32")

    __hash__ = object.__hash__


def recorded_type(shape: Cursor, dtype: str) -> TensorType | None:
    """The type of a tensor of a recorded shape; None where it is not that of a batch."""
    dims = shape.value
    if not isinstance(dims, list) or not dims:
        return None
    batch, *sizes = [UNKNOWN if dim.value is None else dim.whole() for dim in shape.entries()]
    return TensorType((BATCH if batch is UNKNOWN else batch, *sizes), dtype)


def input_type(layer: ForeignLayer) -> TensorType | None:
    """The type of an input, as far as its layer states it."""
    shape = layer.config.get("batch_shape") or layer.config.get("batch_input_shape")
    dtype = layer.config.mapping().get("dtype") or "float32"
    if shape is None or not isinstance(dtype, str) or dtype not in DTYPES:
        return None
    return recorded_type(shape, dtype)


def addresses(value: Any) -> Iterator[Address]:
    """The tensors in an argument, in order."""
    if isinstance(value, Address):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from addresses(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from addresses(item)


def call_addresses(call: ForeignCall) -> Iterator[Address]:
    """The tensors that a call takes."""
    yield from addresses(call.args)
    yield from addresses(call.kwargs)
