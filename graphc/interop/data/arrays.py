"""Arrays from NumPy's .npy and .npz files, whatever they are for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from graphc.interop.data.faults import unreadable
from graphc.interop.weights.bounds import DAMAGED
from graphc.interop.weights.faults import WeightsError
from graphc.interop.weights.npz import read_npz
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
        array: Array = np.load(path, mmap_mode="r", allow_pickle=False)
    except DAMAGED as error:
        raise unreadable(path, f"`{path}` is no .npy file: {error}") from None
    if not isinstance(array, np.ndarray):  # a zip archive of that name, or what is empty
        raise unreadable(path, f"`{path}` is no .npy file")
    return array
