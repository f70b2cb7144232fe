"""Models of recurrent layers, cells and wrappers."""

from __future__ import annotations

from tests.differential.harness import keras
from tests.interop.wild.harness import subject

layers, ops = keras.layers, keras.ops
RECURRENT = subject("recurrent")


@RECURRENT.model()
def one_cell_in_two_layers():
    cell = layers.LSTMCell(4, name="the_cell")
    x = keras.Input((5, 3))
    there = layers.RNN(cell, name="there")(x)
    back = layers.RNN(cell, go_backwards=True, name="back")(x)
    # JSON does not say that they are one.
    return keras.models.model_from_json(keras.Model(x, [there, back]).to_json())


@RECURRENT.model()
def stacked():
    cells = layers.StackedRNNCells(
        [layers.LSTMCell(4, recurrent_dropout=0.1), layers.GRUCell(3, reset_after=False),
         layers.SimpleRNNCell(2, activation="relu")]
    )  # fmt: skip
    x = keras.Input((None, 5))
    y, *states = layers.RNN(cells, return_sequences=True, return_state=True)(x)
    return keras.Model(x, [y, *keras.tree.flatten(states)])


@RECURRENT.model()
def states_of_a_stack_handed_on():
    x = keras.Input((None, 5))
    cells = [layers.LSTMCell(4), layers.GRUCell(3)]
    y, lstm, gru = layers.RNN(cells, return_sequences=True, return_state=True)(x)
    cells = [layers.LSTMCell(4), layers.GRUCell(3)]
    z = layers.RNN(cells)(y, initial_state=[lstm, gru])
    both = layers.RNN([layers.LSTMCell(2), layers.LSTMCell(2)], return_state=True)
    return keras.Model(x, [z, *keras.tree.flatten(layers.Bidirectional(both)(x))])


@RECURRENT.model()
def stacked_in_both_directions():
    cells = [layers.LSTMCell(3), layers.LSTMCell(3)]
    x = keras.Input((4, 2))
    y = layers.Bidirectional(layers.RNN(cells, return_sequences=True), merge_mode="sum")(x)
    return keras.Model(x, y)


@RECURRENT.model()
def all_that_an_lstm_has():
    x = keras.Input((6, 3))
    y = layers.LSTM(
        4, activation="relu", recurrent_activation="hard_sigmoid", use_bias=True,
        kernel_initializer="he_normal", recurrent_initializer=keras.initializers.Orthogonal(0.5),
        bias_initializer="ones", unit_forget_bias=False, kernel_regularizer="l2",
        recurrent_regularizer=keras.regularizers.L1(1e-4), bias_regularizer="l1",
        activity_regularizer=keras.regularizers.L1L2(0.1, 0.2), kernel_constraint="max_norm",
        recurrent_constraint=keras.constraints.UnitNorm(axis=1), bias_constraint="non_neg",
        dropout=0.1, recurrent_dropout=0.2, seed=3, return_sequences=True, return_state=False,
        go_backwards=True, unroll=True,
    )(x)  # fmt: skip
    return keras.Model(x, layers.GRU(2, unroll=True, use_bias=False, reset_after=False)(y))


@RECURRENT.model()
def merge_modes():
    x = keras.Input((4, 3))
    made = [
        layers.Bidirectional(layers.GRU(2, return_sequences=True), merge_mode=mode)(x)
        for mode in ("sum", "mul", "ave", "concat")
    ]
    return keras.Model(x, made)


@RECURRENT.model()
def wrapped_with_weights():
    x = keras.Input((4, 3))
    y = layers.Bidirectional(
        layers.LSTM(2, return_sequences=True, name="fwd"),
        backward_layer=layers.LSTM(
            2, return_sequences=True, go_backwards=True, activation="relu", name="bwd"
        ),
        name="both",
    )(x)
    return keras.Model(x, layers.Bidirectional(layers.GRU(2), name="again")(y))


@RECURRENT.model()
def encoder_and_decoder_states():
    source, target = keras.Input((None, 5), name="source"), keras.Input((None, 4), name="target")
    encoder = layers.Bidirectional(layers.LSTM(3, return_state=True, return_sequences=True))
    memory, fh, fc, bh, bc = encoder(source)
    h, c = layers.Concatenate()([fh, bh]), layers.Concatenate()([fc, bc])
    y, *_ = layers.LSTM(6, return_sequences=True, return_state=True)(target, initial_state=[h, c])
    context = layers.AdditiveAttention()([y, memory])
    return keras.Model(
        [source, target], layers.Dense(4, "softmax")(layers.Concatenate()([y, context]))
    )


@RECURRENT.model()
def gru_states():
    x, h = keras.Input((5, 3)), keras.Input((4,))
    y, state = layers.GRU(4, return_state=True, return_sequences=True)(x, initial_state=h)
    z = layers.SimpleRNN(4)(y, initial_state=[state])
    return keras.Model([x, h], [z, state])


