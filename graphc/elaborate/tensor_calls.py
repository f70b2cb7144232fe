"""Layers and tensor functions applied to tensors: traced once, then nodes of the graph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphc.declare.definition import bad_argument, missing_argument
from graphc.declare.layer import Layer
from graphc.declare.op import Op
from graphc.declare.registry import snake_case
from graphc.declare.rules import REJECTED
from graphc.declare.scope import TRAINING
from graphc.declare.trace import (
    Signature,
    StaticResult,
    signature_of,
    trace_layer,
    trace_op,
)
from graphc.declare.values import value_text
from graphc.diagnostics.codes import (
    INPUT_COUNT,
    LIMIT_EXCEEDED,
    MASK_DROPPED,
    NOT_A_TENSOR,
    NOT_STATIC,
    OPAQUE_LAYER,
    REPEATED_LAYER_NAME,
    SHARED_LAYER_MISMATCH,
    SLASH_IN_NAME,
    STATIC_ERROR,
)
from graphc.diagnostics.diagnostic import Edit, Fix, Label
from graphc.diagnostics.fault import Fault
from graphc.elaborate.arguments import holds_unknown
from graphc.elaborate.builder import first_tensor, holds_tensor, to_types
from graphc.elaborate.faults import note_fault
from graphc.elaborate.frame import Frame
from graphc.elaborate.limits import TRACE_STEPS
from graphc.elaborate.report import report_fault
from graphc.elaborate.values import UNKNOWN_VALUE, LayerValue, TensorValue
from graphc.ir.dims import shape_text
from graphc.ir.graph import CallRecord, LayerUse
from graphc.layers.model_layer import ModelLayer
from graphc.source import Span
from graphc.syntax import nodes


def describe(value: LayerValue) -> str:
    """A layer as messages call it: its type, and its name where the source gives one.

    A model is known by its own name.
    """
    use = value.use
    kind: str = use.layer.subject if isinstance(use.layer, Layer) else use.type_name
    name = use.name if use.is_named else value.shown
    return f"{kind} `{name}`" if name and name != kind else kind


def apply_layer_value(
    frame: Frame, value: LayerValue, arguments: Mapping[str, Any], by_place: int, span: Span
) -> Any:
    """Call a layer: its output, a tuple of them, or `UNKNOWN_VALUE` after an error.

    The first `by_place` of the arguments are those that the source gives by place.
    """
    use = value.use
    if any(holds_unknown(argument) for argument in arguments.values()):
        return UNKNOWN_VALUE
    if not _are_tensors(frame, value, arguments, span):
        return UNKNOWN_VALUE
    frame.run.count_layer(span)
    types = {name: to_types(argument) for name, argument in arguments.items()}
    try:
        signature = _layer_signature(frame, use.layer, types)
        if use.weights is None:
            use.weights = signature.weights
            _warn_of_unknown_weights(frame, value)
            for base in use.layer.inner_names:
                frame.namer.skip(base)
        elif use.weights is not signature.weights:
            _check_same_weights(use, signature)
    except Fault as fault:
        if frame.replay is not None:
            frame.replay.is_broken = True
        report_fault(
            frame, fault, describe(value), span,
            arguments=value.argument_spans, inputs=arguments, others=_other_side(frame, use, fault, span),
        )  # fmt: skip
        note_fault(frame, use.name, use.type_name, arguments, span)
        return UNKNOWN_VALUE
    except RecursionError:
        depth = Fault(LIMIT_EXCEEDED, "nests models deeper than can be checked")
        report_fault(frame, depth, describe(value), span)
        return UNKNOWN_VALUE
    if isinstance(use.layer, ModelLayer) and not use.layer.is_complete:
        return UNKNOWN_VALUE
    _warn_of_dropped_mask(frame, value, arguments, span)
    for calls in signature.dropped_masks:
        _warn_of_inner_mask(frame, value, calls, span)
    return _add_call(frame, use, arguments, signature, span, by_place=by_place)


def _are_tensors(frame: Frame, value: LayerValue, arguments: Mapping[str, Any], span: Span) -> bool:
    """Whether tensors stand where the layer's call takes tensors; report where they do not."""
    layer = value.use.layer
    hints = type(layer).call.__annotations__
    for name, argument in arguments.items():
        if argument is None or name == TRAINING or "Tensor" not in hints.get(name, "Tensor"):
            continue
        is_list = layer.takes_list and name == layer.parameters[0]
        items = argument if is_list and isinstance(argument, list) else _flat(argument)
        wrong = [item for item in items if not isinstance(item, TensorValue)]
        if isinstance(argument, (list, tuple)) and name.endswith("mask"):
            wrong = [item for item in wrong if item is not None]  # a mask of some of the inputs
        if wrong:
            frame.report(
                NOT_A_TENSOR,
                f"{describe(value)} needs tensors as its input, got {value_text(wrong[0])}",
                span,
            )
            return False
    return True


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _flat(item)
    else:
        yield value


def _warn_of_unknown_weights(frame: Frame, value: LayerValue) -> None:
    """Warn of a layer that may have weights which are not counted."""
    if value.use.layer.has_unknown_weights:
        frame.report(
            OPAQUE_LAYER,
            f"the weights of {describe(value)} are not known, and not counted",
            value.use.span,
            help="say what they are: weights={}, if there are none",
        )


