"""Preprocessing layers against Keras."""

from __future__ import annotations

from typing import Any

import pytest

from graphc.declare import registry
from graphc.declare.trace import trace_layer
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import BATCH, UNKNOWN, variable
from graphc.ir.types import TensorType
from tests.differential.harness import L, T, cases, check_layer
from tests.differential.values import check_values

IMAGE = T(8, 6, 3)
BYTES = T(8, 6, 3, dtype="uint8")

NUMERIC = [
    (L("Rescaling", 1 / 255), IMAGE),
    (L("Rescaling", 1 / 255), BYTES),
    (L("Rescaling", scale=2, offset=-1.0), T(None)),
    (L("Rescaling", [1.0, 2.0, 3.0], offset=[0.0, 1.0, 2.0]), IMAGE),
    (L("Rescaling", 2.0, dtype="float16"), T(4, masked=False)),
    (L("Rescaling", 2.0), T(7, 4, masked=True)),
    (L("Rescaling", 2.0, dtype="mixed_float16"), T(4)),
    (L("Rescaling"), T(4)),
    (L("Normalization"), T(4)),
    (L("Normalization"), IMAGE),
    (L("Normalization", axis=None), T(8, 6)),
    (L("Normalization", axis=(1, 3)), IMAGE),
    (L("Normalization", axis=[-1, 1]), IMAGE),
    (L("Normalization", -1, 2.0, 3.0), T(4)),
    (L("Normalization", -1, [1.0, 2.0, 3.0], [1.0, 2.0, 3.0]), IMAGE),
    (L("Normalization", None, mean=1.0, variance=4.0), T(None, None)),
    (L("Normalization", (1, 3), mean=[1.0, 2.0, 3.0], variance=[1.0, 1.0, 1.0]), IMAGE),
    (L("Normalization", (2, 3), mean=[[1.0]] * 6, variance=[[1.0]] * 6), IMAGE),
    (L("Normalization", invert=True), T(4)),
    (L("Normalization", dtype="float16"), T(4)),
    (L("Normalization"), T(4, dtype="int32")),
    (L("Normalization"), T(7, 4, masked=True)),
    (L("Normalization", trainable=False), T(4)),
    (L("Normalization"), T(None)),
    (L("Normalization", axis=2), T(4)),
    (L("Normalization", mean=1.0), T(4)),
    (L("Normalization", mean=[1.0, 2.0], variance=3.0), T(4)),
    (L("Normalization", mean=[[1.0]], variance=[[1.0]]), T(4)),
    (L("Normalization", mean=[1.0, 2.0], variance=[1.0, 2.0]), T(4)),
]

CATEGORIES = [
    (L("CategoryEncoding", 5), T(7, dtype="int32")),
    (L("CategoryEncoding", 5), T(1, dtype="int32")),
    (L("CategoryEncoding", 5), T(7)),
    (L("CategoryEncoding", 5), T(dtype="int32")),
    (L("CategoryEncoding", 5, "one_hot"), T(7, dtype="int32")),
    (L("CategoryEncoding", 5, "one_hot"), T(1, dtype="int32")),
    (L("CategoryEncoding", 5, "one_hot"), T(dtype="int32")),
    (L("CategoryEncoding", 5, "one_hot"), T(7, 3, dtype="int64")),
    (L("CategoryEncoding", 5, "one_hot"), T(None, dtype="int32")),
    (L("CategoryEncoding", 5, "count"), T(7, dtype="int32")),
    (L("CategoryEncoding", num_tokens=5, output_mode="binary"), T(7, dtype="int32")),
    (L("CategoryEncoding", 5, dtype="float16"), T(7, dtype="int32")),
    (L("CategoryEncoding", 5, "tf_idf"), T(7, dtype="int32")),
    (L("CategoryEncoding", 0), T(7, dtype="int32")),
    (L("CategoryEncoding"), T(7, dtype="int32")),
    (L("Discretization", [0.0, 1.0]), T(7)),
    (L("Discretization", [0.0, 1.0]), T(7, 3)),
    (L("Discretization", [0.0, 1.0]), T(7, dtype="int32")),
    (L("Discretization", [0.0, 1.0]), T(7, dtype="float16")),
    (L("Discretization", [0.0, 1.0], output_mode="one_hot"), T(7)),
    (L("Discretization", [0.0, 1.0], output_mode="one_hot"), T(1)),
    (L("Discretization", [0.0, 1.0], output_mode="multi_hot"), T(7)),
    (L("Discretization", [0.0, 1.0], output_mode="multi_hot"), T(7, 3)),
    (L("Discretization", [0.0, 1.0], output_mode="count"), T(7)),
    (L("Discretization", [0.0], None, 0.1, "count", False, "float16", "bins"), T(7)),
    (L("Discretization", [0.0], dtype="float16"), T(7)),
    (L("Discretization", [0.0, 1.0], 3), T(7)),
    (L("Discretization"), T(7)),
    (L("Discretization", num_bins=-1), T(7)),
    (L("Discretization", [0.0], output_mode="binary"), T(7)),
    (L("Discretization", [0.0], sparse=True), T(7)),
    (L("Discretization", [0.0], trainable=False), T(7)),
]

