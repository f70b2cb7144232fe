"""Runs emitted programs on the backend of this process: python -m tests.emit.on_backend FOLDER.

Of each program in the folder it keeps the rows of the model's layers, the outputs for given weights
and inputs, and the loss of one step of training; or the error.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from tests.emit.built import keras, run


def arrays(path: Path) -> list[Any]:
    """The arrays of a file, in order."""
    with np.load(path) as opened:
        return [opened[name] for name in opened.files]


def layer_rows(model: Any) -> list[Any]:
    """Class, name, shapes and parameters of each layer, in Keras' order, those of models inside."""
    rows = []
    for each in model.layers:
        shapes = [list(o.shape) for o in each._inbound_nodes[-1].output_tensors]
        rows.append([type(each).__name__, each.name, shapes, each.count_params()])
        if isinstance(each, keras.Model):
            rows.append(layer_rows(each))
    return rows


def facts(name: str, folder: Path) -> dict[str, Any]:
    """What this backend makes of one program; outputs go into a file."""
    keras.utils.clear_session(free_memory=False)
    space: dict[str, Any] = {"__name__": "emitted"}
    model = run((folder / f"{name}.py").read_text("utf-8"), space=space)
    weights, given = arrays(folder / f"{name}.weights.npz"), arrays(folder / f"{name}.inputs.npz")
    found = {"rows": layer_rows(model), "paths": [weight.path for weight in model.weights]}
    for variable, value in zip(model.weights, weights, strict=True):
        variable.assign(value.reshape(variable.shape))
    x = given if len(given) > 1 else given[0]
    is_compiled = keras.backend.backend() == "jax"  # op by op takes ten times as long there
    outputs = model.predict_on_batch(x) if is_compiled else model(x, training=False)
    flat = [np.asarray(keras.ops.convert_to_numpy(each)) for each in keras.tree.flatten(outputs)]
    dtypes = [keras.backend.standardize_dtype(each.dtype) for each in model.outputs]
    np.savez(folder / f"{name}.outputs.{keras.backend.backend()}.npz", *map(widened, flat))
    targets = folder / f"{name}.targets.npz"
    if targets.exists() and keras.backend.backend() != "numpy":
        expected = arrays(targets)
        space["compile_model"](model)
        loss = model.train_on_batch(x, expected if len(expected) > 1 else expected[0])
        found["loss"] = float(np.asarray(loss[0] if isinstance(loss, (list, tuple)) else loss))
    return found | {"dtypes": dtypes}


def widened(array: Any) -> Any:
    """What NumPy's files can hold."""
    return array.astype("float32") if array.dtype.name == "bfloat16" else array


def main(folder: Path) -> None:
    """Run all programs of a folder."""
    made = {}
    for path in sorted(folder.glob("*.py")):
        try:
            made[path.stem] = facts(path.stem, folder)
        except Exception as error:  # noqa: BLE001 - a backend fails with whatever it fails with
            made[path.stem] = {"error": f"{type(error).__name__}: {error}"}
    (folder / f"{keras.backend.backend()}.json").write_text(json.dumps(made), "utf-8")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(Path(sys.argv[1]))
