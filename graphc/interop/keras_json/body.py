"""The body of one model, flat: a statement for each call, in an order that keeps branches whole."""

from __future__ import annotations

from collections import Counter
from typing import Any

from graphc.declare.layer import Layer
from graphc.declare.registry import snake_case
from graphc.diagnostics.codes import FOREIGN_ARGUMENT, MALFORMED_MODEL
from graphc.diagnostics.fault import Fault
from graphc.interop.keras_json import build
from graphc.interop.keras_json.calls import layer_source, model_source
from graphc.interop.keras_json.cursor import Cursor
from graphc.interop.keras_json.file import FileBuilder
from graphc.interop.keras_json.known_names import identifier, is_identifier, is_known
from graphc.interop.keras_json.masks import without_implicit_masks
from graphc.interop.keras_json.network import (
    Address,
    ForeignLayer,
    Network,
    call_addresses,
)
from graphc.interop.keras_json.operations import Spelling, spell_operation
from graphc.interop.keras_json.order import Step, ordered_calls
from graphc.interop.keras_json.output_count import note_types, output_count
from graphc.interop.keras_json.parse_network import INPUT
from graphc.interop.keras_json.spelling import spell_layer
from graphc.interop.keras_json.unknown import only_tensors, used_places
from graphc.interop.keras_json.variables import Variables
from graphc.interop.keras_json.weight_statement import is_weight, weight_statement
from graphc.ir.dims import BATCH_NAME
from graphc.ir.dtypes import DTYPES
from graphc.ir.structure import filled, is_plain
from graphc.layers.opaque import Opaque
from graphc.record import replace
from graphc.syntax import nodes


def write_body(network: Network, file: FileBuilder) -> list[nodes.Statement]:
    """The statements of a model."""
    if network.kind == "sequential":
        return _sequential(network, file)
    return _Functional(network, file).statements


def _sequential(network: Network, file: FileBuilder) -> list[nodes.Statement]:
    statements: list[nodes.Statement] = []
    for place, layer in enumerate(network.layers):
        if layer.class_name == INPUT:
            if place:
                raise Fault(MALFORMED_MODEL, f"{layer.path} is an input behind other layers")
            statements.append(_input(layer, _input_name(layer, file)))
            if _is_optional(layer):
                file.left_out.append(
                    f"{layer.path}.config.optional, of `{layer.name}`, is left out: a sequential "
                    "needs its input"
                )
            continue
        if not place and layer.config.get("batch_input_shape") is not None:
            statements.append(_input(layer, None))  # Keras 2 had no layer for it
        value = file.made(layer, network)
        if layer.network is not None:
            stage: nodes.Expression = file.model_stage(layer, network)
        elif value is not None:
            stage = _labelled(layer, value.as_written([]), file, network)
        else:
            raise Fault(
                MALFORMED_MODEL, f"{layer.path} is a {layer.class_name}, which takes several inputs"
            )
        statements.append(nodes.Evaluate(build.SPAN, stage))
    return statements


def _input_name(layer: ForeignLayer, file: FileBuilder) -> str | None:
    """The name of a sequential's input; None for the one that Keras gives to the first of all."""
    if layer.name == snake_case(INPUT):
        return None
    name = identifier(layer.name, "inputs")
    return f"{name}_" if is_known(name) or name in file.taken else name


def _input(layer: ForeignLayer, name: str | None, *, is_optional: bool = False) -> nodes.Input:
    config = layer.config
    shape = config.get("batch_shape") or config.get("batch_input_shape")
    if shape is None:
        raise Fault(FOREIGN_ARGUMENT, f"{config.path} needs a `batch_shape`, and has none")
    for flag in ("sparse", "ragged"):
        found = config.get(flag)
        if found is not None and found.value is not False:
            raise Fault(FOREIGN_ARGUMENT, f"{found.path} needs to be false: tensors are dense here")
    batch, *rest = shape.entries() or [Cursor(None)]
    stated = None
    if batch.value is not None:
        stated = nodes.Batch(build.SPAN, BATCH_NAME, _dim(batch))
    dims = [_dim(dim) for dim in rest]
    dtype = _dtype(config)
    shown = None if dtype == "float32" else dtype
    annotation = nodes.Annotation(build.SPAN, shown, tuple(dims), stated)
    label = None if name in (None, layer.name) else build.LayerName(build.SPAN, layer.name, "")
    return nodes.Input(
        build.SPAN, name, None if name is None else build.SPAN, annotation, label, is_optional
    )