SIZES = [
    (L("Resizing", 4, 5), IMAGE),
    (L("Resizing", 16, 12, "nearest"), IMAGE),
    (L("Resizing", 4, 5, "bicubic", antialias=True), IMAGE),
    (L("Resizing", 4, 5, crop_to_aspect_ratio=True), IMAGE),
    (L("Resizing", 4, 5, pad_to_aspect_ratio=True, fill_value=0.5), IMAGE),
    (L("Resizing", 4, 5, data_format="channels_first"), T(3, 8, 6)),
    (L("Resizing", 4, 5), T(None, None, 3)),
    (L("Resizing", 4, 5), BYTES),
    (L("Resizing", 4, 5, dtype="uint8"), BYTES),
    (L("Resizing", 4, 5, dtype="float16"), IMAGE),
    (L("Resizing", 4), IMAGE),
    (L("CenterCrop", 4, 5), IMAGE),
    (L("CenterCrop", 4, 5), BYTES),
    (L("CenterCrop", 8, 6), IMAGE),
    (L("CenterCrop", 10, 5), IMAGE),
    (L("CenterCrop", 4, 5, "channels_first"), T(3, 8, 6)),
    (L("CenterCrop", 4, 5), T(None, None, 3)),
    (L("CenterCrop", 4), IMAGE),
    (L("RandomCrop", 4, 5), IMAGE),
    (L("RandomCrop", 10, 5, 3), BYTES),
    (L("RandomCrop", 4, 5, data_format="channels_first"), T(3, 8, 6)),
    (L("AutoContrast"), IMAGE),
    (L("AutoContrast", (0, 1)), BYTES),
    (L("AutoContrast", [0]), IMAGE),
    (L("ContrastLimitedAdaptiveHistogramEqualization"), IMAGE),
    (L("ContrastLimitedAdaptiveHistogramEqualization", (0, 1), 2.0, (2, 2)), BYTES),
    (
        L("ContrastLimitedAdaptiveHistogramEqualization", data_format="channels_first"),
        T(3, 8, 6),
    ),
    (L("MaxNumBoundingBoxes", 10), IMAGE),
    (L("MaxNumBoundingBoxes", 10, 0), BYTES),
    (L("Pipeline", [L("Rescaling", 1 / 255), L("Resizing", 4, 5)]), BYTES),
    (L("Pipeline", [L("Dense", 3), L("Dense", 4)], "pipe"), T(7, 4, masked=True)),
    (L("Pipeline", []), T(4)),
    (L("Pipeline", L("Dense", 3)), T(4)),
    (L("Pipeline", [L("Dense", 3)], dtype="float16"), T(4)),
]

