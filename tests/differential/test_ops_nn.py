from __future__ import annotations

import pytest

from tests.differential.op_harness import C, N, X, check_case, check_rejected

ACTIVATIONS = [
    "celu", "elu", "gelu", "glu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_swish", "hard_tanh",
    "leaky_relu", "log_sigmoid", "log_softmax", "relu", "relu6", "selu", "sigmoid", "silu", "soft_shrink",
    "softmax", "softplus", "softsign", "sparse_plus", "sparse_sigmoid", "sparsemax", "squareplus", "swish",
    "tanh", "tanh_shrink",
]  # fmt: skip
CAST = "Keras keeps integers in what it infers"
PROBABILITIES = X(3, 4, low=0.05, high=0.95)

CASES = [
    *[C(name, X(4, 6, low=-5, high=5)) for name in ACTIVATIONS],
    *[C(name, X(2, None, 6, dtype="float16")) for name in ACTIVATIONS],
    *[C(name, N(2, 6, low=-4)).but(spec=CAST) for name in ACTIVATIONS if name not in
      ("glu", "hard_tanh", "log_softmax", "relu", "sigmoid", "silu", "swish", "tanh")],
    *[C(name, N(2, 6, low=-4)) for name in ("relu", "tanh", "hard_tanh")],
    C("gelu", X(5, low=-4, high=4), approximate=False),
    C("celu", X(5), alpha=0.5), C("elu", X(5), alpha=0.5), C("leaky_relu", X(5), negative_slope=0.1),
    C("hard_shrink", X(5), threshold=1.0), C("soft_shrink", X(5), threshold=1.0), C("squareplus", X(5), b=1.0),
    *[C("re_lu", X(4, 6, low=-5, high=5), **k) for k in [
        {}, {"negative_slope": 0.1}, {"max_value": 2.0}, {"threshold": 0.5}, {"max_value": 6, "negative_slope": 0.2},
        {"negative_slope": 0.1, "max_value": 3.0, "threshold": 1.0}]],
    C("re_lu", X(3, dtype="float16"), 0.1), C("re_lu", N(3, low=-3)), C("re_lu", N(3, low=-3), 0.1).but(spec=CAST),
    C("threshold", X(5), 0.5, -1.0), C("glu", X(4, 3), axis=0),
    *[C(name, X(2, 3, 4), axis=axis) for name in ("softmax", "log_softmax") for axis in (0, 1, (1, 2), None)],
    *[C("sparsemax", X(2, 3, 4), axis=axis) for axis in (0, 1)],
    # normalization
    *[C("moments", X(3, 4, 2), axes=a, **k) for a in ((0,), (0, 1), (-1,)) for k in ({}, {"keepdims": True})],
    C("moments", X(3, 4, dtype="float16"), axes=(0,)),
    C("moments", X(None, 4), axes=(0,)),
    C("batch_normalization", X(2, 3, 4), X(4), X(4, low=0.5), -1, X(4), X(4)),
    C("batch_normalization", X(2, 3, 4), X(3), X(3, low=0.5), 1, epsilon=0.1),
    *[C("layer_normalization", X(2, 3, 4), *a, **k) for a, k in [
        ((), {}), ((X(4), X(4)), {}), ((X(3), X(3)), {"axis": 1}), ((X(3, 4), X(3, 4)), {"axis": (1, 2)}),
        ((X(4),), {"epsilon": 0.1})]],
    C("layer_normalization", X(2, 4, dtype="float16"), X(4), X(4)),
    *[C("rms_normalization", X(2, 3, 4), **k) for k in ({}, {"axis": 1}, {"axis": (1, 2)}, {"epsilon": 0.1})],
    C("rms_normalization", X(2, 4), X(4)),
    *[C("normalize", X(2, 3), **k) for k in ({}, {"axis": 0}, {"order": 1}, {"order": 3}, {"axis": None})],
    C("normalize", X(2, 3, dtype="float16")).but(spec="Keras infers float32"),
    # attention
    *[C("dot_product_attention", X(2, 3, 4, 5), X(2, 6, 4, 5), X(2, 6, 4, 5), **k) for k in [
        {}, {"is_causal": True}, {"scale": 0.7}, {"bias": X(2, 4, 3, 6)}, {"bias": X(1, 1, 3, 6)},
        {"mask": X(2, 1, 3, 6, dtype="bool")}, {"mask": X(2, 4, 3, 6, dtype="bool"), "is_causal": True}]],
    *[C("dot_product_attention", X(2, 3, 4, 5), X(2, 6, 2, 5), X(2, 6, 2, 5), **k)
      for k in ({}, {"bias": X(2, 4, 3, 6)}, {"mask": X(2, 1, 3, 6, dtype="bool")})],
    C("dot_product_attention", *[X(1, 3, 2, 4, dtype="float16")] * 3),
    # losses
    *[C("binary_crossentropy", X(3, 4, low=0, high=1), x, from_logits=f) for x, f in [(PROBABILITIES, False), (X(3, 4), True)]],
    *[C("categorical_crossentropy", X(3, 4, low=0, high=1), x, from_logits=f) for x, f in [(PROBABILITIES, False), (X(3, 4), True)]],
    C("categorical_crossentropy", X(3, 4, low=0, high=1), PROBABILITIES, axis=0).but(spec="Keras drops the last axis"),
    *[C("sparse_categorical_crossentropy", N(3), x, from_logits=f) for x, f in [(PROBABILITIES, False), (X(3, 4), True)]],
    C("sparse_categorical_crossentropy", N(3, 1), X(3, 4), from_logits=True),
    C("sparse_categorical_crossentropy", N(2, 3), X(2, 3, 4), from_logits=True),
    C("binary_crossentropy", N(3, high=1), X(3, low=0.1, high=0.9, dtype="float16")),
    C("ctc_loss", N(2, 3, low=1), X(2, 6, 5), N(2, values=[3, 2]), N(2, values=[6, 5])).but(tolerance=1e-4),
    C("ctc_loss", N(2, 4, values=[[1, 1, 2, 0], [3, 3, 3, 1]]), X(2, 9, 4), N(2, values=[3, 4]), N(2, values=[9, 8])).but(tolerance=1e-4),
    *[C("ctc_decode", X(2, 7, 4), N(2, values=[7, 5]), **k).but(spec="Keras infers floats")
      for k in ({}, {"merge_repeated": False}, {"mask_index": 3})],
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_as_keras(case: C) -> None:
    check_case(case)


REJECTED = [
    C("glu", X(3, 3)),
    C("softmax", X(3), axis=1),
    C("batch_normalization", X(2, 3), X(2), X(3), -1),
    C("normalize", X(3), order=0),
    C("dot_product_attention", X(2, 3, 4), X(2, 3, 4), X(2, 3, 4)),
    C("dot_product_attention", X(2, 3, 4, 5), X(2, 6, 3, 5), X(2, 6, 3, 5)),
    C("binary_crossentropy", X(3), X(4)),
    C("categorical_crossentropy", X(3, 4), X(3, 5)),
    C("categorical_crossentropy", X(), X()),
    C("sparse_categorical_crossentropy", N(2), X(3, 4)),
    C("ctc_decode", X(2, 3, 4), N(2), strategy="best"),
]


@pytest.mark.parametrize("case", REJECTED, ids=repr)
def test_rejected_as_by_keras(case: C) -> None:
    check_rejected(case)
