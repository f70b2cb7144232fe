"""The file that an imported model becomes: its models in order, with what they share."""

from __future__ import annotations

import re
from typing import Any

from graphc.declare.layer import Layer
from graphc.declare.registry import snake_case
from graphc.diagnostics.codes import UNKNOWN_FOREIGN_CLASS
from graphc.diagnostics.fault import Fault
from graphc.interop.keras_json import build
from graphc.interop.keras_json.configure import Configurer
from graphc.interop.keras_json.cursor import Cursor
from graphc.interop.keras_json.known_names import identifier, is_known
from graphc.interop.keras_json.network import ForeignLayer, Network
from graphc.interop.keras_json.operations import is_operation, unknown_operation
from graphc.interop.keras_json.parse_network import INPUT, own_flag, parse_network
from graphc.interop.keras_json.sharing import Shared
from graphc.interop.keras_json.spelling import ModelReference, refer_to, spell_layer
from graphc.interop.keras_json.unknown import Unknown, opaque_layer, record_nested
from graphc.interop.keras_json.weight_statement import is_weight
from graphc.record import replace
from graphc.syntax import nodes


class FileBuilder:
    """Collects the definitions of a file; a nested model stands before the one that uses it."""

    def __init__(
        self,
        document: Cursor,
        unknown: Unknown | None = None,
        left_out: list[str] | None = None,
    ) -> None:
        self.unknown = unknown
        """How layers of unknown classes are kept; None where they are not."""
        self.left_out = [] if left_out is None else left_out
        """What is in the model and not in the file, in words."""
        self.items: list[nodes.Item] = []
        self.taken: set[str] = set()
        self.names: dict[int, str] = {}
        """The names of models, by the ids of their records."""
        self.configurer = Configurer(self._referenced, self._refer)
        self.copies: set[int] = set()
        """The models, by the ids of their records, that are defined as another one is."""
        self.nested: set[int] = set()
        self.layer_names: set[str] = set()
        """The names of the layers that are one in several places."""
        self._shared = Shared(document)
        self._instances: dict[Any, nodes.Name] = {}
        """What stands for such layers, and for models that are one in several places."""
        self._kept: list[Network] = []

    def add(self, network: Network) -> str:
        """Add a model and those in it; the name it is defined by."""
        from graphc.interop.keras_json.body import write_body  # it takes a file

        found = self.names.get(id(network))
        if found is not None:
            return found
        if self.unknown is not None:
            record_nested(network, self.configurer)
        for layer in network.layers:
            if layer.network is not None:
                self.nested.add(id(layer.network))
                self.add(layer.network)
        name = self.free(identifier(network.name, "model"))
        self.names[id(network)] = name
        self._kept.append(network)
        body = tuple(write_body(network, self))
        kind = "sequential" if network.kind == "sequential" else "model"
        # Whether nested models are trained as a whole is said where they are used.
        is_frozen = self.thaws(network) or (
            not network.is_trainable and id(network) not in self.nested
        )
        same = self._defined(kind, body, is_frozen=is_frozen)
        if same is not None:
            self.taken.discard(name)
            self.copies.add(id(network))
            self.names[id(network)] = same
            return same
        # What a nested one is called is said there, too.
        is_known_so = name == network.name or id(network) in self.nested
        label = None if is_known_so else build.label(network.name)
        self.items.append(
            nodes.Definition(
                build.SPAN, kind, name, build.SPAN, (), body, is_frozen=is_frozen, label=label
            )
        )
        return name

    def _defined(
        self, kind: str, body: tuple[nodes.Statement, ...], *, is_frozen: bool
    ) -> str | None:
        """The name of a model that is the same, to the names of its layers."""
        wanted = kind, _without_number(body), is_frozen
        for item in self.items:
            if not isinstance(item, nodes.Definition):
                continue
            if (item.kind, _without_number(item.body), item.is_frozen) == wanted:
                return item.name
        return None

    def free(self, base: str) -> str:
        """A name for an item that nothing else has."""
        name, number = base, 1
        while name in self.taken or is_known(name):
            number += 1
            name = f"{base}_{number}" if not is_known(base) else f"{base}_model"
            if number > 2 and is_known(base):
                name = f"{base}_model_{number}"
        self.taken.add(name)
        return name

    def made(self, layer: ForeignLayer, around: Network) -> Any:
        """The layer that an entry describes; None for models, operations and the like.

        In a model that is frozen as a whole, layers are not frozen one by one.
        """
        if layer.network is not None or (layer.is_operation and is_operation(layer.class_name)):
            return None
        if is_weight(layer):
            return None
        made = self._layer(layer, around)
        if made is None:
            return None
        if around.is_trainable and not self.thaws(around):
            return made
        if self._shared.id_of(layer.entry) is not None:
            return made
        return type(made).from_values({**made.all_values(), "trainable": True})

    def thaws(self, network: Network) -> bool:
        """Whether a model is a frozen one, in which the layers that are trained say so.

        Weights cannot, nor what stands elsewhere too.
        """
        return network.thaws and not any(
            is_weight(each) or self._shared.id_of(each.entry) is not None for each in network.layers
        )

    def is_thawed(self, layer: ForeignLayer, around: Network) -> bool:
        """Whether a layer has to say that it is trained."""
        return self.thaws(around) and bool(own_flag(layer))

    def _layer(self, layer: ForeignLayer, around: Network) -> Layer | None:
        """The layer itself, or what is kept of one that cannot be expressed."""
        try:
            if layer.is_operation:
                raise unknown_operation(layer)
            return self.configurer.layer(layer.entry)
        except Fault as fault:
            if fault.code is not UNKNOWN_FOREIGN_CLASS:
                raise
            if self.unknown is None:
                fault.help = fault.help or "--allow-unknown keeps it as a layer with its shapes"
                raise
        made, dropped = opaque_layer(layer, around, self.configurer, self.unknown.shapes)
        self.left_out += [
            f"{layer.path}.config.{name}, of `{layer.name}`, is of an unknown class, and left out"
            for name in dropped
        ]
        return made

    def _referenced(self, entry: Cursor) -> Layer:
        """The layer that stands for a model among another layer's arguments."""
        network = parse_network(entry)
        self.nested.add(id(network))
        name = self.add(network)
        used = self._used(name, network)
        return ModelReference.to(self._instance_of(entry, network.name, name, used) or used)

    def _used(self, name: str, network: Network, *, is_thawed: bool = False) -> nodes.Expression:
        if is_thawed:
            return build.call(name, [build.argument(build.literal(True), "trainable")])
        if network.is_trainable:
            return build.call(name) if id(network) in self.copies else build.name(name)
        return build.call(name, [build.argument(build.literal(False), "trainable")])

    def _refer(self, entry: Cursor, made: Layer) -> None:
        """Have a layer among another one's arguments written as the instance that it is."""
        instance = self.instance(entry, made)
        if instance is not None:
            refer_to(made, instance)

    def instance(self, entry: Cursor, made: Layer) -> nodes.Name | None:
        """What stands for a layer that is one in several places; None for others."""
        if made.is_opaque:
            return None
        made = made.as_written([])
        base = snake_case(made.type_name)
        return self._instance_of(entry, made.name or base, base, spell_layer(made))

    def _instance_of(
        self, entry: Cursor, name: str, base: str, value: nodes.Expression
    ) -> nodes.Name | None:
        """The name of an instance that stands in several places: a constant, or a model's own."""
        key = self._shared.id_of(entry)
        if key is None:
            return None
        found = self._instances.get(key)
        if found is None:
            if isinstance(value, nodes.Name) and value.id == name:
                found = value
            else:
                constant = self.free(f"shared_{identifier(name, base)}")
                made = build.named(value, build.LayerName(build.SPAN, name, base))
                self.items.append(nodes.Const(build.SPAN, constant, build.SPAN, made))
                found = build.name(constant)
            self._instances[key] = found
            self.layer_names.add(name)
        return found

    def model_stage(self, layer: ForeignLayer, around: Network) -> nodes.Named | nodes.Name:
        """A nested model as a stage."""
        assert layer.network is not None
        name = self.names.get(id(layer.network)) or self.add(layer.network)
        label = build.LayerName(build.SPAN, layer.name, name)
        used = self._used(name, layer.network, is_thawed=self.is_thawed(layer, around))
        instance = self._instance_of(layer.entry, layer.name, name, used)
        if instance is not None:
            return instance
        if isinstance(used, nodes.Name) and name != layer.name:
            used = build.call(name)
        return build.named(used, label)


def _without_number(body: tuple[nodes.Statement, ...]) -> tuple[nodes.Statement, ...]:
    """A body without the name of its input, if Keras has numbered it and nothing else has it."""
    first = body[0] if body else None
    is_sequence = all(isinstance(each, nodes.Evaluate) for each in body[1:])
    if not is_sequence or not isinstance(first, nodes.Input) or first.name is None:
        return body
    if re.fullmatch(rf"{snake_case(INPUT)}(_\d+)?", first.name) is None:
        return body
    return (replace(first, name=None, name_span=None), *body[1:])
