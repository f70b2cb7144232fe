"""Models of attention, with its masks, positions and heads."""

from __future__ import annotations

from tests.differential.harness import keras
from tests.interop.wild.harness import subject

layers, ops = keras.layers, keras.ops
ATTENDING = subject("attending")


@ATTENDING.model()
def padding_masks_as_inputs():
    x = keras.Input((6, 8), name="x")
    padding = keras.Input((6,), dtype="int32", name="padding_mask")
    mask = ops.cast(padding[:, None, :], "bool")
    y, scores = layers.MultiHeadAttention(2, 4, name="attention")(
        x, x, attention_mask=mask, return_attention_scores=True
    )
    y = layers.LayerNormalization(epsilon=1e-6)(x + layers.Dropout(0.1)(y))
    return keras.Model({"token_embeddings": x, "padding_mask": padding}, [y, scores])


@ATTENDING.model()
def masks_of_queries_keys_and_values():
    q, v = keras.Input((4, 8), name="q"), keras.Input((5, 8), name="v")
    qm, vm = keras.Input((4,), dtype="bool", name="qm"), keras.Input((5,), dtype="bool", name="vm")
    y = layers.MultiHeadAttention(2, 3, output_shape=6)(
        q, v, query_mask=qm, value_mask=vm, key_mask=vm
    )
    z = layers.Attention(dropout=0.1, score_mode="concat")([q, v], mask=[qm, vm])
    w = layers.AdditiveAttention(use_scale=False)([q, v, v], mask=[None, vm])
    return keras.Model([q, v, qm, vm], [y, z, w])


@ATTENDING.model()
def causal_attention():
    x = keras.Input((6, 8))
    y = layers.MultiHeadAttention(2, 4)(x, x, use_causal_mask=True)
    z, scores = layers.Attention()([x, x], return_attention_scores=True, use_causal_mask=True)
    w = layers.GroupQueryAttention(4, 4, 2)(x, x, use_causal_mask=True)
    return keras.Model(x, [y, z, scores, w])


@ATTENDING.model()
def grouped_queries():
    q, v = keras.Input((4, 8)), keras.Input((5, 8))
    y, scores = layers.GroupQueryAttention(6, 4, 2, dropout=0.1, use_bias=False)(
        q, v, return_attention_scores=True
    )
    return keras.Model([q, v], [y, scores])


@ATTENDING.model()
def attention_over_axes():
    x = keras.Input((3, 4, 5, 8))
    y = layers.MultiHeadAttention(2, 4, attention_axes=(1, 2))(x, x)
    return keras.Model(x, [y, layers.MultiHeadAttention(1, 3, attention_axes=2)(x, x)])


@ATTENDING.model()
def masks_made_of_tokens():
    tokens = keras.Input((7,), dtype="int32", name="tokens")
    mask = ops.not_equal(tokens, 0)
    both = ops.logical_and(mask[:, None, :], mask[:, :, None])
    causal = ops.tril(ops.ones((7, 7), dtype="bool"))
    x = layers.Embedding(12, 8)(tokens)
    y = layers.MultiHeadAttention(2, 4)(x, x, attention_mask=ops.logical_and(both, causal))
    pooled = ops.sum(y * ops.cast(mask, "float32")[..., None], axis=1)
    return keras.Model(tokens, pooled / ops.maximum(ops.sum(ops.cast(mask, "float32"), axis=1,
                                                            keepdims=True), 1.0))  # fmt: skip


@ATTENDING.model()
def embeddings_with_masks():
    source = keras.Input((6,), dtype="int32", name="source")
    target = keras.Input((5,), dtype="int32", name="target")
    x = layers.Embedding(20, 8, mask_zero=True)(source)
    y = layers.Embedding(20, 8, mask_zero=True)(target)
    x = layers.LayerNormalization()(x + layers.MultiHeadAttention(2, 4)(x, x))
    y = layers.Add()([y, layers.MultiHeadAttention(2, 4)(y, y, use_causal_mask=True)])
    y = layers.Add()([y, layers.MultiHeadAttention(2, 4)(query=y, key=x, value=x)])
    return keras.Model([source, target], layers.Dense(20)(y))


@ATTENDING.model()
def attention_by_hand():
    x = keras.Input((6, 8))
    q, k, v = (layers.Dense(8, use_bias=False, name=n)(x) for n in ("q", "k", "v"))
    q, k, v = (ops.transpose(ops.reshape(t, (-1, 6, 2, 4)), (0, 2, 1, 3)) for t in (q, k, v))
    scores = ops.matmul(q, ops.transpose(k, (0, 1, 3, 2))) / ops.sqrt(4.0)
    bias = ops.where(ops.tril(ops.ones((6, 6))) > 0, 0.0, -1e9)
    y = ops.matmul(ops.softmax(scores + bias), v)
    return keras.Model(x, ops.reshape(ops.transpose(y, (0, 2, 1, 3)), (-1, 6, 8)))


