"""Dense, EinsumDense, embeddings, Masking and Identity against Keras."""

from __future__ import annotations

from typing import Any

import pytest

from graphc.declare.trace import trace_layer
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import BATCH, variable
from graphc.ir.types import TensorType
from graphc.layers.dense import Dense
from graphc.layers.einsum_dense import EinsumDense
from graphc.layers.embedding import Embedding, ReversibleEmbedding
from graphc.layers.masking import Masking
from tests.differential.harness import I, L, T, cases, check_layer
from tests.differential.values import check_values

IDS = T(7, dtype="int32")

DENSE = [
    (L("Dense", 3), T(4)),
    (L("Dense", 3), T(4, masked=False)),
    (L("Dense", 3), T(7, 4, masked=True)),
    (L("Dense", 3), T(None, None, 4)),
    (L("Dense", 3), T()),
    (L("Dense", 3), T(None)),
    (L("Dense", 3), T(4, None)),
    (L("Dense", 3), T(4, dtype="int32")),
    (L("Dense", 3), T(4, dtype="bool")),
    (L("Dense", 3), T(4, dtype="float16")),
    (L("Dense", 3, dtype="float16"), T(4)),
    (L("Dense", 3, dtype="bfloat16"), T(4)),
    (L("Dense", 3, dtype="mixed_float16"), T(4)),
    (L("Dense", 3, dtype="mixed_bfloat16"), T(4, dtype="int32")),
    (L("Dense", 3, "softmax"), T(4)),
    (L("Dense", 3, activation="relu", use_bias=False), T(4)),
    (L("Dense", 3, activation=L("ReLU", 6.0)), T(4)),
    (L("Dense", 3, trainable=False), T(4)),
    (L("Dense", 3, kernel_initializer="he_normal", bias_initializer=I("Constant", 0.1)), T(4)),
    (L("Dense", 3, kernel_regularizer="l2", activity_regularizer="l1"), T(4)),
    (L("Dense", 3, kernel_constraint="non_neg", bias_constraint="max_norm"), T(4)),
    (L("Dense", 3, lora_rank=2), T(4)),
    (L("Dense", 3, lora_rank=2), T(5, 4)),
    (L("Dense", 3, lora_rank=2, lora_alpha=4), T(4)),
    (L("Dense", 3, lora_rank=0), T(4)),
    (L("Dense", 3, use_bias=False, lora_rank=1, kernel_regularizer="l2"), T(4)),
    (L("Dense", 3, lora_rank=2, dtype="mixed_float16"), T(4)),
    (L("Dense", 3, lora_rank=2, trainable=False), T(4)),
    (L("Dense", 3, lora_rank=2, kernel_constraint="non_neg"), T(4)),
    (L("Dense", 3, lora_rank=-1), T(4)),
    (L("Dense", 0), T(4)),
    (L("Dense", -3), T(4)),
    (L("Dense", "3"), T(4)),
    (L("Dense", 3, "no_such_activation"), T(4)),
    (L("Dense", 3, kernel_initializer="no_such"), T(4)),
    (L("Dense"), T(4)),
    (L("Dense", 3, colour="red"), T(4)),
]

