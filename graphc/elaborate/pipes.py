"""Pipes and calls: parentheses configure, arrows carry tensors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graphc.declare.layer import Layer
from graphc.declare.op import OPS, Op
from graphc.declare.scope import TRAINING
from graphc.declare.values import value_text
from graphc.diagnostics.codes import (
    BAD_ARGUMENT,
    INPUT_COUNT,
    MISSING_ARGUMENT,
    NOT_A_TENSOR,
    NOT_CALLABLE,
    REPEATED_LAYER_NAME,
    STATIC_TYPE,
    TOO_MANY_ARGUMENTS,
    UNKNOWN_ARGUMENT,
)
from graphc.diagnostics.diagnostic import Edit, Fix, Label
from graphc.diagnostics.fault import Fault
from graphc.diagnostics.suggest import did_you_mean
from graphc.elaborate.arguments import (
    bind,
    configure,
    converted,
    evaluate_argument,
    holds_unknown,
)
from graphc.elaborate.builder import holds_tensor
from graphc.elaborate.bundles import listed, placed
from graphc.elaborate.faults import StageFaults
from graphc.elaborate.frame import Frame, evaluate, evaluates
from graphc.elaborate.instances import layer_of
from graphc.elaborate.names import value_of
from graphc.elaborate.report import inputs_text, names_text, report_fault, source_text, tensor_name
from graphc.elaborate.templates import apply_block, configure_template, model_layer
from graphc.elaborate.tensor_calls import (
    apply_layer_value,
    apply_op,
    claim,
    describe,
    own_use,
)
from graphc.elaborate.values import (
    UNKNOWN_VALUE,
    Builtin,
    BundleValue,
    ClassValue,
    Configured,
    LayerValue,
    Template,
    TensorValue,
    is_block,
    is_stage,
)
from graphc.elaborate.weight import check_weight, work_of
from graphc.source import Span
from graphc.syntax import nodes

Name = tuple[str, Span]

_NOTHING: Mapping[int, Any] = {}


@evaluates(nodes.Named)
def _named(node: nodes.Named, frame: Frame) -> Any:
    name = layer_name(node.name, frame)
    if name is None:
        evaluate(node.value, frame)
        return UNKNOWN_VALUE
    value = _with_name(node.value, name, frame)
    if isinstance(value, ClassValue):
        return _bare_class(value.cls, frame, node.value)
    if not is_block(value):
        return value
    frame.report(
        NOT_CALLABLE,
        "`as` names one use of a block, and nothing is carried into this one",
        name[1],
        help=f"name it where it is used: x -> {node.span.text}"
        if "\n" not in node.span.text
        else None,
    )
    return UNKNOWN_VALUE


def layer_name(node: nodes.Name | nodes.Literal | nodes.FString, frame: Frame) -> Name | None:
    """The name after `as`: an identifier stands for itself."""
    value = node.id if isinstance(node, nodes.Name) else evaluate(node, frame)
    if value is UNKNOWN_VALUE:
        return None
    if not isinstance(value, str) or not value:
        frame.report(STATIC_TYPE, f"a name needs some text, got {value_text(value)}", node.span)
        return None
    return value, node.span


def _with_name(node: nodes.Expression, name: Name, frame: Frame) -> Any:
    """An expression whose layer, block or tensor gets a name."""
    if isinstance(node, nodes.Call):
        return _call(node, frame, name)
    value = evaluate(node, frame)
    return rename(value, name, frame)


def rename(value: Any, name: Name, frame: Frame) -> Any:
    """Name a layer that was made without a name."""
    if value is UNKNOWN_VALUE or isinstance(value, (Op, Builtin)) or is_block(value):
        return value
    if isinstance(value, ClassValue) and value.cls.family == "layer":
        return value  # reported where it is used
    if isinstance(value, Template) and frame.builder is not None:
        return rename(model_layer(frame, value, name[1]), name, frame)
    if isinstance(value, TensorValue):
        assert frame.builder is not None
        layer = rename(
            LayerValue(frame.builder.model.record(value.node).use, {}, frame.builder), name, frame
        )
        return value if layer is UNKNOWN_VALUE else value.renamed(layer.use.name)
    if not isinstance(value, LayerValue):
        frame.report(
            NOT_CALLABLE, f"`as` needs a layer before it, got {value_text(value)}", name[1]
        )
        return UNKNOWN_VALUE
    if value.use.is_named:
        frame.report(
            REPEATED_LAYER_NAME,
            f"the layer is named `{value.use.name}` already",
            name[1],
            others=(Label(value.use.span, "made here"),),
        )
    elif claim(frame, name):
        frame.namer.give_back(value.use.name)
        value.use.name = frame.namer.prefix + name[0]
        value.use.is_named = True
    return value


# Calls


@evaluates(nodes.Call)
def _evaluate_call(node: nodes.Call, frame: Frame) -> Any:
    return _call(node, frame, None)


def _call(node: nodes.Call, frame: Frame, name: Name | None) -> Any:
    callee = evaluate(node.function, frame)
    if callee is UNKNOWN_VALUE:
        for argument in node.arguments:
            evaluate_quietly(argument.value, frame)
        return callee
    if isinstance(callee, ClassValue):
        if callee.cls.family == "layer":
            return make_layer(callee.cls, node, frame, name)
        return configure(callee, node, frame)
    if isinstance(callee, Template):
        return configure_template(frame, callee, node, name)
    if isinstance(callee, Builtin):
        return _call_builtin(callee, node, frame, name)
    if isinstance(callee, Op):
        return _call_op(callee, node, frame, (), name)
    _report_not_callable(callee, node, frame)
    return UNKNOWN_VALUE


def _report_not_callable(callee: Any, node: nodes.Call, frame: Frame) -> None:
    """Something that is not a class, block or function before parentheses: Keras' own calls."""
    if not isinstance(callee, (LayerValue, Configured)):
        frame.report(
            NOT_CALLABLE,
            f"parentheses need a layer, block or function before them, got {value_text(callee)}",
            node.function.span,
        )
        return
    inside = node.arguments[0].span.to(node.arguments[-1].span) if node.arguments else None
    piped = "x" if inside is None else source_text(inside)
    piped = f"({piped})" if len(node.arguments) > 1 else piped
    subject = describe(callee) if isinstance(callee, LayerValue) else callee.template.node.name
    frame.report(
        NOT_CALLABLE,
        f"{subject} needs its input by an arrow, got it in parentheses",
        node.span,
        help=f"write {piped} -> {source_text(node.function.span)}",
    )


