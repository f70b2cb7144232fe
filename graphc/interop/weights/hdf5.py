"""Keras' own layout of weights in HDF5: `layers/dense/vars/0`.

A layer's variables are numbered in a group `vars`, whose attribute `name` is the layer's name. The
groups around it are attributes of Keras' objects, and classes in lists of layers.

The names are written and not read: they are strings of any length, for which the library walks a
heap inside the file, and a damaged one keeps it walking for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from math import prod
from typing import IO, Any

import numpy as np

from graphc.interop.weights.bounds import check_count, check_expansion
from graphc.interop.weights.entry import Entry, StoredWeights
from graphc.interop.weights.faults import WeightsError, unreadable
from graphc.record import Record
from graphc.runtime.dtypes import MissingLibrary, bfloat16

_DEEPEST = 64
_STATES = ("optimizer", "_compile_metrics", "_metrics", "_loss_tracker")


class Group(Record):
    """The variables of one layer, as they are written: a place, the layer's name, arrays."""

    place: str
    name: str
    arrays: tuple[Callable[[], Any], ...]
    """What gives them: one is held at a time."""


def read_hdf5(path: str, content: IO[bytes] | None = None) -> StoredWeights:
    """Read what a file declares; `content` is that of one inside of an archive."""
    library = _library()
    try:
        file = library.File(content or path, "r")
        found = dict(_datasets(path, library, file, ""))
    except WeightsError:
        raise
    # The library raises whatever its C code stumbles over.
    except Exception as error:  # noqa: BLE001
        raise unreadable(path, f"is no HDF5 file: {_first_line(error)}") from None
    entries = list(found)
    check_count(path, len(entries))
    if not any("vars" in entry.name.split("/") for entry in entries) and "layers" not in file:
        raise unreadable(
            path,
            "is not in the layout of Keras 3's .weights.h5",
        )
    return StoredWeights(path, entries, lambda e: _array(path, found[e], e), is_layout=True)


def _datasets(
    path: str, library: Any, group: Any, place: str, depth: int = 0
) -> Iterator[tuple[Entry, Any]]:
    """The datasets below a group in natural order; links that lead elsewhere are refused."""
    if depth > _DEEPEST:
        raise unreadable(path, f"nests groups deeper than {_DEEPEST}")
    check_count(path, len(group))
    for name in sorted(group, key=_natural):
        link = group.get(name, getlink=True)
        where = f"{place}{name}"
        if not isinstance(link, library.HardLink):
            raise unreadable(path, f"holds a link to elsewhere at `{where}`")
        item = group[name]
        if isinstance(item, library.Group):
            yield from _datasets(path, library, item, f"{where}/", depth + 1)
        elif isinstance(item, library.Dataset):
            yield _entry(path, item, where), item


def _entry(path: str, dataset: Any, where: str) -> Entry:
    if dataset.external or dataset.is_virtual:
        raise unreadable(path, f"keeps the data of `{where}` elsewhere")
    if dataset.shape is None:
        raise unreadable(path, f"holds no array at `{where}`")
    is_bfloat16 = dataset.dtype.kind == "V" and dataset.dtype.itemsize == 2
    if dataset.dtype.kind not in "biufc" and not is_bfloat16:
        raise unreadable(path, f"holds no numbers at `{where}`, but {dataset.dtype}")
    declared = prod(dataset.shape) * dataset.dtype.itemsize
    check_expansion(path, f"`{where}`", declared, dataset.id.get_storage_size())
    return Entry(
        where,
        tuple(dataset.shape),
        "bfloat16" if is_bfloat16 else dataset.dtype.name,
        _is_state(where),
    )


def _is_state(where: str) -> bool:
    """Whether a dataset belongs to an optimizer or a metric: that of a model, or of one inside.

    In `layers` there are names of classes.
    """
    parts = pairwise(["", *where.split("/")])
    return any(part in _STATES and before != "layers" for before, part in parts)


def _array(path: str, dataset: Any, entry: Entry) -> Any:
    try:
        array = np.asarray(dataset[()])
    except Exception as error:  # noqa: BLE001 - the library raises whatever it stumbles over
        message = f"cannot be read at `{entry.name}`: {_first_line(error)}"
        raise unreadable(path, message) from None
    return array.view(bfloat16()) if entry.dtype == "bfloat16" else array


def _first_line(error: Exception) -> str:
    return str(error).split("\n", maxsplit=1)[0]


def _natural(name: str) -> tuple[Any, ...]:
    """`vars/2` before `vars/10`."""
    return (0, int(name), "") if name.isdecimal() else (1, 0, name)


def write_hdf5(out: IO[bytes], groups: Iterable[Group]) -> None:
    """Write a file of these groups."""
    with _library().File(out, "w") as file:
        for group in groups:
            _write(file.create_group(f"{group.place}/vars" if group.place else "vars"), group)


def _write(target: Any, group: Group) -> None:
    target.attrs["name"] = group.name
    for number, given in enumerate(group.arrays):
        array = given()
        dataset = target.create_dataset(str(number), data=array)
        if array.dtype.name == "bfloat16":
            dataset.attrs["dtype"] = "bfloat16"


def _library() -> Any:
    try:
        import h5py
    except ImportError:
        raise MissingLibrary(".weights.h5 and .keras files", "h5py") from None
    return h5py
