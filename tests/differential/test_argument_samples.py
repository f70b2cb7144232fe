"""The samples of each argument's rule against Keras: what one side takes, the other takes too."""

from __future__ import annotations

import pytest

from graphc.declare import registry
from graphc.declare.rules import REJECTED
from tests.differential.harness import L, T, check_accepted, check_layer, check_rejected

INPUTS = {1: T(9, 4), 2: T(9, 8, 4), 3: T(7, 6, 5, 4)}
# What a layer needs besides the argument in question.
REQUIRED = {
    "filters": 4,
    "kernel_size": 2,
    "pool_size": 2,
    "output_size": 2,
    "n": 2,
    "target_shape": (-1,),
    "dims": (2, 1),
    "axes": 1,
}
SPATIAL = [
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
OTHERS = {
    "Flatten": INPUTS[2],
    "Reshape": T(9, 4),
    "Permute": INPUTS[1],
    "RepeatVector": T(5),
    "Concatenate": [INPUTS[1], INPUTS[1]],
    "Dot": [INPUTS[1], INPUTS[1]],
}
CASES = {**{name: INPUTS[registry("layer")[name].spatial_rank] for name in SPATIAL}, **OTHERS}
# Keras does not look at these, or not when it builds: see the families' own tests.
UNCHECKED = {
    ("UpSampling2D", "interpolation"),
    ("ZeroPadding2D", "padding"),
    ("ZeroPadding3D", "padding"),
    *((name, "output_size") for name in SPATIAL if name.startswith("Adaptive")),
    *((f"Conv{rank}D", "lora_alpha") for rank in (1, 2, 3)),
}


def samples_of(name):
    required = {a: v for a, v in REQUIRED.items() if a in registry("layer")[name].arguments}
    for argument in registry("layer")[name].arguments.values():
        if argument.name not in ("name", "dtype"):
            yield argument, required


@pytest.mark.parametrize("name", CASES)
def test_valid_samples(name):
    taken = 0
    for argument, required in samples_of(name):
        for value in argument.rule.valid:
            assert argument.rule.accept(value) is not REJECTED
            check_layer(L(name, **{**required, argument.name: value}), CASES[name])
            taken += 1
    assert taken


@pytest.mark.parametrize("name", CASES)
def test_invalid_samples(name):
    for argument, required in samples_of(name):
        if (name, argument.name) in UNCHECKED:
            continue
        for value in argument.rule.invalid:
            check_rejected(L(name, **{**required, argument.name: value}), CASES[name])


def test_the_bare_minimum():
    for name, x in CASES.items():
        required = next(iter(samples_of(name)))[1]
        check_accepted(L(name, **required), x)