EINSUM = [
    (L("EinsumDense", "ab,bc->ac", 64), T(8)),
    (L("EinsumDense", "ab,bc->ac", 64, bias_axes="c"), T(8)),
    (L("EinsumDense", "ab,bc->ac", (64,), activation="relu", bias_axes="c"), T(8)),
    (L("EinsumDense", "abc,cd->abd", (None, 64), bias_axes="d"), T(None, 8)),
    (L("EinsumDense", "abc,cd->abd", (7, 64), bias_axes="d"), T(7, 8)),
    (L("EinsumDense", "abc,cd->abd", (7, 64), bias_axes="bd"), T(7, 8)),
    (L("EinsumDense", "abc,cd->abd", (7, 64), bias_axes="b"), T(7, 8)),
    (L("EinsumDense", "abc,cde->abde", (None, 4, 16), bias_axes="de"), T(None, 8)),
    (L("EinsumDense", "abcd,cde->abe", (None, 16), bias_axes="e"), T(None, 4, 8)),
    (L("EinsumDense", "abc,bde->acde", (8, 4, 5)), T(7, 8)),
    (L("EinsumDense", "abc,bd->adc", (5, 8), bias_axes="dc"), T(7, 8)),
    (L("EinsumDense", "abc,cd->adb", (5, 7)), T(7, 8)),
    (L("EinsumDense", "...x,xy->...y", 64, bias_axes="y"), T(8)),
    (L("EinsumDense", "...x,xy->...y", 64, bias_axes="y"), T(None, 8)),
    (L("EinsumDense", "...x,xy->...y", 64, bias_axes="y"), T(5, 5, 8)),
    (L("EinsumDense", "...ab,bc->...ac", (None, 64)), T(None, 8)),
    (L("EinsumDense", "...ab,bc->...ac", 64, bias_axes="c"), T(8)),
    (L("EinsumDense", "...abc,cde->...abde", (6, 4, 5), bias_axes="be"), T(3, 6, 8)),
    (L("EinsumDense", "ab...,bc->ac...", 64), T(8)),
    (L("EinsumDense", "ab...,bc->ac...", 64, bias_axes="c"), T(8, 5)),
    (L("EinsumDense", "ab...,bc->ac...", 64, bias_axes="c"), T(8, 5, None)),
    (L("EinsumDense", "ab,bc->ac", 64, dtype="mixed_float16", bias_axes="c"), T(8)),
    (L("EinsumDense", "ab,bc->ac", 64), T(8, dtype="int32")),
    (L("EinsumDense", "ab,bc->ac", 64), T(8, dtype="float16")),
    (L("EinsumDense", "abc,cd->abd", (None, 64)), T(None, 8, masked=True)),
    (L("EinsumDense", "ab,bc->ac", 64, lora_rank=2, bias_axes="c"), T(8)),
    (L("EinsumDense", "abc,cde->abde", (None, 4, 16), lora_rank=2, lora_alpha=3), T(None, 8)),
    (L("EinsumDense", "ab,bc->ac", 64, lora_rank=2, kernel_constraint="non_neg"), T(8)),
    # rejected
    (L("EinsumDense", "ab,bc->ac", None), T(8)),
    (L("EinsumDense", "ab,bc->ac", "64"), T(8)),
    (L("EinsumDense", "ab,bc", 64), T(8)),
    (L("EinsumDense", "ab, bc -> ac", 64), T(8)),
    (L("EinsumDense", "a...,bc->ac...", 64), T(8)),
    (L("EinsumDense", "ab,cd->ac", 64), T(8)),
    (L("EinsumDense", "ab,bc->ae", 64), T(8)),
    (L("EinsumDense", "ab,bc->ac", 64, bias_axes="b"), T(8)),
    (L("EinsumDense", "ab,bc->ac", 64, bias_axes=""), T(8)),
    (L("EinsumDense", "abc,cd->abd", (6, 64)), T(7, 8)),
    (L("EinsumDense", "abc,cd->abd", (6, 64)), T(None, 8)),
    (L("EinsumDense", "abc,cd->abd", 64), T(7, 8)),
    (L("EinsumDense", "abc,cd->abd", (None, None)), T(None, 8)),
    (L("EinsumDense", "abc,cd->abd", (None, 64), bias_axes="b"), T(None, 8)),
    (L("EinsumDense", "ab,bc->ac", 64), T(None)),
    (L("EinsumDense", "abc,cd->abd", (None, 64)), T(8)),
]

