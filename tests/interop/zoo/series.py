"""Models of sound, series and tables."""

from __future__ import annotations

from tests.differential.harness import keras
from tests.interop.zoo.entry import animal

layers, ops = keras.layers, keras.ops


@animal()
def tabular():
    numbers = keras.Input((1,), name="age")
    amount = keras.Input((1,), name="amount")
    kind = keras.Input((1,), dtype="int64", name="kind")
    code = keras.Input((1,), dtype="int32", name="zip")
    parts = [
        layers.Normalization(mean=3.0, variance=2.0)(numbers),
        layers.Discretization(bin_boundaries=[0.0, 1.5, 3.0], output_mode="one_hot")(amount),
        layers.CategoryEncoding(num_tokens=5, output_mode="multi_hot")(kind),
        layers.Flatten()(layers.Embedding(16, 3)(code)),
    ]
    x = layers.Concatenate()(parts)
    x = layers.Dense(32, activation="relu")(x)
    x = layers.Dropout(0.5)(x)
    return keras.Model([numbers, amount, kind, code], layers.Dense(1, activation="sigmoid")(x))


@animal(is_fast=True)
def several_losses():
    title = keras.Input((None,), name="title", dtype="int32")
    tags = keras.Input((12,), name="tags")
    x = layers.LSTM(8)(layers.Embedding(50, 8)(title))
    x = layers.concatenate([x, tags])
    priority = layers.Dense(1, name="priority")(x)
    department = layers.Dense(4, name="department")(x)
    model = keras.Model([title, tags], {"priority": priority, "department": department})
    model.compile(
        optimizer=keras.optimizers.RMSprop(1e-3),
        loss={
            "priority": keras.losses.BinaryCrossentropy(from_logits=True),
            "department": keras.losses.CategoricalCrossentropy(from_logits=True),
        },
        loss_weights={"priority": 1.0, "department": 0.2},
        metrics={"priority": ["mae", keras.metrics.AUC(name="auc")], "department": "accuracy"},
    )
    return model


@animal()
def self_normalizing():
    model = keras.Sequential([keras.Input((20,))])
    for units in (32, 32, 16):
        model.add(layers.Dense(units, kernel_initializer="lecun_normal", activation="selu"))
        model.add(layers.AlphaDropout(0.1))
    model.add(layers.Dense(1))
    schedule = keras.optimizers.schedules.ExponentialDecay(1e-2, 1000, 0.9, staircase=True)
    model.compile(
        keras.optimizers.AdamW(schedule, weight_decay=1e-4), "huber", metrics=["mae", "mse"]
    )
    return model


@animal()
def keyword_spotting():
    inputs = keras.Input((800, 1))
    x = layers.Conv1D(8, 80, strides=16)(inputs)
    x = layers.MaxPooling1D(4)(layers.ReLU()(layers.BatchNormalization()(x)))
    for filters in (8, 16):
        x = layers.Conv1D(filters, 3, padding="same", kernel_regularizer="l1")(x)
        x = layers.MaxPooling1D(2, padding="same")(layers.ReLU()(layers.BatchNormalization()(x)))
    x = layers.GlobalAveragePooling1D()(x)
    return keras.Model(inputs, ops.log_softmax(layers.Dense(5)(x)), name="M5")


@animal()
def wavenet():
    inputs = keras.Input((None, 1), name="waveform")
    x = layers.Conv1D(8, 2, padding="causal")(inputs)
    skips = []
    for _ in range(2):
        for dilation in (1, 2, 4, 8):
            tanh = layers.Conv1D(8, 2, dilation_rate=dilation, padding="causal", activation="tanh")
            gate = layers.Conv1D(8, 2, dilation_rate=dilation, padding="causal")
            z = layers.Multiply()([tanh(x), layers.Activation("sigmoid")(gate(x))])
            z = layers.Conv1D(8, 1)(z)
            skips.append(z)
            x = layers.Add()([x, z])
    x = layers.Activation("relu")(layers.Add()(skips))
    x = layers.Conv1D(16, 1, activation="relu")(x)
    return keras.Model(inputs, layers.Conv1D(32, 1, activation="softmax")(x), name="wavenet")


@animal()
def spectrogram():
    inputs = keras.Input((640, 1))
    x = layers.STFTSpectrogram(
        mode="log", frame_length=64, frame_step=32, fft_length=64, trainable=False
    )(inputs)
    x = layers.Conv1D(8, 3, activation="relu")(x)
    return keras.Model(inputs, layers.GlobalMaxPooling1D()(x))


