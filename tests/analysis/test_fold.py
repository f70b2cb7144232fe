"""Repeated parts drawn once."""

from __future__ import annotations

from graphc.analysis.diagram import Group, groups_of, layer_count, nodes_of
from tests.render.drawn import diagram, sample

UNIT = """
block unit(n) {
    input x: [D]
    output x + (x -> Dense(n, relu) -> Dense(D))
}
"""


def outline(parts):
    return [
        (part.type, part.count, outline(part.parts)) if isinstance(part, Group)
        else (part.type, part.count)
        for part in parts
    ]  # fmt: skip


def folded(body, head=UNIT):
    lines = "\n    ".join(body.strip().splitlines())
    return diagram(f"{head}model m {{\n    input x: [4]\n    {lines}\n}}", fold=True)


INSIDE = [("Dense", 1), ("Dense", 1), ("Add", 1)]


def test_equal_blocks_in_a_row_are_one_with_a_number():
    drawn = folded("for i in range(5) {\n x = x -> unit(8)\n}\noutput x -> Dense(2)")
    assert outline(drawn.parts) == [("InputLayer", 1), ("unit", 5, INSIDE), ("Dense", 1)]
    (group,) = groups_of(drawn.parts)
    assert group.totals.parameters.total == 5 * 76
    assert group.totals.macs == 5 * 64
    assert layer_count(group) == 15
    assert [(e.source, e.target) for e in drawn.edges] == [
        ("0", "1"), ("1", "2"), ("0", "3"), ("2", "3"), ("3", "16"),
    ]  # fmt: skip


def test_blocks_that_differ_are_not():
    drawn = folded("x = x -> unit(8) -> unit(9) -> unit(8)\noutput x")
    assert [part.count for part in drawn.parts] == [1, 1, 1, 1]


def test_loose_layers_of_a_loop_are_a_repeated_part():
    body = "for i in range(4) {\n x = x -> Dense(4, relu) -> Dropout(0.1)\n}\noutput x"
    assert outline(folded(body).parts) == [
        ("InputLayer", 1), ("", 4, [("Dense", 1), ("Dropout", 1)]),
    ]  # fmt: skip


def test_a_repeated_part_begins_where_the_loop_does():
    body = """
x = x -> Dense(4) -> ReLU()
for i in range(3) {
    x = x + (x -> Dense(4))
    x = x -> ReLU()
}
output x"""
    assert outline(folded(body).parts) == [
        ("InputLayer", 1), ("Dense", 1), ("ReLU", 1),
        ("", 3, [("Dense", 1), ("Add", 1), ("ReLU", 1)]),
    ]  # fmt: skip


def test_loops_within_loops():
    body = """
for i in range(3) {
    for j in range(2) {
        x = x -> Dense(4) -> ReLU()
    }
    x = x -> LayerNormalization()
}
output x"""
    assert outline(folded(body).parts) == [
        ("InputLayer", 1),
        ("", 3, [("", 2, [("Dense", 1), ("ReLU", 1)]), ("LayerNormalization", 1)]),
    ]  # fmt: skip


def test_three_equal_layers_are_one_two_are_not():
    assert outline(folded("output x -> Dense(4) -> Dense(4) -> Dense(4)").parts)[1:] == [
        ("Dense", 3)
    ]
    assert outline(folded("output x -> Dense(4) -> Dense(4)").parts)[1:] == [("Dense", 1)] * 2


def test_what_is_taken_from_within_ends_a_run():
    body = """
a = x -> unit(8)
b = a -> unit(8)
c = b -> unit(8)
output [b, c -> unit(8)] -> Concatenate()"""
    assert [part.count for part in folded(body).parts] == [1, 2, 2, 1]


def test_what_all_take_from_one_place_does_not():
    head = """
block attend {
    input x: [T, D]
    input memory: [N, E]
    output x + ((x, memory) -> MultiHeadAttention(2, 4))
}
"""
    text = (
        head
        + """model m {
    input x: [5, 8]
    input memory: [7, 6]
    for i in range(4) {
        x = (x, memory) -> attend
    }
    output x
}"""
    )
    drawn = diagram(text, fold=True)
    assert [part.count for part in drawn.parts] == [1, 1, 4]
    assert sum(e.source == "1" for e in drawn.edges) == 1


def test_parallel_branches_are_not_a_row():
    body = "branches = [x -> unit(8), x -> unit(8), x -> unit(8)]\noutput branches -> Concatenate()"
    assert [part.count for part in folded(body).parts] == [1, 1, 1, 1, 1]


def test_a_shared_layer_called_again_and_again_is_not_folded():
    drawn = folded("f = Dense(4)\noutput x -> f -> f -> f -> f")
    assert [part.count for part in drawn.parts] == [1, 1, 1, 1, 1]


def test_dense_connections_are_not_a_row():
    body = "for i in range(4) {\n x = [x, x -> Dense(4)] -> Concatenate()\n}\noutput x"
    assert all(part.count == 1 for part in folded(body).parts)


def test_resnet_is_its_stages():
    drawn = sample("resnet50", fold=True)
    assert [part.count for part in drawn.parts if part.count > 1] == [2, 3, 5, 2]
    assert sum(layer_count(part) for part in drawn.parts) == 177
    assert drawn.totals.parameters.total == 25_636_712


def test_gpt2_is_one_layer_twelve_times():
    (group,) = groups_of(sample("gpt2_small", fold=True).parts)
    assert (group.type, group.count) == ("layer", 12)


def test_edges_join_what_is_left():
    for name in (
        "resnet50",
        "mobilenet_v2",
        "efficientnet_b0",
        "densenet121",
        "vit_b16",
        "llama2_7b",
    ):
        drawn = sample(name, fold=True)
        ids = {node.id for node in nodes_of(drawn.parts)}
        assert all(e.source in ids and e.target in ids for e in drawn.edges)
        fed = {e.target for e in drawn.edges}
        assert all(
            node.id in fed or node.category in ("input", "weight") or not node.inputs
            for node in nodes_of(drawn.parts)
        )
        whole = sample(name)
        assert drawn.totals == whole.totals
        assert sum(map(layer_count, drawn.parts)) == sum(map(layer_count, whole.parts))
