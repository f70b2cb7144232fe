"""The body of a sequential: a list of layers, or layers added one by one."""

from __future__ import annotations

import ast

from graphc.elaborate.values import Template
from graphc.emit.keras.body import Body
from graphc.emit.keras.inputs import input_of
from graphc.emit.keras.sources import input_value
from graphc.emit.keras.stages import Piped
from graphc.emit.keras.statement_writer import write_statements
from graphc.emit.keras.tree import (
    Aside,
    Comment,
    CommentedReturn,
    Untranslatable,
    assign,
    call,
    model_call,
)
from graphc.emit.keras.unused import without_unused
from graphc.syntax import nodes


def sequential_body(body: Body) -> list[ast.stmt]:
    """The statements of the function that builds a sequential."""
    statements = body.node.body
    if any(_is_function(each, body) for each in _lines(statements)) or _repeats(body):
        return _functional(body)
    if all(isinstance(each, (nodes.Evaluate, nodes.Input, nodes.Require)) for each in statements):
        return _listed(body)
    return _added(body)


def _repeats(body: Body) -> bool:
    """Whether a layer stands in two lines, which a Sequential does not take."""
    graphs = [e.frame.builder.model for e in body.entries if e.frame.builder is not None]
    return any(
        len(use.calls) > 1 or graph.unbuilt.count(use) > 1
        for graph in graphs
        for use in (*graph.uses(), *graph.unbuilt)
    )


def _lines(statements: tuple[nodes.Statement, ...]) -> list[nodes.Evaluate]:
    found: list[nodes.Evaluate] = []
    for each in statements:
        if isinstance(each, nodes.Evaluate):
            found.append(each)
        elif isinstance(each, nodes.For):
            found += _lines(each.body)
        elif isinstance(each, nodes.If):
            for branch in each.branches:
                found += _lines(branch.body)
    return found


def _is_function(node: nodes.Evaluate, body: Body) -> bool:
    """Whether a line is no layer: a block, or a function on tensors."""
    value = node.value.value if isinstance(node.value, nodes.Named) else node.value
    function = value.function if isinstance(value, nodes.Call) else value
    callee = body.static_callee(function)
    if isinstance(callee, Template):
        return callee.node.kind == "block"
    stages = body.recorder.stages.get(id(value), [])
    return any(getattr(v, "category", "") == "operation" for v, _ in stages) or bool(
        body.calls(value)
    )


def _layer(node: nodes.Evaluate, body: Body) -> ast.expr:
    value = node.value
    target = value.value if isinstance(value, nodes.Named) else value
    callee = body.static_callee(target)
    if isinstance(callee, Template):
        return body.shared_model(callee)
    return body.expr(value)


def _input(node: nodes.Input, body: Body) -> ast.Call:
    if node.name is None:
        return _unnamed_input(body)
    return input_value(body, node)


def _unnamed_input(body: Body) -> ast.Call:
    graphs = [e.frame.builder.model for e in body.entries if e.frame.builder is not None]
    shapes = {repr(g.record(g.inputs[0]).layer.type): g for g in graphs if g.inputs}
    if len(shapes) != 1:
        raise Untranslatable("a sequential's input differs from use to use")
    graph = next(iter(shapes.values()))
    record = graph.record(graph.inputs[0])
    return input_of(record.layer, record.name)


def _given_input(body: Body) -> list[ast.Call]:
    """The input that the command line gives to a sequential that states none."""
    if any(isinstance(each, nodes.Input) for each in body.node.body):
        return []
    if not body.translator.has_given_input(body.template):
        return []
    return [_unnamed_input(body)]


def _model(body: Body, *args: ast.expr) -> ast.Call:
    return model_call("keras.Sequential", *args, name=body.node.own_name)


def _without_name(made: ast.Call) -> ast.Call:
    """An input of a Sequential, whose name nobody sees."""
    made.keywords = [k for k in made.keywords if k.arg != "name"]
    return made


def _listed(body: Body) -> list[ast.stmt]:
    items: list[ast.expr] = [_without_name(each) for each in _given_input(body)]
    remarks: list[list[Comment]] = [[] for _ in items]
    for each in body.node.body:
        above = body.comments.until(each.span.end)
        beside = body.comments.beside(each)
        if isinstance(each, nodes.Require):
            continue
        if isinstance(each, nodes.Input):
            made = _input(each, body)
            items.append(_without_name(made) if each.name is None else made)
        elif isinstance(each, nodes.Evaluate):
            items.append(_layer(each, body))
        remarks.append([*above, *([Aside(beside.span.text)] if beside is not None else [])])
    remarks.append(body.comments.until(body.node.span.end))
    model = _model(body, ast.List(items))
    is_plain = not any(remarks)
    returned = ast.Return(model) if is_plain else CommentedReturn(model, remarks)
    return [*body.prelude, *body.out, returned]


def _added(body: Body) -> list[ast.stmt]:
    model = body.fresh()
    add = ast.Attribute(ast.Name(model), "add")

    def evaluate(body: Body, node: nodes.Evaluate) -> None:
        body.out.append(ast.Expr(call(add, _layer(node, body))))

    def enter(body: Body, node: nodes.Input) -> None:
        made = _input(node, body)
        body.out.append(ast.Expr(call(add, _without_name(made) if node.name is None else made)))

    write_statements(body, {nodes.Evaluate: evaluate, nodes.Input: enter})
    first = [ast.Expr(call(add, _without_name(each))) for each in _given_input(body)]
    made = [*body.prelude, assign(model, _model(body)), *first, *body.out]
    return without_unused([*made, ast.Return(ast.Name(model))])


def _functional(body: Body) -> list[ast.stmt]:
    """A sequential with blocks in it is a functional model in Keras."""
    own = body.fresh()
    start = f"{own}_input"

    def evaluate(body: Body, node: nodes.Evaluate) -> None:
        body.out.append(assign(own, body.stage(node.value, Piped((ast.Name(own),)))))

    def enter(body: Body, node: nodes.Input) -> None:
        body.out.append(assign(start, _input(node, body)))
        body.out.append(assign(own, ast.Name(start)))
        body.anchor = ast.Name(start)

    given = _given_input(body)
    has_input = any(isinstance(each, nodes.Input) for each in body.node.body)
    if not given and not has_input:
        raise Untranslatable("a sequential of blocks has no input")
    first: list[ast.stmt] = []
    for each in given:
        first = [assign(start, each), assign(own, ast.Name(start))]
    write_statements(body, {nodes.Evaluate: evaluate, nodes.Input: enter})
    made = model_call("keras.Model", ast.Name(start), ast.Name(own), name=body.node.own_name)
    return without_unused([*body.prelude, *first, *body.out, ast.Return(made)])
