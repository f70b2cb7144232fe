"""What a program keeps in memory: its arena, how much of it is alive at once, its constants."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from forward_program import (
    Statement,
    address,
    arena_of,
    arrays_of,
    beside,
    executions,
    is_in,
    root_of,
)


def memory_of(program: Any, weights: Mapping[str, Any]) -> dict[str, int]:
    """Bytes: the arena, what is written beside it, what it holds at most by plan and in fact, the
    weights, the program's constants.

    Constants are what the program's statements read outside the arena. The weights themselves
    belong to who gave them: a program of arrays that are read from a file holds none of them.
    """
    arena, others = arena_of(program), beside(program)
    outside = [root_of(x) for x in arrays_of(program) if not is_in(x, arena)]
    held = {address(x): x.nbytes for x in outside if address(x) not in others}
    return {
        "arena": program.arena_size,
        "beside": sum(x.nbytes for x in others.values()),
        "planned": program.largest_live_set,
        "alive": alive_bytes(program),
        "weights": sum(x.nbytes for x in weights.values()),
        "constants": sum(held.values()),
    }


def alive_bytes(program: Any) -> int:
    """The most bytes of the arena that are written already and still to be read, at one time.

    Found from the program's own text, from its end to its start: what is written is not needed
    before, what is read is. A tensor of which half is read already counts for half.
    """
    arena = arena_of(program)
    alive = np.zeros(arena.size, bool)
    most = 0
    for node, space in reversed(list(executions(program))):
        statement = Statement(node, [space])
        targets = [] if isinstance(node, ast.Return) else statement.targets
        written = [space[name] for name in targets]
        read = [space[name] for name in statement.operands]
        # What a statement writes is there while it reads.
        _mark(alive, arena, [*written, *read], is_alive=True)
        most = max(most, int(np.count_nonzero(alive)))
        _mark(alive, arena, written, is_alive=False)
        _mark(alive, arena, read, is_alive=True)
    return most


def _mark(alive: Any, arena: Any, arrays: Iterable[Any], *, is_alive: bool) -> None:
    """Set one flag for each byte of the arrays that lie in the arena."""
    for array in arrays:
        if is_in(array, arena):
            start = address(array) - address(arena)
            shape, strides = (*array.shape, array.itemsize), (*array.strides, 1)
            np.ndarray(shape, bool, alive.data, start, strides)[...] = is_alive
