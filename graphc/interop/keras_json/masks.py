"""Masks that Keras writes down although its layers would pass them on by themselves.

For a layer called with one tensor and nothing else, Keras makes the implicit mask an argument of
the call: `not_equal` of an embedding's input, and more operations where layers merge. They have
no place in a text: the checker passes masks on by itself. What stays is a mask that differs from
that one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from graphc.declare.layer import Layer
from graphc.declare.trace import trace_layer
from graphc.interop.keras_json.calls import bound, is_plain, model_tensors
from graphc.interop.keras_json.network import (
    Address,
    ForeignArray,
    ForeignCall,
    ForeignLayer,
    Network,
    addresses,
    call_addresses,
)
from graphc.interop.keras_json.output_count import UNTRACED, typed
from graphc.ir.structure import flattened
from graphc.ir.types import TensorType
from graphc.keras_format.masks import MASK_OPERATIONS
from graphc.layers.model_layer import MASK
from graphc.record import Record, replace


class _Carried(Record):
    """The mask that a tensor carries: the tensors and numbers that it is computed from."""

    sources: frozenset[Address]
    values: frozenset[Any]


def without_implicit_masks(network: Network, made: Mapping[str, Layer | None]) -> Network:
    """The model without the masks that layers pass on anyway, and what computes them."""
    walk = _Masks(network, made)
    layers = []
    is_changed = False
    for layer in network.layers:
        calls = tuple(
            walk.stripped(layer, call)
            if any(True for _ in addresses(call.kwargs.get(MASK)))
            else call
            for call in layer.calls
        )
        is_changed = is_changed or calls != layer.calls
        layers.append(replace(layer, calls=calls))
    if not is_changed:
        return network
    changed = replace(network, layers=tuple(layers))
    outputs = [address for _, address in network.outputs]
    unused = _reached(network, outputs) - _reached(changed, outputs)
    others = [
        layer
        for layer in changed.layers
        if not layer.is_operation or not all((layer.name, i) in unused for i in _places(layer))
    ]
    # What leads to no output may take a mask too.
    taken = [
        address for layer in others for call in layer.calls for address in call_addresses(call)
    ]
    names = {layer.name for layer in others} | {name for name, _ in _reached(changed, taken)}
    return replace(changed, layers=tuple(each for each in changed.layers if each.name in names))


def _places(layer: ForeignLayer) -> range:
    return range(len(layer.calls))


def _reached(network: Network, ends: Iterable[Address]) -> set[tuple[str, int]]:
    """The calls that lead to tensors."""
    layers = {layer.name: layer for layer in network.layers}
    waiting = list(ends)
    found: set[tuple[str, int]] = set()
    while waiting:
        address = waiting.pop()
        key = (address.layer, address.call)
        layer = layers[address.layer]
        if key not in found:
            found.add(key)
            if layer.calls:
                waiting += call_addresses(layer.calls[address.call])
    return found


class _Masks:
    def __init__(self, network: Network, made: Mapping[str, Layer | None]) -> None:
        self.network = network
        self.made = made
        self.layers = {layer.name: layer for layer in network.layers}
        self.known: dict[Address, _Carried | None] = {}

    def stripped(self, layer: ForeignLayer, call: ForeignCall) -> ForeignCall:
        """A call without its mask, if its input carries that anyway, or the layer takes none."""
        made = self.made.get(layer.name)
        plain = replace(call, kwargs={**call.kwargs, MASK: None})
        if made is not None and MASK not in made.parameters:
            return _without_mask(call)
        if made is not None and not is_plain(made, plain):
            return call  # it is given by whoever calls
        # A model that takes several tensors is given a mask for each.
        masks = [mask for _, mask in flattened(call.kwargs[MASK])]
        given = model_tensors(call) if made is None else list(addresses(call.args))[:1]
        if len(given) != len(masks):
            return call
        pairs = zip(given, masks, strict=True)
        is_own = all(
            mask is None or (isinstance(tensor, Address) and self.is_carried(mask, tensor))
            for tensor, mask in pairs
        )
        return plain if is_own else call

    def is_carried(self, mask: Address, tensor: Address) -> bool:
        """Whether a mask is that which a tensor carries."""
        carried = self.carried(tensor)
        return carried is not None and self.is_made_of(mask, carried)

    def is_made_of(self, mask: Address, carried: _Carried) -> bool:
        """Whether a mask is computed from what a carried one is computed from."""
        if mask in carried.sources and not self.layers[mask.layer].calls:
            return True
        waiting = [mask]
        seen: set[Address] = set()
        while waiting:
            address = waiting.pop()
            if address in seen or address in carried.sources:
                continue
            seen.add(address)
            layer = self.layers[address.layer]
            if not layer.is_operation or layer.class_name not in MASK_OPERATIONS:
                return False
            call = layer.calls[address.call]
            if layer.class_name == "NotEqual" and not set(_numbers(call.args)) <= carried.values:
                return False
            waiting += call_addresses(call)
        return True

    def carried(self, address: Address) -> _Carried | None:
        """The mask of a tensor, found by walking up to what begins it; without recursion."""
        stack = [address]
        begun: set[Address] = set()  # what waits for others; in a circle nobody has a mask
        while stack:
            current = stack[-1]
            if current in self.known:
                stack.pop()
                continue
            layer, made = self.layers[current.layer], self.made.get(current.layer)
            if made is None or not made.supports_masking or not layer.calls:
                self.known[current] = None
                continue
            call = layer.calls[current.call]
            inputs = list(dict.fromkeys(addresses([*call.args, _named(made, call)])))
            begun.add(current)
            missing = [each for each in inputs if each not in self.known and each not in begun]
            if missing:
                stack += missing
            else:
                self.known[current] = self._passed_on(made, call, inputs, current.output)
        return self.known[address]

    def _passed_on(
        self, made: Layer, call: ForeignCall, inputs: list[Address], output: int
    ) -> _Carried | None:
        """What a call makes of the masks of its inputs, or begins by itself."""
        before = {each: self.known.get(each) for each in inputs}
        types: dict[Address, TensorType] = {}
        for address, carried in before.items():
            found = self.network.types.get(address)
            if found is None:
                return None
            mask = None if carried is None else found.shape[:2]
            types[address] = TensorType(found.shape, found.dtype, mask)
        explicit = call.kwargs.get(MASK)
        try:
            by_place, by_name = bound(made, replace(call, kwargs=_named(made, call)))
            arguments = {**dict(zip(made.parameters, by_place, strict=False)), **by_name}
            if isinstance(explicit, Address):
                arguments[MASK] = explicit
                types[explicit] = self.network.types[explicit]
            traced = trace_layer(made, {n: typed(v, types) for n, v in arguments.items()})
        except UNTRACED:
            return None
        if output >= len(traced.outputs) or traced.outputs[output].mask is None:
            return None
        sources = set(inputs)
        values = {getattr(made, "mask_value", 0)}
        for carried in before.values():
            if carried is not None:
                sources |= carried.sources
                values |= carried.values
        if isinstance(explicit, Address):
            sources.add(explicit)
        return _Carried(frozenset(sources), frozenset(values))


def _named(layer: Layer, call: ForeignCall) -> dict[str, Any]:
    """The inputs that a call gives by name: `(query=x, value=y)`."""
    names = layer.tensor_parameters
    return {name: value for name, value in call.kwargs.items() if name in names}


def _without_mask(call: ForeignCall) -> ForeignCall:
    return replace(call, kwargs={n: v for n, v in call.kwargs.items() if n != MASK})


def _numbers(value: Any) -> Iterator[Any]:
    if isinstance(value, ForeignArray):
        value = value.values
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _numbers(item)
    elif isinstance(value, (int, float)):
        yield value
