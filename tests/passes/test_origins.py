"""Every step keeps the layer that it was made for, through every pass."""

from __future__ import annotations

import pytest

import graphc
from graphc.ir.primitives import elementwise as rows
from graphc.ir.primitives.reduction import REDUCE_SUM
from graphc.ir.primitives.row import apply
from graphc.ir.tensor import Tensor, steps_of
from graphc.ir.types import TensorType
from graphc.passes.absorb import absorb
from graphc.passes.differentiate import gradients
from graphc.passes.divide import divide
from graphc.passes.pointwise import pointwise
from graphc.passes.rebuild import again, rebuild
from graphc.passes.share import share
from graphc.passes.simplify import simplify
from graphc.runtime.lower import lower
from tests.reference.specialize import specialize

NET = """
block stage() {
    input x: [H, W, C]
    output x -> Conv2D(4, 1, use_bias=False) -> BatchNormalization() -> ReLU()
}
model encoder {
    input image: [6, 6, 3]
    output image -> stage() as first -> Flatten() -> Dense(4) as code
}
model net {
    input left: [6, 6, 3]
    input right: [6, 6, 3]
    shared = encoder
    output (left -> shared) + (right -> shared)
}
"""


def paths(results) -> list[str | None]:
    """The paths of all steps, each once."""
    origins = [step.origin for step in steps_of(results)]
    return list(dict.fromkeys(None if each is None else each.path for each in origins))


@pytest.fixture
def lowered():
    model = graphc.parse(NET).model_graph
    return lower(model, {name: TensorType((2, 6, 6, 3), "float32") for name in ("left", "right")})


def test_a_step_knows_its_layer_and_the_models_around_it(lowered):
    results = list(lowered.outputs.values())
    found = paths(results)
    assert None not in found
    layers = ["conv2d", "batch_normalization", "re_lu"]
    assert found == [
        *(f"encoder.first.{name}" for name in layers), "encoder.flatten", "encoder.code", "add"
    ]  # fmt: skip
    last = results[0].step
    assert last.origin.span.text == "(left -> shared) + (right -> shared)"
    blocks = {s.origin.path: [use.name for use in s.origin.call.path] for s in steps_of(results)}
    assert blocks["encoder.first.conv2d"] == ["first"]
    assert blocks["encoder.code"] == []


def test_the_calls_of_one_layer_are_told_apart(lowered):
    origins = {
        s.origin for s in steps_of(lowered.outputs.values()) if s.origin.path.endswith("code")
    }
    assert len(origins) == 2
    assert len({origin.around.call.id for origin in origins}) == 2


@pytest.mark.parametrize(
    "change",
    [
        share,
        simplify,
        pointwise,
        lambda results: specialize(results, {}, {}),
        lambda results: rebuild(results, {}, again),
    ],
    ids=["share", "simplify", "pointwise", "specialize", "again"],
)
def test_passes_keep_origins(lowered, change):
    results = list(lowered.outputs.values())
    after = paths(change(results))
    assert None not in after
    assert set(after) <= set(paths(results))


def test_what_absorbs_keeps_its_own_origin(lowered):
    inputs = list(lowered.inputs.values())
    results = absorb(simplify(share(list(lowered.outputs.values()))), inputs)
    convolutions = [s for s in steps_of(results) if s.primitive.name == "conv"]
    assert {step.origin.path for step in convolutions} == {"encoder.first.conv2d"}
    found = paths(divide(results, inputs).results)
    assert "encoder.first.batch_normalization" in found  # its shift is left
    assert None not in found


def test_derivatives_are_of_the_layer_that_they_go_through(lowered):
    (y,) = lowered.outputs.values()
    loss = apply(REDUCE_SUM, y, axes=(0, 1))
    kernels = [tensor for key, tensor in lowered.weights if key.endswith("conv2d/kernel")]
    _, made = gradients(loss, kernels)
    assert {x.step.origin.path for x in made} == {"encoder.first.conv2d"}


def test_equal_steps_of_two_layers_are_shared_as_the_first_ones():
    text = """
    model net {
        input x: [3]
        output (x -> ReLU() as one) + (x -> ReLU() as two)
    }
    """
    model = graphc.parse(text).model_graph
    made = lower(model, {"x": TensorType((2, 3), "float32")})
    (result,) = share(list(made.outputs.values()))
    assert paths(simplify([result])) == ["one", "add"]


def test_steps_of_nobody_have_no_origin():
    x = Tensor(TensorType((2,), "float32"))
    assert apply(rows.NEGATE, x).step.origin is None
