"""What a diagram has in it."""

from __future__ import annotations

from graphc.analysis.diagram import (
    Group,
    Node,
    groups_of,
    layer_count,
    nodes_of,
    shared_calls,
)
from tests.render.drawn import diagram, sample

UNIT = """
block unit(n) {
    input x: [D]
    output x + (x -> Dense(n, relu) -> Dense(D))
}
"""


def names(parts):
    return [node.name for node in nodes_of(parts)]


def test_calls_are_nodes_and_tensors_edges():
    drawn = sample("mnist")
    assert [(n.name, n.type, n.category) for n in nodes_of(drawn.parts)] == [
        ("image", "InputLayer", "input"),
        ("dense", "Dense", "core"),
        ("dense_1", "Dense", "core"),
        ("logits", "Dense", "core"),
    ]
    assert [(e.source, e.target) for e in drawn.edges] == [("0", "1"), ("1", "2"), ("2", "3")]
    assert drawn.totals.parameters.total == 55_050
    assert [node.totals.macs for node in nodes_of(drawn.parts)] == [0, 50_176, 4_096, 640]


def test_a_tensor_used_twice_in_one_call_has_two_edges():
    drawn = diagram("model m {\n input x: [4]\n output [x, x] -> Add()\n}")
    assert [(e.source, e.target, e.place) for e in drawn.edges] == [
        ("0", "1", (0,)),
        ("0", "1", (1,)),
    ]


def test_blocks_are_groups_within_groups():
    text = (
        UNIT
        + """
block two(n) {
    input x
    output x -> unit(n) -> unit(n) as second
}
model m {
    input x: [4]
    output x -> two(8)
}"""
    )
    drawn = diagram(text)
    assert [(g.name, g.type, g.category) for g in groups_of(drawn.parts)] == [
        ("two", "two", "block"),
        ("two.unit", "unit", "block"),
        ("two.second", "unit", "block"),
    ]
    (group,) = [part for part in drawn.parts if isinstance(part, Group)]
    assert layer_count(group) == 6
    assert group.totals.parameters.total == 2 * (4 * 8 + 8 + 8 * 4 + 4)


def test_each_use_of_a_shared_block_is_a_group_and_its_weights_count_once():
    text = UNIT + "model m {\n input x: [4]\n f = unit(8)\n output x -> f -> Dense(4) -> f\n}"
    drawn = diagram(text)
    groups = list(groups_of(drawn.parts))
    assert [group.type for group in groups] == ["unit", "unit"]
    assert groups[0].id != groups[1].id
    assert drawn.totals.parameters.total == 76 + 20
    order = {node.id: place for place, node in enumerate(nodes_of(drawn.parts))}
    assert all(order[e.source] < order[e.target] for e in drawn.edges)


def test_nested_models_are_groups_with_edges_to_their_own_layers():
    drawn = sample("autoencoder_models", expand_nested=True)
    assert [g.name for g in groups_of(drawn.parts)] == ["encoder", "decoder"]
    by_id = {node.id: node.name for node in nodes_of(drawn.parts)}
    crossing = [
        (by_id[e.source], by_id[e.target])
        for e in drawn.edges
        if by_id[e.target] in ("original_img", "encoded_img")
    ]
    assert crossing == [("img", "original_img"), ("global_max_pooling2d", "encoded_img")]


def test_calls_of_a_shared_layer_know_each_other():
    drawn = sample("siamese")
    calls = [n for n in nodes_of(drawn.parts) if n.name == "tower"]
    assert [(n.call, n.calls) for n in calls] == [(1, 2), (2, 2)]
    assert list(shared_calls(drawn.parts).values()) == [calls]


def test_layers_without_weights_are_not_shared():
    text = "model m {\n input x: [4]\n f = ReLU()\n output x -> f -> f\n}"
    assert shared_calls(diagram(text).parts) == {}


def test_outputs_stand_where_they_are_given():
    text = "model m {\n input x: [4]\n output a = x -> Dense(2) as b, x -> Dense(3) as c\n}"
    assert [n.results for n in nodes_of(diagram(text).parts)] == [(), ("a",), ("c",)]
    nested = sample("autoencoder_models", expand_nested=True)
    assert [n.results for n in nodes_of(nested.parts) if n.results] == [("decoder",)]


def test_wrappers_say_what_they_wrap():
    text = "model m {\n input x: [5, 4]\n output x -> TimeDistributed(Dense(3)) -> Bidirectional(LSTM(2))\n}"
    assert [n.type for n in nodes_of(diagram(text).parts)][1:] == [
        "TimeDistributed(Dense)",
        "Bidirectional(LSTM)",
    ]


