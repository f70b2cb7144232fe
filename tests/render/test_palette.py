"""Text on every colour can be read, and families can be told apart without seeing every colour."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from graphc.render.palette import CHANGES, PALETTE, PAPER, shade

# Machado, Oliveira, Fernandes (2009): what is seen with no long- and with no middle-wave cones.
SIGHTS = {
    "full": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
}
FAMILIES = [name for name in PALETTE if name not in ("block", "model", "repeat")]
ALL = [
    *PALETTE.items(),
    *((name, colours) for name, (_, colours) in CHANGES.items()),
]


def linear(colour: str) -> np.ndarray:
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def contrast(a: str, b: str) -> float:
    weights = np.array([0.2126, 0.7152, 0.0722])
    dark, light = sorted((float(linear(a) @ weights), float(linear(b) @ weights)))
    return (light + 0.05) / (dark + 0.05)


def oklab(light: np.ndarray) -> np.ndarray:
    cones = np.array(
        [
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ]
    )
    axes = np.array(
        [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ]
    )
    return axes @ np.cbrt(cones @ np.clip(light, 0, 1))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("name", "colours"), ALL, ids=[name for name, _ in ALL])
def test_text_can_be_read(name: str, colours: object, theme: str) -> None:
    here = colours.of(theme)  # type: ignore[attr-defined]
    assert contrast(here.text, here.fill) >= 4.5
    assert contrast(PAPER[theme].text, PAPER[theme].fill) >= 4.5


@pytest.mark.parametrize("sight", SIGHTS)
def test_families_differ(sight: str) -> None:
    seen = {name: oklab(SIGHTS[sight] @ linear(PALETTE[name].light.border)) for name in FAMILIES}
    for a, b in combinations(FAMILIES, 2):
        # About three times what is just noticed side by side (0.02).
        assert np.linalg.norm(seen[a] - seen[b]) > 0.06, (a, b)


def test_a_family_that_is_not_known_has_colours() -> None:
    assert shade("nonsense") == PALETTE["operation"]
