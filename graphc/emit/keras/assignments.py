"""Assignments, and the names that they bind."""

from __future__ import annotations

import ast

from graphc.emit.keras.body import Body
from graphc.emit.keras.mentions import has_long_pipe, is_looked_into, only_name
from graphc.emit.keras.stated_sizes import bind_sizes
from graphc.emit.keras.tree import Untranslatable, assign, call
from graphc.emit.keras.values import is_size
from graphc.syntax import nodes


def write_assign(body: Body, node: nodes.Assign) -> None:
    """An assignment."""
    types = body.recorder.types
    if len(node.targets) == 1 and isinstance(node.targets[0], nodes.Target):
        target = node.targets[0]
        bound = types.get((id(node), target.name), [])
        if bound and all(map(is_size, bound)):
            return
        if any(map(is_size, bound)):
            raise Untranslatable(f"{target.name} is a number in one use, and open in another")
    name = only_name(node.targets)
    own = None if name is None else body.locals[name]
    if _adds_up(body, node, name):
        return
    if isinstance(node.value, nodes.Conditional) and has_long_pipe(node.value):
        choose(body, node.value, node.targets)
    else:
        value = body.value(node.value, own)
        body.out.append(assign(target_of(body, node.targets), value))
    for each in nodes.bound_targets(node.targets):
        bind_sizes(body, node, each.annotation, ast.Name(body.locals[each.name]), each.name)


def _adds_up(body: Body, node: nodes.Assign, name: str | None) -> bool:
    """Write `n = n + 1` and `parts = parts + [x]` as people do."""
    value = node.value
    if name is None or not isinstance(value, nodes.Binary) or value.operator != "+":
        return False
    left, right = value.left, value.right
    if not isinstance(left, nodes.Name) or left.id != name:
        return False
    own = ast.Name(body.locals[name])
    if all(type(v) in (int, float) for v in body.values(value)) and body.values(value):
        body.out.append(ast.AugAssign(own, ast.Add(), body.expr(right)))
        return True
    is_item = isinstance(right, nodes.ListDisplay) and len(right.items) == 1
    if not is_item or not _is_own_list(body, name):
        return False
    assert isinstance(right, nodes.ListDisplay)
    append = call(ast.Attribute(own, "append"), body.expr(right.items[0]))
    body.out.append(ast.Expr(append))
    return True


def _is_own_list(body: Body, name: str) -> bool:
    """Whether a list that grows has no other name, and is never held by anything."""
    if any(parameter.name == name for parameter in body.node.parameters):
        return False
    return all(is_looked_into(each, name) for each in body.node.body)


def choose(body: Body, node: nodes.Conditional, targets: tuple[nodes.Targets, ...]) -> None:
    """A choice of which the branches are statements."""
    test = body.test(node.test)
    branches = []
    for each in (node.value, node.otherwise):
        outer, body.out = body.out, []
        name = only_name(targets)
        value = body.value(each, None if name is None else body.locals[name])
        body.out.append(assign(target_of(body, targets), value))
        branches.append(body.out)
        body.out = outer
    if isinstance(test, bool):
        body.out += branches[0 if test else 1]
    else:
        body.out.append(ast.If(test, branches[0], branches[1]))


def target_of(body: Body, targets: tuple[nodes.Targets, ...]) -> ast.expr:
    """Names being bound."""
    made: list[ast.expr] = []
    for each in targets:
        if isinstance(each, nodes.TargetGroup):
            inner = target_of(body, each.items)
            is_tuple = isinstance(inner, ast.Tuple) or "," not in each.span.text
            made.append(inner if is_tuple else ast.Tuple([inner]))
        else:
            made.append(ast.Name(body.locals[each.name]))
    if len(made) == 1 and not isinstance(targets[0], nodes.TargetGroup):
        return made[0]
    return made[0] if len(made) == 1 else ast.Tuple(made)
