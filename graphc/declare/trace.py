"""What a layer or a tensor function makes of inputs of given types: nothing is computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from graphc.declare.freezing import Frozen
from graphc.declare.layer import Layer
from graphc.declare.op import Op
from graphc.declare.scope import Scope, WeightSpec, apply_layer
from graphc.ir.dims import Dim
from graphc.ir.primitives import Cost, step_cost
from graphc.ir.tensor import Step, Tensor, fresh, steps_of
from graphc.ir.types import TensorType
from graphc.record import Record, replace


class Trace(Record):
    """A traced computation: inputs and weights in, outputs out, steps between."""

    inputs: tuple[Tensor, ...]
    weights: tuple[tuple[WeightSpec, Tensor], ...]
    outputs: tuple[Tensor, ...]
    is_single: bool
    """Whether the computation gives one tensor rather than a tuple of one."""
    dropped_masks: tuple[tuple[Any, ...], ...] = ()
    """Calls in nested models that drop a mask, each with the calls of the models around it."""
    updates: tuple[tuple[WeightSpec, Tensor], ...] = ()
    """New values of weights that training changes without a gradient."""
    penalties: tuple[Tensor, ...] = ()
    """What regularizers of outputs add to the loss."""
    calls: tuple[tuple[Any, Tensor], ...] = ()
    """The calls inside of models, in their order, with what each gives."""

    __hash__ = object.__hash__

    @property
    def steps(self) -> list[Step]:
        """The steps that lead to the outputs, each after those it needs."""
        return steps_of(self.outputs)

    @property
    def cost(self) -> Cost:
        """The work of all steps."""
        flops: Dim = 0
        macs: Dim = 0
        for step in self.steps:
            cost = step_cost(step)
            flops, macs = flops + cost.flops, macs + cost.macs
        return Cost(flops, macs)


class Signature(Record):
    """What the rest of a graph sees of a traced computation."""

    outputs: tuple[TensorType, ...]
    is_single: bool
    weights: tuple[WeightSpec, ...]
    dropped_masks: tuple[tuple[Any, ...], ...] = ()


def trace_layer(
    layer: Layer, arguments: Mapping[str, Any], *, training: bool | None = None,
    around: Frozen = Frozen.NO,
) -> Trace:  # fmt: skip
    """Trace a layer's call on arguments whose tensors are given by `TensorType`.

    `around` is how it is frozen by what it stands in. Raises `Fault` where the layer does not take such inputs.
    """
    inputs: list[Tensor] = []
    scope, outputs = _applied(layer, arguments, inputs, training=training, around=around)
    weights = tuple((spec, scope.tensors[spec.path]) for spec in scope.ordered_specs)
    updates = tuple((scope.specs[path], tensor) for path, tensor in scope.updates.items())
    trace = _finish(inputs, weights, outputs, tuple(scope.dropped_masks), updates)
    penalties = tuple(tensor for _, tensor in scope.penalties)
    return replace(trace, penalties=penalties, calls=tuple(scope.calls))


def scope_of(layer: Layer, arguments: Mapping[str, Any]) -> Scope:
    """What a layer makes weights in when it is called so, with the scopes of its inner layers."""
    return _applied(layer, arguments, [], training=None)[0]


def _applied(
    layer: Layer, arguments: Mapping[str, Any], inputs: list[Tensor], *, training: bool | None,
    around: Frozen = Frozen.NO,
) -> tuple[Scope, Any]:  # fmt: skip
    scope = Scope(layer, training=training, around=around)
    made = {name: fresh(value, inputs) for name, value in arguments.items()}
    return scope, apply_layer(layer, scope, made)


class StaticResult(Record):
    """What a tensor function gives that is not a tensor: a shape, a rank."""

    value: Any


def trace_op(op: Op, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Trace | StaticResult:
    """Trace a tensor function on arguments whose tensors are given by `TensorType`."""
    inputs: list[Tensor] = []
    outputs = op.function(
        *[fresh(value, inputs) for value in args],
        **{name: fresh(value, inputs) for name, value in kwargs.items()},
    )
    is_tensor = isinstance(outputs, Tensor) or (
        isinstance(outputs, (list, tuple))
        and bool(outputs)
        and all(isinstance(output, Tensor) for output in outputs)
    )
    return _finish(inputs, (), outputs) if is_tensor else StaticResult(outputs)


def signature_of(trace: Trace) -> Signature:
    """The types of a trace, without its steps."""
    return Signature(
        tuple(type_of(tensor) for tensor in trace.outputs),
        trace.is_single,
        tuple(spec for spec, _ in trace.weights),
        trace.dropped_masks,
    )


def type_of(tensor: Tensor) -> TensorType:
    """A tensor's type, its mask included."""
    if tensor.mask is None:
        return tensor.type
    return TensorType(tensor.shape, tensor.dtype, tensor.mask.shape)


def map_types(value: Any, change: Callable[[Any], Any]) -> Any:
    """A nested value with each item that is not a list changed."""
    if isinstance(value, (list, tuple)):
        return type(value)(map_types(item, change) for item in value)
    return change(value)


def _finish(
    inputs: list[Tensor],
    weights: tuple[tuple[WeightSpec, Tensor], ...],
    outputs: Any,
    dropped_masks: tuple[tuple[Any, ...], ...] = (),
    updates: tuple[tuple[WeightSpec, Tensor], ...] = (),
) -> Trace:
    is_single = isinstance(outputs, Tensor)
    listed = (outputs,) if is_single else tuple(outputs)
    return Trace(tuple(inputs), weights, listed, is_single, dropped_masks, updates)