@RECURRENT.model()
def masked_all_the_way():
    x = keras.Input((None, 3))
    y = layers.Masking(-1.0)(x)
    y = layers.LSTM(4, return_sequences=True)(y)
    y = layers.Dropout(0.2)(y)
    y = layers.TimeDistributed(layers.Dense(3, activation="tanh"))(y)
    y = layers.Bidirectional(layers.GRU(2, return_sequences=True))(y)
    return keras.Model(x, [layers.GlobalAveragePooling1D()(y), layers.SimpleRNN(2)(y)])


@RECURRENT.model()
def embedding_shared_by_two():
    table = layers.Embedding(20, 4, mask_zero=True, name="table")
    q, d = (
        keras.Input((None,), dtype="int32", name="q"),
        keras.Input((None,), dtype="int32", name="d"),
    )
    reader = layers.LSTM(3, name="reader")
    return keras.Model(
        [q, d], layers.Dot(axes=-1, normalize=True)([reader(table(q)), reader(table(d))])
    )


@RECURRENT.model()
def masks_merge():
    a, b = keras.Input((5,), dtype="int32"), keras.Input((5,), dtype="int32")
    x = layers.Embedding(9, 4, mask_zero=True)(a)
    y = layers.Embedding(9, 4, mask_zero=True)(b)
    made = [
        layers.LSTM(2)(merge([x, y])) for merge in (layers.add, layers.multiply, layers.average)
    ]
    joined = layers.Concatenate(axis=1, name="joined")([x, y])
    return keras.Model([a, b], [*made, layers.GRU(2)(joined)])


@RECURRENT.model()
def lstm_of_pictures():
    x = keras.Input((4, 6, 6, 2))
    y = layers.ConvLSTM2D(3, 3, padding="same", return_sequences=True, dropout=0.1)(x)
    y = layers.BatchNormalization()(y)
    y, h, c = layers.ConvLSTM2D(2, (3, 2), strides=1, return_sequences=True, return_state=True)(y)
    z = layers.Conv3D(1, 3, padding="same", activation="sigmoid")(y)
    return keras.Model(x, [z, h, c])


@RECURRENT.model()
def lstm_of_series():
    x = keras.Input((4, 8, 2))
    y = layers.ConvLSTM1D(3, 3, go_backwards=True, recurrent_activation="sigmoid")(x)
    v = keras.Input((2, 4, 4, 4, 1))
    w = layers.Bidirectional(layers.ConvLSTM1D(2, 3, return_sequences=True))(x)
    return keras.Model([x, v], [y, w, layers.ConvLSTM3D(2, 2)(v)])


@RECURRENT.model()
def repeated_vector():
    x = keras.Input((6, 3))
    code = layers.LSTM(4)(x)
    y = layers.RepeatVector(6)(code)
    y = layers.LSTM(4, return_sequences=True, go_backwards=True)(y)
    return keras.Model(x, layers.TimeDistributed(layers.Dense(3))(y)[:, ::-1])


@RECURRENT.model()
def wrappers_in_wrappers():
    x = keras.Input((3, 4, 5, 2))
    conv = layers.TimeDistributed(layers.TimeDistributed(layers.Conv1D(2, 3, padding="causal")))(x)
    flat = layers.TimeDistributed(layers.TimeDistributed(layers.Flatten()))(conv)
    word = layers.TimeDistributed(layers.Bidirectional(layers.GRU(2), merge_mode="sum"))(flat)
    return keras.Model(x, layers.Bidirectional(layers.LSTM(2))(word))


@RECURRENT.model()
def spectral():
    x = keras.Input((6, 6, 2))
    y = layers.SpectralNormalization(layers.Conv2D(3, 3), power_iterations=2)(x)
    y = layers.LeakyReLU(0.2)(y)
    y = layers.SpectralNormalization(layers.Dense(2, name="inside"), name="outside")(
        layers.Flatten()(y)
    )
    return keras.Model(x, y)


@RECURRENT.model()
def time_major_by_permute():
    x = keras.Input((3, 5))
    y = layers.Permute((2, 1))(x)
    return keras.Model(x, layers.SimpleRNN(2, return_sequences=True, activation=None)(y))


@RECURRENT.model()
def temporal_attention_pooling():
    x = keras.Input((7, 4))
    h = layers.Bidirectional(layers.LSTM(3, return_sequences=True))(x)
    e = layers.Dense(1, activation="tanh", use_bias=False)(h)
    a = layers.Softmax(axis=1)(e)
    context = ops.sum(a * h, axis=1)
    weights = layers.Reshape((7,))(a)
    return keras.Model(x, [layers.Dense(2)(context), weights])


@RECURRENT.model()
def hierarchical_attention():
    words = keras.Input((6,), dtype="int32")
    y = layers.Embedding(20, 4)(words)
    y = layers.GRU(3, return_sequences=True)(y)
    y = layers.Flatten()(layers.Dot(axes=1)([layers.Softmax(axis=1)(layers.Dense(1)(y)), y]))
    sentence = keras.Model(words, y, name="sentence")
    document = keras.Input((4, 6), dtype="int32")
    z = layers.TimeDistributed(sentence)(document)
    return keras.Model(document, layers.Dense(2, "softmax")(layers.GRU(3)(z)))