def evaluate_quietly(node: nodes.Expression, frame: Frame) -> None:
    """Evaluate arguments of something unknown for their own errors, names expected there aside."""
    if not isinstance(node, nodes.Name):
        evaluate(node, frame)


def make_layer(
    cls: Any, node: nodes.Call | None, frame: Frame, name: Name | None, span: Span | None = None
) -> Any:
    """A new layer of a class, from the arguments of a call."""
    place = node.span if node is not None else span
    assert place is not None
    frame.run.count_layer(place)
    subject = cls.__name__
    bound = bind(frame, subject, node, cls.arguments, place)
    values = None if bound is None else converted(frame, subject, cls.arguments, bound)
    if bound is None or values is None:
        if name is not None:
            frame.namer.claim(*name)
        return UNKNOWN_VALUE
    given = values.pop("name", None)
    if given is not None and name is not None and given != name[0]:
        frame.report(
            REPEATED_LAYER_NAME,
            f"the layer is named `{given}` already",
            name[1],
            others=(Label(bound["name"].span, "named here"),),
        )
    if given is not None:
        name = (given, bound["name"].value.span)
    spans = {argument: each.value.span for argument, each in bound.items()}
    try:
        layer = cls.from_values(values)
    except Fault as fault:
        report_fault(frame, fault, subject, place, arguments=spans)
        return UNKNOWN_VALUE
    use = own_use(frame, layer, place, name)
    return UNKNOWN_VALUE if use is None else LayerValue(use, spans, frame.builder, home=frame.home)


