"""Blocks, nested models and shared layers compared."""

from __future__ import annotations

import pytest

import graphc
from graphc.analysis.diff import Difference

BLOCK = """block unit(n, rate=0.1) {
    input x: [D]
    y = x -> Dense(n, relu) -> Dropout(rate) -> Dense(D)
    output x + y
}

model m {
    input x: [8]
    for i in range(4) {
        x = x -> unit(16)
    }
    output x -> Dense(2)
}
"""
INLINE = """model m {
    input x: [8]
    for i in range(4) {
        y = x -> Dense(16, relu) -> Dropout(0.1) -> Dense(8)
        x = x + y
    }
    output x -> Dense(2)
}
"""
HALVES = BLOCK.replace("x -> Dense(n, relu) -> Dropout(rate)", "x -> half(n)") + (
    "block half(n) {\n    input x: [D]\n    output x -> Dense(n, relu) -> Dropout(0.1)\n}\n"
)
NESTED = """model encoder(width=3) {
    input q: [8]
    output q -> Dense(4, relu) -> Dense(width)
}

model m {
    input x: [8]
    output x -> encoder -> Dense(2)
}
"""
SHARED = """model m {
    input x: [8]
    d = Dense(8)
    output x -> d -> relu -> d -> relu -> d
}
"""
SIAMESE = """model tower {
    input image: [8]
    output image -> Dense(16, relu) -> Dense(4)
}

model m {
    input a: [8]
    input b: [8]
    output (a -> tower) - (b -> tower)
}
"""


def compared(before: str, after: str) -> Difference:
    return graphc.parse(before).diff(graphc.parse(after))


def told(found: Difference) -> list[tuple[str, int, list[str]]]:
    return [(each.kind, len(each.changes), list(map(str, each.causes))) for each in found.findings]


@pytest.mark.parametrize(
    "other", [INLINE, HALVES, BLOCK.replace("unit", "res")], ids=["inline", "halves", "renamed"]
)
def test_blocks_are_a_way_of_writing(other: str) -> None:
    assert compared(BLOCK, other).is_empty
    assert compared(other, BLOCK).is_empty


def test_a_change_is_found_while_a_block_is_taken_apart() -> None:
    found = compared(BLOCK, INLINE.replace("relu", "gelu"))
    assert told(found) == [("changed", 4, ["activation: relu → gelu"])]


def test_a_change_in_a_block_is_told_once() -> None:
    found = compared(BLOCK, BLOCK.replace("Dropout(rate)", "Dropout(2 * rate)"))
    assert told(found) == [("changed", 4, ["rate: 0.1 → 0.2"])]


def test_a_block_that_is_new_is_told_as_a_whole() -> None:
    found = compared(BLOCK, BLOCK.replace("range(4)", "range(6)"))
    assert told(found) == [("added", 2, [])]
    assert found.findings[0].changes[0].part.type == "unit"


def test_a_nested_model_that_is_called_otherwise_is_renamed() -> None:
    found = compared(NESTED, NESTED.replace("encoder", "backbone"))
    assert told(found) == [("changed", 1, ["name: encoder → backbone"])]


def test_a_change_in_a_nested_model_has_what_follows_outside() -> None:
    found = compared(NESTED, NESTED.replace("width=3", "width=5"))
    assert told(found) == [("changed", 1, ["units: 3 → 5"])]
    assert [change.part.name for change in found.follows] == ["dense"]


def test_a_shared_model_changes_once() -> None:
    found = compared(SIAMESE, SIAMESE.replace("Dense(4)", "Dense(6)"))
    assert told(found) == [("changed", 1, ["units: 4 → 6"])]
    assert [str(delta) for delta in found.findings[0].effects][1:] == [
        "params: 68 → 102", "MACs: 64 → 96",
    ]  # fmt: skip


def test_weights_that_are_shared_no_longer_are_told_where_they_stand() -> None:
    found = compared(SIAMESE, SIAMESE.replace("-> tower", "-> tower()"))
    assert told(found) == [("changed", 1, ["weights: shared by 2 calls → 2 sets of their own"])]
    back = compared(SIAMESE.replace("-> tower", "-> tower()"), SIAMESE)
    assert told(back) == [("changed", 1, ["weights: 2 sets of their own → shared by 2 calls"])]
    found = compared(SHARED, SHARED.replace("-> d", "-> Dense(8)"))
    assert told(found) == [("changed", 1, ["weights: shared by 3 calls → 3 sets of their own"])]


def test_a_shared_layer_changes_once() -> None:
    found = compared(SHARED, SHARED.replace("Dense(8)", "Dense(8, use_bias=False)"))
    assert told(found) == [("changed", 1, ["use_bias: True → False"])]


def test_a_model_in_a_wrapper_is_looked_into() -> None:
    text = NESTED.replace(
        "input x: [8]\n    output x -> encoder",
        "input x: [5, 8]\n    output x -> TimeDistributed(encoder())",
    )
    assert compared(text, text).is_empty
    found = compared(text, text.replace("relu", "gelu"))
    assert told(found) == [("changed", 1, ["activation: relu → gelu"])]


def test_long_values_are_compared_in_full() -> None:
    text = "model m {\n    input x: [40]\n    output x -> Normalization(mean=MEAN, variance=[1] * 40)\n}\n"
    before, after = (text.replace("MEAN", f"[0.125] * 39 + [{last}]") for last in ("1", "2"))
    assert told(compared(before, after)) == [
        ("changed", 1, ["configuration: too long to show → another"])
    ]


def test_operands_that_change_places_are_other_tensors() -> None:
    found = compared(SIAMESE, SIAMESE.replace("(a -> tower) - (b", "(b -> tower) - (a"))
    assert not found.is_empty
    assert [each.kind for each in found.findings] == ["changed"]


def test_a_frozen_weight_is_a_change_of_its_own() -> None:
    text = (
        "model m {\n    input x: [8]\n    weight g: [8] = ones\n    output x * g -> Dense(2)\n}\n"
    )
    assert told(compared(text, text.replace("weight", "frozen weight"))) == [
        ("changed", 1, ["trainable: True → False"])
    ]


def test_a_model_that_is_frozen_as_a_whole_is_one_change() -> None:
    text = "model m {\n    input x: [8]\n    output x -> Dense(3) -> Dense(2)\n}\n"
    found = compared(text, f"frozen {text}")
    assert told(found) == []
    assert [(each.what, each.before, each.after) for each in found.interface] == [
        ("trainable", "True", "False")
    ]
    assert [
        [(delta.what, delta.before, delta.after) for delta in change.effects]
        for change in found.follows
    ] == [[("trainable params", "27", "0")], [("trainable params", "8", "0")]]


def test_unbuilt_sequentials_are_compared_too() -> None:
    text = "sequential s {\n    Dense(3)\n    Dropout(0.1)\n    Dense(4)\n}\n"
    assert told(compared(text, text.replace("Dense(3)", "Dense(5)"))) == [
        ("changed", 1, ["units: 3 → 5"])
    ]


def test_long_chains_take_seconds() -> None:
    text = "model m {\n    input x: [8]\n    for i in range(10_000) {\n        x = x -> Dense(8)\n    }\n    output x\n}\n"
    edited = text.replace(
        "Dense(8)\n", "Dense(8)\n        if i in [7, 5_000, 9_000] { x = x -> Dropout(0.1) }\n"
    )
    assert told(compared(text, edited)) == [("added", 3, [])]
