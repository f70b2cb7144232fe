"""A stack of three layers, each fed by the one above it."""

import keras
from keras import layers


def build_three_layers():
    """Build the `three_layers` model."""
    return keras.Sequential(
        [
            keras.Input((4,)),
            # 4 * 2 + 2 = 10 parameters
            layers.Dense(2, activation="relu", name="layer1"),
            layers.Dense(3, activation="relu", name="layer2"),  # 2 * 3 + 3 = 9
            layers.Dense(4, name="layer3"),  # 3 * 4 + 4 = 16
        ],
        name="three_layers",
    )


build_model = build_three_layers