def _call_builtin(callee: Builtin, node: nodes.Call, frame: Frame, name: Name | None) -> Any:
    values = [evaluate(argument.value, frame) for argument in node.arguments]
    frame.run.step(node.span, 3 * sum(map(work_of, values)))
    if any(holds_unknown(value) for value in values):
        return UNKNOWN_VALUE
    if callee.name in OPS and any(map(holds_tensor, values)):
        known = dict(zip(map(id, node.arguments), values, strict=True))
        return _call_op(OPS[callee.name], node, frame, (), name, known)
    named = [argument for argument in node.arguments if argument.name is not None]
    if named:
        frame.report(
            UNKNOWN_ARGUMENT,
            f"`{callee.name}` takes its arguments by place, got `{named[0].name}`",
            named[0].span,
        )
        return UNKNOWN_VALUE
    try:
        result = callee.function(*values)
        check_weight(result, frame.run.limits)
    except Fault as fault:
        report_fault(frame, fault, "", node.span)
    except TypeError:
        # Raised by the call itself: the bodies check what they are given.
        most = callee.function.__code__.co_argcount
        arguments = "1 argument" if most == 1 else f"{most} arguments"
        frame.report(
            TOO_MANY_ARGUMENTS if len(values) > most else MISSING_ARGUMENT,
            f"`{callee.name}` takes {arguments}, got {len(values)}",
            node.span,
        )
    else:
        return result
    return UNKNOWN_VALUE


def _call_op(
    op: Op,
    node: nodes.Call,
    frame: Frame,
    piped: tuple[Any, ...],
    name: Name | None,
    known: Mapping[int, Any] = _NOTHING,
) -> Any:
    """Call a tensor function, with what is piped into it first.

    `known` has the values of arguments that are evaluated already, by the ids of their nodes.
    """
    if op.variadic:
        values = [evaluate(a.value, frame) for a in node.arguments if a.name is None]
        if not _are_known(op, [(a.name, a.span) for a in node.arguments if a.name], frame):
            return UNKNOWN_VALUE
        named = {a.name: evaluate(a.value, frame) for a in node.arguments if a.name is not None}
        place = op.piped_place
        args = (*values[:place], *piped, *values[place:])
        return apply_op(frame, op, args, named, node.span, name=_claimed(frame, name))
    bound = bind(frame, op.name, node, op.arguments, node.span, given=len(piped))
    if bound is None:
        return UNKNOWN_VALUE
    positional = dict(zip(op.arguments, piped, strict=False))
    keyword = {
        each: known[id(argument)]
        if id(argument) in known
        else evaluate_argument(argument.value, op.arguments[each].rule, frame)
        for each, argument in bound.items()
    }
    spans = {each: argument.value.span for each, argument in bound.items()}
    return apply_op(
        frame,
        op,
        tuple(positional.values()),
        keyword,
        node.span,
        argument_spans=spans,
        name=_claimed(frame, name),
    )


def _call_op_by_name(
    op: Op,
    node: nodes.Call | None,
    piped: BundleValue,
    frame: Frame,
    span: Span,
    name: Name | None,
) -> Any:
    """Call a tensor function on tensors piped by name."""
    names = [each for each, argument in op.arguments.items() if not argument.is_keyword_only]
    bundle = placed(piped, names, op.name, frame, span)
    if bundle is None:
        return UNKNOWN_VALUE
    piped = bundle
    given = {each: value for each, value, _ in piped.values}
    if not _are_known(op, [(each, place) for each, _, place in piped.values], frame):
        return UNKNOWN_VALUE
    rest = {each: argument for each, argument in op.arguments.items() if each not in given}
    bound = bind(frame, op.name, node, rest, span)
    if bound is None:
        return UNKNOWN_VALUE
    values = {
        each: evaluate_argument(argument.value, rest[each].rule, frame)
        for each, argument in bound.items()
    }
    spans = {each: argument.value.span for each, argument in bound.items()}
    return apply_op(
        frame, op, (), {**given, **values}, span, argument_spans=spans, name=_claimed(frame, name)
    )


def _are_known(op: Op, names: Sequence[tuple[str, Span]], frame: Frame) -> bool:
    """Whether a function has arguments of these names; report the first that it has not."""
    for name, span in names:
        if name not in op.arguments and not op.takes_any_name:
            known = list(op.arguments)
            frame.report(
                UNKNOWN_ARGUMENT,
                f"{op.name} has no argument `{name}`",
                span,
                help=did_you_mean(name, known) or f"it has {names_text(known)}",
            )
            return False
    return True


def _claimed(frame: Frame, name: Name | None) -> Name | None:
    if name is None or frame.replay is not None:
        return None
    return name if claim(frame, name) else None


# Pipes


@evaluates(nodes.Pipe)
def _pipe(node: nodes.Pipe, frame: Frame) -> Any:
    value = evaluate(node.source, frame)
    start = node.source
    for stage in node.stages:
        value = apply_stage(stage, value, frame, start)
    return value


