"""What convolutions compute, in numbers, against the installed Keras."""

from __future__ import annotations

import pytest

from tests.differential.harness import L, T
from tests.differential.values import check_values

IMAGE = T(7, 6, 4)
FIRST = T(4, 7, 6)
STEPS = T(9, 4)
VOLUME = T(4, 5, 3, 2)

CASES = [
    (L("Conv1D", 3, 3, 2, "same"), STEPS),
    (L("Conv1D", 3, 3, padding="causal", dilation_rate=2), STEPS),
    (L("Conv1D", 4, 3, padding="causal", groups=2, data_format="channels_first"), T(4, 9)),
    (L("Conv1D", 3, 3, activation="softmax", data_format="channels_first"), T(4, 9)),
    (L("Conv2D", 3, (3, 2), (1, 2), "same", activation="relu"), IMAGE),
    (L("Conv2D", 3, 2, 3, "same"), T(None, 6, 4)),
    (L("Conv2D", 3, 3, 2, "same"), T(None, None, 4)),
    (L("Conv2D", 4, 3, groups=2, dilation_rate=(2, 1)), IMAGE),
    (L("Conv2D", 3, 3, data_format="channels_first", use_bias=False), FIRST),
    (L("Conv2D", 3, 3, lora_rank=2, lora_alpha=6), IMAGE),
    (L("Conv2D", 3, 3), T(7, 6, 4, dtype="int32")),
    (L("Conv3D", 3, (1, 2, 2), 2, "same"), VOLUME),
    (L("DepthwiseConv1D", 3, padding="same", depth_multiplier=2), STEPS),
    (L("DepthwiseConv2D", 3, 2, "same"), IMAGE),
    (L("DepthwiseConv2D", 2, depth_multiplier=3, data_format="channels_first"), FIRST),
    (L("SeparableConv1D", 3, 3, dilation_rate=2), STEPS),
    (L("SeparableConv2D", 3, 3, (2, 1), "same", depth_multiplier=2), IMAGE),
    (L("SeparableConv2D", 3, 2, data_format="channels_first"), FIRST),
    (L("Conv1DTranspose", 3, 3, 2), STEPS),
    (L("Conv1DTranspose", 3, 2, 4), T(None, 4)),
    (L("Conv1DTranspose", 3, 3, 2, "same", 0), STEPS),
    (L("Conv1DTranspose", 3, 4, 3, "same", 2), STEPS),
    (L("Conv2DTranspose", 3, 3, 2, "same"), IMAGE),
    (L("Conv2DTranspose", 3, (1, 4), (3, 2), "valid"), IMAGE),
    (L("Conv2DTranspose", 3, 3, dilation_rate=2, data_format="channels_first"), FIRST),
    (L("Conv2DTranspose", 3, 2, dilation_rate=3, padding="same"), IMAGE),
    (L("Conv3DTranspose", 3, 2, 2, "same"), VOLUME),
]


@pytest.mark.parametrize(("layer", "x"), CASES, ids=repr)
def test_values(layer, x):
    check_values(layer, x, tolerance=1e-4)
