"""A model as Keras' functional or sequential configuration: what `model.to_json()` writes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphc.analysis.order import keras_order
from graphc.declare.freezing import Frozen, inside, is_trained
from graphc.declare.layer import Layer
from graphc.declare.op import Op
from graphc.declare.operands import is_listable
from graphc.declare.registry import numbered, snake_case
from graphc.ir.dims import SymbolicDim
from graphc.ir.graph import (
    CallRecord,
    InputSource,
    LayerUse,
    ModelGraph,
    TensorRef,
    WeightSource,
    tensor_refs,
)
from graphc.ir.structure import filled
from graphc.keras_format.constants import constants, is_open
from graphc.keras_format.inexpressible import Inexpressible, opaque_text
from graphc.keras_format.masks import names_clash, own_arguments, takes_mask_alone
from graphc.keras_format.operations import WITHOUT_CLASS, module_of, parts_of
from graphc.keras_format.outputs import output_keys
from graphc.keras_format.sizes import SizedFunctions, needs_other_functions
from graphc.keras_format.tensors import array, dims, part, tensor
from graphc.keras_format.training import compile_config
from graphc.keras_format.values import (
    WEIGHT_CLASS,
    Json,
    arguments,
    dtype_policy,
    entry,
    layer_entry,
    plain,
)
from graphc.layers.call_order import loses_masks
from graphc.layers.model_layer import MASK, ModelLayer
from graphc.layers.owners import Around
from graphc.ops.arrays import numpy_dtype
from graphc.training.keys import TrainConfig


def keras_json(model: ModelGraph, train: TrainConfig | None = None) -> dict[str, Any]:
    """The configuration of a model, which `keras.models.model_from_json` builds it from.

    Raises `Inexpressible`.
    """
    writer = _Writer()
    made = writer.model(
        Around(model), model.own_name, Frozen.NO if model.trainable else Frozen.HERE
    )
    keys = output_keys(model, train)
    if keys is not None:
        places = made["config"]["output_layers"]
        made["config"]["output_layers"] = dict(zip(keys, places, strict=True))
    made["compile_config"] = compile_config(train, model)
    writer.mark_shared()
    return made


class _Writer:
    def __init__(self) -> None:
        self._written: dict[Any, list[dict[str, Any]]] = {}
        """The entries of each layer, by what tells its weights from those of others."""

    def mark_shared(self) -> None:
        """Say which entries are one layer: Keras reads that from archives.

        Not of layers that several models call: Keras counts the calls of each model by itself, and
        finds another model's where they are one (3.15, `functional_from_config`).
        """
        number = 0
        for entries in self._written.values():
            calls = sum("inbound_nodes" in each for each in entries)
            if len(entries) > 1 and calls <= 1:
                number += 1
                for each in entries:
                    each["shared_object_id"] = number

    def model(self, around: Around, name: str, frozen: Frozen) -> dict[str, Any]:
        """A model, nested or not, whose layers are frozen so."""
        graph = around.graph
        assert graph is not None
        _check_name(name, None)
        if is_sequence(graph):
            return self._sequential(around, graph, name, frozen)
        network = _Network(self, around, graph, frozen)
        config = {
            "name": name,
            "trainable": frozen is Frozen.NO,
            "layers": network.layers(),
            "input_layers": filled(
                graph.input_structure, [[graph.record(n).name, 0, 0] for n in graph.inputs]
            ),
            "output_layers": filled(graph.output_structure, network.outputs()),
        }
        made: dict[str, Any] = entry("keras.src.models.functional", graph.type_name, config)
        return made | {"registered_name": "Functional", "class_name": "Functional"}

    def _sequential(
        self, around: Around, graph: ModelGraph, name: str, frozen: Frozen
    ) -> dict[str, Any]:
        entries = [self.use(use, around, frozen) for use in graph.uses()]
        shape = dims(graph.record(graph.inputs[0]).layer.type.shape)
        config = {
            "name": name,
            "trainable": frozen is Frozen.NO,
            "dtype": dtype_policy(None),
            "layers": entries,
            "build_input_shape": shape,
        }
        made: dict[str, Any] = entry("keras", "Sequential", config)
        return made | {"build_config": {"input_shape": shape}}

    def use(self, use: LayerUse, around: Around, frozen: Frozen) -> dict[str, Any]:
        """A layer of a model whose layers are frozen so."""
        layer = use.layer
        _check_name(use.name, use)
        if isinstance(layer, InputSource):
            return _input(use)
        if isinstance(layer, WeightSource):
            made = _weight(use)
            if frozen is not Frozen.NO:
                _freeze(made)
            return made
        try:
            below = inside(layer, frozen, says_so=use.is_thawed)
            made = self.layer(layer, use.name, around, below)
        except Inexpressible as fault:
            fault.span = fault.span or use.span
            raise
        if not is_trained(layer, frozen, says_so=use.is_thawed) and around.nested(layer) is None:
            _freeze(made)
        return made

    def layer(
        self, layer: Layer, name: str, around: Around, frozen: Frozen = Frozen.NO
    ) -> dict[str, Any]:
        """A layer, or a model used as one, with those inside of it, which are frozen so."""
        if layer.is_opaque:
            raise Inexpressible(opaque_text(layer, name))
        home = around.home_of(layer)
        nested = around.nested(layer)
        if nested is not None:
            made = self.model(nested, name, frozen)
        else:
            counts: dict[str, int] = {}

            def inner(each: Layer) -> Json:
                base = getattr(each, "base_name", None) or snake_case(each.type_name)
                below = inside(each, frozen)
                return self.layer(each, each.name or numbered(base, counts), home, below)

            given = arguments(layer, inner)
            if given.get("activity_regularizer") is None:
                given.pop("activity_regularizer", None)  # layers that have none do not list it
            config = {**given, "name": name}
            if "dtype" in given:
                config["dtype"] = dtype_policy(layer.dtype)
            made = layer_entry(type(layer), config)
        self._written.setdefault(home.key_of(layer), []).append(made)
        return made


def _freeze(made: Any) -> None:
    """Say of all layers inside an entry that they are not trained: Keras asks each of them."""
    if isinstance(made, list):
        for each in made:
            _freeze(each)
    elif isinstance(made, dict):
        if "trainable" in made:
            made["trainable"] = False
        for value in made.values():
            _freeze(value)


class _Network:
    """The layers of a functional model, with their calls."""

    def __init__(self, writer: _Writer, around: Around, graph: ModelGraph, frozen: Frozen) -> None:
        self.writer, self.around, self.graph, self.frozen = writer, around, graph, frozen
        self.constants = constants(graph)
        self.sized = SizedFunctions(graph, self._tensor)
        self._hides_masks = names_clash(graph) and not loses_masks(graph)
        self._is_tied = False
        """Whether constants are tensors of the graph: a layer that is applied to them alone is."""

    def layers(self) -> list[dict[str, Any]]:
        """All of them, in Keras' order."""
        made = []
        for each in self._layers():
            made += [*self.sized.take(), each]
        return made + self.sized.take()

    def _layers(self) -> Iterator[dict[str, Any]]:
        for use in keras_order(self.graph):
            if all(node in self.constants for node in use.calls):
                continue
            records = [self.graph.record(node) for node in use.calls]
            if isinstance(use.layer, Op):
                if needs_other_functions(use.layer, dict(records[0].arguments)):
                    self.sized.write(records[0])
                else:
                    yield self._operation(use, records[0])
                continue
            made = self.writer.use(use, self.around, self.frozen)
            called = [] if isinstance(use.layer, InputSource) else records
            # In place: the writer knows the entry, and may say that it is one of several.
            made["name"] = use.name
            made["inbound_nodes"] = [self._node(record) for record in called]
            yield made

    def _operation(self, use: LayerUse, record: CallRecord) -> dict[str, Any]:
        op: Op = use.layer
        _check_name(use.name, use)
        if op.name in WITHOUT_CLASS:
            message = f"{op.name} has no class in Keras that a configuration could name"
            raise Inexpressible(message, record.span)
        parts = parts_of(op, dict(record.arguments))
        try:
            settings = {n: self._setting(op, n, value) for n, value in parts.settings.items()}
            args = [self._given(op, *item, record) for item in parts.args.items()]
            kwargs = {item[0]: self._given(op, *item, record) for item in parts.kwargs.items()}
        except Inexpressible as fault:
            fault.span = fault.span or record.span
            raise
        config = {"name": use.name, **settings}
        made: dict[str, Any] = entry(module_of(op), op.class_name, config)
        return made | {
            "registered_name": op.class_name,
            "name": use.name,
            "inbound_nodes": [{"args": args, "kwargs": kwargs}],
        }

    def _setting(self, op: Op, name: str, value: Any) -> Json:
        if any(True for _ in tensor_refs(value)):
            raise Inexpressible(f"{op.name} takes `{name}` as a number in a configuration")
        if op.name == "reshape" and isinstance(value, (list, tuple)):
            return _with_one_open(value)
        return plain(value)

    def _given(self, op: Op, name: str, value: Any, record: CallRecord) -> Json:
        """What a function is given: no array where it stands in brackets, or is taken as it is."""
        is_listed = is_listable(op.rule_of(name)) and not is_open(value)
        is_plain = op.name == "get_item" or is_listed
        return self._argument(value) if is_plain else self._operand(value, record)

    def _operand(self, value: Any, record: CallRecord) -> Json:
        """An operand of a function: constants, and lists of numbers, are arrays to Keras."""
        if isinstance(value, SymbolicDim):
            dtypes = [type.dtype for type in record.outputs or ()]
            return self.sized.size(value, "int32" if dtypes[0] == "bool" else dtypes[0])
        is_list = isinstance(value, (list, tuple, range))
        if is_list and value and not any(True for _ in tensor_refs(value)):
            return _array_of(value)
        if isinstance(value, (list, tuple)):
            return [
                self._operand(each, record)
                if isinstance(each, (list, tuple))
                else self._argument(each)
                for each in value
            ]
        return self._argument(value)

    def _node(self, record: CallRecord) -> dict[str, Any]:
        layer = record.layer
        if isinstance(layer, WeightSource):
            tensors = [self._tensor(ref) for ref in self.graph.tied(layer)]
            return {"args": tensors if len(tensors) == 1 else [tensors], "kwargs": {}}
        given = dict(record.arguments)
        if self._hides_masks and takes_mask_alone(self.graph, record):
            # Given by name, it is no function of the model, and found when the model runs.
            return {**self._call(layer, given, 1), "kwargs": own_arguments(layer)}
        self._is_tied = not self._takes_tensors(given)
        try:
            return self._call(layer, given, record.by_place)
        except Inexpressible as fault:
            fault.span = fault.span or record.span
            raise
        finally:
            self._is_tied = False

    def _call(self, layer: Layer, given: dict[str, Any], by_place: int) -> dict[str, Any]:
        if isinstance(layer, ModelLayer):
            names = layer.parameters
            if not set(names) <= set(given):  # it was not built yet, and had no names for them
                names = tuple(given)[: len(names)]
            tensors = [self._argument(given[name]) for name in names]
            structure = layer.input_structure
            kwargs = {n: self._argument(v) for n, v in given.items() if n not in names}
            if MASK in kwargs and isinstance(kwargs[MASK], list):
                kwargs[MASK] = filled(structure, kwargs[MASK])
            whole = filled(structure, tensors)
            if not by_place:
                return {"args": [], "kwargs": {layer.name_of_inputs: whole, **kwargs}}
            return {"args": [whole], "kwargs": kwargs}
        made = [(name, self._argument(value)) for name, value in given.items()]
        return {"args": [value for _, value in made[:by_place]], "kwargs": dict(made[by_place:])}

    def _takes_tensors(self, given: dict[str, Any]) -> bool:
        return any(
            ref.node not in self.constants for v in given.values() for ref, _ in tensor_refs(v)
        )

    def _argument(self, value: Any) -> Json:
        if isinstance(value, TensorRef):
            return self._tensor(value)
        if isinstance(value, (list, tuple)):
            return [self._argument(item) for item in value]
        if isinstance(value, slice):
            return part(*map(self._argument, (value.start, value.stop, value.step)))
        if value is ...:
            return {"class_name": "__ellipsis__", "config": {}}
        return plain(value)

    def _tensor(self, ref: TensorRef) -> Json:
        if ref.node in self.constants:
            constant = self.constants[ref.node]
            if self._is_tied:
                return self.sized.tied(constant)
            made = self.graph.record(ref.node)
            is_numpy = numpy_dtype(made.layer, dict(made.arguments)) is not None
            return array(constant, is_numpy=is_numpy)
        record = self.graph.record(ref.node)
        assert record.outputs is not None
        call = record.use.calls.index(ref.node)
        return tensor(record.outputs[ref.output], record.name, call, ref.output)

    def outputs(self) -> list[list[Any]]:
        """Where the outputs come from; calls of a nested functional model count from 1 here."""
        found = []
        for output in self.graph.outputs:
            record = self.graph.record(output.ref.node)
            nested = self.around.nested(record.layer)
            is_functional = nested is not None and not is_sequence(nested.graph)
            place = record.use.calls.index(record.id) + is_functional
            found.append([record.name, place, output.ref.output])
        return found


