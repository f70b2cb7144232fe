"""Configurations of models whose masks Keras makes functions of, under names that it counts."""

from __future__ import annotations

import json

import numpy as np
import pytest

from graphc.model import check_source
from graphc.source import SourceFile
from tests.differential.harness import keras
from tests.interop.zoo.harness import give_values, plain_session

MODELS = {
    "function": """
        input x: int32[5]
        output x -> Embedding(5, 4, mask_zero=True) -> LSTM(3), x != 2
    """,
    "layer": """
        input x: [5, 4]
        y = x -> Masking()
        y = [y, y] -> Concatenate() -> LSTM(3, return_sequences=True)
        output y -> GlobalAveragePooling1D(), any(x, axis=-1)
    """,
    "name": """
        input x: int32[5]
        y = x -> Embedding(5, 4, mask_zero=True) -> Dense(4) as not_equal
        output y -> GlobalAveragePooling1D(), y -> Bidirectional(GRU(2)), (y, training=False) -> LSTM(2)
    """,
    "taken away": """
        input x: int32[5]
        y = x -> Embedding(5, 4, mask_zero=True)
        output (y, y) -> MultiHeadAttention(2, 2), y -> LSTM(3), cast(x, "float32") -> Dense(2)
    """,
}


@pytest.mark.parametrize("body", MODELS.values(), ids=MODELS)
def test_loaded(body: str) -> None:
    model = check_source(SourceFile("model.net", f"model net {{{body}}}")).main
    assert model is not None
    with plain_session():
        theirs = keras.models.model_from_json(json.dumps(model.keras_json()))
        give_values(theirs)
    x = np.random.default_rng(0).integers(0, 3, (2, *theirs.inputs[0].shape[1:]))
    x = x.astype(theirs.inputs[0].dtype)
    weights = dict(zip(model.init_weights(0), map(np.asarray, theirs.weights), strict=True))
    ours = model.compile(weights).run(x)
    for (name, one), other in zip(ours.items(), theirs(x), strict=True):
        np.testing.assert_allclose(one, np.asarray(other), rtol=1e-5, atol=1e-5, err_msg=name)
