"""Weights that a model or block has of its own: `weight w: [4]`."""

from __future__ import annotations

from typing import Any

from graphc.declare.rules import REJECTED
from graphc.declare.scope import WeightSpec
from graphc.declare.values import value_text
from graphc.diagnostics.codes import BAD_ARGUMENT, UNKNOWN_SIZE
from graphc.diagnostics.fault import Fault
from graphc.elaborate.annotations import weight_type
from graphc.elaborate.arguments import evaluate_argument
from graphc.elaborate.frame import Frame, executes
from graphc.elaborate.report import report_misplaced
from graphc.elaborate.static import is_number
from graphc.elaborate.uses import own_use
from graphc.elaborate.values import UNKNOWN_VALUE, TensorValue
from graphc.ir.dims import shape_text
from graphc.ir.graph import TensorRef, WeightSource
from graphc.syntax import nodes
from graphc.training.initializers import INITIALIZER, Constant


@executes(nodes.Weight)
def _weight(node: nodes.Weight, frame: Frame) -> None:
    frame.names[node.name] = UNKNOWN_VALUE
    if frame.kind not in ("model", "block"):
        report_misplaced(frame, node.span, "weight", "a model or a block")
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
    try:
        initializer.check_shape(shape)
    except Fault as fault:
        place = node.annotation if node.value is None else node.value
        message = f"cannot start so: {type(initializer).__name__} {fault.message}"
        frame.report(fault.code, f"the weight `{node.name}` {message}", place.span)
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


def _tied_to(frame: Frame) -> tuple[TensorRef, ...]:
    """The tensors of the first input so far."""
    first = frame.first_input
    tensors = first if isinstance(first, (list, tuple)) else (first,)
    return tuple(TensorRef(t.node, t.index) for t in tensors if isinstance(t, TensorValue))


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
