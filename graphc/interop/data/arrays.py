"""Arrays from NumPy's .npy and .npz files, whatever they are for."""

from __future__ import annotations

from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from graphc.interop.data.faults import unreadable
from graphc.interop.weights.bounds import DAMAGED
from graphc.interop.weights.faults import WeightsError
from graphc.interop.weights.npz import read_header, read_npz
from graphc.runtime.kernels.table import Array

ENDINGS = (".npz", ".npy")


def read_arrays(path: str) -> Any:
    """The one array of an .npy file, or those of an .npz archive by their names.

    Raises `DataError` where there is none, or what there is is not safe to read.
    """
    if not path.endswith(ENDINGS):
        raise unreadable(path, f"`{path}` has none of the endings {', '.join(ENDINGS)}")
    if not Path(path).is_file():
        raise unreadable(path, f"`{path}` is not there")
    if path.endswith(".npz"):
        try:
            stored = read_npz(path)
            return {entry.name: stored.read(entry) for entry in stored.entries}
        except WeightsError as error:
            raise unreadable(path, str(error)) from None
    return map_npy(path)


def map_npy(path: str) -> Array:
    """The array of an .npy file, whose pages are read when they are needed."""
    try:
        with Path(path).open("rb") as file:
            shape, is_fortran, dtype = read_header(file)
            start = file.tell()
        if dtype.hasobject:
            raise unreadable(path, f"`{path}` holds objects, which are not unpickled")
        declared, stored = prod(shape) * dtype.itemsize, Path(path).stat().st_size - start
        if declared > stored:
            raise unreadable(
                path, f"`{path}` ends early: its array takes {declared:,} bytes and has {stored:,}"
            )
        if not declared:
            return np.empty(shape, dtype)
        return np.memmap(path, dtype, "r", start, shape, "F" if is_fortran else "C")
    except DAMAGED as error:
        raise unreadable(path, f"`{path}` is no .npy file: {error}") from None