def _is_optional(layer: ForeignLayer) -> bool:
    return layer.config.mapping().get("optional") is True


def _dim(dim: Cursor) -> nodes.Expression:
    if dim.value is None:
        return nodes.UnknownDim(build.SPAN)
    if not dim.whole():
        raise dim.fault("to be a size of 1 or more")
    return build.literal(dim.value)


def _dtype(config: Cursor) -> str:
    found = config.get("dtype")
    if found is None:
        return "float32"
    name = found.at("config").at("name") if isinstance(found.value, dict) else found
    if name.text() not in DTYPES:
        raise name.fault("to be the name of a dtype")
    return name.text()


def _labelled(
    layer: ForeignLayer, made: Layer, file: FileBuilder, around: Network
) -> nodes.Expression:
    instance = file.instance(layer.entry, made)
    if instance is not None:
        return instance
    label = build.LayerName(
        build.SPAN, layer.name, snake_case(made.type_name), tuple(made.inner_names)
    )
    spelled = spell_layer(made, is_thawed=file.is_thawed(layer, around))
    return build.named(spelled, label)


class _Functional:
    """Writes the calls of a functional model one by one, with a name for each tensor."""

    def __init__(self, network: Network, file: FileBuilder) -> None:
        self.file = file
        self.made = {
            layer.name: file.made(layer, network)
            for layer in network.layers
            if layer.class_name != INPUT
        }
        if not network.types:
            note_types(ordered_calls(network), self.made, network)
        self.opaque = {name for name, made in self.made.items() if isinstance(made, Opaque)}
        network = self.network = self._opened(without_implicit_masks(network, self.made))
        self.layers = {layer.name: layer for layer in network.layers}
        self._tidy()
        self.steps = ordered_calls(network)
        self.waiting = Counter(a for step in self.steps for a in call_addresses(step.call))
        self.waiting.update(address for _, address in network.outputs)
        self.names: dict[Address, nodes.Expression] = {}
        self.operands = Spelling(self.names)
        self.fixed: set[str] = set()
        self.variables = Variables(self._is_taken)
        self.shared: dict[str, nodes.Expression] = {}
        self.statements: list[nodes.Statement] = []
        self._inputs()
        for step in self.steps:
            self._step(step)
        self._output()

    def _opened(self, network: Network) -> Network:
        """The model with calls of opaque layers as they take them: tensors alone."""
        layers = [
            replace(layer, calls=tuple(map(only_tensors, layer.calls)))
            if layer.name in self.opaque
            else layer
            for layer in network.layers
        ]
        return replace(network, layers=tuple(layers))

    def _tidy(self) -> None:
        """Leave out what layers have filled in for the inputs that they are given."""
        for layer in self.network.layers:
            made = self.made.get(layer.name)
            if made is not None and layer.calls:
                taken = call_addresses(layer.calls[0])
                types = [t for a in taken if (t := self.network.types.get(a)) is not None]
                self.made[layer.name] = made.as_written(types)

    def _is_taken(self, name: str) -> bool:
        return name in self.fixed or name in self.file.taken or is_known(name)

    def _fixed_name(self, text: str, fallback: str) -> str:
        """A name like a text that nothing else has, now or later."""
        name = base = identifier(text, fallback)
        number = 0
        while self._is_taken(name):
            number += 1
            name = f"{base}_{number}"
        self.fixed.add(name)
        return name

    def _inputs(self) -> None:
        for address in self.network.inputs:
            layer = self.layers[address.layer]
            if layer.class_name != INPUT or address in self.names:
                raise Fault(
                    MALFORMED_MODEL,
                    f"{layer.path} is an input of the model, and no {INPUT}, or is one twice",
                )
            name = self._fixed_name(layer.name, "inputs")
            self.names[address] = build.name(name)
            made = _input(layer, name, is_optional=_is_optional(layer))
            self.statements.append(made)
        if not is_plain(self.network.input_structure):
            form = filled(self.network.input_structure, list(self.names.values()))
            self.statements.append(nodes.InputForm(build.SPAN, build.structured(form)))
        given = {address.layer for address in self.network.inputs}
        for layer in self.network.layers:
            if layer.class_name == INPUT and layer.name not in given:
                raise Fault(MALFORMED_MODEL, f"{layer.path} is no input of the model it stands in")

    def _step(self, step: Step) -> None:
        layer = step.layer
        expression = None if is_weight(layer) else self._expression(step)
        operands = list(dict.fromkeys(call_addresses(step.call)))
        for address in operands:
            self.waiting[address] -= sum(a == address for a in call_addresses(step.call))
            self._release(address)
        if expression is None:
            name = self._fixed_name(layer.name, "weight")
            self.names[Address(layer.name, step.index, 0)] = build.name(name)
            self.statements.append(weight_statement(layer, name, self.file.configurer))
            return
        is_opaque = layer.name in self.opaque  # it has those outputs alone that anyone takes
        places = used_places(layer, self.network) if is_opaque else range(self._count(step))
        outputs = [Address(layer.name, step.index, place) for place in places]
        names = [self._output_name(address) or self.variables.take() for address in outputs]
        for address, name in zip(outputs, names, strict=True):
            self.names[address] = build.name(name)
        for address in outputs:
            self._release(address)
        self.statements.append(build.assign(names, expression))

    def _output_name(self, address: Address) -> str | None:
        """The name of an output that stands alone in a list: there it has its variable's."""
        is_alone = len(self.network.outputs) == 1 and not is_plain(self.network.output_structure)
        if not is_alone or address != self.network.outputs[0][1]:
            return None
        return self._fixed_name(address.layer, "outputs") if is_identifier(address.layer) else None

    def _release(self, address: Address) -> None:
        expression = self.names[address]
        if self.waiting[address] or not isinstance(expression, nodes.Name):
            return
        if expression.id not in self.fixed:
            self.variables.release(expression.id)

    def _count(self, step: Step) -> int:
        """How many outputs a call gives, as far as anyone takes them."""
        places = [
            address.output
            for address in self.waiting
            if address.layer == step.layer.name and address.call == step.index
        ]
        most = max(places, default=0) + 1
        return max(most, output_count(step, self.made[step.layer.name], self.network.types))

    def _expression(self, step: Step) -> nodes.Expression:
        layer, call = step.layer, step.call
        if layer.is_operation and layer.name not in self.opaque:
            return spell_operation(layer, call, self.operands)
        made = self.made[layer.name]
        if layer.network is not None:
            return build.pipe(
                model_source(layer.network, call, self.operands), self._stage(layer, made)
            )
        return build.pipe(layer_source(made, call, self.operands), self._stage(layer, made))

    def _stage(self, layer: ForeignLayer, made: Any) -> nodes.Expression:
        """The layer as a stage: itself where it is called once, else the name it is bound to."""
        if layer.name in self.shared:
            return self.shared[layer.name]
        if layer.network:
            stage: nodes.Expression = self.file.model_stage(layer, self.network)
        else:
            stage = _labelled(layer, made, self.file, self.network)
        if isinstance(stage, nodes.Name):
            self.shared[layer.name] = stage
        if len(layer.calls) == 1 or isinstance(stage, nodes.Name):
            return stage
        assert isinstance(stage, nodes.Named)
        if isinstance(stage.value, nodes.Name):
            self.shared[layer.name] = stage.value
            return stage
        name = self._fixed_name(layer.name, "shared")
        self.statements.append(build.assign([name], stage))
        self.shared[layer.name] = build.name(name)
        return self.shared[layer.name]

    def _output(self) -> None:
        outputs = self.network.outputs
        if not outputs:
            raise Fault(MALFORMED_MODEL, f"{self.network.path or 'the model'} has no outputs")
        labels = [key or address.layer for key, address in outputs]
        is_named = len(outputs) > 1 or outputs[0][0] is not None
        structure = self.network.output_structure
        if not is_plain(structure):
            made = filled(structure, [self.names[address] for _, address in outputs])
            item = nodes.OutputItem(build.SPAN, None, build.structured(made))
            self.statements.append(nodes.Output(build.SPAN, (item,)))
            return
        items = []
        for label, (_, address) in zip(labels, outputs, strict=True):
            shown = label if is_named and labels.count(label) == 1 else None
            if shown is not None and not is_identifier(shown):
                shown = None
            items.append(nodes.OutputItem(build.SPAN, shown, self.names[address]))
        self.statements.append(nodes.Output(build.SPAN, tuple(items)))
