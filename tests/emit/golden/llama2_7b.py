"""Llama 2 7B: "Llama 2: Open Foundation and Fine-Tuned Chat Models", Touvron et al.,
2023. The larger models of the family differ in these constants alone.
"""

import math

import keras
from keras import layers, ops

VOCABULARY = 32_000
WIDTH = 4096
HEADS = 32
HEAD_SIZE = WIDTH // HEADS
DEPTH = 32
KV_HEADS = 32  # keys and values; the 70B model shares each among 8 queries
HIDDEN = 11_008


@keras.saving.register_keras_serializable(package="graphc")
class Arange(layers.Layer):
    """ops.arange, with sizes that are known only at run time."""

    def call(self, like):
        return ops.arange(ops.shape(like)[1])


def rotate(x, angle, *, name):
    """Rotary embedding ("RoFormer", Su et al., 2021): every pair of numbers is turned
    by an angle that grows with the token's place, so that the product of a query and a
    key tells their distance.
    """
    a, b = ops.split(x, 2, axis=-1)
    return layers.Concatenate(name=f"{name}.concatenate")(
        [
            a * ops.cos(angle) - b * ops.sin(angle),
            b * ops.cos(angle) + a * ops.sin(angle),
        ]
    )


def attention(x, angle, is_visible, *, name):
    """Apply the `attention` block; its layers' names begin with `name`."""
    q = layers.Dense(HEADS * HEAD_SIZE, use_bias=False, name=f"{name}.query")(x)
    q = layers.Reshape((-1, HEADS, HEAD_SIZE), name=f"{name}.reshape")(q)
    k = layers.Dense(KV_HEADS * HEAD_SIZE, use_bias=False, name=f"{name}.key")(x)
    v = layers.Dense(KV_HEADS * HEAD_SIZE, use_bias=False, name=f"{name}.value")(x)
    k = layers.Reshape((-1, KV_HEADS, HEAD_SIZE), name=f"{name}.reshape_1")(k)
    v = layers.Reshape((-1, KV_HEADS, HEAD_SIZE), name=f"{name}.reshape_2")(v)
    q = rotate(q, angle, name=f"{name}.rotate")
    k = rotate(k, angle, name=f"{name}.rotate_1")
    if KV_HEADS < HEADS:
        k = ops.repeat(k, HEADS // KV_HEADS, axis=2)
        v = ops.repeat(v, HEADS // KV_HEADS, axis=2)

    # What query t and key s have to do with each other, in each head h; d runs over its
    # numbers.
    scores = ops.einsum("bthd,bshd->bhts", q, k) / math.sqrt(HEAD_SIZE)
    scores = ops.softmax(ops.where(is_visible, scores, -1e9), axis=-1)
    y = layers.Reshape((-1, HEADS * HEAD_SIZE), name=f"{name}.reshape_3")(
        ops.einsum("bhts,bshd->bthd", scores, v)
    )
    return layers.Dense(WIDTH, use_bias=False, name=f"{name}.out")(y)


def feed_forward(x, *, name):
    """SwiGLU ("GLU Variants Improve Transformer", Shazeer, 2020): one projection gates
    the other.
    """
    gate = layers.Dense(HIDDEN, activation="silu", use_bias=False, name=f"{name}.gate")(
        x
    )
    up = layers.Dense(HIDDEN, use_bias=False, name=f"{name}.up")(x)
    return layers.Dense(WIDTH, use_bias=False, name=f"{name}.down")(gate * up)


def layer(x, angle, is_visible, *, name):
    """Apply the `layer` block; its layers' names begin with `name`."""
    y = layers.RMSNormalization(epsilon=1e-5, name=f"{name}.norm1")(x)
    x = x + attention(y, angle, is_visible, name=f"{name}.attention")
    y = layers.RMSNormalization(epsilon=1e-5, name=f"{name}.norm2")(x)
    return x + feed_forward(y, name=f"{name}.feed_forward")


def build_llama2_7b():
    """Build the `llama2_7b` model."""
    ids = keras.Input((None,), dtype="int32", name="ids")  # as many tokens as there are
    x = layers.Embedding(VOCABULARY, WIDTH, name="token_embedding")(ids)

    place = Arange()(ids)
    is_visible = place[:, None] >= place  # a token sees itself and those before it
    frequency = ops.power(
        10_000.0, ops.true_divide(ops.arange(0, HEAD_SIZE, 2), -HEAD_SIZE)
    )
    angle = place[:, None, None] * frequency

    for i in range(DEPTH):
        x = layer(x, angle, is_visible, name=f"layer{i}")
    x = layers.RMSNormalization(epsilon=1e-5, name="norm")(x)
    logits = layers.Dense(VOCABULARY, use_bias=False, name="lm_head")(x)
    return keras.Model(ids, logits, name="llama2_7b")


build_model = build_llama2_7b