def _warn_of_dropped_mask(
    frame: Frame, value: LayerValue, arguments: Mapping[str, Any], span: Span
) -> None:
    """Warn, as Keras does, where the first input carries a mask that the layer does not know."""
    layer = value.use.layer
    if layer.supports_masking or layer.is_opaque:
        return
    tensor = first_tensor(arguments.get(layer.parameters[0]))
    if tensor is not None and tensor.type.mask is not None:
        frame.report(
            MASK_DROPPED,
            f"{describe(value)} drops the mask of its input: what follows sees padding as data",
            span,
            others=(Label(tensor.span, f"{tensor.shown or 'this'} carries a mask"),),
        )


def _warn_of_inner_mask(
    frame: Frame, value: LayerValue, calls: tuple[CallRecord, ...], span: Span
) -> None:
    """Warn of a layer of a nested model that drops a mask which comes from outside."""
    record, *around = calls
    uses = [(each.use.layer.subject, each.span) for each in around]
    frame.report(
        MASK_DROPPED,
        f"{describe(LayerValue(record.use, {}, None))} drops the mask of its input: "
        "what follows sees padding as data",
        record.span,
        others=(
            *(Label(use.span, f"in {use.block}, used here") for use in reversed(record.path)),
            *(Label(place, f"in {name}, used here") for name, place in uses),
            Label(span, f"in {value.use.layer.subject}, used here"),
        ),
    )


def _other_side(frame: Frame, use: LayerUse, fault: Fault, span: Span) -> tuple[Label, ...]:
    """What a layer disagrees with besides its input: its first use, or a model's statement."""
    assert frame.builder is not None
    model = frame.builder.model
    if fault.code is SHARED_LAYER_MISMATCH and use.calls:
        first = model.record(use.calls[0])
        made = Label(use.span, "made here")
        return (made,) if first.span == span else (Label(first.span, "first used here"), made)
    graph = use.layer.graph if isinstance(use.layer, ModelLayer) else None
    if graph is None:
        return ()
    stated = [graph.record(node) for node in graph.inputs]
    if fault.code is INPUT_COUNT:
        return (Label(graph.span, f"{graph.name} is defined here"),)
    return tuple(Label(r.span, "stated here") for r in stated if r.name in fault.inputs)


def apply_op(
    frame: Frame,
    op: Op,
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    span: Span,
    *,
    argument_spans: Mapping[str, Span] | None = None,
    name: tuple[str, Span] | None = None,
    subject: str | None = None,
) -> Any:
    """Apply a tensor function; on static values alone, its static result where it has one.

    `subject` is what messages call it, where that is not the function's name: `+`.
    """
    if any(holds_unknown(value) for value in (*args, *kwargs.values())):
        return UNKNOWN_VALUE
    names = [each for each, argument in op.arguments.items() if not argument.is_keyword_only]
    arguments = {
        (names[i] if i < len(names) else f"operand {i + 1}"): value for i, value in enumerate(args)
    }
    arguments.update(kwargs)
    spans = argument_spans or {}
    try:
        arguments = _accepted(op, arguments)
        if not any(holds_tensor(value) for value in arguments.values()):
            static = _static_result(op, arguments)
            if static is not None:
                return static
        signature = _op_signature(frame, op, arguments)
    except Fault as fault:
        report_fault(frame, fault, subject or op.name, span, arguments=spans, inputs=arguments)
        note_fault(frame, "", op.type_name, arguments, span)
        return UNKNOWN_VALUE
    if isinstance(signature, StaticResult):
        return signature.value
    if frame.builder is None:
        frame.report(
            NOT_STATIC,
            f"{subject or op.name} makes a tensor, which needs to stand inside a model or block",
            span,
        )
        return UNKNOWN_VALUE
    frame.run.count_layer(span)
    use = make_use(frame, op, span, name)
    use.weights = ()
    return _add_call(frame, use, arguments, signature, span)


def own_use(frame: Frame, layer: Any, span: Span, name: tuple[str, Span] | None) -> LayerUse | None:
    """A layer with weights, new or that of an earlier use of its block; None after a report.

    `name` is claimed here, where the layer is new.
    """
    if frame.replay is not None:
        try:
            found = frame.replay.next(layer)
        except Fault as fault:
            report_fault(frame, fault, layer.type_name, span)
            return None
        if found is None:
            return None
        use = found
    else:
        if name is not None and not claim(frame, name):
            name = None
        use = make_use(frame, layer, span, name)
    for tape in frame.tapes:
        tape.uses.append(use)
    return use


def claim(frame: Frame, name: tuple[str, Span]) -> bool:
    """Take a layer's name for this model; report where it is taken, or no name for a layer."""
    if "/" in name[0]:
        _report_slash(frame, *name)
        return False
    earlier = frame.namer.claim(*name)
    if earlier is None:
        return True
    frame.report(
        REPEATED_LAYER_NAME,
        f"two layers are named `{frame.namer.prefix}{name[0]}`",
        name[1],
        "this name is taken",
        others=(Label(earlier, "taken here"),) if earlier != name[1] else (),
        help=_numbered(frame, name[0]),
    )
    return False


