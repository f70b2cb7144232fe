"""One model at one batch, graphc and one peer in turn; prints a JSON line for `forward.py`.

    python forward_pair.py MODEL BATCH PEER THREADS REPEAT SECONDS

The environment limits the threads of BLAS and XLA before anything is imported.
"""

from __future__ import annotations

import gc
import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from forward_memory import memory_of
from forward_models import input_of, load, weights_of
from forward_peers import PEERS

import graphc

TOLERANCE = 1e-4
BURST = 0.03
"""Seconds that one turn takes at least, so that small models are measured with their own caches."""


def differs_by(ours: Any, theirs: Any) -> float:
    """The largest difference, to the largest number."""
    return float(np.max(np.abs(ours - theirs)) / np.max(np.abs(theirs)))


def in_turn(
    functions: dict[str, Callable[[], Any]], threads: int, repeat: int, seconds: float
) -> dict[str, list[float]]:
    """Milliseconds of a call in each turn: A A A B B B C C C A A A …

    CPU time by the mean of a turn. Of several threads it would say nothing, and time on the wall
    has others' work in it: there the best call of a turn stands for it.
    """
    turn, clock = (_mean, time.process_time) if threads == 1 else (_least, time.perf_counter)
    counts = {}
    for name, function in functions.items():
        start = clock()
        function()
        counts[name] = max(1, round(BURST / max(clock() - start, 1e-6)))
    found: dict[str, list[float]] = {name: [] for name in functions}
    end = time.monotonic() + seconds
    for number in range(repeat):
        if number and time.monotonic() > end:
            break
        for name, function in functions.items():
            if counts[name] > 1:
                function()  # brings its arrays back into the caches
            found[name].append(turn(function, counts[name], clock) * 1e3)
    return found


def _mean(function: Callable[[], Any], count: int, clock: Callable[[], float]) -> float:
    start = clock()
    for _ in range(count):
        function()
    return (clock() - start) / count


def _least(function: Callable[[], Any], count: int, clock: Callable[[], float]) -> float:
    return min(_mean(function, 1, clock) for _ in range(count))


def main() -> None:
    name, peer_name = sys.argv[1], sys.argv[3]
    batch, threads, repeat = (int(sys.argv[i]) for i in (2, 4, 5))
    model = load(name)
    weights, x = weights_of(model), input_of(model, batch)
    peer = PEERS[peer_name](model, weights, x, threads)
    function = model.compile(weights)
    start = time.process_time()
    program = function.program((x.shape,))
    compiling = time.process_time() - start

    theirs = peer.output(peer.run())
    for ours in (program(x)[0], function(x)):
        error = differs_by(ours, theirs)
        if not error <= TOLERANCE:
            raise SystemExit(f"{name} at batch {batch} differs from {peer_name} by {error:.2g}")

    gc.disable()
    calls = {"program": lambda: program(x), "call": lambda: function(x), "peer": peer.run}
    times = in_turn(calls, threads, repeat, float(sys.argv[6]))
    result = {
        "least": {key: min(found) for key, found in times.items()},
        "median": {key: statistics.median(found) for key, found in times.items()},
        "turns": len(times["peer"]),
        "error": error,
        "compiling": compiling,
        **memory_of(program, weights),
    }
    print(json.dumps({"graphc": str(graphc.__file__), **result}))


if __name__ == "__main__":
    main()
