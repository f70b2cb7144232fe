"""Blocks and models: configured, instantiated, applied."""

from __future__ import annotations

from typing import Any

from graphc.declare.arg import MISSING, Argument
from graphc.declare.definition import missing_argument
from graphc.declare.rules import Flag, OneOf, Optional, Rule, Text
from graphc.diagnostics.codes import (
    INPUT_COUNT,
    NO_OUTPUT,
    NOT_CALLABLE,
    UNKNOWN_ARGUMENT,
)
from graphc.diagnostics.diagnostic import Label
from graphc.diagnostics.suggest import did_you_mean
from graphc.elaborate.arguments import bind, converted
from graphc.elaborate.builder import holds_tensor
from graphc.elaborate.bundles import placed
from graphc.elaborate.finish import is_broken
from graphc.elaborate.frame import Frame, evaluate, execute
from graphc.elaborate.instances import (
    check_depth,
    new_instance,
    parameter_values,
    report_recursion,
    shared_instance,
)
from graphc.elaborate.limits import INSTANCE_STEPS
from graphc.elaborate.report import inputs_text, names_text, report_fault, source_text
from graphc.elaborate.tape import Tape
from graphc.elaborate.uses import Name, claim, make_use, own_use
from graphc.elaborate.values import (
    UNKNOWN_VALUE,
    BundleValue,
    Configured,
    LayerValue,
    Template,
)
from graphc.ir.graph import BlockUse
from graphc.source import Span
from graphc.syntax import nodes

_ANY = Rule()
_NAME = Argument("name", Optional(Text()), None, is_keyword_only=True)


class _Frozen(OneOf):
    """What can be said of a model that is frozen where it is defined."""

    def hint(self, value: Any) -> tuple[str | None, str | None]:
        """Where the model is frozen."""
        return (
            "it is frozen where it is defined: leave `frozen` out there, to train one of its uses",
            None,
        )


_TRAINABLE = {
    False: Argument("trainable", Flag(), True, is_keyword_only=True),
    True: Argument("trainable", _Frozen((False,)), True, is_keyword_only=True),
}
"""By whether the model is frozen where it is defined: no use can be trained as a whole, then."""
_DEFAULTED = object()  # the default stands in the source, and is evaluated when it is needed


def _arguments(template: Template) -> dict[str, Argument]:
    arguments = {
        parameter.name: Argument(
            parameter.name,
            _ANY,
            MISSING if _is_required(template, parameter) else _DEFAULTED,
            False,
        )
        for parameter in template.node.parameters
    }
    if template.node.kind != "block":
        arguments.setdefault("name", _NAME)
        arguments.setdefault("trainable", _TRAINABLE[template.node.is_frozen])
    return arguments


def _is_required(template: Template, parameter: nodes.Parameter) -> bool:
    """A model without a default has been reported where it is defined."""
    return parameter.default is None and template.node.kind == "block"


def configure_template(
    frame: Frame, template: Template, call: nodes.Call, name: Name | None
) -> Any:
    """`residual(64)` or `encoder()`: a block to apply, or a new instance of a model."""
    subject = template.node.name
    arguments = _arguments(template)
    known: dict[int, Any] = {}
    # A model's configuration is no tensor, a block's may be: what it cannot take is looked at.
    if template.node.kind != "block" or not _fits(call, arguments):
        known = {id(each): evaluate(each.value, frame) for each in call.arguments}
        if any(map(holds_tensor, known.values())):
            _report_called(frame, subject, call, known)
            return UNKNOWN_VALUE
    bound = bind(frame, subject, call, arguments, call.span)
    values = None
    if bound is not None:
        values = converted(frame, subject, arguments, bound, keeps_layers=True, known=known)
    if values is None:
        return UNKNOWN_VALUE
    if template.node.kind == "block":
        return Configured(template, tuple(values.items()), call.span, Tape())
    own = {p.name for p in template.node.parameters}
    given = None if "name" in own else values.pop("name", None)
    if given is not None and name is None and bound is not None:
        name = (given, bound["name"].value.span)
    trainable = True if "trainable" in own else values.pop("trainable", True)
    layer = new_instance(frame, template, values, call.span, trainable=trainable, is_shared=False)
    if layer is None:
        return UNKNOWN_VALUE
    use = own_use(frame, layer, call.span, name)
    if use is None:
        return UNKNOWN_VALUE
    use.is_thawed = "trainable" not in own and "trainable" in (bound or ()) and trainable
    return LayerValue(use, {}, frame.builder, home=frame.home)


def _fits(call: nodes.Call, arguments: dict[str, Argument]) -> bool:
    """Whether there are such arguments, as far as their number and names go."""
    by_place = sum(argument.name is None for argument in call.arguments)
    return by_place <= len(arguments) and all(
        argument.name in arguments for argument in call.arguments if argument.name is not None
    )


def _report_called(frame: Frame, name: str, call: nodes.Call, known: dict[int, Any]) -> None:
    """A model or block called with its inputs, as Keras calls models."""
    inputs = [each for each in call.arguments if holds_tensor(known[id(each)])]
    rest = [source_text(each.span) for each in call.arguments if each not in inputs]
    if len(inputs) == 1:
        piped = source_text(inputs[0].value.span)
    else:
        piped = f"({', '.join(source_text(each.span) for each in inputs)})"
    stage = f"{name}({', '.join(rest)})" if rest else name
    frame.report(
        NOT_CALLABLE,
        f"{name} needs its {'inputs' if len(inputs) > 1 else 'input'} by an arrow, got "
        f"{'them' if len(inputs) > 1 else 'it'} in parentheses",
        call.span,
        help=f"write {piped} -> {stage}",
    )


