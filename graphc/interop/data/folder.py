"""A folder of data: .npy files by their names, or MNIST's files as they are unpacked."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from graphc.interop.data.archive import Arrays
from graphc.interop.data.arrays import map_npy
from graphc.interop.data.faults import unreadable
from graphc.interop.data.idx import idx_folder

_ENDING = ".npy"


def read_folder(path: str) -> Arrays:
    """Find the arrays of a folder."""
    files = sorted(each.name for each in Path(path).iterdir() if each.is_file())
    found: Arrays = {
        name.removesuffix(_ENDING): partial(map_npy, str(Path(path) / name))
        for name in files
        if name.endswith(_ENDING)
    }
    found = found or idx_folder(path, files)
    if not found:
        raise unreadable(
            path,
            f"the folder `{path}` holds neither .npy files nor MNIST's (train-images-idx3-ubyte, …)",
        )
    return found
