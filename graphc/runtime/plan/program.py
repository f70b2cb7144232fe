"""A graph of primitives as a program on memory laid out beforehand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextvars import Context
from threading import Lock

import numpy as np

from graphc.ir.tensor import Tensor, steps_of
from graphc.runtime.execute import streams_of, written
from graphc.runtime.kernels.table import Array
from graphc.runtime.plan import memory
from graphc.runtime.plan.arena import peak
from graphc.runtime.plan.assembly import Assembly
from graphc.runtime.plan.constants import room
from graphc.runtime.plan.groups import Layout
from graphc.runtime.plan.loops import Loops
from graphc.runtime.plan.memory import fresh, known
from graphc.runtime.plan.tiles import Tiles
from graphc.runtime.source import Writer

CACHE = 1 << 20
"""Bytes of a core's own cache (level 2) that a block may fill."""


class Planned:
    """A function on arrays, whose values go through one arena. `source` is the Python that it is.

    `constants` are arrays for tensors that are the same in all calls, and `held` ones are read where
    they are, whatever is in them at the time.
    """

    def __init__(
        self,
        parameters: Sequence[Tensor],
        constants: Mapping[Tensor, Array],
        results: Sequence[Tensor],
        seed: int = 0,
        cache: int = CACHE,
        clock: Callable[[int], None] | None = None,
        held: Mapping[Tensor, Array] | None = None,
        later: Sequence[Tensor] | None = None,
        puts: Mapping[Tensor, Tensor] | None = None,
    ) -> None:
        """A `clock` is called after each of the `timed` steps, with its number.

        What replaces `held` arrays is in `puts`: tensors by those that they replace. With `later`
        results, which may be none, a call ends when it has its own: `go_on` does the rest.
        """
        inputs = {x: fresh(x.type) for x in parameters}
        fixed = {x: known(array) for x, array in constants.items()}
        lying = {id(array): memory.held(array) for array in (held or {}).values()}
        outside = {x: lying[id(array)] for x, array in (held or {}).items()}
        replacing = {outside[own]: new for own, new in (puts or {}).items()}
        wanted_at_all = [*results, *(later or ()), *replacing.values()]
        first = steps_of(wanted_at_all if later is None else results)
        layout = Layout(first, {**inputs, **fixed, **outside})
        pause, done = len(layout.groups), set(first)
        layout.extend([step for step in steps_of(wanted_at_all) if step not in done])
        self._lock = Lock()
        # Infinities and NaNs are results like others. NumPy looks up in a context what is said of
        # them: one that is made once is entered in a tenth of the time of `np.errstate`.
        self._quiet = Context()
        self._quiet.run(np.seterr, all="ignore")
        given, kept = list(inputs.values()), [layout.place(x) for x in (*results, *(later or ()))]
        wanted = {own: layout.place(x) for own, x in replacing.items()}
        assembly = Assembly(
            layout,
            given,
            [*kept, *wanted.values()],
            cache,
            {place.storage for place in outside.values()},
            puts={new.storage: own for own, new in wanted.items() if not new.is_known},
        )
        self.arena_size = assembly.size
        self.largest_live_set = peak(assembly.needs)
        """Bytes that are needed at one time: no arena could be smaller."""
        assembly.bind(room(assembly.size))
        writer, tiles, loops = Writer(), Tiles(), Loops(is_timed=clock is not None)
        loops.start("run", [(f"x{i}", place.array()) for i, place in enumerate(given)])
        for loop in assembly.loops(tiles, writer, 0, pause):
            loops.add(loop)
        if later is not None:
            loops.finish([place.array() for place in kept[: len(results)]])
            del kept[: len(results)]
            loops.start("go_on", [])
        for loop in assembly.loops(tiles, writer, pause):
            loops.add(loop)
        loops.replace(
            (own.array(), new.array())
            for own, new in wanted.items()
            if not assembly.homes.is_put(own, new)
        )
        loops.finish([place.array() for place in kept])
        self.source = "\n\n".join([*writer.functions, loops.text])
        self._seeds, self._seed = writer.streams, seed
        self._streams = streams_of(writer.streams, seed)
        self.timed = loops.timed
        names = loops.names | {"streams": self._streams, "clock": clock}
        self._run = written(self.source, names)
        self._go_on = self._run.__globals__.get("go_on")

    def restart(self, call: int) -> None:
        """Let the next call draw what depends on the seed and this number alone."""
        self._streams[:] = streams_of(self._seeds, self._seed, call)

    def __call__(self, *arrays: Array) -> tuple[Array, ...]:
        """The results for arrays of the parameters' shapes, in their order."""
        with self._lock:
            results: tuple[Array, ...] = self._quiet.run(self._run, *arrays)
        return results

    def go_on(self) -> tuple[Array, ...]:
        """The later results of the last call, and what is put in place of others."""
        with self._lock:
            results: tuple[Array, ...] = self._quiet.run(self._go_on)
        return results
