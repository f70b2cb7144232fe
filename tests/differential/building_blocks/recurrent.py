"""Recurrent networks."""

from __future__ import annotations

from typing import Any

from keras import Input, Model, layers

from tests.differential.building_blocks.case import Cases

Tensor = Any
CASES = Cases()
case = CASES.case


@case("""
model net {
    input words: int32[T]
    x = words -> Embedding(100, 8)
    x = x -> Bidirectional(LSTM(6, return_sequences=True)) -> Dropout(0.5)
    x = x -> Bidirectional(GRU(4, return_sequences=True), merge_mode="sum") as second
    output tags = x -> TimeDistributed(Dense(5, softmax)), x -> LSTM(3) -> Dense(1)
}
""")
def tagger() -> Model:
    words = Input((None,), dtype="int32", name="words")
    x = layers.Embedding(100, 8)(words)
    x = layers.Dropout(0.5)(layers.Bidirectional(layers.LSTM(6, return_sequences=True))(x))
    inner = layers.GRU(4, return_sequences=True)
    x = layers.Bidirectional(inner, merge_mode="sum", name="second")(x)
    tags = layers.TimeDistributed(layers.Dense(5, "softmax"))(x)
    return Model(words, [tags, layers.Dense(1)(layers.LSTM(3)(x))])


@case("""
model net {
    input source: [T, 5]
    input target: [S, 7]
    _, h, c = source -> LSTM(6, return_state=True) as encoder
    y, _, _ = (target, initial_state=[h, c]) -> LSTM(6, return_sequences=True, return_state=True) as decoder
    output y -> Dense(7, softmax)
}
""")
def sequence_to_sequence() -> Model:
    source, target = Input((None, 5), name="source"), Input((None, 7), name="target")
    _, h, c = layers.LSTM(6, return_state=True, name="encoder")(source)
    decoder = layers.LSTM(6, return_sequences=True, return_state=True, name="decoder")
    y, _, _ = decoder(target, initial_state=[h, c])
    return Model([source, target], layers.Dense(7, "softmax")(y))


@case("""
model net {
    input frames: [10, 16, 16, 1]
    x = frames -> ConvLSTM2D(4, 3, padding="same", return_sequences=True) -> BatchNormalization()
    x = x -> ConvLSTM2D(4, 3, padding="same") -> Conv2D(1, 3, padding="same", activation=sigmoid)
    y = frames -> TimeDistributed(Conv2D(2, 3, strides=2)) -> TimeDistributed(Flatten()) -> SimpleRNN(3)
    output x, y
}
""")
def frames() -> Model:
    given = Input((10, 16, 16, 1), name="frames")
    x = layers.ConvLSTM2D(4, 3, padding="same", return_sequences=True)(given)
    x = layers.ConvLSTM2D(4, 3, padding="same")(layers.BatchNormalization()(x))
    x = layers.Conv2D(1, 3, padding="same", activation="sigmoid")(x)
    y = layers.TimeDistributed(layers.Conv2D(2, 3, strides=2))(given)
    y = layers.SimpleRNN(3)(layers.TimeDistributed(layers.Flatten())(y))
    return Model(given, [x, y])


@case("""
model net {
    input x: [T, 4]
    y = x -> RNN([LSTMCell(6), GRUCell(3)], return_sequences=True)
    output y -> RNN(StackedRNNCells([SimpleRNNCell(2), LSTMCell(2)])), y -> RNN(GRUCell(5), go_backwards=True)
}
""")
def cells() -> Model:
    x = Input((None, 4), name="x")
    y = layers.RNN([layers.LSTMCell(6), layers.GRUCell(3)], return_sequences=True)(x)
    stacked = layers.StackedRNNCells([layers.SimpleRNNCell(2), layers.LSTMCell(2)])
    return Model(x, [layers.RNN(stacked)(y), layers.RNN(layers.GRUCell(5), go_backwards=True)(y)])
