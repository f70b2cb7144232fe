"""Models that each have something that programs easily lose."""

from __future__ import annotations

from typing import NamedTuple


class Feature(NamedTuple):
    """A text, and the backends that cannot run it, each with what it says."""

    text: str
    fails: dict[str, str] = {}


def net(*lines: str) -> str:
    """A model of these lines."""
    return "model net {\n" + "".join(f"    {line}\n" for line in lines) + "}\n"


FEATURES = {
    "channels_first": Feature(
        net(
            "input x: [3, 8, 6]",
            'output x -> BatchNormalization(axis=1) -> ZeroPadding2D(1, data_format="channels_first")'
            ' -> UpSampling2D(2, data_format="channels_first")'
            ' -> Flatten(data_format="channels_first")',
        )
    ),
    "channels_first_convolution": Feature(
        net(
            "input x: [3, 8, 6]",
            'output x -> Conv2D(4, 3, data_format="channels_first")'
            ' -> GlobalAveragePooling2D(data_format="channels_first") -> Dense(2)',
        ),
        # Of TensorFlow itself: only its GPU kernels take channels first.
        {"tensorflow": "only supports the NHWC tensor format on the CPU"},
    ),
    "mixed_float16": Feature(
        net(
            "input x: [4]",
            'y = x -> Dense(8, gelu, dtype="mixed_float16") -> LayerNormalization(dtype="mixed_float16")',
            'output y -> Dense(2, dtype="mixed_float16")',
        )
    ),
    "gelu_by_values": Feature(
        "block both(f=gelu, g=None) {\n"
        "    input x: [C]\n"
        "    y = 4 * x -> Dense(C, f)\n"
        "    output 4 * y -> f -> Dense(C, g)\n"
        "}\n"
        "const function = gelu\n"
        + net(
            "input x: [6]",
            "y = x -> both() -> both(silu, relu) -> both(g=gelu) -> Dense(6, function)",
            "for f in [relu, gelu] {",
            "    y = 4 * y -> Dense(6, f) -> f",
            "}",
            "chosen = gelu",
            "output 4 * y -> Dense(3, relu if chosen == relu else gelu)",
        )
    ),
    "states_of_several_cells": Feature(
        net(
            "input x: [5, 4]",
            "input a: [3]",
            "input b: [3]",
            "cells = RNN([LSTMCell(3), LSTMCell(3)], return_state=True)",
            "y, c, d, e, f = (x, initial_state=((a, b), [b, a])) -> cells",
            "z = (x, initial_state=[c, [d, e]]) -> RNN([GRUCell(3), LSTMCell(3)])",
            "w = (x, initial_state=[[c, d], [e, f], (a, b), [a, b]])"
            " -> Bidirectional(RNN([LSTMCell(3), LSTMCell(3)]))",
            "output y, z, w",
        )
    ),
    "functions_given_to_blocks": Feature(
        "block pool(kind, width=8) {\n"
        "    input x\n"
        "    output x -> Dense(width) -> kind(axis=1)\n"
        "}\n"
        "block both(f, g, axis=-1) {\n"
        "    input x\n"
        "    y = g(x, axis=axis)\n"
        "    output f(y), x -> f\n"
        "}\n"
        + net(
            "input x: [5, 4]",
            "a = x -> pool(mean)",
            "b = x -> pool(max) -> relu",
            "c, d = x -> both(abs, sum)",
            "e, f = x -> both(exp, min, axis=1)",
            "output a, b, x -> pool(log_softmax, 4), c, d, e, f",
        )
    ),
    "functions_that_are_no_activations": Feature(
        "block both(f, g=re_lu) {\n"
        "    input x: [C]\n"
        "    output x -> Dense(C, f) -> Dense(C, g) -> re_lu(threshold=0.1)\n"
        "}\n"
        + net(
            "input x: [6]",
            "y = x -> both(sin) -> both(gelu, cos) -> Dense(6, re_lu) -> Activation(cos)",
            "output y -> Dense(3, absolute), y -> both(re_lu) -> re_lu(0.2, 1.0)",
        )
    ),
    "bfloat16": Feature(
        net(
            "input x: [4]",
            'output x -> Dense(8, relu, dtype="bfloat16") -> Dense(3, dtype="bfloat16")',
        )
    ),
    "float64": Feature(net("input x: [4]", 'output x -> Dense(2, dtype="float64")')),
    "frozen": Feature(
        net(
            "input x: [6, 4]",
            "y = x -> Dense(4, trainable=False) -> Bidirectional(LSTM(3, return_sequences=True),"
            " trainable=False)",
            "output y -> BatchNormalization(trainable=False) -> GRU(2, trainable=False)",
        )
    ),
    "frozen_model": Feature(
        "model inner {\n    input x: [4]\n    output x -> Dense(3)\n}\n"
        + net("input x: [4]", "output x -> inner(trainable=False) -> Dense(2)")
    ),
    "frozen_as_a_whole": Feature(
        "frozen sequential inner {\n    input [4]\n    Dense(4)  # wide\n    BatchNormalization()\n}\n"
        "frozen "
        + net("input x: [4]", "a = x -> inner", "output (a -> inner() as other) -> Dense(2)")
    ),
    "seeded": Feature(
        net(
            "input x: [8]",
            "output x -> GaussianNoise(0.1, seed=3) -> Dropout(0.5, seed=7)"
            " -> Dense(2, kernel_initializer=HeNormal(seed=1))",
        )
    ),
    "negative_seed": Feature(
        net("input x: [8]", "output x -> GaussianNoise(0.1, seed=-2)"),
        # These two backends keep seeds in an unsigned array.
        {"numpy": "out of bounds for uint32", "jax": "out of bounds for uint32"},
    ),
    # Its layers are built, and counted by Keras, though nothing reads what it gives.
    "model_in_vain": Feature(
        "model inner {\n    input x: [4]\n    output x -> Dense(3)\n}\n"
        + net("input x: [4]", "y = x -> inner", "output x -> Dense(2)")
    ),
    # Keras gives the states of each cell as a list of their own.
    "states_of_cells": Feature(
        net(
            "input x: [5, 3]",
            "y, h, c, g = x -> RNN([LSTMCell(4), GRUCell(2)], return_state=True)",
            "output [y, h, c, g] -> Concatenate() -> Dense(2)",
        )
    ),
    "states_of_directions": Feature(
        net(
            "input x: [5, 3]",
            "made = x -> Bidirectional(RNN([LSTMCell(4), GRUCell(2)], return_state=True))",
            "output made[2] -> Dense(2)",
        )
    ),
    "states_of_a_cell": Feature(
        net(
            "input x: [3]",
            "input h: [4]",
            "input c: [4]",
            "y, after, carry = (x, [h, c]) -> LSTMCell(4)",
            "output y + after * 2 + carry",
        )
    ),
    "shared": Feature(
        net(
            "input a: [4]",
            "input b: [4]",
            "tower = Dense(3, tanh)",
            "output [a -> tower, b -> tower, a + b -> tower] -> Concatenate() -> Dense(1)",
        )
    ),
    "named_outputs": Feature(
        net(
            "input a: [4]",
            "input b: [5]",
            "x = [a, b] -> Concatenate()",
            "output first = x -> Dense(2), second = x -> Dense(3)",
        )
    ),
    "masks": Feature(
        net(
            "input words: int32[6]",
            "x = words -> Embedding(4, 3, mask_zero=True) -> LSTM(3, return_sequences=True)",
            "output x -> GlobalAveragePooling1D(), x -> Masking() -> GRU(2)",
        )
    ),
    "attention_mask": Feature(
        net(
            "input x: [5, 4]",
            "input seen: bool[5, 5]",
            "output (query=x, value=x, attention_mask=seen) -> MultiHeadAttention(2, 3)",
        )
    ),
    "training": Feature(
        net(
            "input x: [4]",
            "y = x -> Dense(3)",
            "output (y, training=False) -> Dropout(0.5) -> BatchNormalization()",
        )
    ),
    "nested": Feature(
        "model inner {\n    input x: [4]\n    y = x -> Dense(3)\n    output y, y -> Dense(2)\n}\n"
        + net("input x: [4]", "a, b = x -> inner", "output [a, b] -> Concatenate() -> Dense(1)")
    ),
}
