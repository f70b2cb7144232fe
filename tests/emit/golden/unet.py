"""U-Net: "Convolutional Networks for Biomedical Image Segmentation", Ronneberger,
Fischer and Brox, 2015, with padded convolutions, so that the mask is as large as the
image.
"""

import sys

import keras
import numpy as np
from keras import layers


def double(x, filters, *, name):
    """Two convolutions, at every level on the way down and on the way up."""
    y = layers.Conv2D(
        filters, 3, padding="same", activation="relu", name=f"{name}.conv2d"
    )(x)
    return layers.Conv2D(
        filters, 3, padding="same", activation="relu", name=f"{name}.conv2d_1"
    )(y)


def build_unet(channels=1, classes=2, filters=64):
    """Build the `unet` model."""
    # Four poolings halve the map four times, and the skip connections join what was
    # before with what comes after. Sides of 16 H and 16 W make them agree, whatever H
    # and W are; with [H, W, channels] the first Concatenate would be an error that
    # names the sizes it fails for.
    image = keras.Input((None, None, channels), name="image")

    x = image
    skips = []
    for level in range(4):
        x = double(x, filters * 2**level, name=f"down{level}")
        skips.append(x)
        x = layers.MaxPooling2D(name=f"pool{level}")(x)

    x = double(x, 16 * filters, name="bottom")

    for level in reversed(range(4)):
        x = layers.Conv2DTranspose(
            filters * 2**level, 2, strides=2, name=f"grow{level}"
        )(x)
        x = layers.Concatenate()([skips[level], x])
        x = double(x, filters * 2**level, name=f"up{level}")

    mask = layers.Conv2D(classes, 1, name="logits")(x)
    return keras.Model(image, mask, name="unet")


build_model = build_unet


def compile_model(model):
    """Compile the model for training."""
    model.compile(
        # of the paper, which used single images
        optimizer=keras.optimizers.SGD(0.01, momentum=0.99),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )


def train(model, x, y):
    """Train the model, and return the history."""
    return model.fit(x, y, batch_size=1, epochs=10)


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
