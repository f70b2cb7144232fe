"""Sizes that are known only when a model runs: configurations compute what programs compute."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from graphc.keras_format.inexpressible import Inexpressible
from graphc.model import parse
from tests.differential.harness import keras
from tests.emit.built import emitted
from tests.samples.rows import SAMPLES

EXPRESSIONS = """
x * arange(T, dtype="float32")[:, None]
x * cast(arange(1, T + 1), "float32")[:, None]
x * cast(arange(0, 2 * T, 2), "float32")[:, None]
repeat(x, 2, axis=1) * arange(2 * T, dtype="float32")[:, None]
x + broadcast_to(x[:, 0, None], [x.shape[0], T, 3])
x + broadcast_to([1.0, 2.0, 3.0], [x.shape[0], T, 3])
broadcast_to(x[:, :, :1], [x.shape[0], T, 5])
[broadcast_to(x[0, 0], [x.shape[0], 2, 3]), x] -> Concatenate(axis=1)
x + ones([T, 3]) * zeros([x.shape[0], T, 1])
x * full([T, 3], 2.5)
x + full([x.shape[0], T, 3], x[:, :1])
einsum("bsd,ts->btd", x, tril(ones([T, T])))
einsum("bsd,ts->btd", x, tri(T, k=-1))
einsum("bsd,ts->btd", x, eye(T, k=1))
einsum("bsd,ts->btd", x, identity(T))
einsum("bsd,ts->btd", x, eye(T, 4) @ ones([4, T]))
where(arange(T)[:, None] >= arange(T), 1.0, 0.0) @ x
x / T + 2 * T
sum(x, axis=1) / x.shape[1]
reshape(x, [x.shape[0], T, 3, 1])
reshape(x, [x.shape[0] * T, 3])
reshape(x, [x.shape[0], T * 3])
x[:, : T // 2]
x[:, T // 2 :]
x[:, T // 2]
x[:, T - 1, None]
x[:, 1 : T - 1, :2]
x[:, 1 : T - 1 : 2]
x[None, ..., : x.shape[1] // 2, 1]
x[: x.shape[0] // 2, : T // 2]
x[:, : 2 * T // 3] * arange(2 * T // 3, dtype="float32")[:, None]
x[:, 1:] * arange(T - 1, dtype="float32")[:, None]
broadcast_to(x[:, 0, None], [x.shape[0], T * T + T + 2, 3])
ones([T, T // 2 + 1]) * x[:, :, :1]
x / (T - 1) + T // 2
x + (arange(T) -> Embedding(9, 3))
x + (arange(3)[None] -> Embedding(9, 3))[:, :1]
""".strip().splitlines()


def check_values(text: str, x: np.ndarray) -> None:
    """The model of a text's configuration has the outputs of its program's, with equal weights."""
    space: dict = {}
    exec(emitted(text)[1], space)
    theirs = space["build_model"]()
    ours = keras.models.model_from_json(json.dumps(parse(text).keras_json()))
    assert [w.shape for w in ours.weights] == [w.shape for w in theirs.weights]
    random = np.random.default_rng(5)
    for one, other in zip(ours.weights, theirs.weights, strict=True):
        values = random.normal(size=one.shape, scale=0.3).astype("float32")
        one.assign(values)
        other.assign(values)
    assert [each.shape for each in ours.outputs] == [each.shape for each in theirs.outputs]
    found, expected = (keras.tree.flatten(model(x)) for model in (ours, theirs))
    for number, (one, other) in enumerate(zip(found, expected, strict=True)):
        assert one.dtype == other.dtype
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5, err_msg=f"output {number}")


def test_expressions() -> None:
    outputs = "".join(f"    output {expression}\n" for expression in EXPRESSIONS)
    text = f"model net {{\n    input x: [T, 3]\n{outputs}}}\n"
    check_values(text, np.random.default_rng(0).normal(size=(2, 4, 3)).astype("float32"))


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("x[:, T // 3 :]", "needs the size T - T // 3, which no function of Keras"),
        ("x[:, : T // x.shape[0]]", "needs the size min(T, T // B), which no function"),
        ("reshape(x, [x.shape[0] * 3, T])", "has more sizes that are not known than"),
    ],
)
def test_what_no_function_computes(expression: str, message: str) -> None:
    text = f"model net {{\n    input x: [T, 3]\n    output {expression}\n}}\n"
    with pytest.raises(Inexpressible, match=re.escape(message)) as caught:
        parse(text).keras_json()
    assert caught.value.span is not None


SMALL = {
    "gpt2_small": {"vocabulary": 11, "context": 6, "width": 24, "range(12)": "range(2)"},
    "llama2_7b": {
        **{"vocabulary": 11, "depth": 2, "width": 24, "heads": 4, "kv_heads": 2},
        "hidden": 10,
    },
    "vit_b16": {"width": 24, "range(12)": "range(2)"},
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SMALL)
def test_samples_with_sizes_of_the_text_and_of_the_batch(name: str) -> None:
    text = re.sub(r"(?m)^    require .*$", "", (SAMPLES / f"{name}.net").read_text())
    for constant, size in SMALL[name].items():
        pattern = re.escape(constant) if "(" in constant else rf"(?m)^const {constant} = \S+"
        text, count = re.subn(
            pattern, size if "(" in constant else f"const {constant} = {size}", text
        )
        assert count == 1, constant
    random = np.random.default_rng(0)
    shape = (2, 224, 224, 3)
    is_image = name == "vit_b16"
    check_values(text, random.normal(size=shape) if is_image else random.integers(0, 11, (2, 5)))
