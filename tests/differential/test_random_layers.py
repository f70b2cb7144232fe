"""Random configurations on random shapes: both sides say the same, or ours says why not."""

from __future__ import annotations

import re
import warnings
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graphc.declare.trace import signature_of, trace_layer
from graphc.diagnostics.fault import Fault
from tests.differential.harness import (
    L,
    T,
    _facts_of_keras,
    facts_of_signature,
    keras,
    ours,
)

DIMS = st.sampled_from([None, 1, 2, 3, 4, 6, 8])
DTYPES = st.sampled_from(["float32", "int32", "float16", "bool", "uint8", "float64", "bfloat16"])
POLICIES = st.sampled_from(["float32", "float16", "mixed_float16", "mixed_bfloat16", "float64"])
AXIS = st.integers(-5, 5)
AXES = st.lists(AXIS, min_size=1, max_size=3)
ANY_AXES = st.one_of(AXIS, AXES)
FLAG = st.booleans()


@st.composite
def tensors(draw: Any, most: int = 4) -> T:
    dims = draw(st.lists(DIMS, max_size=most))
    return T(*dims, dtype=draw(DTYPES), masked=bool(dims) and draw(FLAG))


def layers(name: str, most: int = 4, **config: Any) -> Any:
    made = st.fixed_dictionaries({**config, "dtype": POLICIES})
    return st.tuples(made.map(lambda values: L(name, **values)), tensors(most).map(lambda x: (x,)))


@st.composite
def attentions(draw: Any) -> Any:
    features = draw(DIMS)
    query = T(draw(DIMS), features, masked=draw(FLAG))
    steps = draw(DIMS)
    value = T(steps, draw(st.sampled_from([features, features, 6])), masked=draw(FLAG))
    key = T(draw(st.sampled_from([steps, steps, 3])), value.dims[1])
    inputs = (query, value, key) if draw(FLAG) else (query, value)
    gate, bias = draw(FLAG), draw(FLAG)
    kind = draw(st.integers(0, 3))
    if kind == 0:
        size = draw(st.sampled_from([None, 5, (2, 3)]))
        made = L("MultiHeadAttention", 2, 3, use_gate=gate, use_bias=bias, output_shape=size)
        return made, inputs
    if kind == 1:
        groups = draw(st.sampled_from([1, 2, 3, 4]))
        return L("GroupQueryAttention", 3, 4, groups, use_gate=gate, use_bias=bias), inputs
    return L("Attention" if kind == 2 else "AdditiveAttention", use_scale=bias), (list(inputs),)


LAYERS = st.one_of(
    layers("BatchNormalization", axis=AXIS, center=FLAG, scale=FLAG),
    layers("LayerNormalization", axis=ANY_AXES, center=FLAG, scale=FLAG, rms_scaling=FLAG),
    layers("GroupNormalization", groups=st.sampled_from([-1, 1, 2, 3]), axis=AXIS, scale=FLAG),
    layers("RMSNormalization", axis=ANY_AXES),
    layers("UnitNormalization", axis=ANY_AXES),
    layers("PReLU", shared_axes=st.one_of(st.none(), AXIS, AXES)),
    layers(
        "Dense", units=st.sampled_from([1, 4]), use_bias=FLAG, lora_rank=st.sampled_from([0, 2])
    ),
    layers("Normalization", axis=st.one_of(st.none(), ANY_AXES), invert=FLAG),
    layers(
        "Discretization",
        3,
        bin_boundaries=st.just([0.0, 1.0]),
        output_mode=st.sampled_from(["int", "one_hot", "multi_hot", "count"]),
    ),
    layers("CategoryEncoding", 2, num_tokens=st.just(5), output_mode=st.just("one_hot")),
    layers("Masking", mask_value=st.sampled_from([0, 1.5])),
    layers("Embedding", 3, input_dim=st.just(5), output_dim=st.just(3), mask_zero=FLAG),
    attentions(),
)

# What Keras accepts and cannot compute, in the words in which we say so.
JUSTIFIED = re.compile(
    r"needs `axis` to name the last axes|a mask of one dim fewer|each axis once in `axis`"
    r"|needs `shared_axes` to be|needs the last dim of .* to equal the last but one"
    r"|needs shapes that broadcast|needs the queries and keys to be equally wide|needs as many keys as values"
)


@pytest.mark.slow
@settings(
    max_examples=1500,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(LAYERS)
def test_random_layers(case: Any) -> None:
    layer, inputs = case
    with warnings.catch_warnings(), keras.StatelessScope(initialize_variables=False):
        warnings.simplefilter("ignore")
        expected = _facts_of_keras(layer, inputs, {})
    got = facts_or_fault(layer, inputs)
    if isinstance(got, Fault):
        assert expected == "rejected" or JUSTIFIED.search(got.message), got.message
        return
    assert expected != "rejected"
    assert got["weights"] == expected["weights"]
    assert got["masks"] == expected["masks"]
    for (mine, dtype), (theirs, declared) in zip(got["outputs"], expected["outputs"], strict=True):
        assert dtype == declared
        assert len(mine) == len(theirs)
        # A weight's size may say what an unknown one has to be.
        assert all(b is None or a == b for a, b in zip(mine, theirs, strict=True))


def facts_or_fault(layer: L, inputs: Any) -> Any:
    try:
        made = layer.ours()
        trace = trace_layer(made, dict(zip(made.parameters, ours(inputs), strict=False)))
    except Fault as fault:
        return fault
    return facts_of_signature(signature_of(trace))
