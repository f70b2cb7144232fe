"""Groups drawn as one box."""

from __future__ import annotations

from graphc.analysis.diagram import Group, nodes_of
from tests.render.drawn import diagram, sample

TEXT = """
block inner(n) {
    input x: [D]
    output x + (x -> Dense(n, relu) -> Dense(D))
}
block outer(n) {
    input x: [D]
    output x -> inner(n) -> inner(n)
}
model m {
    input x: [4]
    y = x -> outer(8) -> outer(16)
    output y -> Dense(2)
}
"""


def shown(**options):
    drawn = diagram(TEXT, **options)
    return [(n.type, n.hidden, n.count) for n in nodes_of(drawn.parts)], drawn


def test_depth_zero_closes_all_and_says_how_many():
    boxes, drawn = shown(depth=0)
    assert boxes == [("InputLayer", 0, 1), ("outer", 12, 2), ("Dense", 0, 1)]
    assert [(e.source, e.target) for e in drawn.edges] == [("0", "b1"), ("b1", "13")]


def test_depth_one_opens_the_outer_ones():
    boxes, drawn = shown(depth=1)
    assert boxes == [
        ("InputLayer", 0, 1), ("inner", 6, 2), ("inner", 6, 2), ("Dense", 0, 1),
    ]  # fmt: skip
    assert [part.name for part in drawn.parts if isinstance(part, Group)] == ["outer", "outer_1"]


def test_without_a_depth_blocks_are_open():
    boxes, _ = shown()
    assert len(boxes) == 14


def test_a_box_has_the_totals_and_the_types_of_what_is_inside():
    drawn = sample("autoencoder_models")
    _, encoder, decoder = nodes_of(drawn.parts)
    assert (encoder.category, encoder.hidden) == ("model", 7)
    assert [str(type) for type in encoder.inputs] == ["[B, 28, 28, 1]"]
    assert [str(type) for type in encoder.outputs] == ["[B, 16]"]
    assert encoder.totals.parameters.total == 18_672
    assert [str(type) for type in decoder.outputs] == ["[B, 28, 28, 1]"]


def test_a_tensor_used_twice_inside_enters_a_box_once():
    drawn = diagram(TEXT, depth=0)
    box = next(n for n in nodes_of(drawn.parts) if n.type == "outer")
    assert [str(type) for type in box.inputs] == ["[B, 4]"]


def test_two_outputs_of_a_block_leave_its_box_by_two_ways():
    text = """
block split {
    input x: [D]
    output x -> Dense(1), x -> Dense(3)
}
model m {
    input x: [4]
    a, b = x -> split
    output [a, b] -> Concatenate()
}"""
    drawn = diagram(text, depth=0)
    box = next(n for n in nodes_of(drawn.parts) if n.type == "split")
    assert [str(type) for type in box.outputs] == ["[B, 1]", "[B, 3]"]
    assert sorted((e.source, e.output, e.target) for e in drawn.edges) == [
        ("0", 0, "b1"), ("b1", 0, "3"), ("b1", 1, "3"),
    ]  # fmt: skip


def test_a_fault_inside_shows_at_the_box():
    text = TEXT.replace("Dense(D)", "Conv2D(2, 2)")
    drawn = diagram(text, depth=0)
    assert any(n.message and "rank-4" in n.message for n in nodes_of(drawn.parts))


def test_the_output_of_a_model_given_inside_a_box_is_the_box_s():
    text = TEXT.replace("    output y -> Dense(2)\n", "    output result = y\n")
    drawn = diagram(text, depth=0)
    assert [n.results for n in nodes_of(drawn.parts)] == [(), ("result",)]
    assert [str(type) for type in list(nodes_of(drawn.parts))[-1].outputs] == ["[B, 4]"]
