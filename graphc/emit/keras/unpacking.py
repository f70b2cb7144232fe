"""Sizes of one tensor that are bound one after the other: `H, W, C = x.shape[1:]`."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from graphc.emit.keras.tree import SizeOf


def sizes_together(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    """A body in which sizes of neighbouring axes are bound by one statement."""
    made: list[ast.stmt] = []
    run: list[SizeOf] = []
    for each in body:
        if isinstance(each, SizeOf):
            if run and not _is_next(run[-1], each):
                made.append(_bound(run))
                run = []
            run.append(each)
            continue
        if run:
            made.append(_bound(run))
            run = []
        made.append(each)
    return [*made, _bound(run)] if run else made


def _is_next(one: SizeOf, other: SizeOf) -> bool:
    is_same = ast.dump(one.tensor) == ast.dump(other.tensor)
    return is_same and one.axis != -1 and other.axis == one.axis + 1


def _bound(run: Sequence[SizeOf]) -> ast.stmt:
    if len(run) == 1:
        return run[0]
    first, last = run[0], run[-1]
    stop = None if last.is_last else ast.Constant(last.axis + 1)
    shape = ast.Attribute(first.tensor, "shape")
    value = ast.Subscript(shape, ast.Slice(ast.Constant(first.axis), stop))
    return ast.Assign([ast.Tuple([target for each in run for target in each.targets])], value)
