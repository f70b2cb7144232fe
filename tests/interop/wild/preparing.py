"""Models that begin with what prepares their inputs."""

from __future__ import annotations

import numpy as np

from tests.differential.harness import keras
from tests.interop.wild.harness import subject

layers, ops = keras.layers, keras.ops
PREPARING = subject("preparing")


@PREPARING.model()
def normalized_with_given_means():
    x = keras.Input((3,))
    y = layers.Normalization(mean=[0.5, 0.25, 1.0], variance=[1.0, 2.0, 4.0])(x)
    z = layers.Normalization(axis=None, mean=2.0, variance=4.0)(x)
    w = layers.Normalization(mean=np.array([1.0, 2.0, 3.0]), variance=[1, 2, 3], invert=True)(x)
    return keras.Model(x, [y, z, w])


@PREPARING.model()
def pictures_of_any_size():
    x = keras.Input((None, None, 3))
    y = layers.Resizing(16, 12, interpolation="bicubic")(x)
    y = layers.Rescaling(scale=1 / 127.5, offset=-1.0)(y)
    return keras.Model(x, layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3)(y)))


@PREPARING.model()
def pictures_cropped():
    x = keras.Input((20, 16, 3))
    made = [
        layers.CenterCrop(8, 6)(x), layers.Resizing(10, 10, crop_to_aspect_ratio=True)(x),
        layers.Resizing(12, 14, pad_to_aspect_ratio=True, fill_value=0.5)(x),
        layers.Resizing(7, 9, interpolation="nearest", antialias=False)(x),
        layers.Cropping2D(((1, 2), (3, 0)))(x), layers.ZeroPadding2D(((0, 1), (2, 3)))(x),
    ]  # fmt: skip
    return keras.Model(x, made)


@PREPARING.model()
def augmented():
    augment = keras.Sequential(
        [
            layers.RandomFlip("horizontal"), layers.RandomRotation(0.1, fill_mode="constant"),
            layers.RandomZoom(0.2), layers.RandomContrast(0.1), layers.RandomTranslation(0.1, 0.1),
        ],
        name="data_augmentation",
    )  # fmt: skip
    x = keras.Input((12, 12, 3))
    y = layers.Conv2D(4, 3, activation="relu")(layers.Rescaling(1.0 / 255)(augment(x)))
    return keras.Model(x, layers.Dense(2)(layers.Flatten()(y)))


@PREPARING.model()
def augmented_in_newer_ways():
    x = keras.Input((12, 12, 3))
    y = x
    for layer in (
        layers.RandomHue(0.2, value_range=(0, 1)), layers.RandomSaturation(0.3),
        layers.RandomSharpness(0.2, value_range=(0, 1)), layers.RandomGrayscale(0.3),
        layers.RandomPosterization(4, value_range=(0, 1)),
        layers.RandomColorDegeneration(0.2, value_range=(0, 1)), layers.Solarization(0.2),
        layers.AutoContrast(value_range=(0, 1)), layers.RandomErasing(),
        layers.RandomInvert(0.5, value_range=(0, 1)), layers.RandomGaussianBlur(0.2),
    ):  # fmt: skip
        y = layer(y)
    return keras.Model(x, y)


@PREPARING.model()
def categories():
    color = keras.Input((1,), dtype="int32", name="color")
    tags = keras.Input((3,), dtype="int32", name="tags")
    made = [
        layers.CategoryEncoding(num_tokens=5, output_mode="one_hot")(color),
        layers.CategoryEncoding(5, output_mode="multi_hot")(tags),
        layers.CategoryEncoding(5, "count")(tags),
        layers.Flatten()(layers.Embedding(5, 2)(color)),
    ]
    return keras.Model([color, tags], layers.Concatenate()(made))


@PREPARING.model()
def buckets():
    age = keras.Input((1,), name="age")
    made = [
        layers.Discretization(bin_boundaries=[0.0, 0.5, 1.0])(age),
        layers.Discretization(bin_boundaries=[0.0, 0.5, 1.0], output_mode="one_hot")(age),
        layers.Discretization(bin_boundaries=(-0.5, 0.5), output_mode="multi_hot")(age),
    ]
    return keras.Model(age, made)


@PREPARING.model()
def buckets_into_embeddings():
    age = keras.Input((1,), name="age")
    income = keras.Input((1,), name="income")
    bucket = layers.Discretization(bin_boundaries=[-1.0, 0.0, 1.0], name="age_bucket")(age)
    y = layers.Reshape((3,))(layers.Embedding(4, 3)(bucket))
    y = layers.Concatenate()([y, layers.Normalization(mean=1.0, variance=2.0)(income)])
    return keras.Model({"age": age, "income": income}, layers.Dense(1, "sigmoid")(y))


@PREPARING.model()
def spectrograms():
    x = keras.Input((400, 1))
    y = layers.STFTSpectrogram(mode="log", frame_length=64, frame_step=32, fft_length=64)(x)
    z = layers.MelSpectrogram(
        fft_length=64, sequence_stride=32, sampling_rate=800, num_mel_bins=8, min_freq=30.0
    )(x[..., 0])
    return keras.Model(x, [y, z])


@PREPARING.model()
def boxes_of_pictures():
    x = keras.Input((16, 16, 3))
    y = layers.RandAugment(value_range=(0, 1), num_ops=1)(x)
    y = layers.AugMix(value_range=(0, 1))(y)
    return keras.Model(x, [y, layers.Rescaling(2)(y)])


@PREPARING.model()
def piped():
    steps = layers.Pipeline([layers.Rescaling(1 / 255), layers.CenterCrop(8, 8)])
    x = keras.Input((12, 12, 3))
    return keras.Model(x, layers.Flatten()(steps(x)))


@PREPARING.model()
def means_of_imagenet():
    x = keras.Input((None, None, 3), dtype="uint8")
    y = ops.cast(x, "float32")
    y = y[..., ::-1]
    y = y - np.array([103.939, 116.779, 123.68], "float32")
    y = layers.Conv2D(2, 3, strides=2, padding="same")(y)
    return keras.Model(x, layers.GlobalMaxPooling2D(keepdims=True)(y))


@PREPARING.model()
def windows_of_series():
    x = keras.Input((24, 2))
    y = ops.reshape(x, (-1, 6, 4, 2))
    mean, std = ops.mean(y, axis=2, keepdims=True), ops.std(y, axis=2, keepdims=True)
    y = (y - mean) / (std + 1e-3)
    z = layers.Dense(3)(ops.reshape(y, (-1, 6, 8)))
    trend = layers.AveragePooling1D(5, strides=1, padding="same")(x)
    return keras.Model(x, [z, x - trend, trend])
