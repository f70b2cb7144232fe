"""Random graphs, built in Keras and imported: the same names, types, shapes and connections."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.differential.graphs.random_graphs import Graph, random_graph, random_sequential
from tests.interop.keras_json.compare import check_import

MAKERS = [random_graph, random_sequential]
QUICK = settings(
    derandomize=True, max_examples=40, deadline=None, suppress_health_check=list(HealthCheck)
)


def check(graph: Graph) -> None:
    if graph.model is not None:
        check_import(graph.model, ordered=not graph.masked)


@pytest.mark.parametrize("make", MAKERS)
@QUICK
@given(random=st.randoms(use_true_random=False))
def test_graphs(make: Callable[[Random], Graph], random: Random) -> None:
    check(make(random))


@pytest.mark.slow
@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("first", range(0, 1500, 250))
def test_many_graphs(make: Callable[[Random], Graph], first: int) -> None:
    for seed in range(first, first + 250):
        check(make(Random(seed)))
