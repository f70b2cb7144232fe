"""The command line in this process, under a limit of time and of memory."""

from __future__ import annotations

import gc
import io
import json
import re
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from types import FrameType
from typing import Any

from graphc.cli.main import main
from graphc.record import Record

SECONDS = 10
BYTES = 1 << 30


class Outcome(Record):
    """What a command printed, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def codes(self) -> list[str]:
        """The codes of the diagnostics on standard error, in order."""
        return re.findall(r"^(?:error|warning)\[([EW]\d{4})\]", self.err, re.MULTILINE)


class TooLong(BaseException):
    """The command took longer than it may; no handler of it may catch this."""


def run(*args: str, seconds: float = SECONDS, limit_bytes: int = BYTES) -> Outcome:
    """Run `graphc ARGS`; fails where that raises, or takes too much time or memory."""
    out, err = _stream(), _stream()
    with redirect_stdout(out), redirect_stderr(err), _limits(seconds, limit_bytes):
        try:
            main(list(args))
            status = 0
        except SystemExit as done:
            status = done.code if isinstance(done.code, int) else int(done.code is not None)
    outcome = Outcome(status, _text(out), _text(err))
    assert outcome.status in (0, 1, 2), outcome
    assert "Traceback" not in outcome.err
    return outcome


def check(path: Path, *options: str, **limits: Any) -> Outcome:
    """Run `graphc check` on a file."""
    return run("check", str(path), *options, **limits)


def check_text(folder: Path, text: str, *options: str, **limits: Any) -> Outcome:
    """Run `graphc check` on a text."""
    path = folder / "main.net"
    path.write_text(text, encoding="utf-8", newline="")
    return check(path, *options, **limits)


def diagnostics(path: Path, *options: str) -> list[dict[str, Any]]:
    """The diagnostics of a file, each of which has to have a place in a file that exists."""
    outcome = run("check", str(path), "--format", "json", *options)
    found: list[dict[str, Any]] = json.loads(outcome.out)["diagnostics"]
    assert (outcome.status == 1) == any(each["code"].startswith("E") for each in found)
    for each in found:
        start, end = each["span"]["start"], each["span"]["end"]
        assert each["message"]
        assert 1 <= start["line"] <= end["line"]
        assert start["column"] >= 1
    return found


def _stream() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8")


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    raw = stream.buffer
    assert isinstance(raw, io.BytesIO)
    return raw.getvalue().decode("utf-8")


@contextmanager
def _limits(seconds: float, limit_bytes: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    in_use = pages * resource.getpagesize()
    before = signal.signal(signal.SIGALRM, _out_of_time)
    resource.setrlimit(resource.RLIMIT_AS, (in_use + limit_bytes, hard))
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
        gc.enable()  # the command runs without it


def _out_of_time(number: int, frame: FrameType | None) -> None:
    raise TooLong
