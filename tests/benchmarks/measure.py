"""Whole processes measured in turn, so that a machine's moods fall on both."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Usage:
    """What one finished process took: CPU seconds and peak resident memory in bytes."""

    cpu: float
    peak_bytes: int


def run(command: Sequence[str], environment: dict[str, str] | None = None) -> Usage:
    """Run a command to its end and ask the system what it took."""
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **(environment or {})},
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{command} ended with {process.returncode}")
    return Usage(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def in_turn(commands: dict[str, Sequence[str]], runs: int) -> dict[str, list[Usage]]:
    """Each command so many times, A B C A B C …, after one run of each that does not count."""
    for command in commands.values():
        run(command)
    results: dict[str, list[Usage]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            results[name].append(run(command))
    return results


def median_cpu(usages: list[Usage]) -> float:
    """The median of the CPU seconds."""
    return statistics.median(usage.cpu for usage in usages)


def peak_megabytes(usages: list[Usage]) -> float:
    """The largest peak, in MB (10^6 bytes)."""
    return max(usage.peak_bytes for usage in usages) / 1e6


def python(code: str) -> list[str]:
    """The command that runs some Python in this environment."""
    return [sys.executable, "-c", code]
