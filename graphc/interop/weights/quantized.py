"""Weights that `model.quantize` has replaced: whole numbers with scales beside them, or statistics.

What is beside them tells it, in both kinds of names: `dense/kernel_scale`, and `layers/dense/vars/2`,
which stands behind the layer's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graphc.analysis.parameters import OwnedWeight
from graphc.interop.weights.entry import Entry
from graphc.interop.weights.match import Matches
from graphc.ir.dtypes import is_float

_WHOLE = ("int8", "uint8")
_HISTORIES = 3
"""Statistics of float8: a scale and a history for each of inputs, kernel and gradient."""


def quantized(weights: Mapping[str, OwnedWeight], matches: Matches) -> dict[str, str]:
    """The weights that a file holds quantized, with what to."""
    beside: dict[str, list[Entry]] = {}
    for entry in matches.extra:
        beside.setdefault(_place(entry), []).append(entry)
    made = {}
    for key, entry in matches.found.items():
        spec, others = weights[key].spec, beside.get(_place(entry), [])
        if entry.dtype in _WHOLE and is_float(spec.dtype) and others:
            made[key] = "int8" if entry.shape == spec.shape else "int4"
        elif len(spec.shape) > 1 and _has_histories(others):
            made[key] = "float8"
    return made


def _place(entry: Entry) -> str:
    return entry.name.rpartition("/")[0]


def _has_histories(entries: Sequence[Entry]) -> bool:
    lines = [entry.shape for entry in entries if len(entry.shape) == 1]
    scales = [entry for entry in entries if not entry.shape]
    return len(lines) == len(scales) == _HISTORIES and len(set(lines)) == 1
