"""Costs, against figures worked out by hand, published ones, and XLA's own count."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

import pytest

import graphc

SAMPLES = Path(__file__).parents[2] / "samples"

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_PLATFORMS", "cpu")

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import jax
    import keras
    import numpy as np


def xla_flops(model: Any, shape: tuple[int, ...]) -> float:
    """What XLA counts for one example, operations and elementary functions together."""

    def forward(trainable: Any, others: Any, x: Any) -> Any:
        return model.stateless_call(trainable, others, x, training=False)[0]

    variables = [
        [variable.value for variable in group]
        for group in (model.trainable_variables, model.non_trainable_variables)
    ]
    lowered = jax.jit(forward).lower(*variables, np.zeros((1, *shape), "float32"))
    analysis = lowered.cost_analysis()
    return analysis["flops"] + analysis.get("transcendentals", 0)


LAYERS = keras.layers
CASES = {
    "cnn": (
        (32, 32, 3),
        [
            (LAYERS.Conv2D, "Conv2D", (8, 3), {}),
            (LAYERS.MaxPooling2D, "MaxPooling2D", (2,), {}),
            (LAYERS.Conv2D, "Conv2D", (16, 3), {"strides": 2}),
            (LAYERS.AveragePooling2D, "AveragePooling2D", (2,), {}),
            (LAYERS.Flatten, "Flatten", (), {}),
            (LAYERS.Dense, "Dense", (10,), {}),
        ],
    ),
    "grouped": (
        (16, 16, 8),
        [
            (LAYERS.Conv2D, "Conv2D", (8, 3), {"groups": 4}),
            (LAYERS.DepthwiseConv2D, "DepthwiseConv2D", (3,), {}),
            (LAYERS.Conv2D, "Conv2D", (4, 1), {"use_bias": False}),
        ],
    ),
    "dense": ((50,), [(LAYERS.Dense, "Dense", (20,), {}), (LAYERS.Dense, "Dense", (3,), {})]),
    "sequence": (
        (20, 6),
        [
            (LAYERS.Conv1D, "Conv1D", (5, 3), {"dilation_rate": 2}),
            (LAYERS.Dense, "Dense", (4,), {}),
        ],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_flops_are_those_that_xla_counts(name: str) -> None:
    shape, layers = CASES[name]
    model = keras.Sequential([keras.Input(shape), *[cls(*a, **k) for cls, _, a, k in layers]])
    lines = [
        f"{text}({', '.join([*map(repr, a), *(f'{n}={v!r}' for n, v in k.items())])})"
        for _, text, a, k in layers
    ]
    body = "\n".join([f"input {list(shape)}", *lines])
    summary = graphc.parse(f"sequential s {{\n{body}\n}}").summary()
    assert summary.flops == xla_flops(model, shape)


def summary_of(body: str) -> Any:
    return graphc.parse(f"model m {{\n{body}\n}}").summary()


def test_a_layer_called_twice_costs_twice_and_has_its_weights_once() -> None:
    summary = summary_of("input x: [8]\nd = Dense(8)\noutput x -> d -> d")
    (row,) = [row for row in summary.rows if row.type == "Dense"]
    assert (row.calls, row.macs, row.parameters.total) == (2, 2 * 64, 72)


def test_attention_counts_its_products() -> None:
    length, width, heads, size = 10, 16, 2, 8
    summary = summary_of(
        f"input x: [{length}, {width}]\n"
        f"output (x, x) -> MultiHeadAttention({heads}, {size}, use_bias=False)"
    )
    projections = 4 * length * width * heads * size
    products = 2 * heads * length * length * size
    assert summary.macs == projections + products


def test_an_lstm_costs_its_cell_at_every_step() -> None:
    steps, features, units = 7, 5, 3
    summary = summary_of(f"input x: [{steps}, {features}]\noutput x -> LSTM({units})")
    assert summary.macs == steps * 4 * units * (units + features)


def test_costs_keep_symbolic_sizes() -> None:
    summary = summary_of("input x: [T, 4]\noutput x -> Dense(3, use_bias=False)")
    assert str(summary.macs) == "12*T"


def test_figures_are_those_that_were_published() -> None:
    # He et al. give 3.8e9 multiply-adds for ResNet-50 (Table 1).
    macs = graphc.load(SAMPLES / "resnet50.net").summary().macs
    assert macs == 3_857_973_248


def test_requirements_speak_of_the_model() -> None:
    text = "model m {{\ninput x: [4]\noutput x -> Dense(3)\nrequire {}\n}}"
    facts = "params == 15 and trainable_params == 15 and macs == 12 and flops == 27"
    assert graphc.parse(text.format(facts + " and weight_bytes == 60")).count_params() == 15
    with pytest.raises(graphc.CheckError, match=r"params = 15\)"):
        graphc.parse(text.format("params < 15"))
