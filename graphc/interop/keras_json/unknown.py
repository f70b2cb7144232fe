"""Layers of classes that the language does not have, kept with what is recorded of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphc.declare.layer import Layer
from graphc.declare.trace import Trace, trace_layer, type_of
from graphc.diagnostics.codes import UNKNOWN_FOREIGN_CLASS
from graphc.diagnostics.fault import Fault
from graphc.interop.keras_json.calls import bound
from graphc.interop.keras_json.classes import class_title, is_of_keras, layer_class
from graphc.interop.keras_json.configure import Configurer
from graphc.interop.keras_json.network import (
    Address,
    ForeignCall,
    ForeignLayer,
    Network,
    call_addresses,
)
from graphc.interop.keras_json.output_count import UNTRACED, typed
from graphc.ir.dims import UNKNOWN
from graphc.ir.types import Shape, TensorType
from graphc.layers.opaque import Opaque
from graphc.record import replace

# What changes how a layer trains, and nothing of what it computes.
_OF_TRAINING = ("_initializer", "_regularizer", "_constraint")

Shapes = Mapping[tuple[str, int], TensorType]
"""Types of outputs by the layer's name and the output's place."""


class Unknown:
    """How layers of unknown classes are kept: `shapes` has those that nothing records."""

    def __init__(self, shapes: Shapes | None = None) -> None:
        self.shapes: Shapes = shapes or {}


def opaque_layer(
    layer: ForeignLayer, around: Network, configurer: Configurer, given: Shapes
) -> tuple[Layer, tuple[str, ...]]:
    """What stands for a layer that cannot be expressed, and the arguments that it lacks.

    A layer of Keras that has something unknown among its arguments keeps the rest: it is itself if
    that is of no effect on its outputs, or if a layer inside of it can be made opaque in its place.
    """
    outputs = dict(_outputs(layer, around))
    outputs.update({place: found for (name, place), found in given.items() if name == layer.name})
    if layer_class(layer.entry) is not None:
        lenient = configurer.lenient(layer.entry)
        if lenient is not None and not lenient.inner:
            if all(name.endswith(_OF_TRAINING) for name in lenient.dropped):
                return lenient.made, lenient.dropped
            trace = _traced(lenient.made, layer, around)
            if trace is not None:
                return _of_trace(layer, lenient.made, trace), ()
        elif lenient is not None and len(lenient.inner) == 1 and not lenient.dropped:
            fitted = _fitted(layer, around, configurer, outputs.get(0))
            if fitted is not None:
                return fitted, ()
    return _opaque(layer, around, outputs), ()


def _opaque(layer: ForeignLayer, around: Network, outputs: Mapping[int, TensorType]) -> Layer:
    title, is_own = class_title(layer.entry), is_of_keras(layer.entry)
    places = used_places(layer, around)
    for place in places:
        if place not in outputs:
            raise without_shape(layer, place)
    types = [outputs[place] for place in places]
    return _made(
        layer,
        [each.shape[1:] for each in types],
        [each.dtype for each in types],
        {} if layer.is_operation else Opaque.standing_for(title, (), is_own=is_own).weights,
    )


def _of_trace(layer: ForeignLayer, made: Layer, trace: Trace) -> Layer:
    types = [type_of(output) for output in trace.outputs]
    weights = {spec.path: spec.shape for spec, _ in trace.weights}
    return _made(layer, [each.shape[1:] for each in types], [each.dtype for each in types], weights)


def _made(
    layer: ForeignLayer, shapes: list[Shape], dtypes: list[str], weights: Mapping[str, Any] | None
) -> Layer:
    values: dict[str, Any] = {
        "class_name": class_title(layer.entry),
        "output_shape": shapes[0] if len(shapes) == 1 else tuple(shapes),
        "weights": weights,
    }
    trainable = layer.config.mapping().get("trainable")
    if trainable is False:
        values["trainable"] = False
    plain = Opaque.from_values(values)
    if any(dtype != plain.compute_dtype for dtype in dtypes):
        values["output_dtype"] = dtypes[0] if len(set(dtypes)) == 1 else tuple(dtypes)
    return Opaque.from_values(values)


def without_shape(layer: ForeignLayer, place: int) -> Fault:
    """The fault of a layer whose output nothing is known of."""
    title = class_title(layer.entry)
    which = f"output {place} of " if place else ""
    name = f"{layer.name}[{place}]" if place else layer.name
    return Fault(
        UNKNOWN_FOREIGN_CLASS,
        f"{layer.path}, called `{layer.name}`, is a {title}, and no shape is recorded of {which}it",
        help=f'give it: --shape "{name}=[…]", the dims of one example',
    )


# What is recorded


def record_nested(network: Network, configurer: Configurer) -> None:
    """Note in the models nested in one what is recorded of their outputs around them.

    A sequential notes of each layer what the next one was built for.
    """
    if network.kind == "sequential":
        _record_sequence(network, configurer)
    for layer in network.layers:
        if layer.network is None:
            continue
        inner = layer.network
        ends = [address for _, address in inner.outputs]
        if inner.kind == "sequential" and inner.layers:
            ends = [Address(inner.layers[-1].name, 0, 0)]
        for place, end in enumerate(ends):
            for index in range(max(1, len(layer.calls))):
                found = network.types.get(Address(layer.name, index, place))
                if found is not None:
                    inner.types.setdefault(end, found)


def _record_sequence(network: Network, configurer: Configurer) -> None:
    last = Address(network.layers[-1].name, 0, 0) if network.layers else None
    after = None if last is None else network.types.get(last)
    for layer in reversed(network.layers):
        if after is not None:
            network.types.setdefault(Address(layer.name, 0, 0), after)
        before = network.before(layer)
        if before is None and after is not None and _keeps(layer, after, configurer):
            before = after
        after = before


def _keeps(layer: ForeignLayer, type: TensorType, configurer: Configurer) -> bool:
    """Whether a layer, of which Keras records nothing, gives what it takes: Dropout, ReLU."""
    if layer.network is not None or layer.is_operation:
        return False
    try:
        made = configurer.layer(layer.entry)
        traced = trace_layer(made, {made.parameters[0]: type})
    except UNTRACED:
        return False
    return [output.type for output in traced.outputs] == [type]


def used_places(layer: ForeignLayer, around: Network) -> list[int]:
    """Which outputs of a layer anyone takes, over all calls."""
    taken = [address for each in around.layers for c in each.calls for address in call_addresses(c)]
    taken += [address for _, address in around.outputs]
    places = {address.output for address in taken if address.layer == layer.name}
    return sorted(places or {0})


def _outputs(layer: ForeignLayer, around: Network) -> Iterator[tuple[int, TensorType]]:
    """The types of the outputs that are used, as far as they are recorded."""
    for place in used_places(layer, around):
        found = [
            around.types[address]
            for index in range(max(1, len(layer.calls)))
            if (address := Address(layer.name, index, place)) in around.types
        ]
        if found:
            yield place, _common(layer, found)


def _common(layer: ForeignLayer, types: list[TensorType]) -> TensorType:
    """One type for what comes of several calls: sizes that differ are not known."""
    first = types[0]
    for other in types[1:]:
        if other.rank != first.rank or other.dtype != first.dtype:
            raise Fault(
                UNKNOWN_FOREIGN_CLASS,
                f"{layer.path}, called `{layer.name}`, gives {first} in one call and {other} in "
                "another, which one opaque layer cannot",
            )
        dims = [a if a == b else UNKNOWN for a, b in zip(first.shape, other.shape, strict=True)]
        first = TensorType(tuple(dims), first.dtype)
    return first


def _traced(made: Layer, layer: ForeignLayer, around: Network) -> Trace | None:
    """A layer traced on what is recorded of its inputs; None where that fails."""
    try:
        if not layer.calls:
            before = around.before(layer)
            return None if before is None else trace_layer(made, {made.parameters[0]: before})
        by_place, by_name = bound(made, layer.calls[0])
        arguments = {**dict(zip(made.parameters, by_place, strict=False)), **by_name}
        return trace_layer(made, {n: typed(v, around.types) for n, v in arguments.items()})
    except UNTRACED:
        return None


def _fitted(
    layer: ForeignLayer, around: Network, configurer: Configurer, output: TensorType | None
) -> Layer | None:
    """The layer around an opaque one whose output has the shape that gives what is recorded.

    What a layer makes of its inner layer's output only the layer knows: the ends of its own output's
    shape are tried.
    """
    if output is None:
        return None
    for start in range(1, output.rank + 1):
        lenient = configurer.lenient(layer.entry, output.shape[start:])
        trace = None if lenient is None else _traced(lenient.made, layer, around)
        if lenient is None or trace is None:
            continue
        if [each.shape[1:] for each in trace.outputs] == [output.shape[1:]]:
            return lenient.made
    return None


def only_tensors(call: ForeignCall) -> ForeignCall:
    """A call of an opaque layer: all tensors, in order."""
    tensors = list(call_addresses(call))
    return replace(call, args=(tensors[0] if len(tensors) == 1 else tensors,), kwargs={})
