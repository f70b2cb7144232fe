"""Calls of layers with all that Keras lets them be given: at its default, as None, by its name."""

from __future__ import annotations

from tests.differential.harness import keras
from tests.interop.wild.harness import subject

layers, ops = keras.layers, keras.ops
CALLING = subject("calling")


@CALLING.model(is_fast=True)
def states_that_are_none():
    x = keras.Input((5, 4))
    made = [
        layers.LSTM(3)(x, initial_state=None),
        layers.GRU(3)(x, None),
        layers.SimpleRNN(2)(x, initial_state=None, mask=None, training=None),
        layers.Bidirectional(layers.LSTM(2))(x, initial_state=None, training=None),
    ]
    return keras.Model(x, [*made, layers.LSTM(2)(x)])


@CALLING.model()
def states_and_their_defaults():
    x, h, c = keras.Input((5, 4)), keras.Input((3,)), keras.Input((3,))
    made = [
        layers.LSTM(3)(x, initial_state=[h, c], training=False),
        layers.GRU(3)(x, h),
        layers.GRU(3)(x, initial_state=h, mask=None),
        layers.ConvLSTM1D(2, 1)(ops.expand_dims(x, 2), initial_state=None, training=False),
    ]
    return keras.Model([x, h, c], made)


@CALLING.model(is_fast=True)
def training_in_so_many_words():
    x = keras.Input((5, 4))
    y = layers.BatchNormalization()(x, training=False)
    y = layers.Dropout(0.3)(y, training=False)
    y = layers.Dropout(0.2)(layers.BatchNormalization()(y, training=None), training=None)
    y = layers.TimeDistributed(layers.Dense(3))(y, training=False)
    z = layers.LSTM(3)(y, training=False)
    return keras.Model(x, [z, layers.GaussianNoise(0.1)(layers.BatchNormalization()(z))])


@CALLING.model()
def training_of_models():
    x = keras.Input((4,))
    inner = keras.Model(x, layers.Dropout(0.2)(layers.Dense(4)(x)), name="inner")
    y = keras.Input((4,))
    made = [inner(y, training=False), inner(y, training=None), inner(y, mask=None), inner(y)]
    return keras.Model(y, made)


@CALLING.model()
def training_of_images():
    x = keras.Input((8, 8, 3))
    flip = layers.RandomFlip
    made = [flip()(x, training=False), flip()(x, training=True), flip()(x)]
    return keras.Model(x, [*made, layers.Resizing(3, 3)(x)])


@CALLING.model()
def attention_at_its_defaults():
    x = keras.Input((5, 4))
    made = [
        layers.MultiHeadAttention(2, 2)(
            x, x, use_causal_mask=False, attention_mask=None, return_attention_scores=False
        ),
        layers.MultiHeadAttention(2, 2)(x, x, None),
        layers.MultiHeadAttention(2, 2)(query=x, value=x, key=None, query_mask=None),
        layers.Attention()([x, x], use_causal_mask=False),
        layers.AdditiveAttention()([x, x], mask=None),
        layers.Attention()([x, x], mask=[None, None]),
        layers.Softmax()(x, mask=None),
    ]
    return keras.Model(x, made)


@CALLING.model(is_fast=True)
def first_tensors_by_name():
    x, m = keras.Input((5, 4)), keras.Input((5,), dtype="bool")
    made = [
        layers.Dense(3)(inputs=x),
        layers.LSTM(3)(sequences=x),
        layers.GRU(3)(sequences=x, mask=m, training=False),
        layers.Add()(inputs=[x, x]),
        layers.Attention()(inputs=[x, x]),
        layers.BatchNormalization()(inputs=x),
    ]
    return keras.Model([x, m], made)


@CALLING.model()
def embeddings_both_ways():
    x = keras.Input((5,), dtype="int32")
    table = layers.ReversibleEmbedding(5, 4)
    return keras.Model(x, table(table(x, reverse=False), reverse=True))


@CALLING.model()
def whole_numbers_to_all():
    # Keras casts them, and then writes down no mask and no `training`.
    x = keras.Input((5, 4), dtype="int32")
    made = [
        layers.LSTM(3)(x),
        layers.BatchNormalization()(x),
        layers.TimeDistributed(layers.Dense(2))(x),
    ]
    return keras.Model(x, made)


@CALLING.model(is_fast=True)
def masks_for_models():
    x = keras.Input((5, 4))
    one = keras.Model(x, [layers.GRU(3)(x), layers.GlobalAveragePooling1D()(x)], name="one")
    row = keras.Sequential([keras.Input((5, 4)), layers.Dense(4), layers.LSTM(2)], name="row")
    a, b = keras.Input((5, 4)), keras.Input((5, 4))
    both = keras.Model([a, b], [layers.GRU(3)(a), layers.LSTM(3)(b)], name="both")
    y, m = keras.Input((5, 4)), keras.Input((5,), dtype="bool")
    n = ops.logical_not(m)
    made = [*one(y, mask=m), row(y, mask=n), *both([y, y], mask=[n, m]), *one(y), row(y, mask=m)]
    return keras.Model([y, m], made)