def model_layer(frame: Frame, template: Template, span: Span) -> Any:
    """What a model's bare name stands for: one instance, one layer in each model around it."""
    assert frame.builder is not None
    shared = frame.builder.shared
    found = shared.get(template)
    if found is None:
        layer = shared_instance(frame, template, span)
        if layer is None:
            return UNKNOWN_VALUE
        found = LayerValue(make_use(frame, layer, span, None), {}, frame.builder)
        shared[template] = found
    return found


def apply_block(
    frame: Frame,
    value: Template | Configured,
    piped: Any,
    span: Span,
    name: Name | None,
) -> Any:
    """Elaborate a block on what is piped in: new layers, under the name of this use."""
    if isinstance(value, Template):
        template, given = value, {}
        missing = [p.name for p in template.node.parameters if p.default is None]
        if missing:
            fault = missing_argument(*missing)
            fault.help = f"write {template}({', '.join(f'{name}=…' for name in missing)})"
            report_fault(frame, fault, str(template), span)
            return UNKNOWN_VALUE
    else:
        template, given = value.template, dict(value.values)
    node = template.node
    if template in frame.run.active:
        report_recursion(frame, template, span)
        return UNKNOWN_VALUE
    check_depth(frame, "blocks", span)
    frame.run.step(span, INSTANCE_STEPS // 4)
    inputs = _block_inputs(frame, node, piped, span)
    if inputs is None:
        return UNKNOWN_VALUE
    if node.is_inline and name is not None:
        _report_named_inline(frame, node, name[1])
    tape = Tape() if isinstance(value, Template) else value.tape
    if tape.is_complete:
        label = tape.name
    elif node.is_inline:
        label = frame.namer.group(node.name)
    elif name is not None and frame.replay is None and claim(frame, name):
        label = frame.namer.prefix + name[0]
    else:
        label = frame.namer.automatic(node.name, span)
    if not tape.is_complete:
        tape.name = label
        tape.namer = frame.namer if node.is_inline else frame.namer.inside(label)
    use = BlockUse(label, node.name, span)
    inner = Frame(template.file_scope, frame.builder, tape.namer, (*frame.path, use))
    inner.tapes, inner.replay = frame.tapes, frame.replay
    if tape.is_complete:
        tape.rewind()
        inner.replay = tape
    else:
        inner.tapes = (*frame.tapes, tape)
    inner.kind = "block"
    inner.loops = list(frame.loops)
    inner.names = parameter_values(template, given, template.file_scope, inner)
    inner.inputs = inputs
    if frame.run.observer is not None:
        frame.run.observer.entered(template, inner, frame, span)
    frame.run.active.append(template)
    try:
        execute(node.body, inner)
    finally:
        frame.run.active.pop()
    tape.is_complete = True
    results = tuple(each for _, each, _ in inner.outputs)
    if not results:
        if not is_broken(node.body):
            inner.report(
                NO_OUTPUT, f"{node.name} needs an output, got none", node.name_span,
                help="end it with: output x",
            )  # fmt: skip
        return UNKNOWN_VALUE
    return results[0] if len(results) == 1 else results


def _report_named_inline(frame: Frame, node: nodes.Definition, span: Span) -> None:
    frame.report(
        NOT_CALLABLE,
        f"{node.name} is inline, and has no name that would stand before those of its layers",
        span,
        others=(Label(node.name_span, f"{node.name} is defined here"),),
        help="leave the name out, or `inline` where the block is defined",
    )


def _block_inputs(
    frame: Frame, node: nodes.Definition, piped: Any, span: Span
) -> dict[str, Any] | None:
    names = [each.name for each in node.body if isinstance(each, nodes.Input) and each.name]
    if isinstance(piped, BundleValue):
        bundle = placed(piped, names, node.name, frame, span)
        return None if bundle is None else _named_inputs(frame, node, names, bundle, span)
    items = list(piped) if isinstance(piped, tuple) else [piped]
    if isinstance(piped, list) and len(names) > 1:
        items = list(piped)
    if len(items) != len(names):
        _report_input_count(frame, node, names, str(len(items)), span)
        return None
    return dict(zip(names, items, strict=True))


def _named_inputs(
    frame: Frame, node: nodes.Definition, names: list[str], piped: BundleValue, span: Span
) -> dict[str, Any] | None:
    given: dict[str, Any] = {}
    for name, value, place in piped.values:
        if name not in names:
            frame.report(
                UNKNOWN_ARGUMENT,
                f"{node.name} has no input `{name}`",
                place,
                others=(Label(node.name_span, f"{node.name} is defined here"),),
                help=did_you_mean(name, names) or f"it has {inputs_text(names)}",
            )
            return None
        given[name] = value
    if len(given) < len(names):
        _report_input_count(frame, node, names, names_text(list(given)), span)
        return None
    return given


def _report_input_count(
    frame: Frame, node: nodes.Definition, names: list[str], got: str, span: Span
) -> None:
    if is_broken(node.body):
        return  # an input may be among what did not parse
    frame.report(
        INPUT_COUNT,
        f"{node.name} needs {inputs_text(names)}, got {got}",
        span,
        others=(Label(node.name_span, f"{node.name} is defined here"),),
    )