@ATTENDING.model()
def attention_by_einsum_dense():
    x = keras.Input((6, 8))
    q = layers.EinsumDense("abc,cde->abde", output_shape=(6, 2, 4), bias_axes="de")(x)
    k = layers.EinsumDense("abc,cde->abde", output_shape=(6, 2, 4))(x)
    a = layers.Softmax()(ops.einsum("bqhd,bkhd->bhqk", q, k))
    y = ops.einsum("bhqk,bkhd->bqhd", a, q)
    return keras.Model(x, layers.EinsumDense("abcd,cde->abe", output_shape=(6, 8))(y))


@ATTENDING.model()
def flash_by_function():
    q, k = keras.Input((6, 2, 4)), keras.Input((5, 2, 4))
    bias = keras.Input((2, 6, 5))
    y = ops.dot_product_attention(q, k, k, bias=bias)
    z = ops.dot_product_attention(q, q, q, is_causal=True, scale=0.25)
    return keras.Model([q, k, bias], [y, z])


@ATTENDING.model()
def learned_queries():
    x = keras.Input((9, 8), name="patches")
    rows = layers.Embedding(4, 8, name="queries")
    queries = rows(ops.zeros_like(x[:, :4, 0], dtype="int32") + ops.arange(4))
    for i in range(2):
        queries = queries + layers.MultiHeadAttention(2, 4, name=f"cross_{i}")(queries, x)
        queries = layers.LayerNormalization(name=f"norm_{i}")(queries)
    return keras.Model(x, layers.Flatten()(queries))


@ATTENDING.model()
def class_token():
    x = keras.Input((12, 12, 3))
    y = layers.Conv2D(8, 4, 4, name="patch")(x)
    y = layers.Reshape((-1, 8))(y)
    token = ops.mean(y, axis=1, keepdims=True)
    y = ops.concatenate([token, y], axis=1)
    y = y + layers.Embedding(10, 8, name="positions")(
        ops.cumsum(ops.ones_like(y[..., 0], dtype="int32"), axis=1) - 1
    )
    h = layers.LayerNormalization(epsilon=1e-6)(y)
    y = y + layers.MultiHeadAttention(2, 4)(h, h)
    return keras.Model(x, layers.Dense(5)(layers.LayerNormalization()(y)[:, 0]))


@ATTENDING.model()
def windows_of_swin():
    x = keras.Input((8, 8, 6))
    y = ops.roll(x, shift=(-1, -1), axis=(1, 2))
    y = ops.reshape(y, (-1, 2, 4, 2, 4, 6))
    y = ops.reshape(ops.transpose(y, (0, 1, 3, 2, 4, 5)), (-1, 16, 6))
    y = layers.MultiHeadAttention(2, 3)(y, y)
    y = ops.reshape(y, (-1, 2, 2, 4, 4, 6))
    y = ops.reshape(ops.transpose(y, (0, 1, 3, 2, 4, 5)), (-1, 8, 8, 6))
    return keras.Model(x, x + ops.roll(y, shift=(1, 1), axis=(1, 2)))


@ATTENDING.model()
def gated_units():
    x = keras.Input((6, 8))
    gate, value = ops.split(layers.Dense(16)(x), 2, axis=-1)
    y = layers.Dense(8)(ops.silu(gate) * value)
    y = layers.RMSNormalization()(x + y)
    u, v = ops.split(layers.Dense(16, "gelu")(y), [8], axis=-1)
    v = ops.transpose(layers.Dense(6)(ops.transpose(v, (0, 2, 1))), (0, 2, 1))
    return keras.Model(x, y + u * v)


@ATTENDING.model()
def fourier_mixing():
    x = keras.Input((8, 4))
    real, _ = ops.fft2((x, ops.zeros_like(x)))
    y = layers.LayerNormalization()(x + real)
    return keras.Model(x, y)


@ATTENDING.model()
def linear_attention():
    x = keras.Input((None, 8))
    q, k, v = (layers.Dense(4, name=n)(x) for n in "qkv")
    q, k = ops.elu(q) + 1, ops.elu(k) + 1
    kv = ops.einsum("bnd,bne->bde", k, v)
    z = 1 / (ops.einsum("bnd,bd->bn", q, ops.sum(k, axis=1)) + 1e-6)
    return keras.Model(x, ops.einsum("bnd,bde,bn->bne", q, kv, z))


