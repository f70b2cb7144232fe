"""The autoencoder of autoencoder.net as three models. A model applies like a layer: its
weights are the part's own, so that training the autoencoder trains the encoder and the
decoder.
"""

import keras
from keras import layers


def build_encoder():
    """Build the `encoder` model."""
    original_img = keras.Input((28, 28, 1), name="original_img")
    outputs = layers.Conv2D(16, 3, activation="relu")(original_img)
    outputs = layers.Conv2D(32, 3, activation="relu")(outputs)
    outputs = layers.MaxPooling2D(3)(outputs)
    outputs = layers.Conv2D(32, 3, activation="relu")(outputs)
    outputs = layers.Conv2D(16, 3, activation="relu")(outputs)
    outputs = layers.GlobalMaxPooling2D()(outputs)
    return keras.Model(original_img, outputs, name="encoder")


def build_decoder():
    """Build the `decoder` model."""
    encoded_img = keras.Input((16,), name="encoded_img")
    outputs = layers.Reshape((4, 4, 1))(encoded_img)
    outputs = layers.Conv2DTranspose(16, 3, activation="relu")(outputs)
    outputs = layers.Conv2DTranspose(32, 3, activation="relu")(outputs)
    outputs = layers.UpSampling2D(3)(outputs)
    outputs = layers.Conv2DTranspose(16, 3, activation="relu")(outputs)
    outputs = layers.Conv2DTranspose(1, 3, activation="relu")(outputs)
    return keras.Model(encoded_img, outputs, name="decoder")


def build_autoencoder():
    """Build the `autoencoder` model."""
    encoder = build_encoder()
    decoder = build_decoder()
    img = keras.Input((28, 28, 1), name="img")
    outputs = encoder(img)
    outputs = decoder(outputs)
    return keras.Model(img, outputs, name="autoencoder")


build_model = build_autoencoder
