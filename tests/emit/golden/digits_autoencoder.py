"""The autoencoder of autoencoder_models.net for the 8 x 8 pixels, from 0 to 16, of
samples/data/digits.npz. Its output has the name of its input: what went in is to come
out.
"""

import sys

import keras
import numpy as np
from keras import layers


def build_encoder():
    """Build the `encoder` model."""
    image = keras.Input((8, 8, 1), name="image")
    x = layers.Rescaling(1 / 16)(image)
    x = layers.Conv2D(16, 3, activation="relu")(x)
    x = layers.Conv2D(32, 3, activation="relu")(x)
    x = layers.MaxPooling2D()(x)
    x = layers.Conv2D(32, 3, padding="same", activation="relu")(x)
    x = layers.Conv2D(16, 3, padding="same", activation="relu")(x)
    outputs = layers.GlobalMaxPooling2D(name="code")(x)
    return keras.Model(image, outputs, name="encoder")


def build_decoder():
    """Build the `decoder` model."""
    code = keras.Input((16,), name="code")
    x = layers.Reshape((2, 2, 4))(code)
    x = layers.Conv2DTranspose(16, 3, padding="same", activation="relu")(x)
    x = layers.Conv2DTranspose(32, 3, padding="same", activation="relu")(x)
    x = layers.UpSampling2D()(x)
    x = layers.Conv2DTranspose(16, 3, activation="relu")(x)
    x = layers.Conv2DTranspose(1, 3, activation="sigmoid")(x)
    outputs = layers.Rescaling(16, name="rescaling")(x)
    return keras.Model(code, outputs, name="decoder")


def build_digits_autoencoder():
    """Build the `digits_autoencoder` model."""
    encoder = build_encoder()
    decoder = build_decoder()
    image = keras.Input((8, 8, 1), name="image")
    x = encoder(image)
    outputs = decoder(x)
    return keras.Model(image, outputs, name="digits_autoencoder")


build_model = build_digits_autoencoder


def compile_model(model):
    """Compile the model for training."""
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=0.002), loss="mean_squared_error"
    )


def train(model, x, y):
    """Train the model, and return the history."""
    return model.fit(x, y, epochs=10, batch_size=32)


def main():
    """Train the model on arrays and evaluate it: python model.py data.npz."""
    data = np.load(sys.argv[1])
    model = build_model()
    compile_model(model)
    model.summary()
    history = train(model, data["x_train"], data["x_train"])
    for name, values in history.history.items():
        print(f"{name}: {values}")
    model.evaluate(data["x_test"], data["x_test"], verbose=2)


if __name__ == "__main__":
    main()
