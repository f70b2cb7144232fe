"""Keras' archives: config.json, metadata.json and model.weights.h5 in a zip file.

Members are read by their names alone and unpacked to no place of their choosing, so that no path leads
out of the archive.
"""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from typing import IO
from weakref import finalize

from graphc.interop.weights.bounds import DAMAGED, check_expansion
from graphc.interop.weights.entry import StoredWeights
from graphc.interop.weights.faults import unreadable
from graphc.interop.weights.hdf5 import read_hdf5

WEIGHTS = "model.weights.h5"
CONFIG = "config.json"
METADATA = "metadata.json"
_CHUNK = 1 << 20


def read_archive(path: str) -> StoredWeights:
    """Read what the weights in an archive declare."""
    member = tempfile.TemporaryFile()  # noqa: SIM115 - it is open for as long as its weights are
    try:
        _copy_member(path, WEIGHTS, member)
        stored = read_hdf5(path, member)
    except BaseException:
        member.close()
        raise
    finalize(stored, member.close)
    return stored


def _copy_member(path: str, name: str, out: IO[bytes]) -> None:
    """Copy one member, whose size is held against what is stored of it first."""
    try:
        with zipfile.ZipFile(path) as archive:
            if name not in archive.namelist():
                raise unreadable(path, f"holds no `{name}`")
            info = archive.getinfo(name)
            check_expansion(path, f"`{name}`", info.file_size, info.compress_size)
            with archive.open(info) as member:
                shutil.copyfileobj(member, out, _CHUNK)
    except DAMAGED as error:
        raise unreadable(path, f"is no .keras archive: {error}") from None
    out.flush()


def write_archive(out: IO[bytes], members: Mapping[str, str | Callable[[IO[bytes]], None]]) -> None:
    """Write an archive of these members: texts, and what writes others."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            if isinstance(content, str):
                archive.writestr(info, content)
                continue
            # What writes a member may go back and forth in it, and an archive cannot.
            with tempfile.TemporaryFile() as made, archive.open(info, "w", force_zip64=True) as to:
                content(made)
                made.seek(0)
                shutil.copyfileobj(made, to, _CHUNK)
