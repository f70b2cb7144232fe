"""Writes files whole or not at all."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TypeAlias

Content: TypeAlias = str | bytes | Callable[[IO[bytes]], None]
"""What stands in a file: all of it, or what writes it bit by bit."""

_ENDING = ".part"
"""Of the temporary files, which `tempfile` gives so many characters before that:"""
_RANDOM = 8
_JUST_NOW_SECONDS = 60


def write_file(path: Path, content: Content) -> None:
    """Replace what is in a file in one step: never half of it, even where power fails.

    The content is on the disk before the name is, and the name when this returns.
    """
    with naming(path):
        _write(path, content)


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Have errors of the system name this file: not a temporary one, nor, as of full disks, none."""
    try:
        yield
    except OSError as error:
        error.filename, error.filename2 = str(path), None
        raise


def _write(path: Path, content: Content) -> None:
    import tempfile

    _clear(path)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=_ENDING)
    try:
        with os.fdopen(handle, "w+b") as file:
            _lock(handle)
            if callable(content):
                content(file)
            else:
                file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(path.stat().st_mode & 0o7777 if path.exists() else 0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync_names(path.parent)


def _clear(path: Path) -> None:
    """Remove what is left of earlier writes of a file, by processes that were killed.

    Who is writing has locked its file, or has begun just now.
    """
    begin = f".{path.name}."
    with suppress(OSError), os.scandir(path.parent) as entries:
        for entry in entries:
            name = entry.name
            is_ours = name.startswith(begin) and name.endswith(_ENDING)
            is_ours = is_ours and entry.is_file(follow_symlinks=False)
            if not is_ours or len(name) != len(begin) + _RANDOM + len(_ENDING):
                continue
            with suppress(OSError):
                if time.time() - entry.stat(follow_symlinks=False).st_mtime < _JUST_NOW_SECONDS:
                    continue
                handle = os.open(entry.path, os.O_RDWR)
                try:
                    if _lock(handle):
                        Path(entry.path).unlink()
                finally:
                    os.close(handle)


def _lock(handle: int) -> bool:
    """Lock an open file, for as long as it is; False where another has it, or nothing can be."""
    try:
        import fcntl
    except ImportError:  # Windows has none
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # some file systems have none either
        return False
    return True


def _sync_names(folder: Path) -> None:
    """Have the names in a folder on the disk, where the system can do that."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:  # Windows opens no folders, and keeps names by itself
        return
    try:
        with suppress(OSError):  # some network file systems do not
            os.fsync(handle)
    finally:
        os.close(handle)
