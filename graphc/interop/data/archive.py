"""The arrays of an .npz archive: mapped into memory where they are stored, read where packed."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from functools import partial
from math import prod
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
from numpy.lib import format as npy

from graphc.interop.data.faults import unreadable
from graphc.interop.weights.bounds import DAMAGED, check_expansion
from graphc.interop.weights.npz import members_of, read_header
from graphc.runtime.kernels.table import Array

Arrays: TypeAlias = dict[str, Callable[[], Array]]
"""Arrays of a file by their names, each opened when it is asked for."""

# A member's own header, before its name: the signature, and two lengths at the end.
_LOCAL_SIGNATURE = b"PK\x03\x04"
_LOCAL_BYTES = 30
_IS_ENCRYPTED = 1


def read_archive(path: str) -> Arrays:
    """Find the arrays of an archive; those that nobody asks for may be anything."""
    return {
        name: partial(_open, path, archive, name, info)
        for archive, members in [members_of(path)]
        for name, info in members.items()
    }


def _open(path: str, archive: zipfile.ZipFile, name: str, info: zipfile.ZipInfo) -> Array:
    try:
        with archive.open(info) as file:
            shape, is_fortran, dtype = read_header(file)
        if dtype.hasobject:
            raise unreadable(path, f"`{path}` holds objects at `{name}`, which are not unpickled")
        declared = prod(shape) * dtype.itemsize
        stored = min(info.compress_size, Path(path).stat().st_size)
        if declared > info.file_size:
            raise unreadable(
                path,
                f"`{path}` ends early: `{name}` takes {declared:,} bytes and has "
                f"{info.file_size:,}",
            )
        check_expansion(path, f"`{name}`", info.file_size, stored)
        is_plain = info.compress_type == zipfile.ZIP_STORED and not info.flag_bits & _IS_ENCRYPTED
        if is_plain and declared:
            return _map(path, info, shape, dtype, "F" if is_fortran else "C")
        return _unpack(archive, info)
    except DAMAGED as error:
        raise unreadable(path, f"`{path}` cannot be read at `{name}`: {error}") from None


def _map(
    path: str,
    info: zipfile.ZipInfo,
    shape: tuple[int, ...],
    dtype: np.dtype[np.generic],
    order: Literal["C", "F"],
) -> Array:
    with Path(path).open("rb") as file:
        file.seek(info.header_offset)
        header = file.read(_LOCAL_BYTES)
        if len(header) < _LOCAL_BYTES or not header.startswith(_LOCAL_SIGNATURE):
            raise ValueError("there is no such member")
        lengths = np.frombuffer(header, "<u2", offset=26)
        file.seek(int(lengths.sum()), 1)
        read_header(file)
        offset = file.tell()
    return np.memmap(path, dtype, "r", offset, shape, order)


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Array:
    with archive.open(info) as file:
        array: Array = npy.read_array(file, allow_pickle=False)
    return array