def apply_stage(stage: nodes.Expression, piped: Any, frame: Frame, source: nodes.Expression) -> Any:
    """Carry what is piped into one stage of a pipe."""
    faults = StageFaults(frame)
    value = _apply(stage, piped, frame, source)
    if value is UNKNOWN_VALUE and not _holds_gap(piped):
        faults.note(stage, piped)
    return value


def _holds_gap(piped: Any) -> bool:
    values = [each for _, each, _ in piped.values] if isinstance(piped, BundleValue) else [piped]
    return any(map(holds_unknown, values))


def _apply(stage: nodes.Expression, piped: Any, frame: Frame, source: nodes.Expression) -> Any:
    name = None
    target = stage
    if isinstance(stage, nodes.Named):
        name = layer_name(stage.name, frame)
        target = stage.value
    op = _function_called(target, frame)
    if op is not None:
        assert isinstance(target, nodes.Call)
        if isinstance(piped, BundleValue):
            return _call_op_by_name(op, target, piped, frame, target.span, name)
        if holds_unknown(piped):
            return UNKNOWN_VALUE
        return _call_op(op, target, frame, _as_arguments(op, piped), name)
    value = evaluate(target, frame) if name is None else _with_name(target, name, frame)
    return carry(value, piped, frame, target, source, name)


def is_function_call(stage: nodes.Expression, frame: Frame) -> bool:
    """Whether a stage calls a tensor function, whose first argument is what is piped in."""
    target = stage.value if isinstance(stage, nodes.Named) else stage
    return _function_called(target, frame) is not None


def _function_called(target: nodes.Expression, frame: Frame) -> Op | None:
    if not isinstance(target, nodes.Call) or not isinstance(target.function, nodes.Name):
        return None
    _, callee = value_of(frame, target.function.id)
    if isinstance(callee, Builtin) and callee.name in OPS:
        callee = OPS[callee.name]
    return callee if isinstance(callee, Op) else None


def _as_arguments(op: Op, piped: Any) -> tuple[Any, ...]:
    return piped if isinstance(piped, tuple) else (piped,)


def carry(
    value: Any,
    piped: Any,
    frame: Frame,
    target: nodes.Expression,
    source: nodes.Expression,
    name: Name | None = None,
) -> Any:
    """Apply the value of a stage to what is piped into it."""
    span = target.span
    if isinstance(value, Builtin) and value.name in OPS:
        value = OPS[value.name]
    if frame.run.observer is not None:
        frame.run.observer.carried(target, value, piped, frame)
    if isinstance(value, ClassValue) and value.cls.family == "layer":
        value = _bare_class(value.cls, frame, target)
    if isinstance(value, Template) and value.node.kind != "block":
        value = model_layer(frame, value, span)
    if value is UNKNOWN_VALUE or (not isinstance(piped, BundleValue) and holds_unknown(piped)):
        return UNKNOWN_VALUE
    if not isinstance(piped, BundleValue) and not holds_tensor(piped):
        frame.report(
            NOT_A_TENSOR,
            f"an arrow needs a tensor before it, got {value_text(piped)}",
            source.span,
            help=f"begin with a tensor: {tensor_name(frame)} -> {source_text(source.span)}"
            if isinstance(piped, (LayerValue, Template, Configured, ClassValue))
            else None,
        )
        return UNKNOWN_VALUE
    if isinstance(value, LayerValue):
        return _apply_layer(value, piped, frame, span)
    if isinstance(value, (Template, Configured)):
        return apply_block(frame, value, piped, span, name)
    if isinstance(value, Op):
        if isinstance(piped, BundleValue):
            return _call_op_by_name(value, None, piped, frame, span, name)
        missing = bind(
            frame, value.name, None, value.arguments, span, given=len(_as_arguments(value, piped))
        )
        if missing is None:
            return UNKNOWN_VALUE
        return apply_op(
            frame, value, _as_arguments(value, piped), {}, span, name=_claimed(frame, name)
        )
    where = "a line of a sequential needs" if source is target else "an arrow needs"
    after = "" if source is target else " after it"
    frame.report(
        NOT_CALLABLE,
        f"{where} a layer{after}, got {value_text(value)}",
        span,
        help="write one layer a line"
        if source is target and isinstance(value, (list, tuple))
        else _no_stage_help(value, target, source),
    )
    return UNKNOWN_VALUE


