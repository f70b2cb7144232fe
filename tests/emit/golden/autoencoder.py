"""A convolutional autoencoder in one graph: 28 x 28 pixels are squeezed into 16
numbers, and the decoder, the encoder's mirror image, draws them again.
"""

import sys

import keras
import numpy as np
from keras import layers


def build_autoencoder():
    """Build the `autoencoder` model."""
    original_img = keras.Input((28, 28, 1), name="original_img")

    x = layers.Conv2D(16, 3, activation="relu", name="encoder_1")(original_img)
    x = layers.Conv2D(32, 3, activation="relu", name="encoder_2")(x)
    x = layers.MaxPooling2D(3, name="encoder_3")(x)
    x = layers.Conv2D(32, 3, activation="relu", name="encoder_4")(x)
    x = layers.Conv2D(16, 3, activation="relu", name="encoder_5")(x)
    code = layers.GlobalMaxPooling2D(name="encoder_out")(x)

    # What went in comes out, by shape at least: the check of `image` says so.
    image = layers.Reshape((4, 4, 1), name="decoder_1")(code)
    image = layers.Conv2DTranspose(16, 3, activation="relu", name="decoder_2")(image)
    image = layers.Conv2DTranspose(32, 3, activation="relu", name="decoder_3")(image)
    image = layers.UpSampling2D(3, name="decoder_4")(image)
    image = layers.Conv2DTranspose(16, 3, activation="relu", name="decoder_5")(image)
    image = layers.Conv2DTranspose(1, 3, activation="relu", name="decoder_out")(image)
    return keras.Model(original_img, image, name="autoencoder")


build_model = build_autoencoder


def compile_model(model):
    """Compile the model for training."""
    model.compile(optimizer=keras.optimizers.Adam(), loss="mean_squared_error")


def train(model, x, y):
    """Train the model, and return the history."""
    return model.fit(x, y, epochs=10, batch_size=128)


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