@animal()
def mel():
    inputs = keras.Input((1024,))
    x = layers.MelSpectrogram(fft_length=128, sequence_stride=64, num_mel_bins=16)(inputs)
    x = layers.Permute((2, 1))(x)
    return keras.Model(inputs, layers.GRU(4)(x))


@animal()
def frames_of_video():
    model = keras.Sequential(
        [
            keras.Input((None, 16, 16, 1)),
            layers.ConvLSTM2D(4, (5, 5), padding="same", return_sequences=True, activation="relu"),
            layers.BatchNormalization(),
            layers.ConvLSTM2D(4, (3, 3), padding="same", return_sequences=True),
            layers.BatchNormalization(),
            layers.Conv3D(1, (3, 3, 3), activation="sigmoid", padding="same"),
        ]
    )
    model.compile(loss=keras.losses.binary_crossentropy, optimizer=keras.optimizers.Adam())
    return model


@animal()
def temporal_convolutions():
    inputs = keras.Input((32, 4))
    x = inputs
    for level in range(3):
        y = x
        for _ in range(2):
            y = layers.ZeroPadding1D((2 * 2**level, 0))(y)
            y = layers.Conv1D(8, 3, dilation_rate=2**level, activation="relu")(y)
            y = layers.SpatialDropout1D(0.1)(y)
        if x.shape[-1] != 8:
            x = layers.Conv1D(8, 1)(x)
        x = ops.relu(x + y)
    return keras.Model(inputs, layers.Dense(1)(x[:, -1]), name="tcn")


@animal()
def states_of_gru():
    inputs = keras.Input((10, 3))
    x, state = layers.GRU(6, return_sequences=True, return_state=True)(inputs)
    y = layers.GRU(6, return_sequences=True, go_backwards=True)(x, initial_state=state)
    z = layers.SimpleRNN(4, unroll=True)(y)
    return keras.Model(inputs, [z, state])


@animal()
def video_classifier():
    cnn = keras.Sequential(
        [keras.Input((16, 16, 3)), layers.Conv2D(4, 3), layers.GlobalAveragePooling2D()], name="cnn"
    )
    inputs = keras.Input((5, 16, 16, 3))
    x = layers.TimeDistributed(cnn)(inputs)
    x = layers.LSTM(6)(x)
    return keras.Model(inputs, layers.Dense(3, activation="softmax")(x))


@animal()
def time_distributed_layers():
    model = keras.Sequential([keras.Input((4, 16, 16, 1))])
    model.add(layers.TimeDistributed(layers.Conv2D(4, 3, activation="relu")))
    model.add(layers.TimeDistributed(layers.MaxPooling2D(2)))
    model.add(layers.TimeDistributed(layers.Flatten()))
    model.add(layers.LSTM(8, return_sequences=False))
    model.add(layers.Dense(1))
    return model


@animal()
def stacked_cells():
    inputs = keras.Input((8, 5))
    cells = [layers.GRUCell(4), layers.LSTMCell(3), layers.SimpleRNNCell(6)]
    x = layers.RNN(cells, return_sequences=True)(inputs)
    y = layers.RNN(layers.StackedRNNCells([layers.LSTMCell(3), layers.LSTMCell(4)]))(x)
    return keras.Model(inputs, y)


@animal()
def forecaster():
    past = keras.Input((24, 3), name="past")
    future = keras.Input((6, 2), name="known_future")
    x, h, c = layers.LSTM(8, return_sequences=True, return_state=True)(past)
    y = layers.LSTM(8, return_sequences=True)(future, initial_state=[h, c])
    a = layers.AdditiveAttention()([y, x])
    y = layers.Concatenate()([y, a])
    glu = layers.Dense(16)(y)
    left, right = ops.split(glu, 2, axis=-1)
    y = layers.LayerNormalization()(left * ops.sigmoid(right))
    quantiles = [layers.Dense(1, name=f"q{q}")(y) for q in (10, 50, 90)]
    return keras.Model([past, future], layers.Concatenate(name="quantiles")(quantiles))


