"""Names that Keras has to leave out as it numbers functions on tensors."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from graphc.declare.op import Op
from graphc.declare.registry import snake_case
from graphc.emit.keras.tree import call, constant
from graphc.ir.graph import ModelGraph
from graphc.keras_format.masks import MASK_NAMES, has_masks


def reservations(
    graph: ModelGraph, left_to_keras: frozenset[str] | set[str] = frozenset()
) -> dict[str, int]:
    """How many names Keras has to leave out, for functions not to be named as layers are."""
    ops = {snake_case(use.type_name) for use in graph.uses() if isinstance(use.layer, Op)}
    if has_masks(graph):
        ops |= MASK_NAMES
    counts: dict[str, int] = {}
    for use in graph.uses():
        if isinstance(use.layer, Op):
            continue
        base, _, number = use.name.rpartition("_")
        base, count = (base, int(number)) if base and number.isdigit() else (use.name, 0)
        if base in left_to_keras and not use.is_named:
            continue
        for each, most in ((base, count), (use.name, 0)):
            if each in ops and most < 10_000:
                counts[each] = max(counts.get(each, 0), most + 1)
    return dict(sorted(counts.items()))


def reserve_calls(counts: Mapping[str, int]) -> list[ast.stmt]:
    """Calls of `reserve`."""
    return [
        ast.Expr(call("reserve", constant(name), constant(count))) for name, count in counts.items()
    ]