def is_sequence(graph: ModelGraph | None) -> bool:
    """Whether a model is a Sequential to Keras, which takes layers alone, and each of them once."""
    return (
        graph is not None
        and graph.kind == "sequential"
        and not any(isinstance(use.layer, Op) or len(use.calls) > 1 for use in graph.uses())
    )


def _with_one_open(shape: Any) -> list[Json]:
    """A shape whose one unknown size follows from the rest."""
    unknown = [is_open(dim) for dim in shape]
    if sum(unknown) != 1 or -1 in shape:
        return plain(list(shape))  # type: ignore[no-any-return]
    return [-1 if each else dim for dim, each in zip(shape, unknown, strict=True)]


def _input(use: LayerUse) -> dict[str, Any]:
    type = use.layer.type
    config = {
        "batch_shape": dims(type.shape),
        "dtype": type.dtype,
        "sparse": False,
        "ragged": False,
        "name": use.name,
        "optional": use.layer.is_optional,
    }
    made: dict[str, Any] = entry(Layer.keras_module, "InputLayer", config)
    return made


def _weight(use: LayerUse) -> dict[str, Any]:
    (spec,) = use.weights or ()
    config = {
        "name": use.name,
        "trainable": spec.is_trainable,
        "dtype": dtype_policy(spec.dtype),
        "weight_shape": list(spec.shape),
        "initializer": plain(spec.initializer),
    }
    made: dict[str, Any] = entry(None, "Weight", config)
    return made | {"registered_name": WEIGHT_CLASS}


def _array_of(value: Any) -> Json:
    import numpy as np

    try:
        made = np.asarray(value)
    except ValueError:
        raise Inexpressible("needs lists of numbers of one length") from None
    if made.dtype.kind not in "bif":
        raise Inexpressible("needs a list of sizes, which a configuration cannot hold")
    return array(made.astype({"b": "bool", "i": "int32", "f": "float32"}[made.dtype.kind]))


def _check_name(name: str, use: LayerUse | None) -> None:
    if "/" in name:
        message = f"Keras takes no slash in a layer's name: {name}"
        raise Inexpressible(message, None if use is None else use.span)
