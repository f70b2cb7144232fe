"""Random graphs and building blocks, as Keras programs."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from graphc.model import check_source
from graphc.source import SourceFile
from tests.differential.building_blocks import CASES
from tests.differential.building_blocks.case import Case
from tests.differential.graphs.keras_side import session
from tests.differential.graphs.random_graphs import random_graph, random_sequential
from tests.emit.built import check, emitted, run
from tests.emit.values import assert_close
from tests.interop.zoo.harness import give_values, inputs_of, outputs

by_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def check_graph(graph: Any) -> None:
    if graph.model is None or not check_source(SourceFile("model.net", graph.net)).is_clean:
        return
    check(*emitted(graph.net))
    check(*emitted(graph.net, flat=True))


@pytest.mark.parametrize("make", [random_graph, random_sequential])
def test_graphs(make: Any) -> None:
    for seed in range(10):
        check_graph(make(Random(seed)))


@pytest.mark.slow
@pytest.mark.parametrize("make", [random_graph, random_sequential])
@pytest.mark.parametrize("first", range(0, 1000, 100))
def test_many_graphs(make: Any, first: int) -> None:
    for seed in range(first, first + 100):
        check_graph(make(Random(seed)))


@by_case
def test_building_block(case: Case) -> None:
    check(*emitted(case.net))


@by_case
@pytest.mark.slow
def test_flat_building_block(case: Case) -> None:
    check(*emitted(case.net, flat=True))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of Keras and JAX with each other
@pytest.mark.parametrize(
    "case", [case for case in CASES if not case.apart], ids=lambda case: case.name
)
def test_values_of_building_block(case: Case) -> None:
    """Beside the model that Keras builds; those with weights of their own are in `test_values.py`."""
    _, program = emitted(case.net)
    with session():
        theirs = case.build()
    with session():
        ours = run(program)
    give_values(theirs)
    give_values(ours)
    for one, other in zip(ours.weights, theirs.weights, strict=True):
        assert one.shape == other.shape
        one._value = other._value
    given = inputs_of(theirs)
    assert_close(outputs(ours, given), outputs(theirs, given), program)
