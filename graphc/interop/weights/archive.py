"""Keras' archives: config.json, metadata.json and model.weights.h5 in a zip file.

Members are read by their names alone and never unpacked, so that no path leads out of the archive.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

from graphc.interop.weights.bounds import DAMAGED, check_expansion
from graphc.interop.weights.entry import StoredWeights
from graphc.interop.weights.faults import unreadable
from graphc.interop.weights.hdf5 import read_hdf5

WEIGHTS = "model.weights.h5"
CONFIG = "config.json"
METADATA = "metadata.json"


def read_archive(path: str) -> StoredWeights:
    """Read what the weights in an archive declare."""
    return read_hdf5(path, read_member(path, WEIGHTS))


def read_member(path: str, name: str) -> bytes:
    """One member, whose size has been held against what is stored of it."""
    try:
        with zipfile.ZipFile(path) as archive:
            if name not in archive.namelist():
                raise unreadable(path, f"holds no `{name}`")
            info = archive.getinfo(name)
            check_expansion(path, f"`{name}`", info.file_size, info.compress_size)
            return archive.read(info)
    except DAMAGED as error:
        raise unreadable(path, f"is no .keras archive: {error}") from None


def archive_bytes(members: Mapping[str, str | bytes]) -> bytes:
    """An archive of these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
    return out.getvalue()
