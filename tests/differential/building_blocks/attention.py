"""Transformers."""

from __future__ import annotations

from typing import Any

from keras import Input, Model, layers, ops

from tests.differential.building_blocks.case import Cases
from tests.differential.graphs.keras_side import named, use

Tensor = Any
CASES = Cases()
case = CASES.case


@case("""
block encoder(heads, size, hidden, rate=0.1) {
    input x: [T, C]
    y = (x, x) -> MultiHeadAttention(heads, size) -> Dropout(rate)
    x = x + y -> LayerNormalization(epsilon=1e-6)
    y = x -> Dense(hidden, relu) -> Dense(C) -> Dropout(rate)
    output x + y -> LayerNormalization(epsilon=1e-6)
}
model net {
    input tokens: [T, 16]
    x = tokens
    for i in range(2) {
        x = x -> encoder(4, 8, 32)
    }
    output x -> GlobalAveragePooling1D() -> Dropout(0.1) -> Dense(2, softmax)
}
""")
def transformer_encoder() -> Model:
    def encoder(x: Tensor, heads: int, size: int, hidden: int) -> Tensor:
        channels = x.shape[-1]
        y = layers.MultiHeadAttention(heads, size)(x, x)
        y = layers.Dropout(0.1)(y)
        x = layers.LayerNormalization(epsilon=1e-6)(x + y)
        y = layers.Dense(hidden, "relu")(x)
        y = layers.Dropout(0.1)(layers.Dense(channels)(y))
        return layers.LayerNormalization(epsilon=1e-6)(x + y)

    tokens = x = Input((None, 16), name="tokens")
    for _ in range(2):
        x = use(encoder, None, x, 4, 8, 32)
    x = layers.Dropout(0.1)(layers.GlobalAveragePooling1D()(x))
    return Model(tokens, layers.Dense(2, "softmax")(x))


@case("""
block decoder(heads, hidden) {
    input x: [T, C]
    input memory: [S, C]
    y = (query=x, value=x, use_causal_mask=True) -> MultiHeadAttention(heads, C // heads) as self_attention
    x = [x, y] -> Add() -> LayerNormalization()
    y = (query=x, value=memory, key=memory) -> MultiHeadAttention(heads, C // heads) as cross_attention
    x = [x, y] -> Add() -> LayerNormalization()
    y = x -> Dense(hidden, gelu) -> Dense(C)
    output [x, y] -> Add() -> LayerNormalization()
}
model net(vocabulary=50) {
    input source: [10, 12]
    input ids: int32[T]
    x = ids -> Embedding(vocabulary, 12)
    x = (x, source) -> decoder(3, 24) as layer0
    x = (x=x, memory=source) -> decoder(3, 24) as layer1
    output x -> Dense(vocabulary) as logits
}
""")
def transformer_decoder() -> Model:
    def decoder(x: Tensor, memory: Tensor, heads: int, hidden: int) -> Tensor:
        channels = x.shape[-1]
        attend = layers.MultiHeadAttention(heads, channels // heads, name=named("self_attention"))
        y = attend(x, x, use_causal_mask=True)
        x = layers.LayerNormalization()(layers.Add()([x, y]))
        attend = layers.MultiHeadAttention(heads, channels // heads, name=named("cross_attention"))
        y = attend(query=x, value=memory, key=memory)
        x = layers.LayerNormalization()(layers.Add()([x, y]))
        y = layers.Dense(hidden, "gelu")(x)
        y = layers.Dense(channels)(y)
        return layers.LayerNormalization()(layers.Add()([x, y]))

    source = Input((10, 12), name="source")
    ids = Input((None,), dtype="int32", name="ids")
    x = layers.Embedding(50, 12)(ids)
    x = use(decoder, "layer0", x, source, 3, 24)
    x = use(decoder, "layer1", x, source, 3, 24)
    return Model([source, ids], layers.Dense(50, name="logits")(x))


@case("""
model net {
    input ids: int32[T]
    x = ids -> Embedding(100, 16)
    for i in range(2) {
        y = x -> RMSNormalization(epsilon=1e-6) as f"norm{i}"
        y = (query=y, value=y, use_causal_mask=True)
            -> GroupQueryAttention(head_dim=4, num_query_heads=4, num_key_value_heads=2, use_bias=False)
        x = x + y
        y = x -> RMSNormalization(epsilon=1e-6)
        gate = y -> Dense(24, silu, use_bias=False)
        x = x + (gate * (y -> Dense(24, use_bias=False)) -> Dense(16, use_bias=False))
    }
    output x -> RMSNormalization() as norm -> Dense(100, use_bias=False) as head
}
""")
def llama() -> Model:
    ids = Input((None,), dtype="int32", name="ids")
    x = layers.Embedding(100, 16)(ids)
    for i in range(2):
        y = layers.RMSNormalization(epsilon=1e-6, name=f"norm{i}")(x)
        attend = layers.GroupQueryAttention(
            head_dim=4, num_query_heads=4, num_key_value_heads=2, use_bias=False
        )
        x = x + attend(query=y, value=y, use_causal_mask=True)
        y = layers.RMSNormalization(epsilon=1e-6)(x)
        gate = layers.Dense(24, "silu", use_bias=False)(y)
        y = gate * layers.Dense(24, use_bias=False)(y)
        x = x + layers.Dense(16, use_bias=False)(y)
    x = layers.RMSNormalization(name="norm")(x)
    return Model(ids, layers.Dense(100, use_bias=False, name="head")(x))


@case("""
model net {
    input query: [6, 8]
    input value: [9, 8]
    q = query -> Dense(12) as q
    k = value -> Dense(12) as k
    v = value -> Dense(12) as v
    scores = einsum("btd,bsd->bts", q, k) / sqrt(12)
    weights = softmax(scores, axis=-1)
    output weights @ v, (q, v, k) -> Attention(use_scale=True), [q, v] -> AdditiveAttention()
}
""")
def attention_by_hand() -> Model:
    query, value = Input((6, 8), name="query"), Input((9, 8), name="value")
    q = layers.Dense(12, name="q")(query)
    k = layers.Dense(12, name="k")(value)
    v = layers.Dense(12, name="v")(value)
    scores = ops.einsum("btd,bsd->bts", q, k) / 12**0.5
    made = [
        ops.softmax(scores, axis=-1) @ v,
        layers.Attention(use_scale=True)([q, v, k]),
        layers.AdditiveAttention()([q, v]),
    ]
    return Model([query, value], made)
