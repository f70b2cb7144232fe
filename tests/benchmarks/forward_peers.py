"""What graphc is measured against: each peer as a function of the channels-last input.

A peer is prepared for one batch, and its function is what a user would call; the arrays that it is
given are in the layout it wants, and what its conversion of the result costs is not timed.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import graphc


@dataclass(frozen=True)
class Peer:
    """`run` is timed; `output` gives its result as graphc has it."""

    run: Callable[[], Any]
    output: Callable[[Any], Any]


def _last(array: Any) -> Any:
    return np.moveaxis(array, 1, -1) if array.ndim == 4 else array


def session(written: Any, threads: int, profile: str | None = None) -> Any:
    """ONNX Runtime's, with all of its optimizations."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    if profile is not None:
        options.enable_profiling = True
        options.profile_file_prefix = profile
    return onnxruntime.InferenceSession(
        written.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def onnxruntime_peer(model: graphc.Model, weights: Any, x: Any, threads: int) -> Peer:
    """ONNX Runtime on what a good exporter writes."""
    from forward_onnx import channels_first_array, to_onnx

    run = session(to_onnx(model.model_graph, weights, len(x)), threads).run
    given = {"x": channels_first_array(x)}
    return Peer(lambda: run(None, given)[0], _last)


def reference_peer(model: graphc.Model, weights: Any, x: Any, threads: int) -> Peer:
    """onnx' own evaluator, which is NumPy."""
    from forward_onnx import channels_first_array, to_onnx
    from onnx.reference import ReferenceEvaluator

    run = ReferenceEvaluator(to_onnx(model.model_graph, weights, len(x))).run
    given = {"x": channels_first_array(x)}
    return Peer(lambda: run(None, given)[0], _last)


def _keras_model(model: graphc.Model, weights: Any, backend: str) -> Any:
    """The emitted program's model with the same weights."""
    os.environ["KERAS_BACKEND"] = backend
    space: dict[str, Any] = {"__name__": "emitted"}
    exec(compile(model.emit(), "<emitted>", "exec"), space)
    made = space["build_model"]()
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "model.weights.h5")
        model.save_weights(path, weights)
        made.load_weights(path)
    return made


def keras_numpy_peer(model: graphc.Model, weights: Any, x: Any, threads: int) -> Peer:
    """Keras on its NumPy backend."""
    made = _keras_model(model, weights, "numpy")
    return Peer(lambda: made(x, training=False), np.asarray)


def keras_tensorflow_peer(model: graphc.Model, weights: Any, x: Any, threads: int) -> Peer:
    """Keras on TensorFlow, as a `tf.function`."""
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    made = _keras_model(model, weights, "tensorflow")
    function = tf.function(lambda given: made(given, training=False))
    given = tf.constant(x)
    return Peer(lambda: function(given).numpy(), np.asarray)


def keras_jax_peer(model: graphc.Model, weights: Any, x: Any, threads: int) -> Peer:
    """Keras on JAX, compiled."""
    import jax

    made = _keras_model(model, weights, "jax")
    trainable = [variable.value for variable in made.trainable_variables]
    others = [variable.value for variable in made.non_trainable_variables]
    function = jax.jit(lambda a, b, given: made.stateless_call(a, b, given, training=False)[0])
    given = jax.numpy.asarray(x)
    return Peer(lambda: function(trainable, others, given).block_until_ready(), np.asarray)


PEERS: dict[str, Callable[[graphc.Model, Any, Any, int], Peer]] = {
    "onnxruntime": onnxruntime_peer,
    "keras-tensorflow": keras_tensorflow_peer,
    "keras-jax": keras_jax_peer,
    "keras-numpy": keras_numpy_peer,
    "onnx-reference": reference_peer,
}
