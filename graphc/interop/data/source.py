"""The arrays of a file or a folder, in whatever format it is."""

from __future__ import annotations

from pathlib import Path

from graphc.interop.data.archive import Arrays, read_archive
from graphc.interop.data.arrays import map_npy
from graphc.interop.data.columns import table_arrays
from graphc.interop.data.faults import unreadable
from graphc.interop.data.folder import read_folder
from graphc.interop.data.idx import IS_IDX, idx_pair
from graphc.interop.data.names import Wanted
from graphc.interop.data.table import ENDINGS, read_table
from graphc.interop.weights.faults import WeightsError

_FORMATS = ".npz, .npy, .csv, .csv.gz, .tsv, .tsv.gz, -idx3-ubyte, -idx3-ubyte.gz"


def read_source(path: str, wanted: Wanted, *, has_header: bool | None = None) -> Arrays:
    """Find the arrays; what each holds is read when it is asked for.

    `has_header` says whether tables begin with the names of their columns.
    """
    try:
        if Path(path).is_dir():
            return read_folder(path)
        if not Path(path).is_file():
            raise unreadable(path, f"`{path}` is not there")
        if path.endswith(".npz"):
            return read_archive(path)
        if path.endswith(".npy"):
            return {"x": lambda: map_npy(path)}
        if path.endswith(ENDINGS):
            return table_arrays(path, read_table(path, has_names=has_header), wanted)
        if IS_IDX.search(path):
            return idx_pair(path)
    except (WeightsError, OSError, ValueError) as error:
        raise unreadable(path, str(error)) from None
    raise unreadable(path, f"`{path}` has none of the endings {_FORMATS}")