EMBEDDING = [
    (L("Embedding", 10, 3), IDS),
    (L("Embedding", 10, 3), T(None, dtype="int32")),
    (L("Embedding", 10, 3), T(dtype="int32")),
    (L("Embedding", 10, 3), T(4, 5, dtype="int64")),
    (L("Embedding", 10, 3), T(7)),
    (L("Embedding", 10, 3), T(7, dtype="bool")),
    (L("Embedding", 10, 3), T(7, dtype="uint8")),
    (L("Embedding", 10, 3, mask_zero=True), IDS),
    (L("Embedding", 10, 3, mask_zero=True), T(None, 4, dtype="int32")),
    (L("Embedding", 10, 3), T(7, dtype="int32", masked=True)),
    (L("Embedding", 10, 3, mask_zero=True), T(7, dtype="int32", masked=True)),
    (L("Embedding", 10, 3, dtype="mixed_float16"), IDS),
    (L("Embedding", 10, 3, dtype="float16"), IDS),
    (L("Embedding", 10, 3, lora_rank=2), IDS),
    (L("Embedding", 10, 3, lora_rank=2, embeddings_constraint="non_neg"), IDS),
    (L("Embedding", 10, 3, "normal", "l2", "non_neg", True), IDS),
    (L("Embedding", 0, 3), IDS),
    (L("Embedding", 10, 2.5), IDS),
    (L("Embedding", 10), IDS),
    (L("ReversibleEmbedding", 10, 3), IDS),
    (L("ReversibleEmbedding", 10, 3, False), IDS),
    (L("ReversibleEmbedding", 10, 3, tie_weights=False, dtype="mixed_bfloat16"), IDS),
    (L("ReversibleEmbedding", 10, 3, lora_rank=1), IDS),
    (L("ReversibleEmbedding", 10, 3, lora_rank=1, tie_weights=False), IDS),
]

PASSING = [
    (L("Identity"), T(4)),
    (L("Identity"), T(7, 4, masked=True)),
    (L("Identity"), T(4, dtype="int32")),
    (L("Identity"), T(4, dtype="float64")),
    (L("Identity", dtype="float16"), T(4)),
    (L("Masking"), T(7, 4)),
    (L("Masking", mask_value=-1), T(None, None)),
    (L("Masking", 0.5), T(7, 4, masked=True)),
    (L("Masking"), T(7, 4, dtype="int32")),
    (L("Masking", dtype="mixed_float16"), T(7, 4)),
    (L("Masking"), T(7)),
    (L("Masking"), T(7, 4, 5)),
]


@cases(DENSE, EINSUM, EMBEDDING, PASSING)
def test_as_keras(case: Any) -> None:
    check_layer(*case)


REVERSED = [
    (L("ReversibleEmbedding", 10, 3), T(7, 3)),
    (L("ReversibleEmbedding", 10, 3), T(3)),
    (L("ReversibleEmbedding", 10, 3, tie_weights=False), T(None, 3)),
    (L("ReversibleEmbedding", 10, 3, logit_soft_cap=30.0), T(7, 3)),
    (L("ReversibleEmbedding", 10, 3, lora_rank=1), T(7, 3)),
]


@cases(REVERSED)
def test_reversed_as_keras(case: Any) -> None:
    layer, *inputs = case
    check_layer(layer, *inputs, reverse=True)


# Keras gives these types to symbolic tensors, and other ones to those that it computes.


def trace(layer: Any, *dims: Any, dtype: str = "float32", **call: Any) -> Any:
    arguments = dict(zip(layer.parameters, [TensorType((BATCH, *dims), dtype)], strict=False))
    return trace_layer(layer, {**arguments, **call})


def test_reversible_embedding_masks_what_it_looks_up() -> None:
    layer = ReversibleEmbedding(10, 3, mask_zero=True)
    (outputs,) = trace(layer, 7, dtype="int32").outputs
    assert outputs.mask.shape == (BATCH, 7)


def test_reverse_dtype_is_that_of_the_scores() -> None:
    layer = ReversibleEmbedding(10, 3, reverse_dtype="float32", dtype="float16")
    (scores,) = trace(layer, 7, 3, reverse=True).outputs
    assert (scores.shape, scores.dtype) == ((BATCH, 7, 10), "float32")


def test_einsum_knows_sizes_that_output_shape_leaves_out() -> None:
    (outputs,) = trace(EinsumDense("abc,cd->abd", (None, 64)), 7, 8).outputs
    assert outputs.shape == (BATCH, 7, 64)


