"""The samples of each argument's rule against Keras: what one side takes, the other takes too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from graphc.declare import registry
from graphc.declare.rules import REJECTED
from tests.differential.harness import L, T, check_accepted, check_layer, check_rejected

OVER_WINDOWS = [
    f"{family}{rank}D{suffix}"
    for family, ranks, suffix in [
        ("Conv", (1, 2, 3), ""),
        ("DepthwiseConv", (1, 2), ""),
        ("SeparableConv", (1, 2), ""),
        ("Conv", (1, 2, 3), "Transpose"),
        ("MaxPooling", (1, 2, 3), ""),
        ("AveragePooling", (1, 2, 3), ""),
        ("GlobalMaxPooling", (1, 2, 3), ""),
        ("GlobalAveragePooling", (1, 2, 3), ""),
        ("AdaptiveAveragePooling", (1, 2, 3), ""),
        ("AdaptiveMaxPooling", (1, 2, 3), ""),
        ("Cropping", (1, 2, 3), ""),
        ("ZeroPadding", (1, 2, 3), ""),
        ("UpSampling", (1, 2, 3), ""),
    ]
    for rank in ranks
]
GRIDS = {1: T(9, 4), 2: T(9, 8, 4), 3: T(7, 6, 5, 4)}
REQUIRED_BY_WINDOWS = {"filters": 4, "kernel_size": 2, "pool_size": 2, "output_size": 2}


def over_windows(name: str) -> tuple[T, dict[str, Any]]:
    """What a layer over windows is applied to, and what it needs."""
    cls = registry("layer")[name]
    required = {key: value for key, value in REQUIRED_BY_WINDOWS.items() if is_required(cls, key)}
    return GRIDS[cls.spatial_rank], required


def is_required(cls: Any, argument: str) -> bool:
    return argument in cls.arguments and cls.arguments[argument].is_required


FLAT, STEPS, IMAGE, IDS = T(8), T(7, 8), T(8, 6, 3), T(7, dtype="int32")
PAIR = (T(4, 6), T(5, 6))
GRID_PAIR = [GRIDS[1], GRIDS[1]]

# What a layer is applied to, and what it needs besides the argument in question.
LAYERS: dict[str, tuple[Any, dict[str, Any]]] = {
    **{name: over_windows(name) for name in OVER_WINDOWS},
    "Flatten": (GRIDS[2], {}),
    "Reshape": (GRIDS[1], {"target_shape": (-1,)}),
    "Permute": (GRIDS[1], {"dims": (2, 1)}),
    "RepeatVector": (T(5), {"n": 2}),
    "Concatenate": (GRID_PAIR, {}),
    "Dot": (GRID_PAIR, {"axes": 1}),
    "Dense": (FLAT, {"units": 3}),
    "EinsumDense": (FLAT, {"equation": "ab,bc->ac", "output_shape": 3}),
    "Embedding": (IDS, {"input_dim": 9, "output_dim": 3}),
    "ReversibleEmbedding": (IDS, {"input_dim": 9, "output_dim": 3}),
    "Masking": (STEPS, {}),
    "Identity": (FLAT, {}),
    "Activation": (FLAT, {"activation": "relu"}),
    "ReLU": (FLAT, {}),
    "LeakyReLU": (FLAT, {}),
    "ELU": (FLAT, {}),
    "PReLU": (STEPS, {}),
    "Softmax": (STEPS, {}),
    "BatchNormalization": (FLAT, {}),
    "LayerNormalization": (FLAT, {}),
    "GroupNormalization": (FLAT, {"groups": 2}),
    "RMSNormalization": (FLAT, {}),
    "UnitNormalization": (FLAT, {}),
    "Dropout": (FLAT, {"rate": 0.5}),
    "AlphaDropout": (FLAT, {"rate": 0.5}),
    "GaussianDropout": (FLAT, {"rate": 0.5}),
    "GaussianNoise": (FLAT, {"stddev": 0.5}),
    "ActivityRegularization": (FLAT, {}),
    "MultiHeadAttention": (PAIR, {"num_heads": 2, "key_dim": 3}),
    "GroupQueryAttention": (
        PAIR,
        {"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 2},
    ),
    "Attention": (list(PAIR), {}),
    "AdditiveAttention": (list(PAIR), {}),
    "Rescaling": (STEPS, {"scale": 2.0}),
    "Normalization": (T(7, 2), {}),
    "CategoryEncoding": (IDS, {"num_tokens": 5}),
    "Discretization": (FLAT, {"bin_boundaries": [0.0]}),
    "STFTSpectrogram": (T(700, 2), {}),
    "MelSpectrogram": (T(7000), {}),
    "Resizing": (IMAGE, {"height": 4, "width": 5}),
    "CenterCrop": (IMAGE, {"height": 4, "width": 5}),
    "RandomCrop": (IMAGE, {"height": 4, "width": 5}),
    "AutoContrast": (IMAGE, {}),
    "ContrastLimitedAdaptiveHistogramEqualization": (IMAGE, {}),
    "RandomBrightness": (IMAGE, {"factor": 0.1}),
    "RandomColorDegeneration": (IMAGE, {"factor": 0.1}),
    "RandomColorJitter": (IMAGE, {}),
    "RandomContrast": (IMAGE, {"factor": 0.1}),
    "RandomElasticTransform": (IMAGE, {}),
    "RandomErasing": (IMAGE, {}),
    "RandomFlip": (IMAGE, {}),
    "RandomGaussianBlur": (IMAGE, {}),
    "RandomGrayscale": (IMAGE, {}),
    "RandomHue": (IMAGE, {"factor": 0.1}),
    "RandomInvert": (IMAGE, {}),
    "RandomPerspective": (IMAGE, {}),
    "RandomPosterization": (IMAGE, {"factor": 3}),
    "RandomRotation": (IMAGE, {"factor": 0.1}),
    "RandomSaturation": (IMAGE, {"factor": 0.1}),
    "RandomSharpness": (IMAGE, {"factor": 0.1}),
    "RandomShear": (IMAGE, {}),
    "RandomTranslation": (IMAGE, {"height_factor": 0.1, "width_factor": 0.1}),
    "RandomZoom": (IMAGE, {"height_factor": 0.1}),
    "Solarization": (IMAGE, {}),
    "Equalization": (IMAGE, {}),
    "MixUp": (IMAGE, {}),
    "CutMix": (IMAGE, {}),
    "RandAugment": (IMAGE, {}),
    "AugMix": (IMAGE, {}),
    "MaxNumBoundingBoxes": (IMAGE, {"max_number": 3}),
}

# What Keras never looks at, or not before it computes.
UNCHECKED = {
    *("alpha", "bins", "bounding_box_format", "chain_depth", "clip_limit", "epsilon"),
    *("fill_value", "gptq_unpacked_column_size", "logit_soft_cap", "lora_alpha", "mask_value"),
    *("max_number", "num_chains", "num_ops", "offset", "quantization_config", "renorm_momentum"),
    *("reverse_dtype", "scale", "seed", "value_range"),
    ("GroupQueryAttention", "num_query_heads"),
    ("UpSampling2D", "interpolation"),
    ("ZeroPadding2D", "padding"),
    ("ZeroPadding3D", "padding"),
    *((name, "output_size") for name in OVER_WINDOWS if name.startswith("Adaptive")),
    ("RandomFlip", "mode"),
    *(("Resizing", name) for name in ("height", "width", "interpolation", "fill_mode")),
    *((crop, name) for crop in ("CenterCrop", "RandomCrop") for name in ("height", "width")),
    *(("STFTSpectrogram", name) for name in ("frame_step", "window")),
    *(("MelSpectrogram", name) for name in registry("layer")["MelSpectrogram"].arguments),
}

# What the rule allows, and Keras cannot do on this input or backend, or does otherwise.
ELSEWHERE = {
    *((name, "axis") for name in ("Softmax", "UnitNormalization")),
    ("BatchNormalization", "synchronized"),
    ("MultiHeadAttention", "attention_axes"),
    ("Rescaling", "scale"),
    ("Rescaling", "offset"),
    # The mask that Keras 3.15 computes, and does not announce: see test_core.
    ("ReversibleEmbedding", "mask_zero"),
    # Keras 3.15 announces a frame too many where the stride divides samples + 1.
    ("MelSpectrogram", "sequence_stride"),
    # Frozen as a whole: the inner layers, made later, still call their weights trainable.
    ("MultiHeadAttention", "trainable"),
    ("GroupQueryAttention", "trainable"),
    # Its one regularizer is made of its arguments: Keras stumbles over a second.
    ("ActivityRegularization", "activity_regularizer"),
    # Keras takes neither of these here, as nothing could come of them.
    ("Discretization", "trainable"),
    ("Discretization", "activity_regularizer"),
}


def samples(name: str, kind: str) -> Iterator[tuple[L, str]]:
    _, required = LAYERS[name]
    for argument in registry("layer")[name].arguments.values():
        if argument.name in ("name", "dtype"):
            continue
        for value in getattr(argument.rule, kind):
            assert (argument.rule.accept(value) is REJECTED) == (kind == "invalid")
            yield L(name, **{**required, argument.name: value}), argument.name


def inputs(name: str) -> tuple[Any, ...]:
    """Several tensors in a tuple, a list of them as one."""
    given, _ = LAYERS[name]
    return given if isinstance(given, tuple) else (given,)


@pytest.mark.parametrize("name", LAYERS)
def test_valid_samples(name: str) -> None:
    for layer, argument in samples(name, "valid"):
        if (name, argument) not in ELSEWHERE:
            check_layer(layer, *inputs(name))


@pytest.mark.parametrize("name", LAYERS)
def test_invalid_samples(name: str) -> None:
    for layer, argument in samples(name, "invalid"):
        if UNCHECKED.isdisjoint({argument, (name, argument)}):
            check_rejected(layer, *inputs(name))


@pytest.mark.parametrize("name", LAYERS)
def test_the_bare_minimum(name: str) -> None:
    check_accepted(L(name, **LAYERS[name][1]), *inputs(name))
