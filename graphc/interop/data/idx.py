"""MNIST's IDX files: two zero bytes, a dtype, the number of axes, their sizes, then the items."""

from __future__ import annotations

import gzip
import re
import struct
from functools import partial
from math import prod
from pathlib import Path
from typing import IO, TypeAlias

import numpy as np

from graphc.interop.data.archive import Arrays
from graphc.interop.data.faults import unreadable
from graphc.interop.weights.bounds import DAMAGED, check_expansion
from graphc.runtime.kernels.table import Array

IS_IDX = re.compile(r"idx\d?([.-]ubyte)?(\.gz)?$|-ubyte(\.gz)?$")
"""How the names of such files end."""

_MNIST = re.compile(r"(?:.*-)?(train|t10k|test)-(images|labels)[.-]idx\d[.-]ubyte(?:\.gz)?")
_NAMES = {"images": "x", "labels": "y"}
_DTYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_MOST_AXES = 8

Readable: TypeAlias = IO[bytes] | gzip.GzipFile


def idx_folder(path: str, files: list[str]) -> Arrays:
    """The arrays of a folder as it is unpacked: train-images-idx3-ubyte and so on."""
    found: Arrays = {}
    # Files that are not compressed come first, so that they are taken where both are there.
    for file in sorted(files, key=lambda name: (name.endswith(".gz"), name)):
        match = _MNIST.fullmatch(file)
        if match is None:
            continue
        part = "train" if match[1] == "train" else "test"
        name = f"{_NAMES[match[2]]}_{part}"
        if name in found and file.removesuffix(".gz") not in files:
            raise unreadable(path, f"`{path}` has several files of {match[1]} {match[2]}")
        found.setdefault(name, partial(read_idx, str(Path(path) / file)))
    return found


def idx_pair(path: str) -> Arrays:
    """The images of a file, with the labels that lie beside them under the like name."""
    found: Arrays = {"x": partial(read_idx, path)}
    name = Path(path).name
    other = re.sub(r"idx\d", "idx1", name.replace("images", "labels")).removesuffix(".gz")
    for file in (other, f"{other}.gz"):
        beside = Path(path).with_name(file)
        if file != name and "images" in name and beside.is_file():
            return {**found, "y": partial(read_idx, str(beside))}
    return found


def read_idx(path: str) -> Array:
    """The array of a file: mapped into memory, or read where it is compressed."""
    try:
        if path.endswith(".gz"):
            with gzip.open(path) as file:
                return _read(path, file)
        with Path(path).open("rb") as file:
            dtype, shape = _header(path, file)
            start = file.tell()
        stored = Path(path).stat().st_size - start
        _check_size(path, dtype, shape, stored)
        return np.memmap(path, dtype, "r", start, shape) if stored else np.empty(shape, dtype)
    except DAMAGED as error:
        raise unreadable(path, f"`{path}` cannot be read: {error}") from None


def _header(path: str, file: Readable) -> tuple[np.dtype[np.generic], tuple[int, ...]]:
    magic = file.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in _DTYPES or magic[3] > _MOST_AXES:
        raise unreadable(path, f"`{path}` does not begin as IDX files do")
    sizes = file.read(4 * magic[3])
    if len(sizes) < 4 * magic[3]:
        raise unreadable(
            path, f"`{path}` ends before it has said the {magic[3]} sizes of its array"
        )
    shape = struct.unpack(f">{magic[3]}I", sizes)
    return np.dtype(_DTYPES[magic[2]]), shape


def _check_size(
    path: str, dtype: np.dtype[np.generic], shape: tuple[int, ...], stored: int
) -> None:
    declared = prod(shape) * dtype.itemsize
    if declared != stored:
        sides = " x ".join(map(str, shape))
        has = "more" if stored > declared else f"{stored:,}"
        raise unreadable(
            path, f"`{path}` says that it holds {sides} items, {declared:,} bytes, and has {has}"
        )


def _read(path: str, file: Readable) -> Array:
    """The array of an unpacked stream, of which no more is kept than its header says."""
    dtype, shape = _header(path, file)
    declared = prod(shape) * dtype.itemsize
    check_expansion(path, "it", declared, Path(path).stat().st_size)
    content = file.read(declared + 1)
    _check_size(path, dtype, shape, len(content))
    return np.frombuffer(content, dtype).reshape(shape)
