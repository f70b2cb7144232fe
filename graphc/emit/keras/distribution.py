"""The function of a Keras program that divides it between devices, by `keras.distribution`."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from graphc.analysis.layout_rules import LayoutRule, layout_rules
from graphc.analysis.parameters import weights_of
from graphc.analysis.sharding import model_parallel
from graphc.emit.keras.functions import function
from graphc.emit.keras.tree import assign, call, constant, name, sequence, subscript
from graphc.ir.graph import ModelGraph

FUNCTION = "distribute"


class NothingToDivide(Exception):
    """A model has no matrices that the devices could share; the message says so."""


def data_parallel() -> ast.FunctionDef:
    """Each device has the whole model, and a part of each batch."""
    return _function(
        "Give each device a part of each batch: before the model is built, on JAX.",
        [_set(call("keras.distribution.DataParallel"))],
    )


def model_parallel_function(model: ModelGraph, batch: int, devices: int) -> ast.FunctionDef:
    """`batch` groups of devices have parts of each batch, `devices` in each parts of matrices.

    Raises `NothingToDivide`.
    """
    sharding = model_parallel(model, devices)
    if not sharding.weights:
        raise NothingToDivide(
            f"{model.name} has no two matrices to divide between {devices} devices, the first by "
            "columns and the second by rows"
        )
    rules = layout_rules(sharding, [weight.path for weight in weights_of(model)])
    mesh = call(
        "keras.distribution.DeviceMesh",
        sequence([constant(batch), constant(devices)]),
        sequence([constant("batch"), constant("model")], is_list=True),
    )
    chosen = call(
        "keras.distribution.ModelParallel",
        keywords={"layout_map": name("layout"), "batch_dim_name": constant("batch")},
    )
    return _function(
        f"Divide batches by {batch} and matrices by {devices}: before the model is built, on JAX.",
        [
            assign("mesh", mesh),
            assign("layout", call("keras.distribution.LayoutMap", name("mesh"))),
            *_layouts(rules),
            _set(chosen),
        ],
    )


def _layouts(rules: Sequence[LayoutRule]) -> list[ast.stmt]:
    return [
        assign(
            subscript(name("layout"), constant(rule.pattern)),
            sequence([constant("model" if divided else None) for divided in rule.axes]),
        )
        for rule in rules
    ]


def _set(distribution: ast.expr) -> ast.stmt:
    return ast.Expr(call("keras.distribution.set_distribution", distribution))


def _function(doc: str, body: list[ast.stmt]) -> ast.FunctionDef:
    return function(FUNCTION, [], body, doc)
