"""Two models as one diagram."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import graphc
from graphc.analysis.collapse import collapse
from graphc.analysis.diagram import Diagram, Node, groups_of, nodes_of
from graphc.analysis.diff_union import union
from graphc.analysis.fold import fold
from graphc.analysis.view import view
from tests.analysis import random_models as models

SAMPLES = sorted((Path(__file__).parents[2] / "samples").glob("*.net"))
CASES = sorted((Path(__file__).parents[1] / "render" / "diff").glob("*/after.net"))


def diagram(text: str) -> Diagram:
    return graphc.parse(text).diagram()


def marked(found: Diagram) -> list[tuple[str, str]]:
    return [(node.name, node.change) for node in nodes_of(found.parts) if node.change]


def check_drawable(found: Diagram) -> None:
    """Ids are there once, edges join nodes that are there and go along the order of the parts."""
    ids = [node.id for node in nodes_of(found.parts)]
    every = ids + [group.id for group in groups_of(found.parts)]
    assert len(every) == len(set(every))
    place = {id: number for number, id in enumerate(ids)}
    assert all(place[edge.source] < place[edge.target] for edge in found.edges)


BASE = """block unit(rate=0.1) {
    input x: [D]
    output x + (x -> Dense(8) -> Dropout(rate))
}

model m {
    input x: [8]
    for i in range(3) {
        x = x -> unit()
    }
    output x -> Dense(4, relu) -> Dense(2)
}
"""


def test_what_is_gone_stands_behind_what_it_took_from() -> None:
    found = union(diagram(BASE), diagram(BASE.replace("Dense(4, relu) -> ", "")))
    assert marked(found) == [("dense", "removed")]
    removed = next(node for node in nodes_of(found.parts) if node.change)
    assert removed.id.startswith("was")
    changes = {(edge.source, edge.target, edge.change) for edge in found.edges if edge.change}
    (added,) = [(source, target) for source, target, change in changes if change == "added"]
    gone = {(source, target) for source, target, change in changes if change == "removed"}
    assert gone == {(added[0], removed.id), (removed.id, added[1])}
    check_drawable(found)


def test_what_has_changed_says_how() -> None:
    found = union(diagram(BASE), diagram(BASE.replace("Dense(4, relu)", "Dense(6, relu)")))
    (changed, follows) = [node for node in nodes_of(found.parts) if node.changes]
    assert (changed.change, follows.change) == ("changed", "")
    assert changed.changes == (
        "units: 4 → 6", "shape: [B, 4] → [B, 6]", "params: 36 → 54", "MACs: 32 → 48",
    )  # fmt: skip


def test_a_closed_group_says_what_has_changed_in_it() -> None:
    text = BASE.replace("-> Dropout(rate)", "-> ReLU() -> Dropout(0.2)")
    closed = collapse(union(diagram(BASE), diagram(text)), depth=0)
    boxes = [part for part in closed.parts if isinstance(part, Node) and part.category == "block"]
    assert [(box.change, box.changes) for box in boxes] == [
        ("changed", ("1 added", "1 changed"))
    ] * 3
    assert [len(box.inputs) for box in boxes] == [1, 1, 1]
    assert not any(edge.change for edge in closed.edges)


def test_folding_keeps_what_has_changed_apart() -> None:
    text = BASE.replace("unit()", "unit(0.5 if i == 2 else 0.1)")
    folded = fold(union(diagram(BASE), diagram(text)))
    groups = [
        (group.count, [n.change for n in nodes_of([group])]) for group in groups_of(folded.parts)
    ]
    assert groups == [(2, ["", "", ""]), (1, ["", "changed", ""])]


def test_an_added_block_is_an_added_group() -> None:
    found = union(diagram(BASE), diagram(BASE.replace("range(3)", "range(4)")))
    assert [group.change for group in groups_of(found.parts)] == ["", "", "", "added"]


def test_inputs_are_marked_too() -> None:
    found = union(diagram(BASE), diagram(BASE.replace("input x: [8]\n", "input x: [8] as image\n")))
    assert marked(found) == [("image", "changed")]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_and_itself_is_the_sample(path: Path) -> None:
    one = graphc.load(path).diagram()
    found = union(one, graphc.load(path).diagram())
    assert marked(found) == []
    assert not any(edge.change for edge in found.edges)
    assert [node.id for node in nodes_of(found.parts)] == [node.id for node in nodes_of(one.parts)]


@pytest.mark.parametrize("after", CASES, ids=lambda path: path.parent.name)
def test_the_pairs_of_the_texts_can_be_drawn(after: Path) -> None:
    mine, theirs = graphc.load(after.with_name("before.net")), graphc.load(after)
    for found in (union(mine.diagram(), theirs.diagram()), union(theirs.diagram(), mine.diagram())):
        check_drawable(found)
        for depth in (0, 1, None):
            check_drawable(view(found, depth=depth, fold=True))


@settings(deadline=None)
@given(st.randoms(use_true_random=False))
def test_any_two_models_can_be_drawn_as_one(random: Random) -> None:
    before, after = (diagram(models.source_of(models.random_steps(random))) for _ in range(2))
    found = union(before, after)
    check_drawable(found)
    counts = [sum(1 for node in nodes_of(found.parts) if node.change == kind)
              for kind in ("added", "removed")]  # fmt: skip
    nodes = [sum(1 for _ in nodes_of(each.parts)) for each in (before, after, found)]
    assert nodes[2] - counts[0] == nodes[0]
    assert nodes[2] - counts[1] == nodes[1]
