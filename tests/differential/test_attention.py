"""Attention layers against Keras."""

from __future__ import annotations

from typing import Any

import pytest

from graphc.declare import registry
from graphc.declare.trace import trace_layer
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import BATCH, UNKNOWN, evaluate, variable
from graphc.ir.types import TensorType
from tests.differential.harness import L, T, cases, check_layer
from tests.differential.values import check_values

Q, V, K = T(4, 6), T(5, 7), T(5, 8)
MHA = "MultiHeadAttention"

MULTI_HEAD = [
    (L(MHA, 2, 3), Q, Q),
    (L(MHA, 2, 3), Q, V),
    (L(MHA, 2, 3), Q, V, K),
    (L(MHA, 2, 3, 5), Q, V),
    (L(MHA, 2, 3, 5, 0.1), Q, V),
    (L(MHA, 2, 3, use_bias=False), Q, V, K),
    (L(MHA, 2, 3, output_shape=9), Q, V),
    (L(MHA, 2, 3, output_shape=[9, 2]), Q, V),
    (L(MHA, 2, 3, output_shape=()), Q, V),
    (L(MHA, 2, 3, use_gate=True), Q, V),
    (L(MHA, 2, 3, 5, use_gate=True, use_bias=False), Q, V, K),
    (L(MHA, 2, 3, sliding_window=2), Q, V),
    (L(MHA, 2, 3, flash_attention=True), Q, V),
    (L(MHA, 2, 3, flash_attention=False, dropout=0.1), Q, V),
    (L(MHA, 2, 3), T(None, 6), T(None, 6)),
    (L(MHA, 2, 3, attention_axes=2), T(3, 4, 6), T(3, 5, 7)),
    (L(MHA, 2, 3, attention_axes=(1, 2)), T(3, 4, 6), T(2, 5, 7)),
    (L(MHA, 2, 3), T(3, 4, 6), T(2, 5, 7)),
    (L(MHA, 2, 3, attention_axes=-2), T(3, 4, 6), T(3, 5, 7)),
    (L(MHA, 2, 3), T(4, 6, masked=True), T(5, 7, masked=True)),
    (L(MHA, 2, 3), Q, T(5, 7, masked=True), T(5, 8, masked=True)),
    (L(MHA, 2, 3, dtype="mixed_float16"), Q, V),
    (L(MHA, 2, 3, dtype="float16", dropout=0.1), Q, V),
    (L(MHA, 2, 3), T(4, 6, dtype="int32"), T(5, 7, dtype="int32")),
    (L(MHA, 2, 3, kernel_initializer="zeros", bias_regularizer="l2"), Q, V),
    (L(MHA, 2, 3, kernel_constraint="non_neg", activity_regularizer="l1"), Q, V),
    # rejected
    (L(MHA, 0, 3), Q, V),
    (L(MHA, 2), Q, V),
    (L(MHA, 2, 0), Q, V),
    (L(MHA, 2, 3, 0), Q, V),
    (L(MHA, 2, 3, dropout=1.5), Q, V),
    (L(MHA, 2, 3, attention_axes="last"), Q, V),
    (L(MHA, 2, 3, sliding_window=0), Q, V),
    (L(MHA, 2, 3, flash_attention=True, dropout=0.1), Q, V),
    (L(MHA, 2, 3), Q, V, T(4, 8)),
    (L(MHA, 2, 3), Q, T(5, 7), T(None, 8)),
    (L(MHA, 2, 3), T(4, None), V),
    (L(MHA, 2, 3), Q),
]