STFT = "STFTSpectrogram"
SOUND = T(700, 2)
SOUNDS = [
    (L(STFT), SOUND),
    (L(STFT, "magnitude", 64, 16), SOUND),
    (L(STFT, "psd", 60, fft_length=64), SOUND),
    (L(STFT, "real", 64), SOUND),
    (L(STFT, "imag", 64), SOUND),
    (L(STFT, "angle", 64, window="hamming", periodic=True), SOUND),
    (L(STFT, "stft", 64, scaling=None, window=None), SOUND),
    (L(STFT, "log", 64, padding="same"), SOUND),
    (L(STFT, "log", 64, expand_dims=True), SOUND),
    (L(STFT, "log", 64, expand_dims=True, data_format="channels_first"), T(2, 700)),
    (L(STFT, "stft", 64, data_format="channels_first"), T(2, 700)),
    (L(STFT, "log", 64), T(None, 2)),
    (L(STFT, dtype="mixed_float16"), SOUND),
    (L(STFT, "power"), SOUND),
    (L(STFT, frame_length=64, frame_step=65), SOUND),
    (L(STFT, frame_length=64, fft_length=32), SOUND),
    (L(STFT, window="haan"), SOUND),
    (L(STFT, scaling="none"), SOUND),
    (L(STFT, padding="causal"), SOUND),
    (L(STFT), T(700)),
    (L("MelSpectrogram"), T(7000)),
    (L("MelSpectrogram", 256, 64, 200, "hamming", 8000, 40), T(700)),
    (L("MelSpectrogram", 256, 64, power_to_db=False, window=None), T(None)),
    (L("MelSpectrogram", 256, 64), T(700, dtype="int32")),
    (L("MelSpectrogram", 256, 64, dtype="float16"), T(700)),
    (L("MelSpectrogram", 256, sequence_length=257), T(700)),
]

AUGMENTATIONS = [
    L("RandomBrightness", 0.2),
    L("RandomBrightness", (-0.1, 0.2), [0.0, 1.0], 3),
    L("RandomColorDegeneration", 0.5),
    L("RandomColorJitter"),
    L("RandomColorJitter", (0, 1), 0.5, 0.5, 0.5, 0.5, 3),
    L("RandomContrast", (0.1, 0.3)),
    L("RandomElasticTransform", 0.5, 0.5, "nearest", "mirror"),
    L("RandomErasing", scale=(0.1, 0.2), fill_value=0.5),
    L("RandomFlip"),
    L("RandomFlip", "horizontal", 3, "channels_first"),
    L("RandomGaussianBlur", 0.5, (3, 5), 0.3),
    L("RandomGrayscale", 0.1),
    L("RandomHue", 0.5),
    L("RandomInvert"),
    L("RandomPerspective", 0.5, 0.2),
    L("RandomPosterization", 3),
    L("RandomRotation", 0.1, "constant", "nearest", fill_value=1.0),
    L("RandomSaturation", [0.2, 0.4]),
    L("RandomSharpness", 0.5),
    L("RandomShear", 0.1, (0.1, 0.2)),
    L("RandomTranslation", 0.1, (-0.1, 0.2)),
    L("RandomZoom", -0.5, (0.1, 0.2), "wrap"),
    L("Solarization", 0.1, (0.1, 0.5)),
    L("Equalization", (0, 1), 64),
    L("MixUp", 0.3),
    L("CutMix", 0.3, 3),
    L("RandAugment", (0, 1), 3, 0.7),
    L("AugMix", all_ops=False),
]
VARIED = [(layer, x) for layer in AUGMENTATIONS for x in (IMAGE, BYTES, T(None, None, 3))]

