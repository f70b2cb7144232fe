"""Models with all kinds of layers that have weights, in both languages."""

from __future__ import annotations

from tests.differential.building_blocks.case import Cases
from tests.differential.harness import keras

CASES = Cases()
case = CASES.case
layers = keras.layers


def image(*dims, name="x"):
    return keras.Input(dims, name=name)


@case("""
model net {
    input x: [8, 8, 3]
    y = x -> Conv2D(4, 3) -> DepthwiseConv2D(3) -> SeparableConv2D(6, 3, padding="same")
        -> Conv2DTranspose(2, 3, use_bias=False) -> PReLU(shared_axes=[1, 2])
    output y -> Flatten() -> Dense(3)
}
""")
def convolutions():
    x = image(8, 8, 3)
    y = layers.DepthwiseConv2D(3)(layers.Conv2D(4, 3)(x))
    y = layers.SeparableConv2D(6, 3, padding="same")(y)
    y = layers.PReLU(shared_axes=[1, 2])(layers.Conv2DTranspose(2, 3, use_bias=False)(y))
    return keras.Model(x, layers.Dense(3)(layers.Flatten()(y)))


@case("""
model net {
    input x: [8, 6]
    y = x -> Normalization() -> BatchNormalization() -> LayerNormalization() -> RMSNormalization()
        -> GroupNormalization(2) -> UnitNormalization() -> BatchNormalization(renorm=True)
    output y -> SpectralNormalization(Dense(3)), y -> SpectralNormalization(Conv1D(3, 2))
}
""")
def normalizations():
    x = image(8, 6)
    y = layers.BatchNormalization()(layers.Normalization()(x))
    y = layers.RMSNormalization()(layers.LayerNormalization()(y))
    y = layers.UnitNormalization()(layers.GroupNormalization(2)(y))
    y = layers.BatchNormalization(renorm=True)(y)
    dense = layers.SpectralNormalization(layers.Dense(3))(y)
    return keras.Model(x, [dense, layers.SpectralNormalization(layers.Conv1D(3, 2))(y)])


@case("""
model net {
    input x: [7, 4]
    a = x -> LSTM(3, return_sequences=True) -> GRU(5, return_sequences=True)
    b = x -> Bidirectional(LSTM(3, return_sequences=True))
    c = x -> Bidirectional(SimpleRNN(2), backward_layer=GRU(2, go_backwards=True))
    output a -> RNN([LSTMCell(2), LSTMCell(3), GRUCell(3)]), b -> TimeDistributed(Dense(2)), c
    output x -> GRU(2, reset_after=False) -> Dense(1)
}
""")
def recurrent():
    x = image(7, 4)
    a = layers.GRU(5, return_sequences=True)(layers.LSTM(3, return_sequences=True)(x))
    b = layers.Bidirectional(layers.LSTM(3, return_sequences=True))(x)
    c = layers.Bidirectional(layers.SimpleRNN(2), backward_layer=layers.GRU(2, go_backwards=True))(
        x
    )
    cells = [layers.LSTMCell(2), layers.LSTMCell(3), layers.GRUCell(3)]
    outputs = [layers.RNN(cells)(a), layers.TimeDistributed(layers.Dense(2))(b), c]
    return keras.Model(x, [*outputs, layers.Dense(1)(layers.GRU(2, reset_after=False)(x))])


@case("""
model net {
    input x: [4, 8, 8, 2]
    output x -> ConvLSTM2D(3, 3, return_sequences=True) -> Bidirectional(ConvLSTM2D(2, 2))
}
""")
def convolutional_recurrent():
    x = image(4, 8, 8, 2)
    y = layers.ConvLSTM2D(3, 3, return_sequences=True)(x)
    return keras.Model(x, layers.Bidirectional(layers.ConvLSTM2D(2, 2))(y))


@case("""
model net {
    input q: [5, 6]
    input v: [7, 6]
    a = (q, v) -> MultiHeadAttention(2, 3, use_gate=True)
    b = (q, v) -> GroupQueryAttention(3, 4, 2, use_gate=True)
    c = (q, v) -> GroupQueryAttention(3, 4, 2, use_bias=False)
    d = [q, v] -> AdditiveAttention()
    output [a, b, c, d] -> Add(), [q, v] -> Attention(use_scale=True, score_mode="concat")
}
""")
def attention():
    q, v = image(5, 6, name="q"), image(7, 6, name="v")
    a = layers.MultiHeadAttention(2, 3, use_gate=True)(q, v)
    b = layers.GroupQueryAttention(3, 4, 2, use_gate=True)(q, v)
    c = layers.GroupQueryAttention(3, 4, 2, use_bias=False)(q, v)
    d = layers.AdditiveAttention()([q, v])
    e = layers.Attention(use_scale=True, score_mode="concat")([q, v])
    return keras.Model([q, v], [layers.Add()([a, b, c, d]), e])


