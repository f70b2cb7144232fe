"""The autoencoder of autoencoder.net as three models. A model applies like a layer: its
weights are the part's own, so that training the autoencoder trains the encoder and the
decoder.
"""

import keras
from keras import layers


def build_encoder():
    """Build the `encoder` model."""
    original_img = keras.Input((28, 28, 1), name="original_img")
    x = layers.Conv2D(16, 3, activation="relu")(original_img)
    x = layers.Conv2D(32, 3, activation="relu")(x)
    x = layers.MaxPooling2D(3)(x)
    x = layers.Conv2D(32, 3, activation="relu")(x)
    x = layers.Conv2D(16, 3, activation="relu")(x)
    outputs = layers.GlobalMaxPooling2D()(x)
    return keras.Model(original_img, outputs, name="encoder")


def build_decoder():
    """Build the `decoder` model."""
    encoded_img = keras.Input((16,), name="encoded_img")
    x = layers.Reshape((4, 4, 1))(encoded_img)
    x = layers.Conv2DTranspose(16, 3, activation="relu")(x)
    x = layers.Conv2DTranspose(32, 3, activation="relu")(x)
    x = layers.UpSampling2D(3)(x)
    x = layers.Conv2DTranspose(16, 3, activation="relu")(x)
    outputs = layers.Conv2DTranspose(1, 3, activation="relu")(x)
    return keras.Model(encoded_img, outputs, name="decoder")


def build_autoencoder():
    """Build the `autoencoder` model."""
    encoder = build_encoder()
    decoder = build_decoder()
    img = keras.Input((28, 28, 1), name="img")
    x = encoder(img)
    outputs = decoder(x)
    return keras.Model(img, outputs, name="autoencoder")


build_model = build_autoencoder
