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
    functions: dict[str, Callable[[], Any]], clock: Callable[[], float], repeat: int, seconds: float
) -> dict[str, list[float]]:
    """Milliseconds of a call in each turn: A A A B B B C C C A A A …"""
    counts = {}
    for name, function in functions.items():
        start = clock()
        function()
        counts[name] = max(1, round(BURST / max(clock() - start, 1e-6)))
    found: dict[str, list[float]] = {name: [] for name in functions}
    end = time.monotonic() + seconds
    for turn in range(repeat):
        if turn and time.monotonic() > end:
            break
        for name, function in functions.items():
            if counts[name] > 1:
                function()  # brings its arrays back into the caches
            start = clock()
            for _ in range(counts[name]):
                function()
            found[name].append((clock() - start) / counts[name] * 1e3)
    return found


def main() -> None:
    name, peer_name = sys.argv[1], sys.argv[3]
    batch, threads, repeat = (int(sys.argv[i]) for i in (2, 4, 5))
    model = load(name)
    weights, x = weights_of(model), input_of(model, batch)
    peer = PEERS[peer_name](model, weights, x, threads)
    function = model.compile(weights)
    program = function.program((x.shape,))

    theirs = peer.output(peer.run())
    for ours in (program(x)[0], function(x)):
        error = differs_by(ours, theirs)
        if not error <= TOLERANCE:
            raise SystemExit(f"{name} at batch {batch} differs from {peer_name} by {error:.2g}")

    gc.disable()
    # What threads do to CPU time says nothing about how long it takes.
    clock = time.process_time if threads == 1 else time.perf_counter
    calls = {"program": lambda: program(x), "call": lambda: function(x), "peer": peer.run}
    times = in_turn(calls, clock, repeat, float(sys.argv[6]))
    result = {
        "least": {key: min(found) for key, found in times.items()},
        "median": {key: statistics.median(found) for key, found in times.items()},
        "turns": len(times["peer"]),
        "error": error,
        **memory_of(program, weights),
    }
    print(json.dumps({"graphc": str(graphc.__file__), **result}))


if __name__ == "__main__":
    main()
