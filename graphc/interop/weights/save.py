"""Arrays of a model's weights, written in any of the formats."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from graphc.interop.weights.faults import unreadable
from graphc.interop.weights.formats import ENDINGS, NPZ, SAFETENSORS, ending_of
from graphc.interop.weights.hdf5 import Group, hdf5_bytes
from graphc.interop.weights.layout import Stored, layout
from graphc.interop.weights.npz import npz_bytes
from graphc.interop.weights.safetensors_file import safetensors_bytes
from graphc.ir.graph import ModelGraph
from graphc.writing import write_file


def save_weights(model: ModelGraph | None, path: str, arrays: Mapping[str, Any]) -> None:
    """Write arrays by the keys of the model's weights, in the format that the name ends in.

    Keras' own layout needs the model, and all of its weights.
    """
    write_file(Path(path), weights_bytes(model, path, arrays))


def weights_bytes(model: ModelGraph | None, path: str, arrays: Mapping[str, Any]) -> bytes:
    """What such a file holds."""
    ending = ending_of(path)
    if ending == NPZ:
        return npz_bytes(arrays)
    if ending == SAFETENSORS:
        return safetensors_bytes(arrays)
    if ending is None or model is None:
        raise unreadable(path, f"has none of the endings {', '.join(ENDINGS)}")
    return layout_bytes(model, arrays)


def layout_bytes(model: ModelGraph, arrays: Mapping[str, Any]) -> bytes:
    """The content of a .weights.h5 file."""
    groups = [Group("", model.name, ())]
    groups += [
        Group(place.path, place.name, tuple(_merged(stored, arrays) for stored in place.stored))
        for place in layout(model)
    ]
    return hdf5_bytes(groups)


def _merged(stored: Stored, arrays: Mapping[str, Any]) -> Any:
    array = np.asarray(arrays[stored.key])
    if stored.adapter is None:
        return array
    a, b, factor = stored.adapter
    return (array + factor * np.matmul(arrays[a], arrays[b])).astype(array.dtype)
