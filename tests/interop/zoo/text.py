"""Models of text and of what people choose."""

from __future__ import annotations

from tests.differential.harness import keras
from tests.interop.zoo.entry import animal

layers, ops = keras.layers, keras.ops


@animal()
def sentiment():
    model = keras.Sequential()
    model.add(keras.Input((None,), dtype="int32"))
    model.add(layers.Embedding(input_dim=100, output_dim=16, mask_zero=True))
    model.add(layers.SpatialDropout1D(0.2))
    model.add(layers.LSTM(16, dropout=0.2, recurrent_dropout=0.2))
    model.add(layers.Dense(1, activation="sigmoid"))
    model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


@animal()
def masked_functional():
    ids = keras.Input((12,), dtype="int64", name="ids")
    x = layers.Embedding(50, 8, mask_zero=True)(ids)
    x = layers.Bidirectional(layers.LSTM(6, return_sequences=True))(x)
    x = layers.Dropout(0.1)(x)
    x = layers.Bidirectional(layers.GRU(4, return_sequences=True), merge_mode="sum")(x)
    x = layers.TimeDistributed(layers.Dense(5, activation="softmax"))(x)
    model = keras.Model(ids, x, name="tagger")
    model.compile("rmsprop", keras.losses.SparseCategoricalCrossentropy(ignore_class=0))
    return model


@animal()
def text_cnn():
    ids = keras.Input((20,), dtype="int32")
    x = layers.Embedding(100, 12, name="embedding")(ids)
    x = layers.Reshape((20, 12, 1))(x)
    pooled = []
    for size in (3, 4, 5):
        conv = layers.Conv2D(6, (size, 12), activation="relu")(x)
        pooled.append(layers.MaxPool2D((20 - size + 1, 1), strides=(1, 1))(conv))
    x = layers.Flatten()(layers.Concatenate(axis=1)(pooled))
    x = layers.Dropout(0.5)(x)
    return keras.Model(ids, layers.Dense(2, "softmax", kernel_regularizer="l2")(x), name="TextCNN")


