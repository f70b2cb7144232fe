"""Statements: bindings, loops, branches, inputs, outputs, weights, requirements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphc.declare.rules import REJECTED
from graphc.declare.scope import WeightSpec
from graphc.declare.values import kind_text, value_text
from graphc.diagnostics.codes import (
    BAD_ARGUMENT,
    MISPLACED_STATEMENT,
    NOT_A_TENSOR,
    NOT_STATIC,
    OUTPUT_COUNT,
    STATIC_TYPE,
    UNKNOWN_SIZE,
)
from graphc.diagnostics.diagnostic import Label
from graphc.elaborate.annotations import given_type, input_type, match_shape, weight_type
from graphc.elaborate.arguments import evaluate_argument, holds_unknown
from graphc.elaborate.builder import holds_tensor
from graphc.elaborate.expressions import condition
from graphc.elaborate.faults import StageFaults
from graphc.elaborate.frame import Frame, evaluate, execute, executes
from graphc.elaborate.pipes import (
    apply_stage,
    carry,
    is_function_call,
    layer_name,
    rename,
)
from graphc.elaborate.report import names_text, source_text, tensor_name
from graphc.elaborate.static import is_number, is_size
from graphc.elaborate.tensor_calls import claim, own_use
from graphc.elaborate.values import (
    UNKNOWN_VALUE,
    ClassValue,
    Configured,
    LayerValue,
    Template,
    TensorValue,
)
from graphc.ir.dims import shape_text
from graphc.ir.graph import InputSource, LayerUse, TensorRef, WeightSource
from graphc.ir.types import TensorType
from graphc.source import Span
from graphc.syntax import nodes
from graphc.training.initializers import INITIALIZER, Constant

_NAMES_SHOWN = 4


@executes(nodes.Broken)
def _broken(node: nodes.Broken, frame: Frame) -> None:
    for name in node.names:
        frame.names[name] = UNKNOWN_VALUE
    if frame.builder is not None:
        frame.builder.has_gaps = True
    frame.current = UNKNOWN_VALUE if frame.kind == "sequential" else frame.current


@executes(nodes.Assign)
def _assign(node: nodes.Assign, frame: Frame) -> None:
    value = evaluate(node.value, frame)
    last = node.value.stages[-1] if isinstance(node.value, nodes.Pipe) else node.value
    _bind(node.targets, value, frame, last.span)


def _bind(targets: tuple[nodes.Targets, ...], value: Any, frame: Frame, span: Span) -> None:
    """Bind one name to a value, or several, and names in parentheses, to its items."""
    if len(targets) > 1:
        _bind_items(targets, value, frame, span)
    elif isinstance(targets[0], nodes.TargetGroup):
        _bind_items(targets[0].items, value, frame, span)
    else:
        _bind_one(targets[0], value, frame)


def _bind_items(targets: tuple[nodes.Targets, ...], value: Any, frame: Frame, span: Span) -> None:
    items: Sequence[Any] = value if isinstance(value, (list, tuple, range)) else [value]
    if value is UNKNOWN_VALUE:
        items = [UNKNOWN_VALUE] * len(targets)
    elif len(items) != len(targets):
        names = [source_text(target.span) for target in targets]
        needs = "needs 1 value" if len(targets) == 1 else f"need {len(targets)} values"
        count = "1 name" if len(targets) == 1 else f"{len(targets)} names"
        frame.report(
            OUTPUT_COUNT,
            f"{names_text(names)} {needs}, got {len(items)}"
            if len(targets) <= _NAMES_SHOWN
            else f"{count} need as many values, got {len(items)}",
            span,
            others=(Label(targets[0].span.to(targets[-1].span), count),),
        )
        items = [UNKNOWN_VALUE] * len(targets)
    for target, item in zip(targets, items, strict=True):
        _bind((target,), item, frame, span)


def _bind_one(target: nodes.Target, value: Any, frame: Frame) -> None:
    if target.annotation is not None and value is not UNKNOWN_VALUE:
        if isinstance(value, TensorValue):
            span = target.annotation.span
            if not match_shape(frame, target.name, target.annotation, value, use=span):
                value = UNKNOWN_VALUE
        else:
            frame.report(
                NOT_A_TENSOR,
                f"`{target.name}` needs to be a tensor to have a shape, got {value_text(value)}",
                target.annotation.span,
            )
            value = UNKNOWN_VALUE
    is_new_layer = isinstance(value, LayerValue) and value.shown is None
    if isinstance(value, TensorValue) or is_new_layer:
        value = value.named(target.name)
    frame.names[target.name] = value


@executes(nodes.Evaluate)
def _evaluate(node: nodes.Evaluate, frame: Frame) -> None:
    if frame.kind == "sequential":
        _add_layer(node, frame)
        return
    value = evaluate(node.value, frame)
    if value is UNKNOWN_VALUE or isinstance(value, (TensorValue, tuple)):
        return
    frame.report(
        MISPLACED_STATEMENT,
        f"{value_text(value)} stands alone here, and nothing uses it",
        node.span,
        help=_carry_help(value, node.span, frame),
    )


def _carry_help(value: Any, span: Span, frame: Frame) -> str | None:
    """What is missing before a layer that nothing is carried into."""
    if not isinstance(value, (LayerValue, Template, Configured, ClassValue)):
        return None
    if isinstance(value, Configured):
        given = next((each for _, each in value.values if isinstance(each, TensorValue)), None)
        if given is not None:
            return f"arrows carry tensors: {given.name} -> {value.template}(…)"
    return f"carry a tensor into it: {tensor_name(frame)} -> {source_text(span)}"


def _add_layer(node: nodes.Evaluate, frame: Frame) -> None:
    """One line of a sequential."""
    if frame.current is None:
        frame.current = _implicit_input(node, frame)
    target, name = node.value, None
    if isinstance(target, nodes.Pipe):
        frame.report(
            MISPLACED_STATEMENT,
            "a line of a sequential is one layer, which takes the line before it",
            node.span,
            help="write one layer a line, or use a model",
        )
        frame.current = UNKNOWN_VALUE
        return
    if is_function_call(target, frame):
        frame.current = apply_stage(target, frame.current, frame, target)
        return
    faults, before = StageFaults(frame), frame.current
    if isinstance(target, nodes.Named):
        name = layer_name(target.name, frame)
        target = target.value
    value = evaluate(node.value, frame) if name is None else _named_line(node.value, frame)
    if frame.waits_for_input and isinstance(value, LayerValue):
        assert frame.builder is not None
        frame.builder.model.unbuilt.append(value.use)
    frame.current = carry(value, before, frame, target, target, name)
    if frame.current is UNKNOWN_VALUE and not holds_unknown(before):
        faults.note(node.value, before)


def _named_line(node: nodes.Expression, frame: Frame) -> Any:
    assert isinstance(node, nodes.Named)
    inner = node.value
    if isinstance(inner, nodes.Call):
        is_block = isinstance(inner.function, nodes.Name) and _is_block(inner.function.id, frame)
        return evaluate(inner if is_block else node, frame)
    value = evaluate(inner, frame)
    name = layer_name(node.name, frame)
    is_block = isinstance(value, Template) and value.node.kind == "block"
    return value if is_block or name is None else rename(value, name, frame)


def _is_block(name: str, frame: Frame) -> bool:
    found = frame.names.get(name, frame.scope.values.get(name))
    return isinstance(found, Template) and found.node.kind == "block"


def _implicit_input(node: nodes.Node, frame: Frame) -> Any:
    """The input of a sequential that states none: given by the caller, or unknown."""
    if "" in frame.input_shapes or "inputs" in frame.input_shapes:
        given = "" if "" in frame.input_shapes else "inputs"
        frame.used_shapes.add(given)
        made = input_type(frame.input_shapes[given], frame)
        return UNKNOWN_VALUE if made is None else _new_input(frame, "input_layer", node.span, made)
    if frame.input_types is None:
        frame.waits_for_input = True
        return UNKNOWN_VALUE
    if len(frame.input_types) != 1:
        return UNKNOWN_VALUE
    return _new_input(frame, "input_layer", node.span, frame.input_types[0])


@executes(nodes.Input)
def _input(node: nodes.Input, frame: Frame) -> None:
    _bind_input(node, frame)
    if frame.first_input is None and node.name is not None:
        frame.first_input = frame.names.get(node.name)


def _bind_input(node: nodes.Input, frame: Frame) -> None:
    if frame.kind not in ("model", "sequential", "block"):
        _misplaced(frame, node.span, "input", "a model, a sequential or a block")
        return
    if frame.kind == "block":
        _block_input(node, frame)
        return
    if node.name is None and frame.kind == "model":
        frame.report(
            MISPLACED_STATEMENT, "an input of a model needs a name: input x: [...]", node.span
        )
        return
    if frame.kind == "sequential" and frame.current is not None:
        frame.report(
            MISPLACED_STATEMENT,
            "a sequential has one input, which comes before its layers",
            node.span,
        )
        return
    value = _model_input(node, frame)
    if frame.kind == "sequential":
        frame.current = value
    if node.name is not None:
        frame.inputs[node.name] = value
        frame.names[node.name] = value


def _model_input(node: nodes.Input, frame: Frame) -> Any:
    key = node.name or ""
    override = frame.input_shapes.get(key)
    if override is None and frame.kind == "sequential":
        override = frame.input_shapes.get("")
        key = "" if override is not None else key
    if override is not None:
        frame.used_shapes.add(key)
        made = given_type(node.name or "input", override, node.annotation, frame)
    elif node.annotation is not None:
        made = input_type(node.annotation, frame)
    else:
        frame.report(
            UNKNOWN_SIZE,
            f"the input `{node.name}` of a model needs a shape: input {node.name}: [...]",
            node.span,
        )
        return UNKNOWN_VALUE
    name = (node.name or "", node.name_span or node.span)
    if node.layer_name is not None:
        name = layer_name(node.layer_name, frame) or name
    if name[0] and not claim(frame, name):
        return UNKNOWN_VALUE
    if made is None:
        return UNKNOWN_VALUE
    place = node.annotation.span if node.annotation is not None else node.span
    return _new_input(frame, name[0], place, made, shown=node.name)


def _new_input(
    frame: Frame, name: str, span: Span, type: TensorType, shown: str | None = None
) -> TensorValue:
    assert frame.builder is not None
    if not name:
        name = frame.namer.automatic("input_layer", span)
    use = LayerUse(InputSource(type), name, span, frame.path, is_named=True)
    use.weights = ()
    node = frame.builder.call(use, span, frame.path, {}, (type,))
    frame.builder.model.inputs.append(node)
    return TensorValue(node, 0, type, span, shown or name, shown)


def _block_input(node: nodes.Input, frame: Frame) -> None:
    if node.name is None:
        frame.report(MISPLACED_STATEMENT, "an input of a block needs a name: input x", node.span)
        return
    block = frame.path[-1]
    value = frame.inputs.get(node.name, UNKNOWN_VALUE)
    if not holds_unknown(value) and not _is_input(value, node):
        frame.report(
            NOT_A_TENSOR,
            f"{block.block} needs `{node.name}` to be a tensor, got {value_text(value)}",
            block.span,
            others=(Label(node.span, "stated here"),),
        )
        value = UNKNOWN_VALUE
    if isinstance(value, TensorValue):
        if node.annotation is not None:
            fits = match_shape(
                frame, node.name, node.annotation, value, use=block.span, subject=block.block
            )
            if not fits:
                value = UNKNOWN_VALUE
        if isinstance(value, TensorValue):
            # What messages call it stays what it is called where it comes from.
            value = TensorValue(
                value.node, value.index, value.type, value.span, node.name, value.shown
            )
    if value is UNKNOWN_VALUE and node.annotation is not None:
        _names_unknown(node.annotation, frame)
    frame.names[node.name] = value


def _is_input(value: Any, node: nodes.Input) -> bool:
    """A tensor; or a list of them, whose shape cannot be stated."""
    return isinstance(value, TensorValue) or (node.annotation is None and holds_tensor(value))


def _names_unknown(annotation: nodes.Annotation, frame: Frame) -> None:
    """The names that an annotation would have bound are unknown, silently."""
    for dim in annotation.dims:
        if isinstance(dim, nodes.Name) and dim.id not in frame.names:
            frame.names[dim.id] = UNKNOWN_VALUE


def _misplaced(frame: Frame, span: Span, what: str, where: str) -> None:
    frame.report(MISPLACED_STATEMENT, f"`{what}` belongs in {where}", span)


@executes(nodes.Output)
def _output(node: nodes.Output, frame: Frame) -> None:
    if frame.kind == "sequential":
        frame.report(
            MISPLACED_STATEMENT,
            "a sequential needs no output: its last layer is its output",
            node.span,
            help=f"write {source_text(node.items[0].value.span)}" if len(node.items) == 1 else None,
        )
        return
    for item in node.items:
        value = evaluate(item.value, frame)
        name = item.name
        if isinstance(value, (tuple, list)) and all(isinstance(v, TensorValue) for v in value):
            if name is not None:
                frame.report(
                    OUTPUT_COUNT,
                    f"the output `{name}` needs 1 tensor, got {len(value)}",
                    item.value.span,
                    help="bind them to names first, and put those out",
                )
            frame.outputs += [(None, each, item.span) for each in value]
            continue
        if value is not UNKNOWN_VALUE and not isinstance(value, TensorValue):
            frame.report(
                NOT_A_TENSOR,
                f"an output needs a tensor, got {value_text(value)}",
                item.value.span,
                help=_carry_help(value, item.value.span, frame),
            )
            value = UNKNOWN_VALUE
        frame.outputs.append((name, value, item.span))


def _tied_to(frame: Frame) -> tuple[TensorRef, ...]:
    """The tensors of the first input so far."""
    first = frame.first_input
    tensors = first if isinstance(first, (list, tuple)) else (first,)
    return tuple(TensorRef(t.node, t.index) for t in tensors if isinstance(t, TensorValue))


@executes(nodes.Weight)
def _weight(node: nodes.Weight, frame: Frame) -> None:
    frame.names[node.name] = UNKNOWN_VALUE
    if frame.kind not in ("model", "block"):
        _misplaced(frame, node.span, "weight", "a model or a block")
        return
    made = weight_type(node.annotation, frame)
    initializer = _initial(node, frame)
    name = (node.name, node.name_span)
    if made is None or initializer is None:
        return
    shape = tuple(dim for dim in made.shape if isinstance(dim, int))
    if len(shape) != len(made.shape):
        frame.report(
            UNKNOWN_SIZE,
            f"the weight `{node.name}` needs known sizes, got {shape_text(made.shape)}",
            node.annotation.span,
            help="weights cannot depend on the size of an input: give that axis a number",
        )
        return
    assert frame.builder is not None
    use = own_use(frame, WeightSource(made, _tied_to(frame)), node.span, name)
    if use is None:
        return
    use.weights = (
        WeightSpec(node.name, node.name, shape, made.dtype, initializer, not node.is_frozen),
    )
    frame.run.count_layer(node.span)
    number = (
        use.calls[0] if use.calls else frame.builder.call(use, node.span, frame.path, {}, (made,))
    )
    frame.names[node.name] = TensorValue(
        number, 0, made, node.annotation.span, node.name, node.name
    )


def _initial(node: nodes.Weight, frame: Frame) -> Any:
    """The initializer of a weight: a number stands for a constant one."""
    if node.value is None:
        return INITIALIZER.accept("glorot_uniform" if node.annotation.dims else "zeros")
    value = evaluate_argument(node.value, INITIALIZER, frame)
    if value is UNKNOWN_VALUE:
        return None
    if is_number(value):
        return Constant.from_values({"value": value})
    accepted = INITIALIZER.accept(value)
    if accepted is REJECTED:
        frame.report(
            BAD_ARGUMENT,
            f"the weight `{node.name}` needs a number or an initializer, got {value_text(value)}",
            node.value.span,
            help=INITIALIZER.hint(value)[0],
        )
        return None
    return accepted


@executes(nodes.Require)
def _require(node: nodes.Require, frame: Frame) -> None:
    if frame.builder is None or frame.kind not in ("model", "sequential"):
        _misplaced(frame, node.span, "require", "a model")
        return
    frame.builder.model.requirements.append((node, frame))


@executes(nodes.For)
def _for(node: nodes.For, frame: Frame) -> None:
    items = evaluate(node.iterable, frame)
    if items is UNKNOWN_VALUE:
        _unknown_body(node.body, frame)
        return
    if isinstance(items, (dict, str)):
        items = list(items)
    if not isinstance(items, (list, tuple, range)):
        frame.report(
            NOT_STATIC if isinstance(items, TensorValue) else STATIC_TYPE,
            f"`for` needs a list or a range, got {kind_text(items)}",
            node.iterable.span,
            help=_loop_help(items, node.iterable),
        )
        _unknown_body(node.body, frame)
        return
    for item in items:
        frame.run.step(node.span)
        _bind(node.targets, item, frame, node.iterable.span)
        frame.loops.append((node.targets, item))
        execute(node.body, frame)
        frame.loops.pop()


def _loop_help(items: Any, node: nodes.Expression) -> str | None:
    if is_number(items) or is_size(items):
        return f"write range({source_text(node.span)})"
    if isinstance(items, TensorValue) and items.type.rank > 1:
        return f"loop over its parts by number: {source_text(node.span)}[:, i]"
    return None


@executes(nodes.If)
def _if(node: nodes.If, frame: Frame) -> None:
    for branch in node.branches:
        if branch.test is None:
            execute(branch.body, frame)
            return
        chosen = condition(branch.test, frame)
        if chosen is None:
            for each in node.branches:
                _unknown_body(each.body, frame)
            return
        if chosen:
            execute(branch.body, frame)
            return


def _unknown_body(body: tuple[nodes.Statement, ...], frame: Frame) -> None:
    """What a body that cannot be executed would bind is unknown, silently."""
    for statement in body:
        if isinstance(statement, nodes.Assign):
            for target in nodes.bound_targets(statement.targets):
                frame.names[target.name] = UNKNOWN_VALUE
        elif isinstance(statement, nodes.Evaluate) and frame.kind == "sequential":
            frame.current = UNKNOWN_VALUE
        elif isinstance(statement, nodes.Output):
            frame.outputs.append((None, UNKNOWN_VALUE, statement.span))
        elif isinstance(statement, nodes.For):
            _unknown_body(statement.body, frame)
        elif isinstance(statement, nodes.If):
            for branch in statement.branches:
                _unknown_body(branch.body, frame)
        elif isinstance(statement, nodes.Weight):
            frame.names[statement.name] = UNKNOWN_VALUE
