"""Links from drawings to the source."""

from __future__ import annotations

from graphc.diagnostics.uri import file_uri


def source_link(file: str, line: int) -> str:
    """A line of a file, as the hosts of repositories know it: "models/mnist.net#L5"."""
    return f"{file_uri(file)}#L{line}"
