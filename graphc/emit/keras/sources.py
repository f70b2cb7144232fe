"""Inputs and weights of a body."""

from __future__ import annotations

import ast
from typing import Any

from graphc.elaborate.values import TensorValue
from graphc.emit.keras.body import Body
from graphc.emit.keras.inputs import input_call
from graphc.emit.keras.recorder import place
from graphc.emit.keras.stated_sizes import bind_sizes, stated_size
from graphc.emit.keras.tree import Untranslatable, assign, call, constant
from graphc.emit.keras.values import Values, is_size
from graphc.emit.keras.weight import weight_call
from graphc.ir.types import TensorType
from graphc.syntax import nodes
from graphc.training.initializers import INITIALIZER


def enter(body: Body, node: nodes.Input) -> None:
    """An input."""
    assert node.name is not None
    own = ast.Name(body.locals[node.name])
    kept = body.input_names.get(node.name)
    if not body.is_block:
        body.out.append(assign(kept or own, input_value(body, node)))
    if kept is not None:
        body.out.append(assign(own, ast.Name(kept)))
    if body.anchor is None:
        body.anchor = own
    bind_sizes(body, node, node.annotation, own, node.name)


def input_value(body: Body, node: nodes.Input) -> ast.Call:
    """`keras.Input(…)`."""
    bound = body.recorder.types.get((id(node), node.name or ""), [])
    types = [v.type for v in bound if isinstance(v, TensorValue)]
    dtypes = {type.dtype for type in types}
    if len(dtypes) != 1:
        raise Untranslatable(f"the input {node.name} has not always the same dtype")
    assert node.annotation is not None
    dims = [type.shape[1:] for type in types]
    sizes: list[ast.expr] = []
    for axis in range(len(dims[0])):
        found = {repr(d[axis]) if not is_size(d[axis]) else "None" for d in dims}
        if len(found) == 1:
            text = found.pop()
            dim = node.annotation.dims[axis] if axis < len(node.annotation.dims) else None
            if text != "None" and dim is not None and not isinstance(dim, nodes.Literal):
                sizes.append(stated_size(body, dim, int(text)))
            else:
                sizes.append(constant(None if text == "None" else int(text)))
        else:
            sizes.append(stated_size(body, node.annotation.dims[axis], None))
    named = node.layer_name
    label = constant(node.name) if named is None else body.text(named)
    batch = _batch(body, node.annotation, types)
    made = input_call(sizes, dtypes.pop(), "", batch, is_optional=node.is_optional)
    if not (isinstance(label, ast.Constant) and not label.value):
        made.keywords.append(ast.keyword("name", label))
    return made


def _batch(body: Body, annotation: nodes.Annotation, types: list[TensorType]) -> ast.expr | None:
    """The batch that an input states."""
    if annotation.batch is None:
        return None
    found = {type.shape[0] for type in types}
    size = found.pop() if len(found) == 1 else None
    return stated_size(body, annotation.batch.size, size if isinstance(size, int) else None)


def write_weight(body: Body, node: nodes.Weight) -> None:
    """A weight, called on what ties it to the graph."""
    made = body.recorder.made_at.get(place(node.span), [])
    specs = [m.use.weights[0] for m in made if m.use.weights]
    if not specs or len({s.dtype for s in specs}) > 1:
        raise Untranslatable(f"the weight {node.name} differs from use to use")
    values = Values()
    weight = weight_call(
        body.translator.module, values, specs[0], body.prefixed(constant(node.name))
    )
    _as_written(body, weight, node, [(s.shape, s.initializer) for s in specs])
    if body.anchor is None:
        raise Untranslatable(f"the weight {node.name} stands before the inputs")
    body.out.append(assign(body.locals[node.name], call(weight, body.anchor)))


def _as_written(body: Body, weight: ast.Call, node: nodes.Weight, specs: list[Any]) -> None:
    """The weight's shape and start as the source has them, where they can be."""
    is_same = all(spec == specs[0] for spec in specs)
    try:
        dims = [stated_size(body, dim, None) for dim in node.annotation.dims]
        weight.args[0] = ast.Tuple(dims)
        if node.value is not None:
            start = body.argument(node.value, INITIALIZER)
            if all(type(v) in (int, float) for v in body.values(node.value) or [""]):
                start = call("keras.initializers.Constant", start)
            weight.args[1:] = [start]
    except Untranslatable:
        if not is_same:
            raise
