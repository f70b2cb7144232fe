"""What is made of several images or by several augmentations, value by value beside Keras."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest

from graphc.declare.trace import trace_layer
from graphc.ir.tensor import steps_of
from graphc.ir.types import TensorType
from graphc.layers import augmentation_chains, image_mixing
from graphc.ops.random import uniform
from graphc.ops.reduction import sum_
from graphc.runtime.execute import Compiled
from tests.differential.forced import check_in_training, uniforms
from tests.differential.harness import L, keras

random = np.random.default_rng(47)
IMAGES = random.uniform(0, 255, (5, 12, 9, 3)).astype("float32")


def check(
    layer: L, monkeypatch: pytest.MonkeyPatch, images: Any = IMAGES, places: Sequence[int] = ()
) -> Any:
    """Hold a layer in training to Keras', with uniform numbers in place of others on both sides."""
    for module in (image_mixing, augmentation_chains):
        monkeypatch.setattr(module, "beta", lambda shape, _, seed: uniform(shape, seed))
    monkeypatch.setattr(augmentation_chains, "dirichlet", _shares)
    got = check_in_training(layer, images, monkeypatch, places)
    assert not np.allclose(got, images, atol=1e-3)
    return got


def _shares(count: int, alpha: float, seed: int | None) -> Any:
    drawn = uniform((count,), seed)
    return drawn / sum_(drawn)


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("layer", [L("MixUp", 0.3), L("CutMix"), L("CutMix", [0.2, 0.4])], ids=repr)
def test_pairs(layer: L, data_format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    layer = L(layer.class_name, *layer.args, seed=0, data_format=data_format)
    is_last = data_format == "channels_last"
    check(layer, monkeypatch, IMAGES if is_last else IMAGES.transpose(0, 3, 1, 2))


@pytest.mark.parametrize(
    "layer",
    [
        L("RandomElasticTransform"),
        pytest.param(L("RandomElasticTransform", [0.3, 0.8], [0.7, 1.0]), marks=pytest.mark.slow),
        pytest.param(
            L("RandomElasticTransform", 0.9, 0.9, "nearest", "constant", 9.0),
            marks=pytest.mark.slow,
        ),
    ],
    ids=repr,
)
def test_warped(layer: L, monkeypatch: pytest.MonkeyPatch) -> None:
    backend = keras.src.backend.jax.image
    monkeypatch.setattr(backend, "draw_seed", lambda _: 3)
    normal = np.vectorize(NormalDist().inv_cdf)
    monkeypatch.setattr(
        backend.jax.random, "normal",
        lambda place, shape, dtype: normal(uniforms(place, shape)).astype(dtype),
    )  # fmt: skip
    # Neighbours are alike: where a pixel is read is rounded, to as much as 1e-4 of a pixel.
    images = random.uniform(100, 120, (3, 40, 33, 2)).astype("float32")
    check(L(layer.class_name, *layer.args, seed=0), monkeypatch, images)


# How many numbers each kind of augmentation draws, in the order in which Keras has them.
ALL_KINDS = {
    "random_shear": 3, "random_translation": 2, "random_rotation": 1, "random_posterization": 1,
    "solarization": 2, "auto_contrast": 0, "equalization": 0, "random_brightness": 1,
    "random_color_degeneration": 1, "random_contrast": 1, "random_sharpness": 1,
}  # fmt: skip


def places_of(kinds: Sequence[str], chosen: Sequence[str]) -> list[int]:
    """The places in which ours draws what those that are chosen do."""
    return [
        augmentation_chains._PLACES * (kinds.index(name) + 1) + number
        for name in chosen
        for number in range(ALL_KINDS[name])
    ]


@pytest.mark.parametrize(
    ("count", "options"),
    [
        pytest.param(2, {}, marks=pytest.mark.slow),
        pytest.param(3, {"factor": 0.9}, marks=pytest.mark.slow),
        pytest.param(9, {"factor": [0.2, 0.4]}, marks=pytest.mark.slow),
    ],
)
def test_some_of_all_kinds(
    count: int, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = keras.layers.RandAugment._AUGMENT_LAYERS
    places = [0, *places_of(kinds, kinds)]
    check(L("RandAugment", num_ops=count, **options, seed=0), monkeypatch, places=places)


def drawn_in_loops(layer: L) -> int:
    """How many tensors of random numbers are drawn anew in each turn of a loop."""
    images = TensorType(IMAGES.shape, "float32")
    trace = trace_layer(layer.ours(), {"data": images}, training=True)
    loops = [
        step.attributes["body"] for step in steps_of(trace.outputs) if "body" in step.attributes
    ]
    return sum(
        step.primitive.name == "random_bits" for body in loops for step in steps_of(body.results)
    )


def test_what_is_chosen_twice_does_the_same_twice() -> None:
    assert not drawn_in_loops(L("RandAugment", num_ops=3))


@pytest.mark.parametrize(
    ("chains", "depth", "options"),
    [
        (2, 2, {"all_ops": False}),
        pytest.param(3, 3, {}, marks=pytest.mark.slow),
        pytest.param(1, 7, {"factor": 0.8}, marks=pytest.mark.slow),
        pytest.param(4, 2, {"factor": [0.1, 0.6], "alpha": 0.4}, marks=pytest.mark.slow),
    ],
)
def test_chains(
    chains: int, depth: int, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = list(ALL_KINDS)[: None if options.get("all_ops", True) else 7]
    drawn = np.floor(uniforms(0, (chains, depth)) * (len(kinds) + 1)).astype(int).ravel()
    chosen = [(*kinds, None)[number] for number in drawn]
    module = import_module(keras.layers.AugMix.__module__)
    waiting = iter(chosen)
    monkeypatch.setattr(module.py_random, "choice", lambda _: next(waiting))
    places = [1, 2, *places_of(kinds, [name for name in chosen if name is not None])]
    layer = L("AugMix", num_chains=chains, chain_depth=depth, **options, seed=0)
    check(layer, monkeypatch, places=places)


def test_chains_of_nothing() -> None:
    layer = L("AugMix", chain_depth=0).ours()
    trace = trace_layer(layer, {"data": TensorType(IMAGES.shape, "float32")}, training=True)
    (got,) = Compiled(trace.inputs, trace.outputs)(IMAGES)
    np.testing.assert_allclose(got, IMAGES, rtol=1e-5)
