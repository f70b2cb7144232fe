"""JSON to `Network` records, with the traps of Keras' format.

In `input_layers` and `output_layers` the calls of a nested functional model count from 1, its own
being 0; in `inbound_nodes` they count from 0. Dict outputs come by sorted key.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from graphc.diagnostics.codes import MALFORMED_MODEL, UNKNOWN_FOREIGN_CLASS
from graphc.diagnostics.fault import Fault
from graphc.interop.keras_json.arrays import ARRAYS, array
from graphc.interop.keras_json.classes import is_keras_module
from graphc.interop.keras_json.cursor import Cursor
from graphc.interop.keras_json.legacy_calls import LegacyCalls, is_legacy
from graphc.interop.keras_json.network import (
    Address,
    ForeignCall,
    ForeignLayer,
    Network,
    SliceOf,
    call_addresses,
    recorded_type,
)
from graphc.ir.structure import places
from graphc.ir.types import TensorType
from graphc.keras_format.operations import has_functions
from graphc.record import replace

INPUT = "InputLayer"
_NETWORKS = ("Functional", "Sequential", "Model")


def parse_model(document: Cursor) -> Network:
    """A whole model. Keras asks it first whether it is trained, and then what is in it.

    In one that is frozen, no layer is frozen one by one, unless some are trained.
    """
    network = parse_network(document)
    found = document.mapping().get("config")
    if network.thaws or not isinstance(found, dict) or found.get("trainable") is not False:
        return network
    config = {**found, "layers": _thawed(found.get("layers"))}
    thawed = parse_network(Cursor({**document.value, "config": config}, document.path))
    return replace(thawed, is_trainable=False, thaws=False)


def _thawed(value: Any) -> Any:
    if isinstance(value, list):
        return [_thawed(item) for item in value]
    if not isinstance(value, dict):
        return value
    made = {key: _thawed(item) for key, item in value.items()}
    return {**made, "trainable": True} if value.get("trainable") is False else made


def is_network(entry: Cursor) -> bool:
    """Whether an entry is a model, by its form: subclasses have names of their own."""
    config = entry.mapping().get("config")
    if not isinstance(config, dict) or not isinstance(config.get("layers"), list):
        return False
    if "input_layers" in config or "output_layers" in config:
        return True
    return bool(entry.value.get("class_name") == "Sequential")


def parse_network(entry: Cursor) -> Network:
    """The model that an entry describes. Raises `Fault` where it is none."""
    if not is_network(entry):
        class_name = entry.at("class_name").text()
        if class_name in _NETWORKS:
            raise entry.at("config").fault("to be an object with the `layers` of the model")
        raise Fault(
            UNKNOWN_FOREIGN_CLASS,
            f"{entry.place} needs to be a Functional or Sequential model, got {class_name}",
        )
    config = entry.at("config")
    if "input_layers" in config.value:
        return _functional(entry, config)
    return _sequential(entry, config)


def _sequential(entry: Cursor, config: Cursor) -> Network:
    layers = [
        _layer(item, item.at("config").at("name").text(), ())
        for item in config.at("layers").entries()
    ]
    _check_names(layers, config)
    return Network(
        _name(config, entry), "sequential", tuple(layers), (), (), _is_trainable(config, layers),
        _thaws(config, layers),
        input_structure=0, output_structure=0, path=entry.path, types={},
    )  # fmt: skip


def _functional(entry: Cursor, config: Cursor) -> Network:
    layers = []
    types: dict[Address, TensorType] = {}
    items = config.at("layers").entries()
    names = [(item.get("name") or item.at("config").at("name")).text() for item in items]
    own = {name for name, item in zip(names, items, strict=True) if _has_own_call(item)}
    legacy = LegacyCalls(names, own, argument) if is_legacy(items) else None
    for name, item in zip(names, items, strict=True):
        nodes = item.get("inbound_nodes")
        calls = [_call(node, types, legacy) for node in nodes.entries()] if nodes else []
        layers.append(_layer(item, name, tuple(calls)))
    _check_names(layers, config)
    by_name = {layer.name: layer for layer in layers}
    if legacy is None:
        own = {each.name for each in layers if each.network and each.network.kind == "functional"}
    outputs = list(_outputs(config.at("output_layers"), by_name, own))
    inputs = [address for _, address in _leaves(config.at("input_layers"), by_name, own)]
    taken, given = (places(_tree(config.at(f"{end}_layers"))) for end in ("input", "output"))
    if legacy is not None:  # Keras 2 had one in a list, too
        taken, given = (0 if each == [0] else each for each in (taken, given))
    network = Network(
        _name(config, entry), "functional", tuple(layers), tuple(inputs),
        tuple(outputs),
        _is_trainable(config, layers), _thaws(config, layers),
        input_structure=taken, output_structure=given, path=entry.path, types=types,
    )  # fmt: skip
    _check_addresses(network, by_name)
    return network


def _has_own_call(item: Cursor) -> bool:
    """Whether an entry is a model with inputs, which to Keras 2 is a call of it."""
    if not is_network(item):
        return False
    layers = item.at("config").at("layers").entries()
    is_chain = "input_layers" not in item.at("config").value
    return not is_chain or bool(layers and layers[0].mapping().get("class_name") == INPUT)


def _name(config: Cursor, entry: Cursor) -> str:
    found = config.get("name") or entry.get("name")
    return found.text() if found else "model"


def _is_trainable(config: Cursor, layers: list[ForeignLayer]) -> bool:
    """Whether anything in a model is trained: layers may have been made trainable in a frozen one."""
    return _flag(config) or any(_is_trained(layer) for layer in layers)


def _thaws(config: Cursor, layers: list[ForeignLayer]) -> bool:
    """Whether a model is frozen, and something in it is trained all the same."""
    return not _flag(config) and any(map(_is_trained, layers))


def own_flag(layer: ForeignLayer) -> bool | None:
    """Whether a layer says that it is trained; None for those that Keras does not ask."""
    return _flag(layer.config) if "trainable" in layer.config.mapping() else None


def _is_trained(layer: ForeignLayer) -> bool:
    if layer.network is not None:
        return layer.network.is_trainable
    return "trainable" in layer.config.mapping() and _flag(layer.config)


def _flag(config: Cursor) -> bool:
    found = config.get("trainable")
    return found.flag() if found else True


def _layer(item: Cursor, name: str, calls: tuple[ForeignCall, ...]) -> ForeignLayer:
    module = item.get("module")
    module_name = module.text() if module else ""
    return ForeignLayer(
        name,
        module_name,
        item.at("class_name").text(),
        item.at("config"),
        calls,
        parse_network(item) if is_network(item) else None,
        is_operation=is_keras_module(module_name) and has_functions(module_name),
        entry=item,
    )


def _check_names(layers: list[ForeignLayer], config: Cursor) -> None:
    seen: set[str] = set()
    for layer in layers:
        if layer.name in seen:
            raise Fault(MALFORMED_MODEL, f"{config.path}.layers has two layers `{layer.name}`")
        seen.add(layer.name)


# Tensors


def _outputs(
    value: Cursor, layers: dict[str, ForeignLayer], own: Collection[str]
) -> Iterator[tuple[str | None, Address]]:
    """The outputs, with their names: keys of structures in structures name none."""
    found = list(_leaves(value, layers, own))
    is_flat = isinstance(value.value, dict) and len(value.value) == len(found)
    for name, address in found:
        yield name if is_flat else None, address


def _tree(value: Cursor) -> Any:
    """The lists and dicts of tensors, with something in the place of each."""
    if isinstance(value.value, dict):
        return {key: _tree(item) for key, item in value.items()}
    items = value.entries()
    return None if _is_tensor(items) else [_tree(item) for item in items]


def _is_tensor(items: Sequence[Cursor]) -> bool:
    """Whether a list is a tensor: the name of a layer, the number of its call, and of its output."""
    return len(items) == 3 and isinstance(items[0].value, str)


def _leaves(
    value: Cursor,
    layers: dict[str, ForeignLayer],
    own: Collection[str],
    name: str | None = None,
) -> Iterator[tuple[str | None, Address]]:
    """The tensors of `input_layers` or `output_layers`: one leaf, a list of leaves, or a dict of them.

    `own` are the nested models whose calls count from 1 there.
    """
    if isinstance(value.value, dict):
        for key in sorted(value.value):
            yield from _leaves(value.at(key), layers, own, key)
        return
    items = value.entries()
    if _is_tensor(items):
        layer = layers.get(items[0].text())
        if layer is None:
            raise items[0].fault("to be the name of a layer")
        call = items[1].whole() - (layer.name in own)
        if call < 0:
            raise items[1].fault("to be a call of the nested model, counted from 1")
        yield name, Address(layer.name, call, items[2].whole())
        return
    for item in items:
        yield from _leaves(item, layers, own, name)


def _call(
    node: Cursor, types: dict[Address, TensorType], legacy: LegacyCalls | None
) -> ForeignCall:
    if legacy is not None:
        return legacy.call(node)
    args, kwargs = node.at("args"), node.get("kwargs")
    return ForeignCall(
        tuple(argument(item, types) for item in args.entries()),
        {name: argument(item, types) for name, item in kwargs.items()} if kwargs else {},
        node.path,
    )


def argument(value: Cursor, types: dict[Address, TensorType] | None = None) -> Any:
    """An argument of a call: what tensors, arrays and slices are written as, decoded.

    `types` collects what is recorded of the tensors.
    """
    if isinstance(value.value, list):
        return [argument(item, types) for item in value.entries()]
    if not isinstance(value.value, dict):
        return value.scalar()
    kind = value.value.get("class_name")
    if not isinstance(kind, str):
        return {name: argument(item, types) for name, item in value.items()}
    if kind == "__keras_tensor__":
        return _tensor(value.at("config"), types)
    if kind in ARRAYS:
        return array(value)
    if kind == "__tuple__":
        return [argument(item, types) for item in value.at("items").entries()]
    if kind == "__ellipsis__":
        return ...
    if kind == "__slice__":
        config = value.at("config")
        bounds = (config.get(name) for name in ("start", "stop", "step"))
        return SliceOf(*(None if bound is None else argument(bound, types) for bound in bounds))
    if kind == "DTypePolicy":
        return value.at("config").at("name").text()
    raise Fault(
        UNKNOWN_FOREIGN_CLASS, f"{value.place} is a {kind}, which has no counterpart in a .net file"
    )


def _tensor(config: Cursor, types: dict[Address, TensorType] | None) -> Address:
    history = config.at("keras_history").entries(3)
    address = Address(history[0].text(), history[1].whole(), history[2].whole())
    if types is not None:
        found = recorded_type(config.at("shape"), config.at("dtype").text())
        if found is not None:
            types[address] = found
    return address


MOST_OUTPUTS = 1000
"""How many outputs one call may have: `ops.unstack` has one for each item of an axis."""


def _check_addresses(network: Network, layers: dict[str, ForeignLayer]) -> None:
    """Every tensor is an output of a call that there is."""
    wanted = [(address, network.path) for address in network.inputs]
    wanted += [(address, network.path) for _, address in network.outputs]
    for layer in network.layers:
        for call in layer.calls:
            wanted += [(address, call.path) for address in call_addresses(call)]
    for address in network.inputs:
        if address.call or address.output:
            raise Fault(MALFORMED_MODEL, f"the input `{address.layer}` is one tensor, its first")
    for address, path in wanted:
        if address.output >= MOST_OUTPUTS:
            raise Fault(MALFORMED_MODEL, f"`{address.layer}` has no output {address.output}")
        layer_or_none = layers.get(address.layer)
        if layer_or_none is None:
            raise Fault(
                MALFORMED_MODEL,
                f"{path or 'the model'} takes a tensor of `{address.layer}`, which is no layer of it",
            )
        is_input = layer_or_none.class_name == INPUT
        if is_input and address.output:
            raise Fault(MALFORMED_MODEL, f"`{address.layer}` has no output {address.output}")
        count = 1 if is_input else len(layer_or_none.calls)
        if address.call >= count:
            raise Fault(
                MALFORMED_MODEL,
                f"{path or 'the model'} takes a tensor of call {address.call} of `{address.layer}`, "
                f"which has {count}",
            )
