"""A model used as a layer of another one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from graphc.declare.freezing import inside
from graphc.declare.layer import Layer
from graphc.declare.op import Op
from graphc.declare.scope import TRAINING, Scope, apply_layer, says_training
from graphc.diagnostics.codes import INPUT_COUNT, RANK_MISMATCH, SHAPE_MISMATCH
from graphc.diagnostics.fault import CALL, Fault
from graphc.ir.dims import UNKNOWN, Dim, SymbolicDim, substitute, unify, variables
from graphc.ir.graph import CallRecord, InputSource, ModelGraph, TensorRef, WeightSource
from graphc.ir.origin import Origin, current_origin, made_for
from graphc.ir.structure import Structure
from graphc.ir.tensor import Tensor
from graphc.ir.types import TensorType
from graphc.layers.call_order import loses_masks, run_order
from graphc.ops.convert import cast

MASK = "mask"
"""What gives the inputs masks: one, or a list with one or None for each."""

Made = dict[int, tuple[Tensor, ...]]
"""The outputs of the calls replayed so far, by node."""


class ModelLayer(Layer, abstract=True):
    """A nested model: its own graph, with weights of its own, applied as one layer.

    A sequential without an input has no graph until it is called: `build` makes it then.
    """

    category = "model"

    graph: ModelGraph | None
    build: Callable[[tuple[TensorType, ...]], ModelGraph] | None
    base_name: str
    is_shared: bool
    """Whether it is the one instance that the model's bare name stands for everywhere."""

    supports_masking = True
    name_of_inputs = "inputs"
    kind_text = "a model"

    @classmethod
    def of(
        cls,
        graph: ModelGraph | None,
        base_name: str,
        *,
        trainable: bool = True,
        is_shared: bool = False,
        build: Callable[[tuple[TensorType, ...]], ModelGraph] | None = None,
    ) -> ModelLayer:
        """The layer that applies a graph."""
        made = cls.from_values({"trainable": trainable})
        vars(made).update(graph=graph, base_name=base_name, is_shared=is_shared, build=build)
        return made

    @property
    def type_name(self) -> str:
        """The class name that Keras gives such a model."""
        return "Sequential" if self.graph is None else self.graph.type_name

    @property
    def subject(self) -> str:
        """A model is known by the name that the source gives it."""
        return self.base_name if self.graph is None else self.graph.name

    @property
    def key(self) -> tuple[Any, ...]:
        """A model is equal to itself alone."""
        return (ModelLayer, id(self), self.trainable)

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the model's inputs."""
        if self.graph is None:
            return ("inputs",)
        return tuple(self.graph.record(node).name for node in self.graph.inputs)

    @property
    def named_parameters(self) -> tuple[str, ...]:
        """The inputs, and masks for all of them together, unless an input is called so."""
        return self.parameters if MASK in self.parameters else (*self.parameters, MASK)

    @property
    def tensor_parameters(self) -> tuple[str, ...]:
        """The names of the model's inputs."""
        return self.parameters

    @property
    def takes_list(self) -> bool:
        """A model takes its inputs one by one."""
        return False

    @property
    def takes_one_in_list(self) -> bool:
        """Whether the model takes its one input in a list; calls may give it alone, too."""
        return self.graph is not None and self.graph.input_structure == [0]

    @property
    def input_structure(self) -> Structure:
        """The lists and dicts of inputs in a call, where it does not say itself: `[x] -> encoder`."""
        return None if self.graph is None or self.takes_one_in_list else self.graph.input_structure

    @property
    def is_complete(self) -> bool:
        """Whether the model has no fault of its own, which is reported where it stands."""
        return self.graph is None or self.graph.is_complete

    def graph_for(self, types: tuple[TensorType, ...]) -> ModelGraph:
        """The model's graph, built for inputs of these types where it waits for them."""
        if self.graph is None:
            assert self.build is not None
            vars(self)["graph"] = self.build(types)
        assert self.graph is not None
        return self.graph

    def call(  # type: ignore[override]  # an input may be called `self` or `scope`
        self, scope: Scope, /, *inputs: Any, **named: Any
    ) -> Any:
        """Walk the graph on these tensors: one output, or a tuple of them."""
        masks = None if MASK in self.parameters else named.pop(MASK, None)
        given = (*inputs, *named.values())
        if named and not inputs and set(named) == set(self.parameters):
            given = tuple(named[name] for name in self.parameters)
        if self.takes_one_in_list and isinstance(given[0], (list, tuple)):
            given = tuple(given[0])
        graph = self.graph_for(tuple(tensor.type for tensor in given))
        sizes = _sizes(graph, given)
        made: Made = {}
        waiting = dict(zip(graph.inputs, given, strict=True))
        listed_masks = masks if isinstance(masks, (list, tuple)) else [masks]
        waiting_masks = dict(zip(graph.inputs, listed_masks, strict=False))
        around = current_origin()
        for record in _in_order(graph):
            with made_for(Origin(record, around)):
                if isinstance(record.layer, InputSource):
                    tensor = waiting[record.id]
                    converted = cast(tensor, record.layer.type.dtype)
                    converted.mask = tensor.mask
                    if tensor.written_mask is not None and len(given) == 1:
                        converted.mask = tensor.written_mask  # it is an argument of the call
                    mask = waiting_masks.get(record.id)
                    if mask is not None:
                        converted.mask = mask
                    made[record.id] = (converted,)
                else:
                    made[record.id] = _replay(record, scope, made, sizes)
        results = tuple(made[output.ref.node][output.ref.output] for output in graph.outputs)
        return results[0] if len(results) == 1 else results

    def compute_mask(self, scope: Scope, inputs: Any, mask: Any) -> Any:
        """The outputs carry their own masks."""
        return None


