"""Arrays from files of data: NumPy's .npy and .npz."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from graphc.diagnostics.codes import UNREADABLE_DATA
from graphc.diagnostics.diagnostic import Diagnostic
from graphc.interop.weights.bounds import DAMAGED
from graphc.interop.weights.faults import WeightsError
from graphc.interop.weights.npz import read_npz
from graphc.source import SourceFile, Span

ENDINGS = (".npz", ".npy")


class DataError(Exception):
    """A file of data that cannot be read: `diagnostic` says why."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(why)
        self.diagnostic = Diagnostic(UNREADABLE_DATA, why, Span(SourceFile(path, ""), 0, 0))


def read_arrays(path: str) -> Any:
    """The one array of an .npy file, or those of an .npz archive by their names.

    Raises `DataError` where there is none, or what there is is not safe to read.
    """
    if not path.endswith(ENDINGS):
        raise DataError(path, f"`{path}` has none of the endings {', '.join(ENDINGS)}")
    if not Path(path).is_file():
        raise DataError(path, f"`{path}` is not there")
    if path.endswith(".npz"):
        try:
            stored = read_npz(path)
            return {entry.name: stored.read(entry) for entry in stored.entries}
        except WeightsError as error:
            raise DataError(path, str(error)) from None
    try:
        return np.load(path, mmap_mode="r", allow_pickle=False)
    except DAMAGED as error:
        raise DataError(path, f"`{path}` is no .npy file: {error}") from None
