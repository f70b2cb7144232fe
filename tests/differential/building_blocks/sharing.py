"""One layer in several places: its weights count once."""

from __future__ import annotations

from keras import Input, Model, Sequential, layers

from tests.differential.building_blocks.case import Cases

CASES = Cases()
case = CASES.case


@case("""
model net {
    input frames: [5, 8]
    input x: [8]
    shared = Dense(4)
    output frames -> TimeDistributed(shared), x -> shared, frames -> TimeDistributed(shared)
}
""")
def wrapped_and_direct() -> Model:
    frames, x = Input((5, 8), name="frames"), Input((8,), name="x")
    shared = layers.Dense(4)
    outputs = [
        layers.TimeDistributed(shared)(frames),
        shared(x),
        layers.TimeDistributed(shared)(frames),
    ]
    return Model([frames, x], outputs)


@case("""
model frame {
    input image: [8]
    output image -> Dense(4, relu) -> Dense(2)
}
model net {
    input frames: [5, 8]
    input x: [8]
    output frames -> TimeDistributed(frame), x -> frame, frames -> TimeDistributed(frame())
}
""")
def model_by_its_name() -> Model:
    def frame() -> Model:
        image = Input((8,), name="image")
        x = layers.Dense(4, "relu", name="dense")(image)
        return Model(image, layers.Dense(2, name="dense_1")(x), name="frame")

    frames, x, shared = Input((5, 8), name="frames"), Input((8,), name="x"), frame()
    outputs = [
        layers.TimeDistributed(shared)(frames),
        shared(x),
        layers.TimeDistributed(frame())(frames),
    ]
    return Model([frames, x], outputs)


@case("""
sequential encoder {
    Dense(4, relu)
    Dense(2)
}
model net {
    input x: [8]
    output x -> Pipeline([encoder, Dropout(0.5)]), x -> encoder
}
""")
def sequential_in_a_list() -> Model:
    x = Input((8,), name="x")
    encoder = Sequential([layers.Dense(4, "relu"), layers.Dense(2)], name="encoder")
    return Model(x, [layers.Pipeline([encoder, layers.Dropout(0.5)])(x), encoder(x)])


@case("""
model net {
    input x: [5, 8]
    cell = LSTMCell(8)
    output x -> RNN([cell, cell]), x -> RNN(cell), x -> RNN([LSTMCell(8), LSTMCell(8)])
}
""")
def cells() -> Model:
    x, cell = Input((5, 8), name="x"), layers.LSTMCell(8)
    two = [layers.LSTMCell(8), layers.LSTMCell(8)]
    return Model(x, [layers.RNN([cell, cell])(x), layers.RNN(cell)(x), layers.RNN(two)(x)])


@case("""
model net {
    input x: [5, 8]
    forwards = LSTM(4)
    backwards = LSTM(4, go_backwards=True)
    a = x -> forwards
    b = x -> backwards
    c = x -> Bidirectional(forwards)
    output a, b, c, x -> Bidirectional(LSTM(4), backward_layer=backwards)
}
""")
def directions() -> Model:
    """A layer for both directions is copied; one for the way back is itself."""
    x = Input((5, 8), name="x")
    forwards, backwards = layers.LSTM(4), layers.LSTM(4, go_backwards=True)
    both = layers.Bidirectional(forwards)
    a, b, c = forwards(x), backwards(x), both(x)
    return Model(x, [a, b, c, layers.Bidirectional(layers.LSTM(4), backward_layer=backwards)(x)])


@case("""
model tower(layer=Dense(4)) {
    input x: [8]
    output x -> layer -> Dense(3)
}
model net {
    input x: [8]
    input frames: [5, 8]
    shared = Dense(4)
    a = x -> tower(shared)
    b = x -> tower(shared)
    output a, b, x -> shared, frames -> TimeDistributed(tower(shared)), x -> tower(), x -> tower()
}
""")
def given_to_models() -> Model:
    def tower(name: str, layer: layers.Layer | None = None) -> Model:
        given = Input((8,), name="x")
        first = layer or layers.Dense(4, name="dense")
        return Model(given, layers.Dense(3)(first(given)), name=name)

    x, frames, shared = Input((8,), name="x"), Input((5, 8), name="frames"), layers.Dense(4)
    outputs = [
        tower("tower", shared)(x),
        tower("tower_1", shared)(x),
        shared(x),
        layers.TimeDistributed(tower("tower_2", shared))(frames),
        tower("tower_3")(x),
        tower("tower_4")(x),
    ]
    return Model([x, frames], outputs)


@case("""
model net {
    input x: [8]
    shared = Dense(8)
    output x -> shared -> SpectralNormalization(shared)
}
""")
def normalized() -> Model:
    x, shared = Input((8,), name="x"), layers.Dense(8)
    return Model(x, layers.SpectralNormalization(shared)(shared(x)))