def _in_order(graph: ModelGraph) -> Iterable[CallRecord]:
    """The calls of a model, each after those it takes tensors from.

    In Keras' order where that matters: where a layer takes a mask away that others may look for.
    """
    return run_order(graph) if loses_masks(graph) else graph.records()


def _replay(
    record: CallRecord, scope: Scope, made: Made, sizes: Mapping[str, Dim]
) -> tuple[Tensor, ...]:
    layer = record.layer
    if isinstance(layer, WeightSource):
        (spec,) = record.weights
        return (
            scope.weight(
                record.name, spec.shape, spec.initializer, dtype=spec.dtype,
                trainable=spec.is_trainable,
            ),
        )  # fmt: skip
    arguments = {name: _filled(value, made, sizes) for name, value in record.arguments}
    try:
        if isinstance(layer, Op):
            args, kwargs = layer.split(arguments)
            result = layer.function(*args, **kwargs)
        else:
            layer = _sized(layer, sizes)
            if scope.training is not None and says_training(layer, TRAINING):
                arguments.pop(TRAINING, None)  # what a model is called with goes before it
            if not layer.supports_masking and _carries_mask(arguments.get(layer.parameters[0])):
                scope.dropped_masks.append((record,))
            inner = len(scope.dropped_masks)
            own = scope.child(layer, record.name, record.use)
            own.frozen = inside(layer, scope.frozen, says_so=record.use.is_thawed)
            result = apply_layer(layer, own, arguments)
            if isinstance(layer, ModelLayer):
                dropped = scope.dropped_masks[inner:]
                scope.dropped_masks[inner:] = [(*calls, record) for calls in dropped]
    except Fault as fault:
        raise Fault(
            fault.code,
            f"cannot take this input: its {record.use.type_name} `{record.name}` {fault.message}",
            label=fault.label,
            # What speaks of the inner call has no place at the outer one.
            help=None if fault.help is None or CALL in fault.help else fault.help,
        ) from None
    outputs = (result,) if isinstance(result, Tensor) else tuple(result)
    scope.calls += [(record, output) for output in outputs]
    return outputs


def _carries_mask(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return bool(value) and _carries_mask(value[0])
    return isinstance(value, Tensor) and value.mask is not None


def _sized(layer: Layer, sizes: Mapping[str, Dim]) -> Layer:
    """The layer with the sizes that this call has: `Reshape([T * 8])` where T is 5."""
    values = layer.all_values()
    if not any(map(_is_open, values.values())):
        return layer
    filled = {name: _filled(value, {}, sizes) for name, value in values.items()}
    return type(layer).from_values(filled)


def _is_open(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(_is_open(item) for item in value)
    return isinstance(value, SymbolicDim)


def _filled(value: Any, made: Made, sizes: Mapping[str, Dim]) -> Any:
    """An argument with the tensors made so far, and with the sizes that this call has."""
    if isinstance(value, TensorRef):
        return made[value.node][value.output]
    if isinstance(value, (list, tuple)):
        return type(value)(_filled(item, made, sizes) for item in value)
    if isinstance(value, slice):
        bounds = (value.start, value.stop, value.step)
        return slice(*(_filled(bound, made, sizes) for bound in bounds))
    return substitute(value, sizes) if isinstance(value, SymbolicDim) else value


def _sizes(graph: ModelGraph, given: tuple[Tensor, ...]) -> dict[str, Dim]:
    """What the sizes that the model has names for are in this call, if its inputs fit at all."""
    if len(given) != len(graph.inputs):
        listed = " and ".join(f"`{graph.record(node).name}`" for node in graph.inputs)
        raise Fault(INPUT_COUNT, f"needs {len(graph.inputs)} inputs ({listed}), got {len(given)}")
    inputs = [graph.record(node) for node in graph.inputs]
    names = frozenset(
        name for record in inputs for dim in record.layer.type.shape for name in variables(dim)
    )
    sizes: dict[str, Dim] = {}
    for record, tensor in zip(inputs, given, strict=True):
        wanted: TensorType = record.layer.type
        if wanted.rank != tensor.rank:
            raise Fault(
                RANK_MISMATCH,
                f"needs `{record.name}` of shape {wanted}, got {tensor.type}",
                label=f"needs rank {wanted.rank}, got rank {tensor.rank}",
                inputs=(record.name,),
            )
        for dim, size in zip(wanted.shape, tensor.shape, strict=True):
            if unify(dim, size, sizes, names) is False:
                raise Fault(
                    SHAPE_MISMATCH,
                    f"needs `{record.name}` of shape {wanted}, got {tensor.type}",
                    label=f"{size} is not {dim}",
                    inputs=(record.name,),
                )
    return {name: sizes.get(name, UNKNOWN) for name in names}
