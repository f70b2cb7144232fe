"""The safetensors format. Keys are paths of variables, as in .npz files."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from math import prod
from typing import IO, Any

import numpy as np

from graphc.interop.weights.bounds import check_count
from graphc.interop.weights.entry import Entry, StoredWeights
from graphc.interop.weights.faults import unreadable
from graphc.runtime.dtypes import MissingLibrary, numpy_dtype

_DTYPES = {
    **{f"F{bits}": f"float{bits}" for bits in (16, 32, 64)},
    **{f"I{bits}": f"int{bits}" for bits in (8, 16, 32, 64)},
    **{f"U{bits}": f"uint{bits}" for bits in (8, 16, 32, 64)},
    "BF16": "bfloat16",
    "BOOL": "bool",
    "C64": "complex64",
}
_CODES = {name: code for code, name in _DTYPES.items()}


def read_safetensors(path: str) -> StoredWeights:
    """Read the header. The library holds it against the length of the file."""
    library = _library()
    try:
        file = library.safe_open(path, "numpy")
        names = list(file.keys())
        check_count(path, len(names))
        slices = {name: file.get_slice(name) for name in names}
        entries = [
            Entry(name, tuple(each.get_shape()), _DTYPES.get(each.get_dtype(), each.get_dtype()))
            for name, each in slices.items()
        ]
    except (library.SafetensorError, OSError) as error:
        raise unreadable(path, f"is no safetensors file: {error}") from None
    return StoredWeights(path, entries, lambda e: _array(file, e), is_sorted=True)


def _array(file: Any, entry: Entry) -> Any:
    numpy_dtype(entry.dtype)  # the library reads bfloat16 where ml_dtypes is installed
    return file.get_tensor(entry.name)


def write_safetensors(out: IO[bytes], path: str, arrays: Mapping[str, Any]) -> None:
    """Write a file of these arrays, one by one: the library would hold all of them.

    `path` is what messages call it.
    """
    # The library's order: the widest first, so that each stands at a multiple of its width.
    names = sorted(arrays, key=lambda name: (-arrays[name].dtype.itemsize, name))
    header, end = {}, 0
    for name in names:
        shape, dtype = arrays[name].shape, arrays[name].dtype
        if dtype.name not in _CODES:
            raise unreadable(
                path,
                f"cannot hold `{name}`, which is of {dtype.name}: the format has no such numbers",
                help="write a file in another format, such as .npz",
            )
        start, end = end, end + prod(shape) * dtype.itemsize
        header[name] = {
            "dtype": _CODES[dtype.name],
            "shape": list(shape),
            "data_offsets": [start, end],
        }
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    out.write(struct.pack("<Q", len(text)) + text)
    for name in names:
        array = np.asarray(arrays[name])
        if array.dtype.byteorder == ">":
            array = array.astype(array.dtype.newbyteorder("<"))
        out.write(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)


def _library() -> Any:
    try:
        import safetensors
    except ImportError:
        raise MissingLibrary(".safetensors files", "safetensors") from None
    return safetensors