GQA = "GroupQueryAttention"
V6, K8 = T(5, 6), T(5, 8)
GROUPED = [
    (L(GQA, 3, 4, 2), Q, V6),
    (L(GQA, 3, 4, 2), Q, V6, K8),
    (L(GQA, 3, 4, 1, 0.1), Q, V6),
    (L(GQA, 3, 4, 4, use_bias=False), Q, V6),
    (L(GQA, 3, 4, 2, use_gate=True), Q, V6),
    (L(GQA, 3, 4, 2, sliding_window=2), Q, V6),
    (L(GQA, 3, 4, 2), T(None, 6), T(None, 6)),
    (L(GQA, 3, 4, 2), T(4, 6, masked=True), T(5, 6, masked=True)),
    (L(GQA, 3, 4, 2, dtype="mixed_bfloat16"), Q, V6),
    (L(GQA, 3, 4, 2, kernel_initializer="he_normal", bias_constraint="non_neg"), Q, V6),
    (L(GQA, 3, 4, 3), Q, V6),
    (L(GQA, 3, 4, 2), Q, V),
    (L(GQA, 3, 4, 2), Q, V6, T(4, 8)),
    (L(GQA, 3, 4, 2, flash_attention=True, dropout=0.2), Q, V6),
    (L(GQA, 3, 4, 2, sliding_window=-1), Q, V6),
    (L(GQA, 3, 4), Q, V6),
]

K6 = T(5, 6)
LISTS = [
    (L("Attention"), [Q, V6]),
    (L("Attention"), [Q, V, K6]),
    (L("Attention", True), [Q, V6]),
    (L("Attention", True, "concat", 0.1, 3), [Q, V6]),
    (L("Attention", score_mode="concat"), [Q, V, K6]),
    (L("Attention"), [T(None, 6), T(None, 6)]),
    (L("Attention"), [T(2, 4, 6), T(2, 5, 6)]),
    (L("Attention"), [T(4, 6, masked=True), T(5, 6, masked=True)]),
    (L("Attention"), [Q, T(5, 6, masked=True)]),
    (L("Attention"), [T(4, 6, masked=True), V6]),
    (L("Attention", dtype="mixed_float16"), [Q, V6]),
    (L("Attention", True, dtype="float16"), [Q, V6]),
    (L("Attention"), [T(4, 6, dtype="int32"), T(5, 6, dtype="int32")]),
    (L("Attention"), Q),
    (L("Attention"), [Q]),
    (L("Attention"), [Q, V6, V6, V6]),
    (L("Attention", score_mode="sum"), [Q, V6]),
    (L("AdditiveAttention"), [Q, V6]),
    (L("AdditiveAttention", False, 0.1), [Q, V, K6]),
    (L("AdditiveAttention"), [T(None, 6), T(None, 6)]),
    (L("AdditiveAttention"), [T(4, 6, masked=True), T(5, 6, masked=True)]),
    (L("AdditiveAttention", dtype="mixed_float16"), [Q, V6]),
    (L("AdditiveAttention"), [T(4, None), T(5, None)]),
    (L("AdditiveAttention"), [Q]),
]


@cases(MULTI_HEAD, GROUPED, LISTS)
def test_as_keras(case: Any) -> None:
    check_layer(*case)


WITH_SCORES = [
    (L(MHA, 2, 3), Q, Q),
    (L(MHA, 2, 3), T(4, 6, masked=True), Q),
    (L(MHA, 2, 3), T(None, 6), T(None, 6)),
    (L(GQA, 3, 4, 2), Q, V6),
    (L("Attention"), [Q, V6]),
    (L("Attention", dtype="mixed_float16"), [T(4, 6, masked=True), T(5, 6, masked=True)]),
    (L("AdditiveAttention"), [Q, V, K6]),
]


@cases(WITH_SCORES)
def test_scores_as_keras(case: Any) -> None:
    check_layer(*case, return_attention_scores=True, use_causal_mask=True)


# Numbers

x, y, z = T(4, 6), T(5, 7), T(5, 8)
y6, z6 = T(5, 6), T(5, 6)
xm, ym, y6m = (T(*a.dims, masked=True) for a in (x, y, y6))
PAIRS = T(4, 5, dtype="bool")
SCORES = {"return_attention_scores": True}
CAUSAL = {"use_causal_mask": True}

