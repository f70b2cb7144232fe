"""Arguments in parentheses: bound to their names, evaluated, brought through their rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from graphc.declare.arg import Argument
from graphc.declare.definition import bad_argument, missing_argument
from graphc.declare.number_array import NumberArray, is_array
from graphc.declare.op import OPS, Op, makes_array
from graphc.declare.rules import REJECTED, Flag, OneOf, Optional, Rule, takes_arrays
from graphc.declare.values import kind_text
from graphc.diagnostics.codes import (
    NOT_CALLABLE,
    REPEATED_ARGUMENT,
    STATIC_TYPE,
    TOO_MANY_ARGUMENTS,
    UNKNOWN_ARGUMENT,
    UNKNOWN_NAME,
)
from graphc.diagnostics.diagnostic import Edit, Fix, Label
from graphc.diagnostics.fault import Fault
from graphc.diagnostics.suggest import did_you_mean, nearest
from graphc.elaborate.builder import holds_tensor
from graphc.elaborate.foreign import argument_help
from graphc.elaborate.frame import Frame, evaluate
from graphc.elaborate.instances import layer_of, shared_instance
from graphc.elaborate.names import expected_names, lookup, no_value
from graphc.elaborate.report import report_fault, source_text
from graphc.elaborate.values import (
    UNKNOWN_VALUE,
    ClassValue,
    LayerValue,
    Template,
    TensorValue,
    is_block,
)
from graphc.source import Span
from graphc.syntax import nodes

_ARGUMENTS_SHOWN = 4
_NOTHING: Mapping[int, Any] = {}


def bind(
    frame: Frame,
    subject: str,
    call: nodes.Call | None,
    arguments: Mapping[str, Argument],
    span: Span,
    *,
    given: int = 0,
) -> dict[str, nodes.Argument] | None:
    """The arguments of a call by name; None, with everything reported, where they do not fit.

    The first `given` positional arguments are filled already (by what is piped in).
    """
    positional = [name for name, argument in arguments.items() if not argument.is_keyword_only]
    bound: dict[str, nodes.Argument] = {}
    fits = True
    taken = set(positional[:given])
    place = given
    for argument in call.arguments if call else ():
        name = argument.name
        if name is None:
            if place >= len(positional):
                _too_many(frame, subject, positional[given:], call, argument, arguments)
                return None
            name = positional[place]
            place += 1
        elif name not in arguments:
            _unknown_argument(frame, subject, argument, arguments)
            fits = False
            continue
        if name in bound or name in taken:
            first = [Label(bound[name].span, "given first here")] if name in bound else []
            frame.report(
                REPEATED_ARGUMENT,
                f"{subject} got `{name}` twice",
                argument.span,
                others=tuple(first),
                help="arguments by place stand before those by name"
                if argument.name is None
                else None,
            )
            fits = False
            continue
        bound[name] = argument
    missing = [
        name
        for name, argument in arguments.items()
        if argument.is_required and name not in bound and name not in taken
    ]
    if missing and fits:
        report_fault(frame, missing_argument(*missing), subject, span)
    return bound if fits and not missing else None


def _too_many(
    frame: Frame,
    subject: str,
    positional: list[str],
    call: nodes.Call | None,
    argument: nodes.Argument,
    arguments: Mapping[str, Argument],
) -> None:
    assert call is not None
    count = sum(each.name is None for each in call.arguments)
    names = ", ".join(f"`{name}`" for name in positional)
    limit = len(positional)
    frame.report(
        TOO_MANY_ARGUMENTS,
        f"{subject} takes {limit or 'no'} positional argument{'s' if limit != 1 else ''}, "
        f"got {count}",
        argument.span,
        help=_as_list(subject, call, limit, arguments[positional[-1]].rule if positional else None)
        or (f"the arguments in order are {names}" if 0 < limit <= 8 else None),
    )


def _as_list(subject: str, call: nodes.Call, limit: int, rule: Rule | None) -> str | None:
    """Sizes written one by one, for an argument that takes a list of them: `Reshape(4, 4)`."""
    given = [each for each in call.arguments if each.name is None]
    sizes = given[limit - 1 :]
    if rule is None or any(_number(each.value) is None for each in sizes):
        return None
    if rule.accept([_number(each.value) for each in sizes]) is REJECTED:
        return None
    before = "".join(f"{source_text(each.span)}, " for each in given[: limit - 1])
    listed = ", ".join(source_text(each.span) for each in sizes)
    return f"write {subject}({before}[{listed}])"


def _number(node: nodes.Expression) -> int | None:
    """A whole number that is written out."""
    if isinstance(node, nodes.Unary):
        size = _number(node.operand)
        return None if size is None else -size
    is_number = isinstance(node, nodes.Literal) and type(node.value) is int
    return node.value if is_number else None  # type: ignore[attr-defined]  # it is a literal


def _unknown_argument(
    frame: Frame,
    subject: str,
    argument: nodes.Argument,
    arguments: Mapping[str, Argument],
) -> None:
    name, span = argument.name, argument.name_span
    assert name is not None
    assert span is not None
    help_text = argument_help(name, arguments)
    if name == "name":
        help_text = (
            f"name it after the parentheses: {subject}(…) as {source_text(argument.value.span)}"
        )
    best = None if help_text else nearest(name, list(arguments))
    frame.report(
        UNKNOWN_ARGUMENT,
        f"{subject} has no argument `{name}`",
        span,
        help=help_text or did_you_mean(name, list(arguments)),
        fix=Fix(f"write {best}", (Edit(span, best),)) if best else None,
    )


def evaluate_argument(node: nodes.Expression, rule: Rule, frame: Frame) -> Any:
    """The value of an argument; bare names may mean what its rule expects (`activation=relu`)."""
    if takes_arrays(rule) and isinstance(node, nodes.Call):
        made = _array(node, frame)
        if made is not None:
            return made
    names = rule.names()
    if names is not None:
        if isinstance(node, nodes.Name):
            found = expected_names(frame, node, names)
            if found is not None:
                return found
            if lookup(frame, node.id) is None:
                no_value(frame, node, list(names), rule.names_kind)
                return UNKNOWN_VALUE
        elif isinstance(node, nodes.ListDisplay):
            return [evaluate_argument(item, rule, frame) for item in node.items]
        elif isinstance(node, nodes.DictDisplay):
            return dict_of(node, frame, lambda value: evaluate_argument(value, rule, frame))
        elif isinstance(node, nodes.Call) and isinstance(node.function, nodes.Name):
            expected = names.get(node.function.id)
            if isinstance(expected, type) and lookup_user(frame, node.function.id) is None:
                return configure(ClassValue(expected), node, frame)
            if expected is not None and isinstance(lookup(frame, node.function.id), Op):
                return _report_called(node, node.function, frame)
            if expected is None and lookup(frame, node.function.id) is None:
                classes = [name for name in names if name[:1].isupper()]
                no_value(frame, node.function, classes, rule.names_kind)
                return UNKNOWN_VALUE
    return evaluate(node, frame)


def _array(node: nodes.Call, frame: Frame) -> Any:
    """`array([0.5, 1])` as an array that configures a layer; None for any other call."""
    op = lookup(frame, node.function.id) if isinstance(node.function, nodes.Name) else None
    if not makes_array(op):
        return None
    bound = bind(frame, op.name, node, op.arguments, node.span)
    values = None if bound is None else converted(frame, op.name, op.arguments, bound)
    if values is None:
        return UNKNOWN_VALUE
    numbers = values["x"]
    if not isinstance(numbers, (list, tuple, range)) or not is_array(numbers):
        return numbers  # an array of one number is that number to Keras
    return NumberArray.of(numbers, values.get("dtype"), is_numpy=op is OPS["array"])


def _report_called(node: nodes.Call, function: nodes.Name, frame: Frame) -> Any:
    """`activation=softmax()`: the function is called where its name is expected."""
    given = f"{function.id}()" if not node.arguments else f"{function.id}(…)"
    frame.report(
        NOT_CALLABLE,
        f"`{function.id}` needs no parentheses here, where its name is expected, got {given}",
        node.span,
        help=f"write {function.id}",
        fix=None
        if node.arguments
        else Fix(f"write {function.id}", (Edit(node.span, function.id),)),
    )
    return UNKNOWN_VALUE


def dict_of(
    node: nodes.DictDisplay, frame: Frame, value_of: Callable[[nodes.Expression], Any]
) -> Any:
    """The dict that a literal stands for; `UNKNOWN_VALUE` where a key is none."""
    result = {}
    for key, item in node.items:
        if isinstance(key, nodes.Name) and lookup(frame, key.id) is None:
            frame.report(
                UNKNOWN_NAME,
                f"nothing is named `{key.id}` here",
                key.span,
                help=f'a key that is text stands in quotes: "{key.id}"',
                fix=Fix(f'write "{key.id}"', (Edit(key.span, f'"{key.id}"'),)),
            )
            return UNKNOWN_VALUE
        name = evaluate(key, frame)
        value = value_of(item)
        if not isinstance(name, (str, int, float)):
            if name is not UNKNOWN_VALUE:
                frame.report(
                    STATIC_TYPE,
                    f"a dict needs strings or numbers as keys, got {kind_text(name)}",
                    key.span,
                    help=f'write "{key.id}"' if isinstance(key, nodes.Name) else None,
                )
            return UNKNOWN_VALUE
        result[name] = value
    return result


def lookup_user(frame: Frame, name: str) -> Any:
    """What the file itself binds a name to."""
    return frame.names.get(name, frame.scope.values.get(name))


def converted(
    frame: Frame,
    subject: str,
    arguments: Mapping[str, Argument],
    bound: dict[str, nodes.Argument],
    *,
    keeps_layers: bool = False,
    known: Mapping[int, Any] = _NOTHING,
) -> dict[str, Any] | None:
    """Bound arguments evaluated and brought through their rules; None where one is unknown.

    A layer becomes part of the layer it is given to (`TimeDistributed(Dense(8))`), unless it
    `keeps_layers`, as blocks do, to apply them. `known` has the values of arguments that are
    evaluated already, by the ids of their nodes.
    """
    values: dict[str, Any] = {}
    is_known = True
    for name, argument in bound.items():
        rule = arguments[name].rule
        if id(argument) in known:
            value = known[id(argument)]
        else:
            value = evaluate_argument(argument.value, rule, frame)
        value = value if keeps_layers else definition_of(frame, value)
        if holds_unknown(value):
            is_known = False
            continue
        accepted = rule.accept(value)
        if accepted is REJECTED and not keeps_layers:
            with_models = _with_models(frame, value, argument.value.span)
            if holds_unknown(with_models):
                is_known = False
                continue
            accepted = rule.accept(with_models)
        if accepted is REJECTED:
            fault = bad_argument(name, rule, value)
            if is_block(value):
                fault.help = "a block is no layer; make a model of it, and give that"
            elif isinstance(value, ClassValue) and _makes(value, rule):
                fault.help = f"write {value.cls.__name__}(), a layer of the class"
            elif holds_tensor(value):
                fault.help = _tensor_help(frame, subject, argument.value, rule, value)
            elif argument.name is None and (meant := _meant_for(value, arguments, bound)):
                fault.help = f"write {meant}={source_text(argument.span)}"
            elif fault.help is None and argument.name is None and _is_misplaced(rule, value):
                fault.help = _order_help(arguments)
            spans = {name: argument.value.span}
            report_fault(frame, fault, subject, argument.span, arguments=spans)
            is_known = False
            continue
        values[name] = accepted
    return values if is_known else None


def _makes(value: ClassValue, rule: Rule) -> bool:
    """Whether a class makes by itself what a rule accepts: `activation=LeakyReLU`."""
    required = any(argument.is_required for argument in value.cls.arguments.values())
    return not required and rule.accept(value.cls.from_values({})) is not REJECTED


def _tensor_help(frame: Frame, subject: str, node: nodes.Expression, rule: Rule, value: Any) -> str:
    """What to do about a tensor in parentheses: carry it, or leave a layer not applied."""
    if isinstance(value, TensorValue) and isinstance(node, nodes.Pipe) and frame.builder:
        layer = frame.builder.model.record(value.node).layer
        if rule.accept(layer) is not REJECTED:
            stages = (node.source, *node.stages)
            before = source_text(node.source.span.to(stages[-2].span))
            return f"write {before} -> {subject}({source_text(stages[-1].span)})"
    return f"arrows carry tensors: {source_text(node.span)} -> {subject}(…)"


def _meant_for(
    value: Any, arguments: Mapping[str, Argument], bound: Mapping[str, nodes.Argument]
) -> str | None:
    """The one argument that has a word among its few: "same" can only be a padding."""
    if not isinstance(value, str):
        return None
    fitting = [
        name
        for name, argument in arguments.items()
        if name not in bound and _is_among(argument.rule, value)
    ]
    return fitting[0] if len(fitting) == 1 else None


def _is_among(rule: Rule, word: str) -> bool:
    if isinstance(rule, Optional):
        rule = rule.rule
    return isinstance(rule, OneOf) and rule.accept(word) is not REJECTED


def _is_misplaced(rule: Rule, value: Any) -> bool:
    """Whether a value was perhaps meant for another argument: a size for an activation."""
    if rule.names() is not None or (isinstance(rule, Flag) and not isinstance(value, bool)):
        return True
    return isinstance(rule.rule if isinstance(rule, Optional) else rule, OneOf)


def _order_help(arguments: Mapping[str, Argument]) -> str | None:
    """The order of the arguments, for a call that perhaps has them in another."""
    names = [name for name, argument in arguments.items() if not argument.is_keyword_only]
    if len(names) < 2:
        return None
    shown = ", ".join(f"`{name}`" for name in names[:_ARGUMENTS_SHOWN])
    return f"the arguments in order are {shown}" + (", …" if len(names) > _ARGUMENTS_SHOWN else "")


def definition_of(frame: Frame, value: Any) -> Any:
    """A layer value as the layer that a wrapper takes, in lists too; other values as they are."""
    if isinstance(value, (list, tuple)) and not isinstance(value, NumberArray):
        return type(value)(definition_of(frame, item) for item in value)
    if not isinstance(value, LayerValue):
        return value
    layer = layer_of(frame, value)
    if value.use.is_named and layer.name is None:
        layer.take_name(value.use.name)
    return layer


def _with_models(frame: Frame, value: Any, span: Span) -> Any:
    """A value with the names of models, in lists too, as the layers that they stand for."""
    if isinstance(value, (list, tuple)) and not isinstance(value, NumberArray):
        return type(value)(_with_models(frame, item, span) for item in value)
    if not isinstance(value, Template) or is_block(value):
        return value
    layer = shared_instance(frame, value, span)
    return UNKNOWN_VALUE if layer is None else layer


def holds_unknown(value: Any) -> bool:
    """Whether a value, or any item of a list or dict, is unknown."""
    if isinstance(value, (list, tuple)):
        return any(holds_unknown(item) for item in value)
    if isinstance(value, dict):
        return any(holds_unknown(item) for item in value.values())
    return value is UNKNOWN_VALUE


def configure(value: ClassValue, call: nodes.Call, frame: Frame) -> Any:
    """Make an initializer, loss, optimizer, … of a class and the arguments of a call."""
    cls = value.cls
    subject = cls.__name__
    bound = bind(frame, subject, call, cls.arguments, call.span)
    values = None if bound is None else converted(frame, subject, cls.arguments, bound)
    if bound is None or values is None:
        return UNKNOWN_VALUE
    try:
        return cls.from_values(values)
    except Fault as fault:
        spans = {name: argument.span for name, argument in bound.items()}
        report_fault(frame, fault, subject, call.span, arguments=spans)
        return UNKNOWN_VALUE
