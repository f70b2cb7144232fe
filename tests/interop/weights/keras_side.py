"""Keras models with known values in their weights, and their files."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import jax
import numpy as np
from keras.src.backend.common import global_state

from tests.differential.building_blocks.case import Case
from tests.differential.graphs.keras_side import session

random = np.random.default_rng(11)


def built(case: Case) -> Any:
    """The Keras model of a case, its weights drawn at random."""
    with session():
        model = case.build()
        for variable in model.variables:
            values = values_like(variable.shape, variable.dtype)
            values = abs(values) if "variance" in variable.name else values
            # Having Keras draw them first takes a hundred times as long.
            variable._value = jax.numpy.asarray(values, variable.dtype)
        global_state.set_global_attribute("uninitialized_variables", [])
    return model


def values_like(shape: Any, dtype: str) -> Any:
    if "float" in dtype:
        return random.normal(size=shape).astype("float32")
    return random.integers(1, 9, size=shape).astype(dtype)


def arrays_of(model: Any) -> list[np.ndarray]:
    """The values of a model's weights."""
    return [np.asarray(variable) for variable in model.weights]


def saved(model: Any, path: Path) -> Path:
    """A file of a model's weights as Keras writes it, or as people do with `model.weights`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if path.suffix == ".keras":
            model.save(path)
        elif path.suffix == ".h5":
            model.save_weights(path)
        else:
            arrays = {variable.path: np.asarray(variable) for variable in model.weights}
            if path.suffix == ".npz":
                np.savez(path, **arrays)
            else:
                from safetensors.numpy import save_file

                save_file({name: np.asarray(a, order="C") for name, a in arrays.items()}, path)
    return path


def has_own_paths(model: Any) -> bool:
    """Whether no two of a model's weights have one path, as they may in nested models."""
    paths = [variable.path for variable in model.weights]
    return len(set(paths)) == len(paths)


def loaded(model: Any, path: Path) -> Any:
    """The model with the weights of a file."""
    for variable in model.weights:
        variable.assign(np.zeros(variable.shape, "float32"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.load_weights(path)
    return model
