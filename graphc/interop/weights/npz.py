"""NumPy's archives of arrays. Keys are paths of variables: `dense/kernel`."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Mapping
from math import prod
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy

from graphc.interop.weights.bounds import DAMAGED, check_count, check_expansion
from graphc.interop.weights.entry import Entry, StoredWeights
from graphc.interop.weights.faults import unreadable
from graphc.runtime.dtypes import bfloat16

_ENDING = ".npy"


def read_npz(path: str) -> StoredWeights:
    """Read the headers of an archive's arrays."""
    archive, found = members_of(path)
    entries = [_entry(path, archive, name, info) for name, info in found.items()]
    return StoredWeights(path, entries, lambda e: _array(path, archive, found[e.name], e))


def members_of(path: str) -> tuple[zipfile.ZipFile, dict[str, zipfile.ZipInfo]]:
    """An open archive, and its arrays' members by their names."""
    try:
        archive = zipfile.ZipFile(path)
        members = [info for info in archive.infolist() if not info.is_dir()]
    except DAMAGED as error:
        raise unreadable(path, f"is no .npz archive: {error}") from None
    check_count(path, len(members))
    found = {}
    for info in members:
        if not info.filename.endswith(_ENDING):
            raise unreadable(path, f"holds `{info.filename}`, which is no array")
        found[info.filename.removesuffix(_ENDING)] = info
    if len(found) < len(members):
        raise unreadable(path, "holds two arrays of one name")
    return archive, found


def _entry(path: str, archive: zipfile.ZipFile, name: str, info: zipfile.ZipInfo) -> Entry:
    try:
        with archive.open(info) as file:
            shape, _, dtype = read_header(file)
    except DAMAGED as error:
        raise unreadable(path, f"cannot be read at `{name}`: {error}") from None
    # NumPy does not know the dtype of what is two bytes wide.
    dtype_name = "bfloat16" if dtype == np.dtype("V2") else dtype.name
    if dtype.hasobject or (dtype.kind not in "biufc" and dtype_name != "bfloat16"):
        raise unreadable(path, f"holds no numbers at `{name}`, but {dtype.name}")
    declared = prod(shape) * dtype.itemsize
    if declared > info.file_size:
        raise unreadable(
            path, f"ends early: `{name}` takes {declared:,} bytes and has {info.file_size:,}"
        )
    check_expansion(path, f"`{name}`", info.file_size, info.compress_size)
    return Entry(name, shape, dtype_name)


MOST_HEADER = 10_000
"""How long a header may be: what NumPy takes by itself."""


def read_header(file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """The shape of the array, whether its first axis runs fastest, and its dtype."""
    version = npy.read_magic(file)
    if version != (1, 0):
        # NumPy asks for all that a header says it has, however little of it there is.
        length = int.from_bytes(file.read(4), "little")
        file.seek(-4, os.SEEK_CUR)
        if length > MOST_HEADER:
            raise ValueError(f"a header of {length:,} bytes")
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, is_fortran, dtype = read(file)
    if any(dim < 0 for dim in shape):
        raise ValueError(f"a shape of {shape}")
    return shape, is_fortran, dtype


def _array(path: str, archive: zipfile.ZipFile, info: zipfile.ZipInfo, entry: Entry) -> Any:
    try:
        with archive.open(info) as file:
            array = npy.read_array(file, allow_pickle=False)
    except DAMAGED as error:
        raise unreadable(path, f"cannot be read at `{entry.name}`: {error}") from None
    return array.view(bfloat16()) if entry.dtype == "bfloat16" else array


def write_npz(out: IO[bytes], arrays: Mapping[str, Any]) -> None:
    """Write an archive of these arrays, one by one."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for name, array in arrays.items():
            # A date of its own would make each file differ from the last.
            info = zipfile.ZipInfo(f"{name}{_ENDING}", (1980, 1, 1, 0, 0, 0))
            with archive.open(info, "w", force_zip64=True) as file:
                npy.write_array(file, np.asarray(array), allow_pickle=False)
