"""What the samples compute, at a size to try them in, beside Keras and beside plain NumPy."""

import warnings
from collections.abc import Callable

import jax
import numpy as np

import graphc
from graphc.declare.trace import Trace, trace_layer
from graphc.ir.types import TensorType
from graphc.layers.model_layer import ModelLayer
from tests.emit.values import assert_near
from tests.reference.evaluate import run_trace
from tests.samples import keras_models
from tests.samples.rows import SAMPLES, shrunk

random = np.random.default_rng(7)


def trace_of(model: graphc.Model) -> Trace:
    types: dict[str, TensorType] = dict(model.inputs)
    return trace_layer(ModelLayer.of(model.model_graph, model.name), types)


def draw_weights(trace: Trace) -> dict[str, np.ndarray]:
    """Random values by the paths of the weights."""
    shapes = {spec.path: spec.shape for spec, _ in trace.weights}
    return {path: random.normal(size=shape, scale=0.5) for path, shape in shapes.items()}


def check(
    model: graphc.Model, build: Callable[[], keras_models.Model], *inputs: np.ndarray
) -> None:
    """Run a model and its Keras twin on the same weights, which they find by their layers' names."""
    trace = trace_of(model)
    weights = draw_weights(trace)
    (ours,) = run_trace(trace, inputs, list(weights.values()))

    twin = keras_models.built(build)
    for layer in twin.layers:
        values = [value for path, value in weights.items() if path.startswith(layer.name + "/")]
        for variable, value in zip(layer.weights, values, strict=True):
            variable._value = jax.numpy.asarray(value, "float32")
    with warnings.catch_warnings(), jax.disable_jit():
        warnings.simplefilter("ignore")
        theirs = twin(list(inputs) if len(inputs) > 1 else inputs[0], training=False)
    assert_near(ours, np.asarray(theirs), 1e-5, model.name)


def test_linear_regression():
    model = graphc.load(SAMPLES / "linear_regression.net")
    (y,) = run_trace(trace_of(model), [np.array([1.0, 2.0])], [3.0, 2.0])
    np.testing.assert_allclose(y, [5.0, 8.0])


def test_gpt2():
    model = shrunk("gpt2_small", vocabulary="11", context="8", width="24")
    ids = random.integers(0, 11, size=(2, 6))
    check(model, lambda: keras_models.gpt2_small(11, 8, 24), ids)


def test_lstm_classifier_skips_the_padding():
    model = graphc.load(SAMPLES / "lstm_classifier.net", settings={"vocabulary": 9})
    words = np.array([[3, 4, 5, 0, 0], [1, 0, 2, 8, 7]])
    check(model, lambda: keras_models.lstm_classifier(9), words)


def test_translator_looks_at_no_padding():
    model = shrunk("seq2seq_attention", source_words="9", target_words="7", width="6")
    source = np.array([[3, 4, 5, 0, 0], [1, 2, 2, 8, 7]])
    target = np.array([[1, 2, 3, 6], [4, 5, 0, 0]])
    check(model, lambda: keras_models.translator((9, 7), 6), source, target)


def test_llama():
    sizes = {"vocabulary": 11, "depth": 2, "width": 24, "heads": 4, "kv_heads": 2, "hidden": 10}
    model = shrunk("llama2_7b", **{name: str(size) for name, size in sizes.items()})
    trace = trace_of(model)
    weights = draw_weights(trace)
    ids = random.integers(0, 11, size=(2, 5))
    (logits,) = run_trace(trace, [ids], list(weights.values()))
    expected = [llama(example, weights, **sizes) for example in ids]
    assert_near(logits, np.asarray(expected), 1e-5, "logits")


def llama(ids, weights, *, depth, width, heads, kv_heads, **_):
    """One example, token by token and head by head; rotations are products of complex numbers."""
    size = width // heads

    def dense(x, name):
        return x @ weights[f"{name}/kernel"]

    def norm(x, name):
        return x / np.sqrt(np.mean(x**2, axis=-1, keepdims=True) + 1e-5) * weights[f"{name}/scale"]

    def rotate(x, place):
        turned = (x[: size // 2] + 1j * x[size // 2 :]) * np.exp(
            1j * place * 10_000.0 ** (-2 * np.arange(size // 2) / size)
        )
        return np.concatenate([turned.real, turned.imag])

    x = weights["token_embedding/embeddings"][ids]
    for layer in range(depth):
        y = norm(x, f"layer{layer}.norm1")
        q, k, v = (
            dense(y, f"layer{layer}.attention.{name}").reshape(len(ids), -1, size)
            for name in ("query", "key", "value")
        )
        result = np.zeros((len(ids), heads, size))
        for head in range(heads):
            shared = head // (heads // kv_heads)
            for t in range(len(ids)):
                query = rotate(q[t, head], t)
                scores = [query @ rotate(k[s, shared], s) / np.sqrt(size) for s in range(t + 1)]
                shares = np.exp(scores - np.max(scores))
                result[t, head] = shares / sum(shares) @ v[: t + 1, shared]
        x = x + dense(result.reshape(len(ids), -1), f"layer{layer}.attention.out")
        y = norm(x, f"layer{layer}.norm2")
        gate = dense(y, f"layer{layer}.feed_forward.gate")
        up = dense(y, f"layer{layer}.feed_forward.up")
        x = x + dense(gate / (1 + np.exp(-gate)) * up, f"layer{layer}.feed_forward.down")
    return dense(norm(x, "norm"), "lm_head")