def _no_stage_help(value: Any, target: nodes.Expression, source: nodes.Expression) -> str | None:
    """What was perhaps meant where a value that is no stage follows an arrow."""
    if isinstance(target, nodes.Conditional) and isinstance(value, TensorValue):
        pipe = source_text(source.span.to(target.value.span))
        rest = source_text(target.test.span), source_text(target.otherwise.span)
        return f"put the pipe in parentheses: ({pipe}) if {rest[0]} else {rest[1]}"
    if isinstance(value, (list, tuple)) and value and all(map(is_stage, value)):
        return "for one after the other: x -> a -> b; for each on its own: [x -> a, x -> b]"
    return None


def _bare_class(cls: Any, frame: Frame, target: nodes.Expression) -> Any:
    """A layer class without parentheses: reported, with the fix where it needs no arguments."""
    required = [each for each, argument in cls.arguments.items() if argument.is_required]
    inside = ", ".join(required)
    frame.report(
        NOT_CALLABLE,
        f"{cls.__name__} is a class of layers: parentheses make a layer of it",
        target.span,
        help=f"write {cls.__name__}({inside})",
        fix=None
        if required
        else Fix(
            f"write {cls.__name__}()",
            (Edit(Span(target.span.file, target.span.end, target.span.end), "()"),),
        ),
    )
    return UNKNOWN_VALUE


def _in_this_model(value: LayerValue, frame: Frame) -> LayerValue | None:
    """The layer, or the one that stands for it in this model, if it was made outside of it."""
    if value.builder is frame.builder:
        return value
    assert frame.builder is not None
    found: LayerValue | None = frame.builder.shared.get(value.use)
    if found is None:
        name = (value.use.name, value.use.span) if value.use.is_named else None
        use = own_use(frame, layer_of(frame, value), value.use.span, name)
        if use is not None:
            found = LayerValue(
                use, value.argument_spans, frame.builder, value.shown, home=value.home
            )
            frame.builder.shared[value.use] = found
    return found


def _apply_layer(layer: LayerValue, piped: Any, frame: Frame, span: Span) -> Any:
    value = _in_this_model(layer, frame)
    if value is None:
        return UNKNOWN_VALUE
    arguments = _call_arguments(value, piped, frame, span)
    if arguments is None:
        return UNKNOWN_VALUE
    by_place = len(arguments)
    if isinstance(piped, BundleValue):
        called: Layer = value.use.layer
        by_place = called.places(len(listed(piped, called).by_place))
    return apply_layer_value(frame, value, arguments, by_place, span)


def _call_arguments(
    value: LayerValue, piped: Any, frame: Frame, span: Span
) -> dict[str, Any] | None:
    """What is piped, by the parameters of the layer's call."""
    layer: Layer = value.use.layer
    if isinstance(piped, BundleValue):
        bundle = placed(listed(piped, layer), layer.tensor_parameters, describe(value), frame, span)
        return None if bundle is None else _named_arguments(value, bundle, frame)
    parameters = layer.tensor_parameters
    if layer.takes_list or not isinstance(piped, (list, tuple)):
        return {parameters[0]: list(piped) if isinstance(piped, tuple) else piped}
    items = list(piped)
    if len(items) > len(parameters):
        frame.report(
            INPUT_COUNT,
            f"{describe(value)} needs {inputs_text(parameters)}, got {len(items)}",
            span,
            help=f"join them first: [a, b] -> Concatenate() -> {source_text(span)}"
            if len(parameters) == 1
            else None,
        )
        return None
    return dict(zip(parameters, items, strict=False))


def _named_arguments(layer: LayerValue, piped: BundleValue, frame: Frame) -> dict[str, Any] | None:
    parameters = layer.use.layer.parameters
    hints = type(layer.use.layer).call.__annotations__
    arguments: dict[str, Any] = {}
    for name, value, span in piped.values:
        if name == TRAINING or hints.get(name) == "bool":
            if not isinstance(value, bool) and value is not None:
                frame.report(
                    BAD_ARGUMENT,
                    f"{describe(layer)} needs `{name}` to be True or False, got {value_text(value)}",
                    span,
                )
                return None
        elif name not in parameters:
            frame.report(
                UNKNOWN_ARGUMENT,
                f"{describe(layer)} has no input `{name}`",
                span,
                help=did_you_mean(name, list(parameters)) or f"it has {names_text(parameters)}",
            )
            return None
        arguments[name] = value
    return {name: arguments[name] for name in (*parameters, TRAINING) if name in arguments}