VALUES: list[tuple[L, list[Any], dict[str, Any]]] = [
    (L(MHA, 2, 3), [x, y, z], {}),
    (L(MHA, 2, 3, 5), [x, y], SCORES),
    (L(MHA, 2, 3, use_gate=True), [xm, ym], CAUSAL),
    (L(MHA, 2, 3, sliding_window=2), [x, y], {**CAUSAL, **SCORES}),
    (L(MHA, 2, 3), [x, y], {"attention_mask": PAIRS}),
    (L(MHA, 2, 3, attention_axes=2), [T(3, 4, 6), T(3, 5, 7)], SCORES),
    (L(GQA, 3, 4, 2), [xm, y6m], CAUSAL),
    (L("Attention", True), [[xm, y6m]], SCORES),
    (L("AdditiveAttention"), [[x, y, z6]], CAUSAL),
]
MORE_VALUES: list[tuple[L, list[Any], dict[str, Any]]] = [
    (L(MHA, 2, 3, dropout=0.1, use_bias=False), [x, y, z], {}),
    (L(MHA, 2, 3), [xm, ym, T(5, 8, masked=True)], {}),
    (L(MHA, 2, 3), [xm, ym], SCORES),
    (L(MHA, 2, 3), [x, y], CAUSAL),
    (L(MHA, 2, 3, sliding_window=2), [x, y], {}),
    (L(MHA, 2, 3), [x, y], {"attention_mask": T(4, 5, dtype="int32", below=2), **SCORES}),
    (L(MHA, 2, 3), [x, y], {"attention_mask": T(2, 4, 5, dtype="bool")}),
    (L(MHA, 2, 3, output_shape=(7, 2)), [x, y], {}),
    (L(MHA, 2, 3), [T(2, 3, 6), T(4, 2, 7)], {}),
    (L(MHA, 2, 3, attention_axes=2), [T(3, 4, 6), T(3, 5, 7)], {"attention_mask": T(3, 4, 5)}),
    (L(MHA, 2, 3, attention_axes=-2), [T(3, 4, 6), T(3, 5, 7)], {}),
    (L(GQA, 3, 4, 2), [x, y6, z], {}),
    (L(GQA, 3, 4, 1, use_gate=True), [x, y6], SCORES),
    (L(GQA, 3, 4, 4, sliding_window=2), [x, y6], CAUSAL),
    (L(GQA, 3, 4, 2, dropout=0.2), [xm, y6m], {"attention_mask": PAIRS}),
    (L("Attention"), [[x, y, z6]], {}),
    (L("Attention", True, "concat"), [[x, y6]], {}),
    (L("Attention"), [[xm, y6m]], CAUSAL),
    (L("Attention"), [[x, y6m]], {}),
    (L("Attention"), [[x, y6]], {"mask": [T(4, dtype="bool"), T(5, dtype="bool")]}),
    (L("Attention"), [[T(2, 4, 6), T(2, 5, 6)]], {}),
    (L("AdditiveAttention", False), [[xm, y6m]], SCORES),
]


@cases(VALUES, slow=MORE_VALUES)
def test_values(case: Any) -> None:
    layer, inputs, call = case
    check_values(layer, *inputs, **call)


# What follows from the computation


def trace(name: str, args: tuple[Any, ...], *inputs: Any, **call: Any) -> Any:
    config = call.pop("config", {})
    layer = registry("layer")[name](*args, **config)
    types = [TensorType((BATCH, *dims), "float32") for dims in inputs]
    arguments = (
        {"inputs": types} if layer.takes_list else dict(zip(layer.parameters, types, strict=False))
    )
    for key, value in call.items():
        arguments[key] = TensorType(value, "bool") if isinstance(value, tuple) else value
    return trace_layer(layer, arguments)


def test_macs_are_those_of_projections_and_products() -> None:
    heads, size, steps, features = 8, 64, 10, 512
    macs = trace(MHA, (heads, size), (steps, features), (steps, features)).cost.macs
    projections = 4 * steps * features * heads * size
    products = 2 * heads * steps * steps * size
    assert evaluate(macs, {"B": 1}) == projections + products


def test_macs_of_attention_without_projections() -> None:
    macs = trace("Attention", (), (4, 6), (5, 7), (5, 6)).cost.macs
    assert evaluate(macs, {"B": 1}) == 4 * 5 * 6 + 4 * 5 * 7


