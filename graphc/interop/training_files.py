"""What a training writes and reads: models, weights, and checkpoints."""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path

import numpy as np

from graphc.interop.weights.faults import WeightsError
from graphc.interop.weights.npz import read_npz, write_npz
from graphc.interop.weights.save import weights_writer
from graphc.ir.graph import ModelGraph
from graphc.runtime.kernels.table import Array
from graphc.runtime.train.faults import TrainingError
from graphc.runtime.train.snapshot import Snapshot, misfit
from graphc.training.keys import TrainConfig
from graphc.writing import Content, write_file

_FACTS, _DIGEST = "facts", "digest"


class TrainingFiles:
    """The files of a training of this model."""

    def __init__(self, model: ModelGraph, train: TrainConfig) -> None:
        self.model = model
        self.train = train

    def save_model(self, path: str, weights: dict[str, Array], *, weights_only: bool) -> None:
        """Write a model with its weights, or these alone."""
        train = None if weights_only else self.train
        _write(path, weights_writer(self.model, path, weights, train))

    def write_snapshot(self, path: str, snapshot: Snapshot) -> None:
        """Write a checkpoint: arrays by their numbers, and one of the bytes of a JSON text."""
        places = list(snapshot.arrays)
        text = json.dumps({**snapshot.facts, "places": places})
        arrays = {str(number): snapshot.arrays[place] for number, place in enumerate(places)}
        arrays[_FACTS] = np.frombuffer(text.encode(), np.uint8)
        arrays[_DIGEST] = _digest(arrays.values())
        _write(path, lambda file: write_npz(file, arrays))

    def read_snapshot(self, path: str) -> Snapshot | None:
        """Read one, if the file is there. Raises `TrainingError` for a file that is none."""
        if not Path(path).exists():
            return None
        try:
            stored = read_npz(path)
            entries = {entry.name: entry for entry in stored.entries}
            facts_bytes = stored.read(entries[_FACTS])
            facts = json.loads(facts_bytes.tobytes())
            places = [tuple(map(str, place)) for place in facts.pop("places")]
            arrays = {
                place: stored.read(entries[str(number)]) for number, place in enumerate(places)
            }
            digest = stored.read(entries[_DIGEST])
            is_whole = np.array_equal(digest, _digest([*arrays.values(), facts_bytes]))
        except WeightsError as error:
            raise TrainingError(error.diagnostics) from None
        except (KeyError, ValueError, TypeError, AttributeError, RecursionError):
            raise misfit(path, f"`{path}` is no checkpoint of a training") from None
        if not is_whole:
            raise misfit(path, f"`{path}` is not what was written: it was changed, or is damaged")
        return Snapshot(arrays, facts)


def _digest(arrays: Iterable[Array]) -> Array:
    """What tells arrays from others, in their order."""
    made = blake2b(digest_size=16)
    for array in arrays:
        made.update(str(array.shape).encode())
        made.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return np.frombuffer(made.digest(), np.uint8)


def _write(path: str, content: Content) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    write_file(Path(path), content)