def encoder_layer(x, mask, heads, width, rate=0.1):
    a = layers.MultiHeadAttention(heads, width // heads)(x, x, attention_mask=mask)
    x = layers.LayerNormalization(epsilon=1e-6)(x + layers.Dropout(rate)(a))
    f = layers.Dense(width * 2, activation="relu")(x)
    f = layers.Dropout(rate)(layers.Dense(width)(f))
    return layers.LayerNormalization(epsilon=1e-6)(x + f)


@animal()
def transformer_encoder():
    ids = keras.Input((None,), dtype="int32", name="token_ids")
    padding = keras.Input((None,), dtype="int32", name="padding_mask")
    x = layers.Embedding(100, 16)(ids) * ops.sqrt(16.0)
    positions = ops.cumsum(ops.ones_like(ids), axis=1) - 1
    x = x + layers.Embedding(64, 16, name="positions")(positions)
    mask = ops.cast(padding, "bool")[:, None, :]
    for _ in range(2):
        x = encoder_layer(x, mask, 4, 16)
    pooled = layers.Dense(16, activation="tanh", name="pooler")(x[:, 0, :])
    return keras.Model(
        {"token_ids": ids, "padding_mask": padding},
        {"sequence_output": x, "pooled_output": pooled},
        name="bert_tiny",
    )


@animal()
def fixed_transformer():
    ids = keras.Input((10,), dtype="int32")
    padding = keras.Input((10,), dtype="bool")
    x = layers.Embedding(100, 16)(ids)
    x = x + layers.Embedding(10, 16)(ops.arange(10))
    for _ in range(2):
        x = encoder_layer(x, padding[:, None, :], 2, 16)
    return keras.Model([ids, padding], layers.Dense(3)(layers.GlobalMaxPool1D()(x)))


@animal()
def transformer_translation():
    source = keras.Input((None,), dtype="int64", name="encoder_inputs")
    target = keras.Input((None,), dtype="int64", name="decoder_inputs")
    x = layers.Embedding(60, 16, mask_zero=True)(source)
    a = layers.MultiHeadAttention(num_heads=2, key_dim=8)(query=x, value=x, key=x)
    x = layers.LayerNormalization()(x + a)
    f = keras.Sequential([layers.Dense(32, activation="relu"), layers.Dense(16)])(x)
    encoded = layers.LayerNormalization()(x + f)
    y = layers.Embedding(60, 16, mask_zero=True)(target)
    b = layers.MultiHeadAttention(2, 8)(query=y, value=y, key=y, use_causal_mask=True)
    y = layers.LayerNormalization()(layers.add([y, b]))
    c = layers.MultiHeadAttention(2, 8)(query=y, value=encoded, key=encoded)
    y = layers.LayerNormalization()(layers.add([y, c]))
    y = layers.Dropout(0.5)(y)
    return keras.Model([source, target], layers.Dense(60, "softmax")(y), name="transformer")


@animal()
def language_model():
    ids = keras.Input((None,), dtype="int32")
    table = layers.ReversibleEmbedding(80, 16, name="token_embedding")
    x = table(ids)
    for index in range(2):
        y = layers.RMSNormalization(name=f"layer{index}_norm1")(x)
        y = layers.GroupQueryAttention(4, 4, 2, name=f"layer{index}_attention")(
            y, y, use_causal_mask=True
        )
        x = layers.Add(name=f"layer{index}_add1")([x, y])
        y = layers.RMSNormalization(name=f"layer{index}_norm2")(x)
        gate = layers.Dense(32, "silu", use_bias=False, name=f"layer{index}_gate")(y)
        up = layers.Dense(32, use_bias=False, name=f"layer{index}_up")(y)
        y = layers.Dense(16, use_bias=False, name=f"layer{index}_down")(gate * up)
        x = layers.Add(name=f"layer{index}_add2")([x, y])
    logits = table(layers.RMSNormalization(name="final")(x), reverse=True)
    return keras.Model(ids, logits, name="llama_tiny")


@animal(is_fast=True)
def seq2seq():
    encoder_inputs = keras.Input(shape=(None, 10))
    encoder = layers.LSTM(8, return_state=True)
    _, state_h, state_c = encoder(encoder_inputs)
    encoder_states = [state_h, state_c]
    decoder_inputs = keras.Input(shape=(None, 12))
    decoder_lstm = layers.LSTM(8, return_sequences=True, return_state=True)
    decoder_outputs, _, _ = decoder_lstm(decoder_inputs, initial_state=encoder_states)
    decoder_dense = layers.Dense(12, activation="softmax")
    decoder_outputs = decoder_dense(decoder_outputs)
    return keras.Model([encoder_inputs, decoder_inputs], decoder_outputs)


@animal()
def seq2seq_bidirectional_states():
    inputs = keras.Input((7, 5))
    y, fh, fc, bh, bc = layers.Bidirectional(layers.LSTM(4, return_state=True))(inputs)
    h, c = layers.Concatenate()([fh, bh]), layers.Concatenate()([fc, bc])
    x = layers.RepeatVector(6)(y)
    x = layers.LSTM(8, return_sequences=True)(x, initial_state=[h, c])
    scores = layers.Dot(axes=(2, 2))([x, layers.Dense(8)(inputs)])
    context = layers.Dot(axes=(2, 1))([layers.Softmax()(scores), inputs])
    x = layers.Concatenate()([x, context])
    return keras.Model(inputs, layers.TimeDistributed(layers.Dense(3))(x), name="bahdanau")


@animal()
def crnn():
    image = keras.Input((64, 32, 1), name="image")
    labels = keras.Input((None,), name="label")
    x = layers.Conv2D(8, 3, activation="relu", padding="same", name="Conv1")(image)
    x = layers.MaxPooling2D((2, 2), name="pool1")(x)
    x = layers.Conv2D(16, 3, activation="relu", padding="same", name="Conv2")(x)
    x = layers.MaxPooling2D((2, 2), name="pool2")(x)
    x = layers.Reshape(target_shape=((64 // 4), (32 // 4) * 16), name="reshape")(x)
    x = layers.Dropout(0.2)(layers.Dense(16, activation="relu", name="dense1")(x))
    x = layers.Bidirectional(layers.LSTM(8, return_sequences=True, dropout=0.25))(x)
    x = layers.Bidirectional(layers.LSTM(4, return_sequences=True, dropout=0.25))(x)
    x = layers.Dense(12, activation="softmax", name="dense2")(x)
    return keras.Model(inputs=[image, labels], outputs=x, name="ocr_model_v1")


@animal()
def pointer():
    memory = keras.Input((9, 8), name="memory")
    query = keras.Input((8,), name="query")
    index = keras.Input((3,), dtype="int32", name="index")
    keys = layers.Dense(8, use_bias=False)(memory)
    energy = ops.einsum("btd,bd->bt", keys, query) / ops.sqrt(8.0)
    weights = ops.softmax(energy, axis=-1)
    read = ops.einsum("bt,btd->bd", weights, memory)
    picked = ops.take_along_axis(memory, ops.expand_dims(index, -1), axis=1)
    first = ops.take(memory, [0, 2], axis=1)
    best = ops.argmax(weights, axis=-1)
    return keras.Model([memory, query, index], [read, picked, first, best, ops.log(weights + 1e-9)])


@animal()
def two_tower():
    def tower(name, vocabulary, width):
        inputs = keras.Input((1,), name=f"{name}_id", dtype="int32")
        x = layers.Embedding(vocabulary, 8, name=f"{name}_embedding")(inputs)
        x = layers.Flatten(name=f"{name}_flat")(x)
        x = layers.Dense(width, activation="relu", name=f"{name}_dense")(x)
        return keras.Model(inputs, layers.UnitNormalization(name=f"{name}_unit")(x), name=name)

    user, item = tower("user", 20, 6), tower("item", 30, 6)
    u, i = keras.Input((1,), dtype="int32", name="u"), keras.Input((1,), dtype="int32", name="it")
    score = layers.Dot(axes=1, normalize=True)([user(u), item(i)])
    return keras.Model(inputs=[u, i], outputs=ops.sigmoid(score), name="two-tower")


@animal()
def wide_and_deep():
    columns = {name: keras.Input((1,), name=name, dtype="int32") for name in ("age", "job", "city")}
    wide = layers.Concatenate()(
        [layers.CategoryEncoding(num_tokens=8, output_mode="one_hot")(c) for c in columns.values()]
    )
    wide = layers.BatchNormalization()(wide)
    deep = layers.concatenate(
        [layers.Flatten()(layers.Embedding(8, 4)(c)) for c in columns.values()]
    )
    for units in (16, 8):
        deep = layers.Dense(units)(deep)
        deep = layers.BatchNormalization()(deep)
        deep = layers.ReLU()(deep)
        deep = layers.Dropout(0.2)(deep)
    merged = layers.concatenate([wide, deep])
    return keras.Model(columns, layers.Dense(2, activation="softmax")(merged), name="wide_deep")


@animal()
def deep_fm():
    fields, size, width = 5, 40, 4
    ids = keras.Input((fields,), dtype="int32", name="features")
    v = layers.Embedding(size, width, embeddings_regularizer=keras.regularizers.L2(1e-5))(ids)
    first = ops.sum(layers.Embedding(size, 1, name="linear")(ids), axis=1)
    square_of_sum = ops.square(ops.sum(v, axis=1))
    sum_of_square = ops.sum(v**2, axis=1)
    second = 0.5 * ops.sum(square_of_sum - sum_of_square, axis=1, keepdims=True)
    deep = layers.Flatten()(v)
    deep = layers.Dense(8, "relu")(layers.Dense(16, "relu")(deep))
    deep = layers.Dense(1, use_bias=False)(deep)
    return keras.Model(ids, layers.Activation("sigmoid")(first + second + deep), name="DeepFM")


@animal()
def deep_cross():
    x0 = x = keras.Input((12,), name="x0")
    for index in range(3):
        x = x0 * layers.Dense(12, name=f"cross{index}")(x) + x
    return keras.Model(x0, layers.Dense(1, activation="sigmoid")(x), name="dcn_v2")


@animal()
def interest_network():
    item = keras.Input((), dtype="int32", name="target")
    history = keras.Input((8,), dtype="int32", name="history")
    table = layers.Embedding(50, 6, mask_zero=True, name="item_embedding")
    target, past = table(item), table(history)
    repeated = ops.repeat(ops.expand_dims(target, 1), 8, axis=1)
    pairs = layers.Concatenate(axis=-1)([repeated, past, repeated - past, repeated * past])
    scores = layers.Dense(1)(layers.PReLU()(layers.Dense(8)(pairs)))
    valid = ops.not_equal(history, 0)
    scores = ops.where(ops.expand_dims(valid, -1), scores, -1e9)
    interest = ops.sum(ops.softmax(scores, axis=1) * past, axis=1)
    x = layers.Concatenate()([interest, target])
    return keras.Model({"target": item, "history": history}, layers.Dense(1, "sigmoid")(x))


@animal()
def masking_layer():
    inputs = keras.Input((10, 4))
    x = layers.Masking(mask_value=-1.0)(inputs)
    x = layers.GRU(6, return_sequences=True)(x)
    x = layers.LayerNormalization()(x)
    return keras.Model(inputs, layers.GlobalAveragePooling1D()(x))


@animal()
def attention_pooling():
    inputs = keras.Input((10, 6))
    x = layers.Bidirectional(layers.LSTM(4, return_sequences=True))(inputs)
    a = layers.Dense(1, activation="tanh")(x)
    a = layers.Flatten()(a)
    a = layers.Activation("softmax")(a)
    a = layers.RepeatVector(8)(a)
    a = layers.Permute([2, 1])(a)
    x = layers.Multiply()([x, a])
    return keras.Model(inputs, layers.Dense(3)(ops.sum(x, axis=1)))


@animal()
def dialogue_memory():
    story = keras.Input((6,), dtype="int32")
    question = keras.Input((4,), dtype="int32")
    m = keras.Sequential([layers.Embedding(22, 8), layers.Dropout(0.3)])
    c = keras.Sequential([layers.Embedding(22, 4), layers.Dropout(0.3)])
    q = keras.Sequential([layers.Embedding(22, 8), layers.Dropout(0.3)])
    memory, response, asked = m(story), c(story), q(question)
    match = layers.Activation("softmax")(layers.dot([memory, asked], axes=(2, 2)))
    response = layers.Permute((2, 1))(layers.add([match, response]))
    answer = layers.LSTM(8)(layers.concatenate([response, asked]))
    return keras.Model([story, question], layers.Dense(22, "softmax")(answer))