REJECTED = [
    L("RandomBrightness"),
    L("RandomBrightness", 1.5),
    L("RandomBrightness", 0.5, 255),
    L("RandomBrightness", (0.1, 0.2, 0.3)),
    L("RandomColorDegeneration", 2),
    L("RandomContrast", -0.1),
    L("RandomElasticTransform", fill_mode="mirrored"),
    L("RandomErasing", 2),
    L("RandomGaussianBlur", kernel_size=4),
    L("RandomGaussianBlur", kernel_size=(3, 4)),
    L("RandomGrayscale", 1.5),
    L("RandomHue", -1),
    L("RandomPerspective", scale=2),
    L("RandomPosterization", 9),
    L("RandomRotation", 0.1, "mirror"),
    L("RandomRotation", 0.1, interpolation="bicubic"),
    L("RandomShear", 2),
    L("RandomShear", (-0.1, 0.1)),
    L("RandomTranslation", 0.1),
    L("RandomTranslation", 2, 0.1),
    L("RandomZoom", -1),
    L("RandomZoom", 0.5, 1.5),
    L("Solarization", 2),
    L("CutMix", 2),
    L("RandAugment", factor=2),
    L("RandomFlip", data_format="channels_middle"),
]
COLOURS = [
    (L("RandomColorDegeneration", 0.5), T(8, 6, 4)),
    (L("RandomColorDegeneration", 0.5, data_format="channels_first"), T(3, 8, 6)),
]


@cases(NUMERIC, CATEGORIES, SIZES, SOUNDS, VARIED, [(layer, IMAGE) for layer in REJECTED], COLOURS)
def test_as_keras(case: Any) -> None:
    check_layer(*case)


PIXELS = T(8, 6, 3, dtype="uint8", below=256)
PHOTO = T(8, 6, 3)
VALUES = [
    (L("Rescaling", [1.0, 2.0, 3.0], offset=-1.0), T(4, 3)),
    (L("Normalization"), T(7, 4)),
    (L("Normalization", (2, 3), mean=[[1.0]] * 6, variance=[[4.0]] * 6, invert=True), PHOTO),
    (L("CategoryEncoding", 5), T(3, dtype="int32")),
    (L("Discretization", [-1.0, 0.0, 1.0]), T(7)),
    (L("Resizing", 4, 3), PIXELS),
    (L("CenterCrop", 4, 5), PHOTO),
    (L("AutoContrast", (-3, 3)), PHOTO),
]
MORE_VALUES = [
    (L("Normalization", axis=(1, 3)), PHOTO),
    (L("Normalization", None, 1.0, 4.0), PHOTO),
    (L("CategoryEncoding", 5, "one_hot"), T(3, dtype="int32")),
    (L("CategoryEncoding", 5, "count"), T(3, dtype="int32")),
    (L("Discretization", [0.0, 1.0], output_mode="one_hot"), T(7)),
    (L("Discretization", [0.0, 1.0], output_mode="multi_hot"), T(7, 3)),
    (L("Discretization", [0.0, 1.0], output_mode="count"), T(7)),
    (L("Resizing", 12, 9, "bicubic"), PHOTO),
    (L("Resizing", 4, 5, "bilinear", antialias=True), PHOTO),
    (L("Resizing", 4, 5, crop_to_aspect_ratio=True), PHOTO),
    (L("Resizing", 5, 4, pad_to_aspect_ratio=True, fill_value=0.5), PHOTO),
    (L("CenterCrop", 10, 5), PHOTO),
    (L("RandomCrop", 8, 6), PHOTO),
    (L("RandomFlip"), PIXELS),
    (L("AutoContrast"), PIXELS),
    (L("ContrastLimitedAdaptiveHistogramEqualization", tile_grid_size=(2, 3)), PHOTO),
    (L("ContrastLimitedAdaptiveHistogramEqualization", (-3, 3), 2.0, (3, 4)), PHOTO),
    (L("Pipeline", [L("Rescaling", 1 / 255), L("Resizing", 4, 5)]), PIXELS),
]


QUIET = T(400)
SOUND_VALUES = [
    (L("MelSpectrogram", 64, 16, 50, num_mel_bins=8), QUIET),
    (L("MelSpectrogram", 64, 16, num_mel_bins=8, power_to_db=False, mag_exp=1.0), QUIET),
    (L(STFT, "log", 32), T(100, 2)),
    (L(STFT, "psd", 32, expand_dims=True), T(100, 2)),
    (L(STFT, "stft", 30, padding="same", data_format="channels_first"), T(2, 100)),
    (L(STFT, "angle", 32, 5, expand_dims=True, data_format="channels_first"), T(2, 100)),
]