def _report_slash(frame: Frame, name: str, span: Span) -> None:
    """Keras takes no slash, which parts the names of layers and weights in files of weights."""
    better = name.replace("/", "_")
    is_literal = span.text in (f'"{name}"', f"'{name}'")  # and no expression that makes it
    edit = Edit(span, span.text.replace("/", "_"))
    frame.report(
        SLASH_IN_NAME,
        f"a layer's name has no `/`, got `{name}`",
        span,
        help="a slash parts the layer from its weights: `dense/kernel`",
        fix=Fix(f"write {better}", (edit,)) if is_literal else None,
    )


def _numbered(frame: Frame, name: str) -> str | None:
    """How the names of a loop's layers are made to differ."""
    if not frame.loops:
        return None
    counter = f"{{{next(nodes.bound_targets(frame.loops[-1][0])).name}}}"
    if counter in name:
        return f'a name with braces begins with f: as f"{name}"'
    return f'number them: as f"{name}_{counter}"'


def make_use(frame: Frame, layer: Any, span: Span, name: tuple[str, Span] | None) -> LayerUse:
    """A new layer of the model, named by the source or as Keras would."""
    if name is not None:
        full = frame.namer.prefix + name[0]
    else:
        base = getattr(layer, "base_name", None) or snake_case(layer.type_name)
        full = frame.namer.automatic(base, span)
    use = LayerUse(layer, full, span, frame.path, is_named=name is not None)
    if frame.run.observer is not None:
        frame.run.observer.made(use, frame)
    return use


def _accepted(op: Op, arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments brought through the rules of the static ones."""
    result = {}
    for name, value in arguments.items():
        rule = op.rule_of(name)
        accepted = rule.accept(value)
        if accepted is REJECTED:
            raise bad_argument(name, rule, value)
        result[name] = accepted
    missing = [name for name, a in op.arguments.items() if a.is_required and name not in result]
    if missing:
        raise missing_argument(*missing)
    return result


def _static_result(op: Op, arguments: dict[str, Any]) -> Any:
    values = list(arguments.values())
    if op.static is None or not all(isinstance(v, (int, float)) for v in values):
        return None
    try:
        result = op.static(*values)
    except (ValueError, ZeroDivisionError, OverflowError, TypeError):
        raise Fault(
            STATIC_ERROR, f"has no value for {', '.join(str(value) for value in values)}"
        ) from None
    return None if isinstance(result, complex) else result


def _op_signature(frame: Frame, op: Op, arguments: dict[str, Any]) -> Any:
    types = {name: to_types(value) for name, value in arguments.items()}
    key = (op.name, _frozen(types))
    found = frame.run.signatures.get(key)
    if found is None:
        frame.run.step(None, TRACE_STEPS)
        args, kwargs = op.split(types)
        traced = trace_op(op, tuple(args), kwargs)
        found = traced if isinstance(traced, StaticResult) else signature_of(traced)
        frame.run.signatures[key] = found
    return found


def _layer_signature(frame: Frame, layer: Layer, types: dict[str, Any]) -> Signature:
    key = (layer.key, _frozen(types))
    found: Signature | None = frame.run.signatures.get(key)
    if found is None:
        frame.run.step(None, TRACE_STEPS)
        found = frame.run.signatures[key] = signature_of(trace_layer(layer, types))
    return found


def _frozen(value: Any) -> Any:
    """A value as a key of the cache; 1, 1.0 and True stay apart."""
    if isinstance(value, (list, tuple)):
        return tuple(_frozen(item) for item in value)
    if isinstance(value, dict):
        return tuple((name, _frozen(item)) for name, item in value.items())
    if isinstance(value, slice):
        return ("slice", _frozen(value.start), _frozen(value.stop), _frozen(value.step))
    return (type(value), value) if isinstance(value, (bool, float)) else value


def _check_same_weights(use: LayerUse, signature: Signature) -> None:
    assert use.weights is not None
    for before, now in zip(use.weights, signature.weights, strict=False):
        if before.shape != now.shape:
            raise Fault(
                SHARED_LAYER_MISMATCH,
                f"has a weight `{before.path}` of shape {shape_text(before.shape)} from its first "
                f"use, and needs {shape_text(now.shape)} for this input",
                label="a layer has one set of weights wherever it is used",
            )


def _add_call(
    frame: Frame, use: LayerUse, arguments: Mapping[str, Any], signature: Signature, span: Span,
    *, by_place: int = 1,
) -> Any:  # fmt: skip
    assert frame.builder is not None
    node = frame.builder.call(
        use, span, frame.path, arguments, signature.outputs,
        is_single=signature.is_single, by_place=by_place,
    )  # fmt: skip
    if frame.run.observer is not None:
        frame.run.observer.called(node, arguments, frame)
    values = tuple(
        TensorValue(node, index, type, span, use.name, use.name if use.is_named else None)
        for index, type in enumerate(signature.outputs)
    )
    return values[0] if signature.is_single else values
