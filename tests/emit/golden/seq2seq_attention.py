"""Translation by an encoder, a decoder, and attention between them: "Effective
Approaches to Attention-based Neural Machine Translation", Luong, Pham and Manning,
2015.
"""

import sys

import keras
import numpy as np
from keras import layers

SOURCE_WORDS = 8000
WIDTH = 256
TARGET_WORDS = 6000


def build_translator():
    """Build the `translator` model."""
    # the sentence; 0 fills up the shorter ones
    source = keras.Input((None,), dtype="int32", name="source")
    # its translation so far, which is known while training
    target = keras.Input((None,), dtype="int32", name="target")

    # The encoder reads the sentence, and keeps what it thought at each word.
    x = layers.Embedding(SOURCE_WORDS, WIDTH, mask_zero=True, name="source_embedding")(
        source
    )
    memory, h, c = layers.LSTM(
        WIDTH, return_sequences=True, return_state=True, name="encoder"
    )(x)

    # The decoder starts from where the encoder ended.
    y = layers.Embedding(TARGET_WORDS, WIDTH, mask_zero=True, name="target_embedding")(
        target
    )
    y = layers.LSTM(WIDTH, return_sequences=True, name="decoder")(
        y, initial_state=[h, c]
    )

    # At every word it writes, it looks back at the words it read: what resembles the
    # query counts.
    context = layers.Attention(name="attention")([y, memory])
    y = layers.Concatenate()([y, context])
    y = layers.Dense(WIDTH, activation="tanh", use_bias=False, name="attentional")(y)

    scores = layers.Dense(TARGET_WORDS, name="scores")(y)
    return keras.Model([source, target], scores, name="translator")


build_model = build_translator


def compile_model(model):
    """Compile the model for training."""
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=0.001),
        loss=keras.losses.SparseCategoricalCrossentropy(
            from_logits=True, ignore_class=0
        ),
    )


def train(model, x, y):
    """Train the model, and return the history."""
    return model.fit(x, y, batch_size=64, epochs=10)


def main():
    """Train the model on arrays and evaluate it: python model.py data.npz."""
    data = np.load(sys.argv[1])
    model = build_model()
    compile_model(model)
    model.summary()
    history = train(
        model, [data["source_train"], data["target_train"]], data["y_train"]
    )
    for name, values in history.history.items():
        print(f"{name}: {values}")
    model.evaluate(
        [data["source_test"], data["target_test"]], data["y_test"], verbose=2
    )


if __name__ == "__main__":
    main()
