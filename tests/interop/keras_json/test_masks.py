"""Masks: what layers pass on anyway is left out, what a call says otherwise stays."""

from __future__ import annotations

import json

import pytest

from graphc.interop.keras_json import import_document
from graphc.interop.keras_json.source import parse_document
from tests.differential.graphs.keras_side import session
from tests.differential.harness import keras
from tests.interop.keras_json.compare import check_import, imported

L, ops, Input, Model = keras.layers, keras.ops, keras.Input, keras.Model


@pytest.fixture
def marked():
    """Operations on masks have names that begin with a mark, and are left out of comparisons."""
    with session():
        yield


def ids():
    return Input((None,), dtype="int32", name="ids")


@pytest.mark.usefixtures("marked")
def test_implicit_masks_are_left_out():
    x = ids()
    y = L.Embedding(100, 16, mask_zero=True)(x)
    y = L.Dropout(0.3)(L.Bidirectional(L.LSTM(8, return_sequences=True))(y))
    y = L.Concatenate()([L.GRU(4)(y), L.GlobalAveragePooling1D()(y)])
    text = check_import(Model(x, L.Dense(1)(y)), ordered=False)
    assert "mask=" not in text
    assert "!=" not in text


@pytest.mark.usefixtures("marked")
def test_masks_that_go_around_a_layer_and_through_it():
    x = ids()
    y = L.Embedding(100, 8, mask_zero=True)(x)
    for _ in range(2):
        y = L.LayerNormalization()(L.Add()([y, L.Dropout(0.1)(L.MultiHeadAttention(2, 4)(y, y))]))
        y = L.Add()([y, L.Dense(8)(L.Dense(16)(y))])
    text = check_import(Model(x, [L.GlobalAveragePooling1D()(y), L.GRU(2)(y)]), ordered=False)
    assert "mask=" not in text


@pytest.mark.usefixtures("marked")
def test_masks_of_inputs_given_by_name():
    x = ids()
    y = L.Embedding(100, 8, mask_zero=True)(x)
    for key in (y, L.Dense(3)(y)):
        y = L.MultiHeadAttention(2, 4)(query=y, value=y, key=key)
    text = check_import(Model(x, L.LSTM(3)(y)), ordered=False)
    assert "mask=" not in text


def test_masks_given_by_name_are_not_what_a_layer_passes_on():
    x, m = ids(), Input((None,), dtype="bool", name="m")
    y = L.Embedding(100, 8, mask_zero=True)(x)
    y = L.MultiHeadAttention(2, 4)(query=y, value=y, value_mask=m)
    text, _ = imported(Model([x, m], L.LSTM(3)(y, mask=m)))
    assert text.count("mask=m") == 2


@pytest.mark.usefixtures("marked")
def test_masks_of_masking():
    x = Input((10, 3))
    text = check_import(Model(x, L.LSTM(3)(L.Masking(-1.0)(x))), ordered=False)
    assert "mask=" not in text


def test_masks_of_merged_tensors():
    a, b = Input((10, 3)), Input((10, 3))
    p, q = L.Masking(-1.0)(a), L.Masking(0.0)(b)
    merged = (L.Concatenate()([p, q]), L.Add()([p, q]), L.Concatenate(axis=1)([p, b]))
    model = Model([a, b], [L.LSTM(3)(each) for each in merged])
    text, _ = imported(model)
    assert "mask=" not in text
    assert "!=" not in text


def test_a_mask_that_leads_to_no_output_stays():
    """Keras leaves such calls out; whoever writes a configuration need not."""
    x = ids()
    y = L.Embedding(100, 8, mask_zero=True)(x)
    model = Model(x, [L.GRU(2)(y), ops.expand_dims(y._keras_mask, -1)])
    document = json.loads(model.to_json())
    document["config"]["output_layers"] = document["config"]["output_layers"][0]
    text = import_document(parse_document(json.dumps(document), "model.json"))
    assert "mask=" not in text
    assert "-> GRU(2)" in text
    assert "expand_dims" in text


def test_explicit_masks_stay():
    x, m = Input((10, 3)), Input((10,), dtype="bool", name="m")
    y = L.LSTM(3, return_sequences=True)(x, mask=m)
    text, _ = imported(Model([x, m], L.LSTM(3)(y)))
    assert text.count("mask=m") == 1  # the second layer is given it by the first


def test_a_mask_that_differs_from_the_implicit_one_stays():
    x = ids()
    y = L.Embedding(100, 16, mask_zero=True)(x)
    mask = ops.not_equal(x, 1)
    text = check_import(Model(x, L.LSTM(3)(y, mask=mask)))
    assert "ids != 1" in text
    assert "mask=" in text


@pytest.mark.filterwarnings("ignore:.*does not support masking")
def test_a_mask_behind_what_drops_masks_stays():
    x = ids()
    y = L.Embedding(100, 16, mask_zero=True)(x)
    mask = ops.not_equal(x, 0)
    y = L.Conv1D(4, 1)(y)
    text = check_import(Model(x, L.LSTM(3)(y, mask=mask)))
    assert "mask=" in text


@pytest.mark.usefixtures("marked")
def test_masks_of_models_of_several_inputs():
    table = L.Embedding(100, 4, mask_zero=True)
    a, b = Input((None, 4)), Input((None, 4))
    inner = Model({"b": b, "a": a}, [L.LSTM(2)(a), L.GlobalAveragePooling1D()(b)], name="inner")
    x, y = ids(), Input((None,), dtype="int32")
    text = check_import(Model([x, y], inner({"b": table(y), "a": table(x)})), ordered=False)
    assert "mask=" not in text
    assert "!=" not in text