@animal()
def nbeats():
    residual = inputs = keras.Input((20,))
    forecast = None
    for _ in range(3):
        h = residual
        for _ in range(2):
            h = layers.Dense(16, activation="relu")(h)
        theta = layers.Dense(25)(h)
        backcast, ahead = theta[:, :20], theta[:, -5:]
        residual = layers.subtract([residual, backcast])
        forecast = ahead if forecast is None else layers.add([forecast, ahead])
    return keras.Model(inputs, forecast, name="N-BEATS")


@animal()
def anomaly_autoencoder():
    model = keras.Sequential(
        [
            layers.Input(shape=(32, 1)),
            layers.Conv1D(8, 7, padding="same", strides=2, activation="relu"),
            layers.Dropout(rate=0.2),
            layers.Conv1D(4, 7, padding="same", strides=2, activation="relu"),
            layers.Conv1DTranspose(4, 7, padding="same", strides=2, activation="relu"),
            layers.Dropout(rate=0.2),
            layers.Conv1DTranspose(8, 7, padding="same", strides=2, activation="relu"),
            layers.Conv1DTranspose(1, 7, padding="same"),
        ]
    )
    model.compile(optimizer=keras.optimizers.Adam(learning_rate=0.001), loss="mse")
    return model


@animal()
def dueling_q():
    state = keras.Input((84, 84, 4), dtype="uint8")
    x = ops.cast(state, "float32") / 255.0
    x = layers.Conv2D(4, 8, strides=4, activation="relu")(x)
    x = layers.Conv2D(8, 4, strides=2, activation="relu")(x)
    x = layers.Flatten()(x)
    value = layers.Dense(1)(layers.Dense(16, "relu")(x))
    advantage = layers.Dense(6)(layers.Dense(16, "relu")(x))
    q = value + (advantage - ops.mean(advantage, axis=1, keepdims=True))
    return keras.Model(state, q, name="dueling_dqn")


@animal()
def actor_critic():
    inputs = keras.Input(shape=(4,))
    common = layers.Dense(16, activation="relu")(inputs)
    action = layers.Dense(2, activation="softmax")(common)
    critic = layers.Dense(1)(common)
    return keras.Model(inputs=inputs, outputs=[action, critic])


@animal()
def deterministic_policy():
    state, action = keras.Input((3,)), keras.Input((1,))
    s = layers.Dense(16, activation="relu")(state)
    s = layers.Dense(32, activation="relu")(s)
    a = layers.Dense(32, activation="relu")(action)
    x = layers.Concatenate()([s, a])
    init = keras.initializers.RandomUniform(minval=-0.003, maxval=0.003, seed=3)
    x = layers.Dense(16, activation="relu", kernel_initializer=init)(x)
    return keras.Model([state, action], layers.Dense(1)(x))


@animal()
def graph_network():
    nodes = keras.Input((6, 4), name="nodes")
    adjacency = keras.Input((6, 6), name="adjacency")
    degree = ops.sum(adjacency, axis=-1, keepdims=True)
    x = nodes
    for units in (8, 8):
        x = ops.matmul(adjacency, layers.Dense(units)(x)) / ops.maximum(degree, 1.0)
        x = ops.leaky_relu(x, negative_slope=0.1)
    return keras.Model([nodes, adjacency], ops.max(x, axis=1), name="gcn")


@animal()
def point_net():
    inputs = keras.Input((32, 3))
    x = layers.Conv1D(8, 1, padding="valid")(inputs)
    x = layers.Activation("relu")(layers.BatchNormalization(momentum=0.0)(x))
    x = layers.GlobalMaxPooling1D()(x)
    bias = keras.initializers.Constant([1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0])
    x = layers.Dense(9, kernel_initializer="zeros", bias_initializer=bias)(x)
    transform = layers.Reshape((3, 3))(x)
    y = layers.Dot(axes=(2, 1))([inputs, transform])
    return keras.Model(inputs, y, name="pointnet")


@animal()
def mixture_of_experts():
    inputs = keras.Input((8,))
    gates = layers.Dense(4, activation="softmax", name="gate")(inputs)
    experts = [layers.Dense(6, activation="relu", name=f"expert_{i}")(inputs) for i in range(4)]
    stacked = ops.stack(experts, axis=1)
    mixed = ops.sum(stacked * ops.expand_dims(gates, -1), axis=1)
    best, _ = ops.top_k(gates, 2)
    return keras.Model(inputs, [layers.Dense(1)(mixed), best], name="moe")