@pytest.mark.slow
@cases(SOUND_VALUES)
def test_values_of_sounds(case: Any) -> None:
    check_values(*case, tolerance=1e-4)


@cases(VALUES, slow=MORE_VALUES)
def test_values(case: Any) -> None:
    check_values(*case)


@pytest.mark.slow
def test_counts_with_weights() -> None:
    ids, weights = T(3, dtype="int32"), T(3)
    check_values(L("CategoryEncoding", 5, "count"), ids, count_weights=weights)


def trace(name: str, args: tuple[Any, ...], *dims: Any, **config: Any) -> Any:
    layer = registry("layer")[name](*args, **config)
    x = TensorType((BATCH, *dims), "float32")
    return trace_layer(layer, {layer.parameters[0]: x})


@pytest.mark.parametrize("name", ["Resizing", "CenterCrop", "RandomCrop"])
def test_sizes_do_not_depend_on_the_input(name: str) -> None:
    (outputs,) = trace(name, (4, 5), variable("H"), UNKNOWN, 3).outputs
    assert outputs.shape == (BATCH, 4, 5, 3)


def test_equalization_of_symbolic_sizes() -> None:
    height, width = variable("H"), variable("W")
    name = "ContrastLimitedAdaptiveHistogramEqualization"
    (outputs,) = trace(name, ((0, 1),), height, width, 3).outputs
    assert outputs.shape == (BATCH, height, width, 3)


# What Keras accepts and cannot compute, or computes otherwise than it says.
NONSENSE = [
    ("Rescaling", ([1.0, 2.0],), (4, 3), "needs a `scale` that broadcasts to"),
    ("Rescaling", ([1.0, 2.0],), (4, 1), "needs a `scale` that broadcasts to"),
    ("CategoryEncoding", (5,), (7, 3), "at most rank 2 in mode"),
    ("CategoryEncoding", (5, "count"), (7, 3), "at most rank 2 in mode"),
    ("Discretization", (None, 3), (7,), "needs `bin_boundaries`"),
    ("Resizing", (4, 5), (8, 6), "needs a rank-4 input"),
    ("Resizing", (4, 0), (8, 6, 3), "needs `width` to be a positive"),
    ("Resizing", (4, 5, "cubic"), (8, 6, 3), "needs `interpolation` to be"),
    ("RandomFlip", (), (8, 6), "needs a rank-4 input"),
    ("RandomFlip", ("sideways",), (8, 6, 3), "needs `mode` to be"),
    ("MelSpectrogram", (), (7000, 2), "needs a rank-2 input"),
    ("RandomCrop", (4, 5), (8, 6), "needs a rank-4 input"),
]


@pytest.mark.parametrize(("name", "args", "dims", "message"), NONSENSE)
def test_rejected(name: str, args: Any, dims: Any, message: str) -> None:
    with pytest.raises(Fault, match=message):
        trace(name, args, *dims)


def test_spectrograms_need_fractions() -> None:
    layer = registry("layer")[STFT]()
    with pytest.raises(Fault, match="needs float16, float32 or float64, got int32"):
        trace_layer(layer, {"inputs": TensorType((BATCH, 700, 2), "int32")})


def test_frames_of_a_sound() -> None:
    # Where (samples + 1) is a multiple of the stride, Keras 3.15 says one more, and computes this.
    (outputs,) = trace("MelSpectrogram", (256, 64), 639).outputs
    assert outputs.shape == (BATCH, 128, 10)


def test_images_are_cropped_or_padded() -> None:
    with pytest.raises(Fault, match="takes one of"):
        trace("Resizing", (4, 5), 8, 6, 3, crop_to_aspect_ratio=True, pad_to_aspect_ratio=True)
