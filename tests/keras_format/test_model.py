"""Our configurations build the models that the same in Python builds."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from graphc.keras_format.constants import constants, is_open
from graphc.model import Model, parse
from graphc.record import replace
from tests.differential.building_blocks import CASES as BUILDING_BLOCKS
from tests.differential.building_blocks.case import Case
from tests.differential.graphs.keras_side import session
from tests.differential.graphs.random_graphs import random_graph, random_sequential
from tests.differential.graphs.rows import difference, facts, has_output_keys, keras_facts
from tests.interop.weights.cases import CASES, LOW_RANK
from tests.keras_format.keras_side import configs, rebuilt
from tests.samples.rows import SAMPLES, load, shrunk

# Layers that several models call: Keras cannot read that they are one.
UNSHARED = {"given_to_models"}


def check_alike(ours: Any, theirs: Any) -> None:
    assert ours == theirs, difference(ours, theirs)


@pytest.mark.parametrize("case", [*CASES, *LOW_RANK, *BUILDING_BLOCKS], ids=lambda case: case.name)
def test_as_built_in_python(case: Case) -> None:
    made = rebuilt(parse(case.net), sharing=True)
    with session():
        theirs = case.build()
    if case.apart:
        assert made.count_params() == theirs.count_params()
        return
    if case.name not in UNSHARED:
        ordered = not has_output_keys(made)
        both = [keras_facts(each, ordered=ordered) for each in (made, theirs)]
        if not ordered:
            both = [replace(each, outputs=tuple(sorted(each.outputs, key=str))) for each in both]
        check_alike(*both)
    ours_and_theirs = [configs(made), configs(theirs)]
    if has_output_keys(made):
        ours_and_theirs = [sorted(each, key=lambda c: c["name"]) for each in ours_and_theirs]
    for one, other in zip(*ours_and_theirs, strict=True):
        assert _named_alike(one, other) == other


def _named_alike(one: Any, other: Any) -> Any:
    """A configuration with the other's names: those of inner layers and models are counted on."""
    if isinstance(one, dict) and isinstance(other, dict):
        return {
            key: other.get(key)
            if key in ("name", "keras_history", "input_layers", "output_layers")
            else _named_alike(value, other.get(key))
            for key, value in one.items()
        }
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [_named_alike(a, b) for a, b in zip(one, other, strict=True)]
    return one


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("make", [random_graph, random_sequential])
def test_random_graphs(make: Any, seed: int) -> None:
    check_random(make, seed)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(60, 3060, 100))
@pytest.mark.parametrize("make", [random_graph, random_sequential])
def test_many_random_graphs(make: Any, first: int) -> None:
    for seed in range(first, first + 100):
        check_random(make, seed)


def check_random(make: Any, seed: int) -> None:
    graph = make(Random(seed))
    if graph.model is not None:
        ours = parse(graph.net)
        ordered = not graph.masked  # operations on masks are nodes in Keras
        theirs = keras_facts(rebuilt(ours), ordered=ordered)
        check_alike(facts(ours, ordered=ordered), theirs)


SAMPLE_NAMES = sorted(path.stem for path in SAMPLES.glob("*.net"))


@pytest.mark.parametrize("name", SAMPLE_NAMES)
def test_samples(name: str) -> None:
    check_sample(load(name))


def check_sample(ours: Model) -> None:
    made = rebuilt(ours)
    assert made.count_params() == ours.count_params()
    masks = {"NotEqual", "Any"}  # Keras makes operations of the masks that layers hand on
    rows = [row for row in keras_facts(made, ordered=False).rows if row.type not in masks]
    expected = {row.name: row for row in facts(ours, ordered=False).rows}
    # Functions that stand in for those of sizes that are not known: tests/keras_format/test_sizes.py.
    more = {row.name for row in rows} - set(expected)
    assert all(row.parameters == 0 for row in rows if row.name in more)
    rewritten = {
        record.name
        for record in ours.model_graph.records()
        if any(is_open(value) for _, value in record.arguments)
    }
    assert not more or rewritten
    for row in rows:
        if row.name in more | rewritten:
            continue
        assert row.shapes == expected[row.name].shapes or row.type == "EinsumDense"
        assert (row.type, row.parameters) == (
            expected[row.name].type,
            expected[row.name].parameters,
        )
    missing = set(expected) - {row.name for row in rows}
    # What depends on no input is computed while the configuration is written.
    folded = constants(ours.model_graph)
    assert missing == {ours.model_graph.record(node).name for node in folded}


def test_llama_of_one_length() -> None:
    sizes = {"vocabulary": 11, "depth": 1, "width": 24, "heads": 4, "kv_heads": 2, "hidden": 10}
    ours = shrunk("llama2_7b", **{name: str(size) for name, size in sizes.items()})
    text = ours.model_graph.span.file.text
    check_sample(parse(text, inputs={next(iter(ours.inputs)): "[5]"}))
