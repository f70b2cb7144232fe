"""Links from drawings to the source."""

from __future__ import annotations

from pathlib import PurePath
from urllib.parse import quote


def source_link(file: str, line: int) -> str:
    """A line of a file, as the hosts of repositories know it: "models/mnist.net#L5"."""
    return f"{quote(PurePath(file).as_posix())}#L{line}"
