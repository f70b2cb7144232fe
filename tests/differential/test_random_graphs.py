"""Random graphs against Keras: names, types, order, shapes, dtypes, parameters, connections.

What Keras takes, graphc takes, and makes the same of it. What Keras rejects, graphc rejects, with
one error.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graphc.model import check_source
from graphc.source import SourceFile
from tests.differential.graphs.random_graphs import Graph, random_graph, random_sequential
from tests.differential.graphs.rows import difference, facts, keras_facts

QUICK = settings(
    derandomize=True, max_examples=250, deadline=None, suppress_health_check=list(HealthCheck)
)
MAKERS = [random_graph, random_sequential]
RANDOMS = st.randoms(use_true_random=False)


def check(graph: Graph) -> None:
    report = check_source(SourceFile("random.net", graph.net))
    errors = [each for each in report.diagnostics if each.is_error]
    shown = "\n".join([str(graph), *(f"{each.span.line}: {each.message}" for each in errors)])
    if graph.model is None:
        assert len(errors) == 1 or (errors and graph.is_compound), shown
        return
    assert not errors, shown
    assert report.main is not None
    # Operations on masks are nodes in Keras, and change what is how deep.
    ours = facts(report.main, ordered=not graph.masked)
    theirs = keras_facts(graph.model, ordered=not graph.masked)
    assert ours == theirs, f"{shown}\n{difference(ours, theirs)}"


@pytest.mark.parametrize("make", MAKERS)
@QUICK
@given(random=RANDOMS)
def test_graphs(make: Callable[[Random], Graph], random: Random) -> None:
    check(make(random))


@pytest.mark.slow
@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("first", range(0, 5000, 250))
def test_many_graphs(make: Callable[[Random], Graph], first: int) -> None:
    for seed in range(first, first + 250):
        check(make(Random(seed)))