def test_einsum_keeps_the_order_of_what_the_ellipsis_stands_for() -> None:
    # Keras 3.15 says [B, 6, 5, 64], and computes this.
    (outputs,) = trace(EinsumDense("...x,xy->...y", 64), 5, 6, 8).outputs
    assert outputs.shape == (BATCH, 5, 6, 64)


def test_einsum_with_symbolic_sizes() -> None:
    steps = variable("T")
    (outputs,) = trace(EinsumDense("abc,cd->abd", (steps, 64)), steps, 8).outputs
    assert outputs.shape == (BATCH, steps, 64)
    with pytest.raises(Fault, match="needs `b` of its equation to be what the input has"):
        trace(EinsumDense("abc,cd->abd", (steps * 2, 64)), steps, 8)


def test_masking_of_symbolic_steps() -> None:
    steps = variable("T")
    (outputs,) = trace(Masking(), steps, 4).outputs
    assert outputs.mask.shape == (BATCH, steps)


def test_dense_counts_a_multiplication_for_each_weight() -> None:
    assert trace(Dense(64), 10, 32).cost.macs == 10 * 32 * 64 * BATCH


# What Keras accepts, and never can compute.
NONSENSE = [
    (Dense, (3,), {"quantization_config": "int8"}, (4,), "graphc has no quantized layers"),
    (Embedding, (10, 3), {"weights": [[1.0]]}, (4,), "starting values come from a weight file"),
    (EinsumDense, ("ab,bc->ac...", 64), {}, (8,), "an equation such as"),
    (EinsumDense, ("ab,bc->ac", 64), {}, (7, 8), 'needs a rank-2 input for "ab"'),
    (EinsumDense, ("ab,bc->ac", (64, 3)), {}, (8,), "a size in `output_shape` for"),
]


@pytest.mark.parametrize(("cls", "args", "kwargs", "dims", "message"), NONSENSE)
def test_rejected(cls: Any, args: Any, kwargs: Any, dims: Any, message: str) -> None:
    with pytest.raises(Fault, match=message.replace("(", r"\(")):
        trace(cls(*args, **kwargs), *dims)


def test_reverse_needs_vectors_as_wide_as_the_table() -> None:
    with pytest.raises(Fault, match=r"needs 3 features to turn back into ids, got \[B, 7, 4\]"):
        trace(ReversibleEmbedding(10, 3), 7, 4, reverse=True)


VALUES = [
    (L("EinsumDense", "abc,cde->abde", (None, 4, 5), bias_axes="de"), T(3, 6)),
    (L("EinsumDense", "ab...,bc->ac...", 4, bias_axes="c"), T(5, 6, 3)),
    (L("Embedding", 5, 3, mask_zero=True), T(7, dtype="int32")),
    (L("ReversibleEmbedding", 5, 3, mask_zero=True), T(7, dtype="int32")),
    (L("Masking", 1), T(7, 2, dtype="int32", below=2)),
]
MORE_VALUES = [
    (L("Dense", 3, "relu"), T(4)),
    (L("Dense", 3, lora_rank=2, lora_alpha=7), T(5, 4)),
    (L("EinsumDense", "abc,cde->abde", (None, 4, 5), lora_rank=2, lora_alpha=5), T(3, 6)),
    (L("EinsumDense", "...x,xy->...y", 4, bias_axes="y"), T(5, 6, 3)),
    (L("EinsumDense", "abc,bd->adc", (5, 8), bias_axes="dc"), T(7, 8)),
    (L("Embedding", 5, 3, lora_rank=2), T(7, dtype="int32")),
    (L("Masking"), T(7, 2, masked=True)),
]


@cases(VALUES, slow=MORE_VALUES)
def test_values(case: Any) -> None:
    check_values(*case)


@pytest.mark.slow
def test_values_of_scores() -> None:
    check_values(L("ReversibleEmbedding", 5, 3, logit_soft_cap=2.0), T(7, 3), reverse=True)
    check_values(L("ReversibleEmbedding", 5, 3, tie_weights=False), T(7, 3), reverse=True)
