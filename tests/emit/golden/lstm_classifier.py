"""A text classifier: is a film review kind or harsh? Two recurrent layers read the
words from both ends ("Bidirectional Recurrent Neural Networks", Schuster and Paliwal,
1997).
"""

import sys

import keras
import numpy as np
from keras import layers


def build_lstm_classifier(vocabulary=20_000):
    """Build the `lstm_classifier` model."""
    # the numbers of the words; 0 fills up the shorter reviews
    words = keras.Input((None,), dtype="int32", name="words")

    # mask_zero has all later layers skip the places that hold no word.
    x = layers.Embedding(vocabulary, 128, mask_zero=True)(words)
    x = layers.Bidirectional(layers.LSTM(64, return_sequences=True))(x)
    x = layers.Bidirectional(layers.LSTM(64))(x)  # the last state of each direction
    outputs = layers.Dense(1, activation="sigmoid", name="is_kind")(x)
    return keras.Model(words, outputs, name="lstm_classifier")


build_model = build_lstm_classifier


def compile_model(model):
    """Compile the model for training."""
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=0.001),
        loss="binary_crossentropy",
        metrics=["accuracy"],
    )


def train(model, x, y):
    """Train the model, and return the history."""
    return model.fit(x, y, batch_size=32, epochs=2, validation_split=0.2)


def main():
    """Train the model on arrays and evaluate it: python model.py data.npz."""
    data = np.load(sys.argv[1])
    model = build_model()
    compile_model(model)
    model.summary()
    history = train(model, data["x_train"], data["y_train"])
    for name, values in history.history.items():
        print(f"{name}: {values}")
    model.evaluate(data["x_test"], data["y_test"], verbose=2)


if __name__ == "__main__":
    main()
