"""The names of files as URIs."""

from __future__ import annotations

import os
from pathlib import PurePath
from posixpath import normpath
from urllib.parse import quote


def file_uri(name: str) -> str:
    """A file's name as a URI, relative where the name is; any byte of a name survives."""
    path = normpath(name.replace(os.sep, "/"))
    # A byte that is no text stands in a name as a surrogate of its own; others are not of a system.
    try:
        raw = os.fsencode(path)
    except UnicodeEncodeError:
        raw = path.encode("utf-8", "surrogatepass")
    quoted = quote(raw)
    return f"file:///{quoted.lstrip('/')}" if PurePath(name).is_absolute() else quoted
