"""Models that are not trained: Keras freezes all that is in one when it is told to."""

from __future__ import annotations

import ast

from graphc.emit.keras.tree import CommentedReturn, assign, constant


def freezing(model: ast.expr, trainable: ast.expr | None = None) -> ast.Assign:
    """`model.trainable = False`, or what else it is."""
    return assign(
        ast.Attribute(model, "trainable"), constant(False) if trainable is None else trainable
    )


def frozen(statements: list[ast.stmt], name: str) -> list[ast.stmt]:
    """The body of a function that returns a model, frozen; `name` is free for the model."""
    *before, last = statements
    assert isinstance(last, ast.Return)
    assert last.value is not None
    if isinstance(last.value, ast.Name):
        return [*before, freezing(last.value), last]
    model = ast.Name(name)
    made: ast.stmt = assign(name, last.value)
    if isinstance(last, CommentedReturn):
        assert isinstance(last.value, ast.Call)
        made = CommentedReturn(last.value, last.remarks, name)
    return [*before, made, freezing(model), ast.Return(model)]
