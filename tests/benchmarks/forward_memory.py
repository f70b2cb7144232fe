"""What a program keeps in memory: its arena, how much of it is alive at once, its constants."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from forward_program import globals_of, loops


def memory_of(program: Any, weights: Mapping[str, Any]) -> dict[str, int]:
    """Bytes of the arena, of its largest live set, of the weights, and of all that is constant."""
    space = globals_of(program)
    arrays = [x for x in space.values() if isinstance(x, np.ndarray)]
    rows = [x for key, x in space.items() if key.startswith("blocks")]
    arrays += [x for table in rows for row in table for x in row if isinstance(x, np.ndarray)]
    given = {_address(_root(x)): x.nbytes for x in weights.values()}
    held = {_address(_root(x)): _root(x).nbytes for x in arrays if not _is_in(program, x)}
    return {
        "arena": program.arena_size,
        "live": live_bytes(program),
        "weights": sum(given.values()),
        "constants": sum((given | held).values()),
    }


def live_bytes(program: Any) -> int:
    """The most bytes of the arena that are written already and still to be read, at one time.

    Found from the program's own text, from its end to its start: what is written is not needed
    before, what is read is.
    """
    arena = program._made.arena
    alive = np.zeros(arena.size, bool)
    most = 0
    for statements, count in reversed(list(loops(program))):
        for index in reversed(range(count)):
            for statement in reversed(statements):
                space = statement.spaces[index]
                if isinstance(statement.node, ast.Return):
                    targets, sources = [], statement.operands
                else:
                    targets, sources = statement.targets, statement.operands
                written = _bytes_of(alive, arena, (space[name] for name in targets))
                # What a statement writes is there while it reads.
                for view in written:
                    view[...] = True
                for view in _bytes_of(alive, arena, (space[name] for name in sources)):
                    view[...] = True
                most = max(most, int(np.count_nonzero(alive)))
                for view in written:
                    view[...] = False
                for view in _bytes_of(alive, arena, (space[name] for name in sources)):
                    view[...] = True
    return most


def _bytes_of(alive: Any, arena: Any, arrays: Iterable[Any]) -> list[Any]:
    """Views of one flag for each byte, for the arrays that lie in the arena."""
    found = []
    for array in arrays:
        start = _address(array) - _address(arena)
        if 0 <= start < arena.size:
            shape, strides = (*array.shape, array.itemsize), (*array.strides, 1)
            found.append(np.ndarray(shape, bool, alive.data, start, strides))
    return found


def _is_in(program: Any, array: Any) -> bool:
    arena = program._made.arena
    return 0 <= _address(array) - _address(arena) < arena.size


def _root(array: Any) -> Any:
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def _address(array: Any) -> int:
    address: int = array.__array_interface__["data"][0]
    return address