@ATTENDING.model()
def reversible_embedding():
    tokens = keras.Input((6,), dtype="int32")
    table = layers.ReversibleEmbedding(12, 8, tie_weights=True, name="table")
    x = table(tokens)
    x = layers.LayerNormalization()(x)
    return keras.Model(tokens, table(x, reverse=True))


@ATTENDING.model()
def switch_of_experts():
    x = keras.Input((5, 6))
    gates = layers.Dense(3, activation="softmax", name="router")(x)
    top, index = ops.top_k(gates, k=1)
    chosen = ops.one_hot(ops.squeeze(index, -1), 3) * top
    experts = ops.stack([layers.Dense(6, name=f"expert_{i}")(x) for i in range(3)], axis=-2)
    return keras.Model(x, ops.sum(experts * chosen[..., None], axis=-2))


def _tokens():
    x = keras.Input((6,), dtype="int32")
    return x, layers.Embedding(20, 8, mask_zero=True)(x)


@ATTENDING.model(is_fast=True)
def attention_again_behind_a_sum():
    """Attention takes the masks away: the sum has none, and the next one looks at all."""
    ids, x = _tokens()
    y = layers.Dropout(0.1)(layers.MultiHeadAttention(2, 4)(x, x))
    x = layers.LayerNormalization()(layers.Add()([x, y]))
    x = layers.LayerNormalization()(layers.Add()([x, layers.Dense(8)(x)]))
    x = layers.LayerNormalization()(layers.Add()([x, layers.MultiHeadAttention(2, 4)(x, x)]))
    return keras.Model(ids, [x, layers.GlobalAveragePooling1D()(x)])


@ATTENDING.model()
def attention_before_others():
    ids, x = _tokens()
    y = layers.MultiHeadAttention(2, 4)(x, x)
    z = layers.MultiHeadAttention(2, 4)(query=y, key=x, value=x)
    return keras.Model(ids, [layers.LSTM(3, return_sequences=True)(layers.Dense(4)(x)), z])


@ATTENDING.model()
def joined_with_what_was_attended():
    ids, x = _tokens()
    y = layers.Concatenate(name="joined")([x, layers.MultiHeadAttention(2, 4)(x, x)])
    return keras.Model(ids, [layers.GRU(2)(y), layers.MultiHeadAttention(2, 4)(y, y)])


@ATTENDING.model()
def attention_in_an_inner_model():
    ids, x = _tokens()
    z = keras.Input((6, 8))
    inner = keras.Model(z, layers.Add()([z, layers.MultiHeadAttention(2, 4)(z, z)]), name="inner")
    y = inner(inner(x))
    return keras.Model(ids, [y, layers.LSTM(3)(y), layers.MultiHeadAttention(1, 2)(x, y)])


@ATTENDING.model()
def attended_side_by_side():
    ids, x = _tokens()
    y, z = layers.MultiHeadAttention(2, 4)(x, x), layers.MultiHeadAttention(2, 4)(x, x)
    return keras.Model(ids, [layers.Maximum()([y, z]), layers.Attention()([y, z])])


@ATTENDING.model()
def attention_of_another_precision():
    """It casts what it is given, which keeps its mask."""
    ids, x = _tokens()
    y = layers.MultiHeadAttention(2, 4, dtype="mixed_float16")(x, x)
    return keras.Model(ids, layers.MultiHeadAttention(2, 4)(x, x) + 0 * ops.cast(y, "float32"))


@ATTENDING.model(is_fast=True)
def masks_that_are_taken_away():
    # MultiHeadAttention takes the masks of its inputs away, and Keras goes through calls by depth.
    x, y = keras.Input((5,), dtype="int32"), keras.Input((6,), dtype="int32")
    e = layers.Embedding(4, 4, mask_zero=True)(x)
    f = layers.Embedding(4, 4, mask_zero=True)(y)
    made = [
        layers.Attention()([e, e]),
        layers.MultiHeadAttention(2, 2)(e, f),
        layers.MultiHeadAttention(2, 2)(f, e),
        layers.AdditiveAttention()([f, e]),
    ]
    return keras.Model([x, y], made)


@ATTENDING.model()
def masks_that_are_taken_away_before():
    x = keras.Input((5,), dtype="int32")
    e = layers.Embedding(4, 4, mask_zero=True)(x)
    early = layers.Dense(3)(layers.MultiHeadAttention(2, 2)(e, e))
    late = layers.Attention()([e, e])
    inner = keras.Model(x, [late, layers.Dense(2)(early), layers.Add()([e, late])], name="inner")
    z = keras.Input((5,), dtype="int32")
    return keras.Model(z, inner(z))
