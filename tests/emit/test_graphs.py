"""Random graphs and building blocks, as Keras programs."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import pytest

from graphc.model import check_source
from graphc.source import SourceFile
from tests.differential.building_blocks import CASES
from tests.differential.building_blocks.case import Case
from tests.differential.graphs.random_graphs import random_graph, random_sequential
from tests.emit.built import check, emitted, keras, run

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


def arrays(model: Any) -> list[Any]:
    """Inputs for a model: unknown sizes are 32, numbers small."""
    random = np.random.default_rng(0)
    made = []
    for each in model.inputs:
        shape = [3, *[32 if dim is None else dim for dim in each.shape[1:]]]
        is_float = "float" in str(each.dtype)
        made.append(random.normal(size=shape) if is_float else random.integers(0, 2, shape))
    return [array.astype(each.dtype) for array, each in zip(made, model.inputs, strict=True)]


def results(model: Any, weights: list[Any] | None = None) -> tuple[list[Any], list[Any]]:
    """A model's weights, and what it makes of its inputs with these weights or its own."""
    if weights is not None:
        model.set_weights(weights)
    given = arrays(model)
    outputs = model(given if len(given) > 1 else given[0], training=False)
    return model.get_weights(), [np.asarray(each) for each in keras.tree.flatten(outputs)]


@by_case
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of Keras and JAX with each other
def test_values_of_building_block(case: Case) -> None:
    if case.apart:
        pytest.skip("Keras has its weights in other layers")
    _, program = emitted(case.net)
    keras.utils.clear_session(free_memory=False)
    ours = run(program)
    keras.utils.clear_session(free_memory=False)
    try:
        theirs = case.build()
    except ValueError as error:
        # Uses of a block that are named alike, but in the session of the tests beside.
        assert "names should be unique" in str(error)
        pytest.skip("Keras alone cannot build it")
    assert len(theirs.weights) == len(ours.weights)
    weights, expected = results(theirs)
    _, got = results(ours, weights)
    for one, other in zip(got, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-4)
