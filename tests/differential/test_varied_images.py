"""What augmentation layers make of images in training, value by value beside Keras."""

from __future__ import annotations

import numpy as np
import pytest

from tests.differential.forced import check_in_training
from tests.differential.harness import L

random = np.random.default_rng(43)
IMAGES = random.uniform(0, 255, (5, 6, 7, 3)).astype("float32")
UNIT = {"value_range": (0, 1), "seed": 0}

LAYERS = [
    L("RandomFlip", seed=0),
    L("RandomFlip", "horizontal", seed=0),
    L("RandomFlip", "vertical", seed=0),
    L("RandomBrightness", 0.3, seed=0),
    L("RandomBrightness", [0.1, 0.4], **UNIT),
    L("RandomContrast", 0.4, seed=0),
    L("RandomContrast", [0.2, 0.9], **UNIT),
    L("RandomTranslation", 0.3, [-0.4, 0.1], seed=0),
    L("RandomTranslation", 0.3, 0.4, "constant", "nearest", seed=0, fill_value=9.0),
    L("RandomRotation", 0.2, seed=0),
    L("RandomRotation", [-0.1, 0.3], "wrap", seed=0),
    L("RandomZoom", 0.3, seed=0),
    L("RandomZoom", [-0.2, 0.4], 0.3, "nearest", seed=0),
    L("RandomGrayscale", seed=0),
    L("RandomInvert", seed=0),
    L("RandomInvert", [0.2, 0.8], **UNIT),
    L("RandomHue", 0.4, seed=0),
    L("RandomHue", [0.2, 0.9], **UNIT),
    L("RandomSaturation", 0.4, **UNIT),
    L("RandomColorDegeneration", 0.6, seed=0),
    L("RandomPosterization", [2, 6], seed=0),
    L("RandomPosterization", 3, **UNIT),
    L("RandomSharpness", 0.7, seed=0),
    L("RandomColorJitter", (0, 255), 0.2, 0.3, None, 0.4, seed=0),
    L("RandomColorJitter", (0, 1), 0.2, 0.3, 0.2, 0.4, seed=0),
    L("RandomErasing", scale=0.6, fill_value=7.0, seed=0),
    L("RandomErasing", 0.7, (0.2, 0.5), fill_value=0.4, **UNIT),
    L("RandomGaussianBlur", kernel_size=3, sigma=[0.5, 1.0], seed=0),
    L("RandomGaussianBlur", [0.3, 0.9], (3, 5), **UNIT),
    L("RandomPerspective", scale=0.5, seed=0),
    L("RandomPerspective", 0.8, 0.3, "nearest", 5.0, seed=0),
    L("RandomShear", 0.3, [0.1, 0.4], seed=0),
    L("RandomShear", 0.5, fill_mode="constant", seed=0),
    L("RandomCrop", 3, 4, seed=0),
    L("RandomCrop", 6, 4, seed=0),
    L("RandomCrop", 9, 8, seed=0),
    L("Equalization"),
    L("Equalization", (0, 1), 16),
    L("Solarization", 0.3, 0.6, seed=0),
    L("Solarization", [0.1, 0.2], [0.3, 0.5], **UNIT),
]


QUICK = LAYERS[0], LAYERS[3], LAYERS[5], LAYERS[7], LAYERS[11]


@pytest.mark.parametrize("layer", QUICK, ids=repr)
def test_as_keras(layer: L, monkeypatch: pytest.MonkeyPatch) -> None:
    check_varied(layer, "channels_last", monkeypatch)


def test_turned_by_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    got = check_in_training(L("RandomRotation", None, seed=0), IMAGES, monkeypatch)
    np.testing.assert_allclose(got, IMAGES, atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("layer", LAYERS, ids=repr)
def test_all_as_keras(layer: L, data_format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    check_varied(layer, data_format, monkeypatch)


def check_varied(layer: L, data_format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    images = (
        IMAGES / 255 if "value_range" in layer.config or "Saturation" in repr(layer) else IMAGES
    )
    if data_format == "channels_first":
        if layer.class_name == "Solarization":
            return  # it has no data format
        layer = L(layer.class_name, *layer.args, **layer.config, data_format=data_format)
        images = images.transpose(0, 3, 1, 2)
        if layer.class_name == "RandomColorJitter":
            with pytest.raises(ValueError, match="split"):  # Keras' layers inside have no format
                layer.theirs()(images, training=True)
            return
    got = check_in_training(layer, images, monkeypatch)
    assert got.shape != images.shape or not np.allclose(got, images, atol=1e-3)
