"""Which weights are divided between devices, and how few rules say so."""

from __future__ import annotations

import re

import graphc
from graphc.analysis.layout_rules import layout_rules
from graphc.analysis.parameters import weights_of
from graphc.analysis.sharding import model_parallel
from tests.render.drawn import SAMPLES


def divided(text, devices=4):
    found = model_parallel(graphc.parse(text).model_graph, devices)
    return {weight.path: weight.axis for weight in found.weights}, found.all_reduces


def model(body, inputs="input x: [8]"):
    return f"model m {{\n    {inputs}\n    {body}\n}}"


def test_two_matrices_by_columns_then_by_rows():
    axes, sums = divided(model("output x -> Dense(16, relu) as a -> Dense(8) as b"))
    assert axes == {"a/kernel": 1, "a/bias": 0, "b/kernel": 0}
    assert sums == 1


def test_a_matrix_whose_output_leaves_stays_whole():
    assert divided(model("output x -> Dense(16)")) == ({}, 0)
    assert divided(model("output x -> Dense(16) -> LayerNormalization() -> Dense(8)")) == ({}, 0)
    assert divided(model("y = x -> Dense(16)\n output y, y -> Dense(8)")) == ({}, 0)


def test_sizes_that_do_not_divide_stay_whole():
    assert divided(model("output x -> Dense(18, relu) -> Dense(8)")) == ({}, 0)
    assert divided(model("output x -> Dense(18, relu) -> Dense(8)"), devices=2)[1] == 1


def test_the_residual_around_stays_whole():
    axes, sums = divided(model("output x + (x -> Dense(16, gelu) as a -> Dense(8) as b)"))
    assert axes == {"a/kernel": 1, "a/bias": 0, "b/kernel": 0}
    assert sums == 1


def test_gates_are_divided_together():
    axes, sums = divided(
        model("output (x -> Dense(16, silu) as gate) * (x -> Dense(16) as up) -> Dense(8) as down")
    )
    assert axes == {
        "gate/kernel": 1, "gate/bias": 0, "up/kernel": 1, "up/bias": 0, "down/kernel": 0,
    }  # fmt: skip
    assert sums == 1


def test_a_gate_that_does_not_divide_keeps_the_other_whole():
    text = model(
        "y = x -> Dense(16) as up\n output y * (x -> LayerNormalization() -> Dense(16) -> LayerNormalization()) -> Dense(8)"
    )
    assert divided(text) == ({}, 0)


def test_attention_is_divided_by_heads():
    text = model("output (query=x, value=x) -> MultiHeadAttention(4, 2) as mha", "input x: [5, 8]")
    axes, sums = divided(text)
    assert axes == {
        "mha/query/kernel": 1, "mha/query/bias": 0, "mha/key/kernel": 1, "mha/key/bias": 0,
        "mha/value/kernel": 1, "mha/value/bias": 0, "mha/attention_output/kernel": 0,
    }  # fmt: skip
    assert sums == 1
    assert divided(text, devices=8) == ({}, 0)


def test_a_layer_of_a_transformer_needs_two_sums():
    for name, layers in (("gpt2_small", 12), ("vit_b16", 12), ("llama2_7b", 32)):
        graph = graphc.load(SAMPLES / f"{name}.net").model_graph
        assert model_parallel(graph, 4).all_reduces == 2 * layers


def test_shared_weights_stay_whole():
    text = model("f = Dense(16)\n output (x -> f -> Dense(8)) + (-x -> f -> Dense(8))")
    assert divided(text) == ({}, 0)


def test_nets_without_pairs_of_matrices_stay_whole():
    for name in ("resnet50", "unet", "autoencoder"):
        graph = graphc.load(SAMPLES / f"{name}.net").model_graph
        assert model_parallel(graph, 2).weights == ()


def test_few_rules_say_it_and_each_weight_matches_one_at_most():
    graph = graphc.load(SAMPLES / "llama2_7b.net").model_graph
    sharding = model_parallel(graph, 4)
    paths = [weight.path for weight in weights_of(graph)]
    rules = layout_rules(sharding, paths)
    assert len(rules) == 7
    axes = {weight.path: weight.axis for weight in sharding.weights}
    for path in paths:
        matching = [rule for rule in rules if re.fullmatch(rule.pattern, path)]
        assert [rule.axes.index(True) for rule in matching] == (
            [axes[path]] if path in axes else []
        )


def test_paths_that_look_alike_and_are_not_have_rules_of_their_own():
    text = model("output x -> Dense(16, relu) as d1 -> Dense(8, relu) as d2 -> Dense(3) as d3")
    graph = graphc.parse(text).model_graph
    rules = layout_rules(model_parallel(graph, 4), [w.path for w in weights_of(graph)])
    assert [rule.pattern for rule in rules] == ["d1/kernel", "d1/bias", "d2/kernel"]


def test_numbers_that_matter_stay():
    graph = graphc.load(SAMPLES / "gpt2_small.net").model_graph
    rules = layout_rules(model_parallel(graph, 4), [w.path for w in weights_of(graph)])
    assert [rule.pattern for rule in rules][-3:] == [
        "layer[0-9]+.mlp1/kernel", "layer[0-9]+.mlp1/bias", "layer[0-9]+.mlp2/kernel",
    ]  # fmt: skip
    assert len(rules) == 10


def test_names_in_which_a_dot_could_be_anything_are_spelt_out():
    text = model(
        'x = x -> Dense(16, relu) as "a.b" -> Dense(8) as c\n'
        "    output x -> LayerNormalization() -> Dense(8) as aXb"
    )
    graph = graphc.parse(text).model_graph
    rules = layout_rules(model_parallel(graph, 4), [w.path for w in weights_of(graph)])
    assert [rule.pattern for rule in rules] == [r"a\.b/kernel", r"a\.b/bias", "c/kernel"]
