"""Formats by the endings of files' names."""

from __future__ import annotations

from pathlib import Path

from graphc.interop.weights.archive import read_archive
from graphc.interop.weights.entry import StoredWeights
from graphc.interop.weights.faults import unreadable
from graphc.interop.weights.hdf5 import read_hdf5
from graphc.interop.weights.npz import read_npz
from graphc.interop.weights.safetensors_file import read_safetensors

NPZ, SAFETENSORS, HDF5, ARCHIVE = ENDINGS = (".npz", ".safetensors", ".weights.h5", ".keras")
_READERS = {
    NPZ: read_npz,
    SAFETENSORS: read_safetensors,
    HDF5: read_hdf5,
    ARCHIVE: read_archive,
}


def is_layout(ending: str) -> bool:
    """Whether files of this ending have Keras' own layout, which only a model explains."""
    return ending in (HDF5, ARCHIVE)


def ending_of(path: str) -> str | None:
    """The ending that says what a file is; None for another."""
    return next((ending for ending in ENDINGS if path.endswith(ending)), None)


def open_weights(path: str) -> StoredWeights:
    """Read what a file declares. Raises `WeightsError`, or `MissingLibrary`."""
    ending = ending_of(path)
    if ending is None:
        raise unreadable(path, f"has none of the endings {', '.join(ENDINGS)}")
    if not Path(path).is_file():
        raise unreadable(path, "is not there" if not Path(path).exists() else "is no file")
    return _READERS[ending](path)
