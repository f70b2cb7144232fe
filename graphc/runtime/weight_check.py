"""Weights that are given by their keys, held against those of a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graphc.analysis.parameters import OwnedWeight
from graphc.runtime.arguments import InputError, need_numbers


def check_weights(model: str, wanted: Mapping[str, OwnedWeight], given: Mapping[str, Any]) -> None:
    """Raise `InputError` for one that is missing, or is something else; no deferred one is made."""
    for key, weight in wanted.items():
        if key not in given:
            raise InputError(f"{model} needs the weight `{key}`, which is not given")
        array, shape = given[key], weight.spec.shape
        if not hasattr(array, "dtype"):
            array = np.asarray(array)
        need_numbers(f"the weight `{key}` of {model}", array.dtype)
        if array.shape != shape:
            raise InputError(
                f"the weight `{key}` of {model} needs shape {list(shape)}, got {list(array.shape)}"
            )
