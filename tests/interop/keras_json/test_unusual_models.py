"""Models of unusual calls: imported, emitted and built again, they compute the same."""

from __future__ import annotations

import types
import warnings
from typing import Any

import numpy as np
import pytest

from graphc.emit.keras import Recorder, keras_program
from graphc.interop.keras_json import import_document
from graphc.interop.keras_json.source import parse_document
from graphc.model import check_source, options
from graphc.source import SourceFile
from tests.differential.harness import keras
from tests.emit.values import assert_near

L, ops, Input, Model = keras.layers, keras.ops, keras.Input, keras.Model


def states() -> Any:
    x, h, c = Input((5, 4)), Input((3,)), Input((3,))
    o, a, b = L.LSTM(3, return_state=True)(x, initial_state=[h, c])
    return Model([x, h, c], [L.LSTM(3)(x, initial_state=[a, b]), o])


def bidirectional_states() -> Any:
    x = Input((5, 4))
    o, *given = L.Bidirectional(L.LSTM(3, return_state=True))(x)
    return Model(x, [o, L.Bidirectional(L.LSTM(3))(x, initial_state=given)])


def cells() -> Any:
    x, h = Input((5, 4)), Input((3,))
    cells = [L.GRUCell(3), L.SimpleRNNCell(2)]
    return Model([x, h], L.RNN(cells)(x, initial_state=[h, L.Dense(2)(h)]))


def masks() -> Any:
    x, m = Input((5, 4)), Input((5,), dtype="bool")
    made = [L.LSTM(3), L.GlobalAveragePooling1D(), L.Bidirectional(L.GRU(2))]
    return Model([x, m], [layer(x, mask=m) for layer in made])


def implicit_masks() -> Any:
    x = Input((5,), dtype="int32")
    e = L.Embedding(5, 4, mask_zero=True)(x)
    y = L.Concatenate()([L.MultiHeadAttention(2, 3)(e, e), L.Attention()([e, e]), e])
    z = L.LSTM(3, return_sequences=True)(y)
    return Model(x, [L.GlobalAveragePooling1D()(z), L.TimeDistributed(L.Dense(2))(z)])


def attention_masks() -> Any:
    q, v = Input((5, 4)), Input((6, 4))
    m, part = Input((5, 6), dtype="bool"), Input((6,), dtype="bool")
    o, s = L.MultiHeadAttention(2, 3)(
        q, v, attention_mask=m, return_attention_scores=True, use_causal_mask=True
    )
    return Model([q, v, m, part], [o, s, L.Attention()([q, v], mask=[None, part])])


def nested_in_training() -> Any:
    x, y = Input((4,)), Input((4,))
    inner = Model(x, L.Dropout(0.3)(L.Dense(4)(x)), name="inner")
    return Model(y, L.Add()([inner(y), inner(inner(y), training=False)]))


def one_layer_of_many_shapes() -> Any:
    layer, a, b = L.Dense(3), Input((4,)), Input((5, 4))
    return Model([a, b], [layer(a), layer(layer(b)[:, :, :1] * ops.ones((1, 1, 4)))])


def unused_outputs() -> Any:
    x = Input((5, 4))
    _, h, _ = L.LSTM(3, return_state=True)(x)
    return Model(x, [ops.split(h, 3, axis=1)[1], h])


def dicts() -> Any:
    a, b = Input((4,), name="a"), Input((3,), name="b")
    return Model({"b": b, "a": a}, {"z": L.Dense(2)(a), "h": L.Dense(3)(b)})


def one_tensor_put_out_twice() -> Any:
    x = Input((4,))
    y = L.Dense(3)(x)
    return Model(x, [y, y, L.Add()([y, y])])


def arrays() -> Any:
    x, y = Input((4, 3)), Input((4, 3))
    array = np.ones((3, 2), "float32")
    return Model([x, y], [ops.tensordot(x, array, axes=1), ops.matmul(y, array), 1.0 / (2 + x)])


def indices() -> Any:
    x = Input((4, 6, 3))
    return Model(x, [x[:, 1:, ::2], x[..., None, 0], x[:, -1], x[:, ::-1], x[0]])


def adapted() -> Any:
    x = Input((3,))
    layer = L.Discretization(num_bins=4)
    layer.adapt(np.linspace(-2.0, 2.0, 60, dtype="float32").reshape(20, 3))
    return Model(x, [layer(x), x * 2])


CASES = [
    *(states, bidirectional_states, cells, masks, implicit_masks, attention_masks),
    *(nested_in_training, one_layer_of_many_shapes, unused_outputs, dicts),
    *(one_tensor_put_out_twice, arrays, indices, adapted),
]


def filled(tensor: Any, random: np.random.Generator) -> Any:
    shape = [3, *tensor.shape[1:]]
    if tensor.dtype == "bool":
        return random.random(shape) > 0.3
    if "int" in tensor.dtype:
        return random.integers(0, 3, shape).astype(tensor.dtype)
    return random.normal(size=shape).astype(tensor.dtype)


def run(model: Any, arrays: list[Any]) -> list[Any]:
    outputs = model(keras.tree.pack_sequence_as(model._inputs_struct, arrays), training=False)
    return [np.asarray(each) for each in keras.tree.flatten(outputs)]


@pytest.mark.parametrize(
    "build",
    [each if each is adapted else pytest.param(each, marks=pytest.mark.slow) for each in CASES],
    ids=lambda build: build.__name__,
)
def test_the_same(build: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        keras.backend.clear_session(free_memory=False)
        theirs = build()
        text = import_document(parse_document(theirs.to_json(), "model.json"))
        settings = options()
        settings.observer = recorder = Recorder()
        report = check_source(SourceFile("model.net", text), None, settings)
        assert report.is_clean, text
        assert report.program is not None
        module = types.ModuleType("emitted")
        keras.backend.clear_session(free_memory=False)
        exec(keras_program(report.program, recorder), vars(module))
        ours = module.build_model()
        random = np.random.default_rng(0)
        assert [each.shape for each in ours.weights] == [each.shape for each in theirs.weights]
        for one, other in zip(ours.weights, theirs.weights, strict=True):
            value = random.normal(size=one.shape) * 0.3
            one.assign(value)
            other.assign(value)
        arrays = [filled(each, random) for each in theirs.inputs]
        expected, found = run(theirs, arrays), run(ours, arrays)
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert_near(one, other, 1e-5, text)