def test_sharing_keys_saves_no_products() -> None:
    shared, own = (
        evaluate(trace(GQA, (3, 4, groups), (4, 6), (5, 6)).cost.macs, {"B": 1})
        for groups in (2, 4)
    )
    assert own - shared == 2 * 5 * 6 * 2 * 3  # the projections alone


def test_scores_are_of_both_lengths() -> None:
    # Keras 3.15 says [B, 2, 4, 4], and computes this.
    outputs, scores = trace(MHA, (2, 3), (4, 6), (5, 7), return_attention_scores=True).outputs
    assert (outputs.shape, scores.shape) == ((BATCH, 4, 6), (BATCH, 2, 4, 5))


@pytest.mark.parametrize("name", [MHA, GQA])
def test_symbolic_lengths(name: str) -> None:
    source, target = variable("S"), variable("T")
    args = (2, 3) if name == MHA else (3, 4, 2)
    made = trace(
        name, args, (target, 6), (source, 6), return_attention_scores=True, use_causal_mask=True
    )
    outputs, scores = made.outputs
    assert outputs.shape == (BATCH, target, 6)
    assert scores.shape[2:] == (target, source)


def test_unknown_lengths_with_a_mask() -> None:
    mask = (BATCH, UNKNOWN, UNKNOWN)
    made = trace(MHA, (2, 3), (UNKNOWN, 6), (UNKNOWN, 6), attention_mask=mask)
    assert made.outputs[0].rank == 3


def test_inner_layers_are_named_as_in_keras() -> None:
    made = trace(MHA, (2, 3), (4, 6), (5, 7), config={"use_gate": True})
    names = ["query", "key", "gate", "value", "attention_output"]
    expected = [f"{name}/{weight}" for name in names for weight in ("kernel", "bias")]
    assert [spec.path for spec, _ in made.weights] == expected


# What Keras only finds out when it computes, or never.
LATE = [
    (MHA, (2, 3), [(4,), (4,)], {}, "needs a rank-3 or higher input"),
    (MHA, (2, 3), [(4, 6), (3, 4, 6)], {}, "a query, value and key of one rank"),
    (MHA, (2, 3), [(4, 6), (5, 7)], {"attention_mask": (BATCH, 5, 4)}, r"to \[B, 4, 5\], got"),
    (MHA, (2, 3), [(4, 6), (5, 7)], {"attention_mask": (BATCH, 1, 1, 4, 5)}, "`attention_mask`"),
    (
        MHA,
        (2, 3),
        [(4, 6), (5, 7)],
        {"config": {"flash_attention": True}, "return_attention_scores": True},
        "`return_attention_scores` to be False",
    ),
    (MHA, (2, 3), [(4, 6), (5, 7)], {"config": {"attention_axes": ()}}, "`attention_axes`"),
    (MHA, (2, 3), [(4, 6), (5, 7)], {"config": {"attention_axes": 3}}, "`attention_axes`"),
    (
        MHA,
        (2, 3),
        [(3, 4, 6), (3, 5, 7)],
        {"config": {"attention_axes": (2, -2)}},
        "each once",
    ),
    (GQA, (3, 4, 2), [(2, 4, 6), (2, 5, 6)], {}, "needs a rank-3 input"),
    ("Attention", (), [(4, 6), (6,)], {}, "of one rank"),
    ("Attention", (), [(4, 6), (5, 7)], {}, "equally wide"),
    ("Attention", (), [(4, 6), (5, 6)], {"mask": (BATCH, 4)}, "a list of a query mask"),
]


@pytest.mark.parametrize(("name", "args", "inputs", "call", "message"), LATE)
def test_rejected(name: str, args: Any, inputs: Any, call: Any, message: str) -> None:
    with pytest.raises(Fault, match=message):
        trace(name, args, *inputs, **call)


def test_steps_of_two_names_differ_for_some_sizes() -> None:
    one, other = variable("S"), variable("T")
    with pytest.raises(Fault, match="needs a value and a key of the same steps") as caught:
        trace(MHA, (2, 3), (4, 6), (one, 7), (other, 8))
    assert "S == T" in (caught.value.help or "")