@case("""
model net {
    input ids: int32[7]
    x = ids -> Embedding(9, 4) -> EinsumDense("abc,cd->abd", [None, 5], bias_axes="d")
    output x, ids -> ReversibleEmbedding(9, 4, tie_weights=False)
}
""")
def tables():
    ids = keras.Input((7,), dtype="int32", name="ids")
    x = layers.EinsumDense("abc,cd->abd", (None, 5), bias_axes="d")(layers.Embedding(9, 4)(ids))
    return keras.Model(ids, [x, layers.ReversibleEmbedding(9, 4, tie_weights=False)(ids)])


@case("""
sequential tower {
    input [8]
    Dense(8)
    BatchNormalization()
    Dense(4)
}
model pair {
    input a: [8]
    input b: [8]
    output [a -> tower, b -> tower(), a -> Dense(4)] -> Add()
}
model net {
    input a: [8]
    input b: [8]
    input s: [3, 8]
    shared = Dense(8)
    output (a -> shared, b) -> pair, a -> tower -> Dense(2), s -> TimeDistributed(shared)
    output s -> TimeDistributed(tower())
}
""")
def nested():
    def make_tower(name):
        dense = layers.Dense(8, name="dense"), layers.Dense(4, name="dense_1")
        norm = layers.BatchNormalization(name="batch_normalization")
        parts = [keras.Input((8,)), dense[0], norm, dense[1]]
        return keras.Sequential(parts, name=name)

    tower = make_tower("tower")
    a, b = image(8, name="a"), image(8, name="b")
    outer = layers.Dense(4, name="dense")(a)
    total = layers.Add(name="add")([tower(a), make_tower("tower_1")(b), outer])
    pair = keras.Model([a, b], total, name="pair")
    a, b, s = image(8, name="a"), image(8, name="b"), image(3, 8, name="s")
    shared = layers.Dense(8, name="dense")
    last = layers.Dense(2, name="dense_1")(tower(a))
    outputs = [pair([shared(a), b]), last, layers.TimeDistributed(shared)(s)]
    return keras.Model([a, b, s], [*outputs, layers.TimeDistributed(make_tower("sequential"))(s)])


@case("""
model net {
    input x: [600, 2]
    output x -> STFTSpectrogram(frame_length=32, frame_step=16, fft_length=32)
        -> Pipeline([Rescaling(2.0), Normalization()])
}
""")
def preprocessing():
    x = image(600, 2)
    y = layers.STFTSpectrogram(frame_length=32, frame_step=16, fft_length=32)(x)
    return keras.Model(x, layers.Pipeline([layers.Rescaling(2.0), layers.Normalization()])(y))


@case("""
model net {
    input x: [6]
    fixed = Dense(4, trainable=False)
    output x -> fixed -> BatchNormalization(trainable=False) -> Dense(3, dtype="float16")
        -> Dense(2, dtype="bfloat16")
}
""")
def dtypes():
    x = image(6)
    y = layers.BatchNormalization(trainable=False)(layers.Dense(4, trainable=False)(x))
    y = layers.Dense(3, dtype="float16")(y)
    return keras.Model(x, layers.Dense(2, dtype="bfloat16")(y))


# Files of Keras' own layout hold the sum, and the low-rank part is 0 when it is read.
LOW_RANK = Cases()


@LOW_RANK.case("""
model net {
    input x: [8, 6]
    input ids: int32[8]
    y = [x -> Dense(6, lora_rank=2), ids -> Embedding(9, 6, lora_rank=3)] -> Add()
        -> EinsumDense("abc,cd->abd", [None, 5], bias_axes="d", lora_rank=2, lora_alpha=3)
    output y -> Conv1D(4, 2, lora_rank=2)
}
""")
def low_rank():
    x, ids = image(8, 6), keras.Input((8,), dtype="int32", name="ids")
    sum_ = layers.Add()([layers.Dense(6, lora_rank=2)(x), layers.Embedding(9, 6, lora_rank=3)(ids)])
    y = layers.EinsumDense("abc,cd->abd", (None, 5), bias_axes="d", lora_rank=2, lora_alpha=3)(sum_)
    return keras.Model([x, ids], layers.Conv1D(4, 2, lora_rank=2)(y))
