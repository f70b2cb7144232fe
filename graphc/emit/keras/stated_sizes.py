"""The sizes that inputs and annotations state."""

from __future__ import annotations

import ast

from graphc.elaborate.values import TensorValue
from graphc.emit.keras.body import Body
from graphc.emit.keras.mentions import bound_names
from graphc.emit.keras.tree import SizeOf, Untranslatable, constant
from graphc.syntax import nodes


def bind_sizes(
    body: Body, node: nodes.Statement, annotation: nodes.Annotation | None, tensor: ast.expr,
    name: str,
) -> None:  # fmt: skip
    """Bind the sizes that an annotation names, where they are numbers."""
    if annotation is None:
        return
    for index, dim in enumerate(annotation.dims):
        if not isinstance(dim, nodes.Name) or dim.id not in body.locals:
            continue
        if dim.id in bound_names(body.node.body) or any(
            parameter.name == dim.id for parameter in body.node.parameters
        ):
            continue
        bound = body.recorder.types.get((id(node), dim.id), [])
        if not bound or not all(type(value) is int for value in bound):
            continue
        axis = _axis(body, node, annotation, index, name)
        is_last = index == len(annotation.dims) - 1
        body.out.append(SizeOf(body.locals[dim.id], tensor, axis, is_last=is_last))


def _axis(
    body: Body, node: nodes.Statement, annotation: nodes.Annotation, index: int, name: str
) -> int:
    dots = [i for i, d in enumerate(annotation.dims)
            if isinstance(d, nodes.Literal) and d.value is ...]  # fmt: skip
    if dots and dots[0] < index:
        return index - len(annotation.dims)
    if dots:
        return index + 1
    ranks = {
        value.type.rank for value in body.recorder.types.get((id(node), name), [])
        if isinstance(value, TensorValue)
    }  # fmt: skip
    if len(ranks) != 1:
        raise Untranslatable(f"{name} has not always as many dims")
    return index + ranks.pop() - len(annotation.dims)


def stated_size(body: Body, dim: nodes.Expression, size: int | None) -> ast.expr:
    """A size as the source has it where that is known, or the number that it is."""
    try:
        made = _known_size(body, dim)
    except Untranslatable:
        if size is None:
            raise
        return constant(size)
    values = {v for v in body.values(dim) if isinstance(v, int)}
    return constant(size) if size is not None and values and values != {size} else made


def _known_size(body: Body, dim: nodes.Expression) -> ast.expr:
    if isinstance(dim, nodes.Name) and body.is_local(dim.id) and not body.values(dim):
        raise Untranslatable(f"the size {dim.id} is known only when the model runs")
    return body.expr(dim)
