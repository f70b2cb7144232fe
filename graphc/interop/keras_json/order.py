"""The order in which calls are written: each branch whole, from its beginning to where it joins."""

from __future__ import annotations

from graphc.diagnostics.codes import MALFORMED_MODEL
from graphc.diagnostics.fault import Fault
from graphc.interop.keras_json.network import ForeignCall, ForeignLayer, Network, call_addresses
from graphc.record import Record


class Step(Record):
    """One call of one layer."""

    layer: ForeignLayer
    index: int
    call: ForeignCall

    __hash__ = object.__hash__


def ordered_calls(network: Network) -> list[Step]:
    """The calls of a model, each after those it takes tensors from.

    The order is that of a walk from the outputs upwards: a branch is not interleaved with
    others, as it is in Keras' order by depth. Calls that lead to no output come last.
    """
    layers = {layer.name: layer for layer in network.layers}
    roots = [(address.layer, address.call) for _, address in network.outputs]
    roots += [(layer.name, i) for layer in network.layers for i in range(len(layer.calls))]
    done: dict[tuple[str, int], Step] = {}
    open_calls: set[tuple[str, int]] = set()
    for root in roots:
        stack = [(root, False)]
        while stack:
            key, is_ready = stack.pop()
            layer = layers[key[0]]
            if key in done or not layer.calls:
                continue
            call = layer.calls[key[1]]
            if is_ready:
                open_calls.discard(key)
                done[key] = Step(layer, key[1], call)
                continue
            if key in open_calls:
                raise Fault(MALFORMED_MODEL, f"{call.path} takes a tensor that it leads to")
            open_calls.add(key)
            stack.append((key, True))
            sources = [(each.layer, each.call) for each in call_addresses(call)]
            if key[1]:  # Keras shows what the last call gives
                sources.insert(0, (key[0], key[1] - 1))
            stack += [(source, False) for source in reversed(sources) if source not in done]
    return list(done.values())
