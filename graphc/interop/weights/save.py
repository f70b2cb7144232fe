"""Arrays of a model's weights, written in any of the formats."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import IO, Any

import numpy as np

from graphc.interop.weights.archive import CONFIG, METADATA, WEIGHTS, write_archive
from graphc.interop.weights.faults import unreadable
from graphc.interop.weights.formats import ENDINGS, HDF5, NPZ, SAFETENSORS, ending_of
from graphc.interop.weights.hdf5 import Group, write_hdf5
from graphc.interop.weights.layout import Stored, layout
from graphc.interop.weights.npz import write_npz
from graphc.interop.weights.safetensors_file import write_safetensors
from graphc.ir.graph import ModelGraph
from graphc.keras_format.model import keras_json
from graphc.training.keys import TrainConfig
from graphc.writing import write_file

KERAS_VERSION = "3.15.1"
"""The version whose configurations are written."""


def save_weights(
    model: ModelGraph | None,
    path: str,
    arrays: Mapping[str, Any],
    train: TrainConfig | None = None,
) -> None:
    """Write arrays by the keys of the model's weights, in the format that the name ends in.

    Keras' own layout needs the model, and all of its weights. An archive holds the model too,
    with how it is trained; raises `Inexpressible` where Keras has no words for it.
    """
    write_file(Path(path), weights_writer(model, path, arrays, train))


def weights_writer(
    model: ModelGraph | None,
    path: str,
    arrays: Mapping[str, Any],
    train: TrainConfig | None = None,
) -> Callable[[IO[bytes]], None]:
    """What writes such a file: it makes an array of one of `arrays` at a time."""
    ending = ending_of(path)
    if ending == NPZ:
        return partial(write_npz, arrays=arrays)
    if ending == SAFETENSORS:
        return partial(write_safetensors, path=path, arrays=arrays)
    if ending is None or model is None:
        raise unreadable(path, f"has none of the endings {', '.join(ENDINGS)}")
    if ending == HDF5:
        return partial(write_hdf5, groups=_groups(model, arrays))
    members: dict[str, str | Callable[[IO[bytes]], None]] = {
        METADATA: json.dumps({"keras_version": KERAS_VERSION, "date_saved": "unknown"}),
        CONFIG: json.dumps(keras_json(model, train)),
        WEIGHTS: partial(write_hdf5, groups=_groups(model, arrays, copies=True)),
    }
    return partial(write_archive, members=members)


def _groups(model: ModelGraph, arrays: Mapping[str, Any], *, copies: bool = False) -> list[Group]:
    """The content of a .weights.h5 file.

    `copies` writes layers that several models call once for each: Keras makes as many of them when
    it loads an archive.
    """
    groups = [Group("", model.own_name, ())]
    for place in layout(model, copies=copies):
        made = tuple(partial(_merged, stored, arrays) for stored in place.stored)
        groups.append(Group(place.path, place.name, made))
    return groups


def _merged(stored: Stored, arrays: Mapping[str, Any]) -> Any:
    array = np.asarray(arrays[stored.key])
    if stored.adapter is None:
        return array
    a, b, factor = stored.adapter
    return (array + factor * np.matmul(arrays[a], arrays[b])).astype(array.dtype)
