"""Forward runs of graphc's programs against its peers, as ratios of CPU time on one core.

    python tests/benchmarks/forward.py [--models mlp,lenet] [--peers onnxruntime] [--batch 1,large]
        [--repeat 7] [--seconds 20] [--threads 1] [--profile MODEL]

The peers are the `bench` extra; one that is not installed is left out. Each pair is measured in a
process of its own, in turn, after its outputs were compared (`forward_pair.py`). Aims are marked
where they are missed. With more than one thread the times are those of the clock on the wall.
`--profile` shows where one model's time goes, statement by statement, beside ONNX Runtime's nodes.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from forward_models import CASES

HERE = Path(__file__).parent
MODULES = {
    "onnxruntime": ("onnx", "onnxruntime"),
    "keras-tensorflow": ("keras", "tensorflow"),
    "keras-jax": ("keras", "jax"),
    "keras-numpy": ("keras",),
    "onnx-reference": ("onnx",),
}
"""What has to be installed for each peer."""
MOST_WASTE = 1.1
"""The arena's size, at most, to what has to be in it at one time."""


class Failed(Exception):
    """A process that ended badly, and what it said last."""


def environment(threads: int) -> dict[str, str]:
    """Limits that have to stand before anything is imported."""
    limited = {
        name: str(threads)
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    }
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "1"}
    if threads == 1:
        flags = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
        quiet["XLA_FLAGS"] = flags
    return {**os.environ, **limited, **quiet}


def measured(script: str, *arguments: object, threads: int) -> str:
    """What a script of this folder prints."""
    command = [sys.executable, str(HERE / script), *map(str, arguments)]
    done = subprocess.run(
        command, env=environment(threads), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines()
        raise Failed("\n".join(lines[-12:]) or f"{script} ended with {done.returncode}")
    return done.stdout


def row(name: str, batch: int, peer: str, result: dict[str, Any]) -> str:
    """A line of the table."""
    ours, call, theirs = (result["least"][key] for key in ("program", "call", "peer"))
    aims = CASES[name].aims.get(peer)
    aim = None if aims is None else aims[0 if batch == 1 else 1]
    judged = ""
    if aim is not None:
        missed = "missed" if ours / theirs > aim else "missed by the call"
        judged = f"{aim:7.2f}  {missed if call / theirs > aim else ''}"
    return (
        f"{name:13}{batch:5}  {peer:17}{ours:10.3f}{call:10.3f}{theirs:10.3f}"
        f"{ours / theirs:9.2f}{call / theirs:7.2f}{result['turns']:7}{judged}"
    )


def memory_row(name: str, batch: int, result: dict[str, Any]) -> str:
    """A line of the table of memory."""
    keys = ("arena", "beside", "planned", "alive", "weights", "constants")
    arena, others, planned, alive, weights, constants = (result[key] / 1e6 for key in keys)
    limit = CASES[name].arena_megabytes if batch == 1 else None
    aim = "" if limit is None else f"{limit:6.1f}{'  missed' if arena + others > limit else ''}"
    ratio = (arena + others) / planned
    judged = f"{MOST_WASTE:6.2f}{'  missed' if ratio > MOST_WASTE else ''}"
    return (
        f"{name:13}{batch:5}{arena:10.3f}{others:8.3f}{aim:14}{planned:10.3f}{ratio:8.2f}{judged:14}"
        f"{alive:8.3f}{weights:10.3f}{constants:11.3f}"
        f"{result['compiling']:14.2f}"
    )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--models", default=",".join(CASES))
    parser.add_argument("--peers", default=",".join(MODULES))
    parser.add_argument("--batch", default="1,large", help="numbers, or `large`")
    parser.add_argument("--repeat", type=int, default=7, help="turns of each function")
    parser.add_argument("--seconds", type=float, default=20, help="no more turns after so long")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--profile", metavar="MODEL", choices=CASES)
    return parser.parse_args()


def batches(name: str, listed: str) -> list[int]:
    """The batches for a model."""
    return [CASES[name].large if each == "large" else int(each) for each in listed.split(",")]


def installed(peers: list[str]) -> list[str]:
    """Those peers that can be measured here; says which cannot."""
    found = []
    for peer in peers:
        missing = [module for module in MODULES[peer] if importlib.util.find_spec(module) is None]
        if missing:
            print(f"{peer} is left out: {missing[0]} is not installed")
        else:
            found.append(peer)
    return found


def main() -> None:
    options = arguments()
    if options.profile is not None:
        for batch in batches(options.profile, options.batch):
            print(measured("forward_profile.py", options.profile, batch, threads=1))
        return
    peers = installed(options.peers.split(","))
    kind = "CPU" if options.threads == 1 else "wall"
    print(
        f"{options.threads} thread(s), least ms of {kind} time; ratios of program and call to peer"
    )
    print(
        f"{'model':13}{'batch':>5}  {'peer':17}{'program':>10}{'call':>10}{'peer':>10}"
        f"{'ratios':>11}{'':5}{'turns':>7}{'aim':>7}"
    )
    memory: dict[tuple[str, int], dict[str, Any]] = {}
    is_clean = True
    for name in options.models.split(","):
        for batch in batches(name, options.batch):
            for peer in peers:
                given = (name, batch, peer, options.threads, options.repeat, options.seconds)
                try:
                    text = measured("forward_pair.py", *given, threads=options.threads)
                except Failed as failed:
                    print(f"{name:13}{batch:5}  {peer:17}failed: {failed}", flush=True)
                    is_clean = False
                    continue
                result = json.loads(text.splitlines()[-1])
                memory[name, batch] = result
                print(row(name, batch, peer, result), flush=True)
    print(
        f"\n{'MB':13}{'batch':>5}{'arena':>10}{'beside':>8}{'aim':>6}{'':8}{'live set':>10}{'ratio':>8}{'aim':>6}"
        f"{'':8}{'in fact':>8}{'weights':>10}{'constants':>11}{'s to compile':>14}"
    )
    for (name, batch), result in memory.items():
        print(memory_row(name, batch, result))
    if not is_clean:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