def test_models_inside_of_wrappers_open_too():
    text = """model frame {
    input image: [8, 8, 3]
    output image -> Conv2D(2, 3) -> Flatten()
}
model video {
    input clip: [T, 8, 8, 3]
    output clip -> TimeDistributed(frame) as frames -> LSTM(4)
}"""
    drawn = diagram(text, expand_nested=True)
    (group,) = groups_of(drawn.parts)
    assert (group.name, group.type) == ("frames", "TimeDistributed(frame)")
    assert names([group]) == ["image", "conv2d", "flatten"]
    assert [(e.source, e.target) for e in drawn.edges] == [
        ("0", "1.0"), ("1.0", "1.1"), ("1.1", "1.2"), ("1.2", "2"),
    ]  # fmt: skip
    assert drawn.edges[-1].type.shape[1:] != drawn.edges[-2].type.shape[1:]


def test_inputs_of_a_nested_model_by_name_in_any_order():
    text = """model joined {
    input a: [2]
    input b: [3]
    output [a, b] -> Concatenate()
}
model outer {
    input x: [3]
    input y: [2]
    output (b=x, a=y) -> joined
}"""
    drawn = diagram(text, expand_nested=True)
    by_id = {node.id: node.name for node in nodes_of(drawn.parts)}
    crossing = {(by_id[e.source], by_id[e.target]) for e in drawn.edges}
    assert {("x", "b"), ("y", "a")} <= crossing


def test_a_sequential_without_input_is_a_chain_of_unknown_shapes():
    drawn = diagram("sequential s {\n Dense(4) as a\n Dense(2)\n}")
    assert [(n.name, n.outputs) for n in nodes_of(drawn.parts)] == [("a", ()), ("dense", ())]
    assert [(e.source, e.target, e.type) for e in drawn.edges] == [("u0", "u1", None)]
    assert not drawn.is_complete


def faults(text):
    drawn = diagram(text)
    by_id = {node.id: node for node in nodes_of(drawn.parts)}
    return [
        (n.type, n.name, n.message, [by_id[e.source].name for e in drawn.edges if e.target == n.id])
        for n in by_id.values()
        if n.message is not None
    ]


def test_a_layer_that_does_not_fit_is_drawn_with_its_message():
    text = "model m {\n input x: [4]\n output x -> Dense(3) -> Conv2D(2, 3) as c -> Flatten()\n}"
    message = "Conv2D `c` needs a rank-4 input (batch, height, width, channels), got [B, 3]"
    assert faults(text) == [("Conv2D", "c", message, ["dense"])]


def test_a_layer_with_a_wrong_argument_is_drawn_where_it_would_stand():
    text = "model m {\n input x: [4]\n output x -> Dense(0) as d\n}"
    assert faults(text) == [
        ("Dense", "d", "Dense needs `units` to be a positive whole number, got 0", ["x"])
    ]


def test_an_operator_at_fault_takes_both_tensors():
    text = "model m {\n input a: [4]\n input b: [3]\n output a * b\n}"
    message = "`*` needs shapes that broadcast, got [B, 4] and [B, 3]"
    assert faults(text) == [("Multiply", "", message, ["a", "b"])]


def test_a_fault_in_a_block_stands_in_its_group_once():
    text = UNIT + "model m {\n input x: [4, 4]\n output x -> unit(3)\n}"
    drawn = diagram(text)
    assert [n.message is not None for n in nodes_of(drawn.parts)] == [False, True]


def test_a_nested_model_with_errors_is_at_fault_where_it_is_used():
    text = """model inner {
    input x: [4]
    output x -> Conv2D(2, 2)
}
model outer {
    input x: [4]
    output x -> Dense(4) -> inner
}"""
    assert faults(text) == [("inner", "", "it has errors of its own", ["dense"])]


def test_a_line_of_a_sequential_at_fault():
    text = "sequential s {\n input [4]\n Dense(3)\n Conv2D(2, 3)\n Flatten()\n}"
    assert [type for type, *_ in faults(text)] == ["Conv2D"]


def test_every_sample_is_drawn_whole():
    from tests.render.drawn import SAMPLES

    for path in sorted(SAMPLES.glob("*.net")):
        drawn = sample(path.stem, expand_nested=True)
        ids = [node.id for node in nodes_of(drawn.parts)]
        assert len(ids) == len(set(ids))
        order = {each: place for place, each in enumerate(ids)}
        # Interleaved blocks may stand out of order; edges still join nodes that are there.
        assert all(e.source in order and e.target in order for e in drawn.edges)
        assert all(
            isinstance(node, Node) and node.message is None for node in nodes_of(drawn.parts)
        )
