"""What emitted programs compute: samples, layers, graphs, with weights that come by a file.

Each is built by Keras on jax, and held against our own program on NumPy.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from graphc.model import check_source
from graphc.source import SourceFile
from tests.differential.building_blocks import CASES
from tests.differential.graphs.random_graphs import random_graph, random_sequential
from tests.emit.built import emitted
from tests.emit.computed import NotComparable, check_values
from tests.emit.features import FEATURES
from tests.emit.layer_cases import argument_cases, table_cases
from tests.emit.test_layers import texts
from tests.samples.rows import SAMPLES, shrunk_text

SIZES: dict[str, dict[str, str]] = {
    "gpt2_small": {"vocabulary": "11", "context": "8", "width": "24"},
    "llama2_7b": {
        "vocabulary": "11", "depth": "2", "width": "24", "heads": "4", "kv_heads": "2",
        "hidden": "10",
    },
    "seq2seq_attention": {"source_words": "9", "target_words": "7", "width": "6"},
    "vit_b16": {"width": "24"},
}  # fmt: skip
"""The constants of the samples that are too large to try."""

QUICK = ("linear_regression", "linear_regression_fit", "mnist", "sequential")

# Outside of training it crops nothing, though it says so; and boundaries are in order, which
# it does not ask for.
OTHERWISE_IN_KERAS = ("RandomCrop(", "bin_boundaries=[0.25, 0.0, 1.0]")


def check_all(texts: Iterable[tuple[str, str]], folder: Path, *, flat: bool = False) -> int:
    """Check texts with a name each; how many of them there were values to compare of."""
    faults = []
    count = 0
    for name, text in texts:
        if not check_source(SourceFile("model.net", text)).is_clean:
            continue
        try:
            check_values(*emitted(text, flat=flat), folder)
            count += 1
        except NotComparable:
            continue
        except Exception as fault:  # noqa: BLE001 - Keras fails with whatever it fails with
            faults.append(f"{name}: {fault!r}")
    assert not faults, f"{len(faults)} of them:\n" + "\n".join(faults)
    return count


def layer_texts() -> list[tuple[str, str]]:
    found = sorted({*texts(argument_cases()), *texts(table_cases())})
    return [(each, each) for each in found if not any(a in each for a in OTHERWISE_IN_KERAS)]


def graph_texts(make: Any, seeds: Iterable[int]) -> Iterable[tuple[str, str]]:
    for seed in seeds:
        graph = make(Random(seed))
        if graph.model is not None:
            yield f"{make.__name__} {seed}", graph.net


def sample_text(name: str) -> str:
    return shrunk_text(name, **SIZES.get(name, {}))


by_flat = pytest.mark.parametrize("flat", [False, True], ids=["", "flat"])
by_sample = pytest.mark.parametrize(
    "name",
    [
        pytest.param(path.stem, marks=[] if path.stem in QUICK else pytest.mark.slow)
        for path in sorted(SAMPLES.glob("*.net"))
    ],
)


@by_sample
def test_sample(name: str, tmp_path: Path) -> None:
    check_values(*emitted(sample_text(name)), tmp_path)


@pytest.mark.slow
@by_sample
def test_flat_sample(name: str, tmp_path: Path) -> None:
    check_values(*emitted(sample_text(name), flat=True), tmp_path)


def test_some_layers(tmp_path: Path) -> None:
    assert check_all(layer_texts()[::400], tmp_path) > 5


@pytest.mark.slow
@pytest.mark.parametrize("first", range(10))
def test_layers(first: int, tmp_path: Path) -> None:
    assert check_all(layer_texts()[first::10], tmp_path) > 200


@pytest.mark.parametrize("make", [random_graph, random_sequential])
def test_some_graphs(make: Any, tmp_path: Path) -> None:
    assert check_all(graph_texts(make, range(5)), tmp_path) > 1


@pytest.mark.slow
@by_flat
@pytest.mark.parametrize("make", [random_graph, random_sequential])
@pytest.mark.parametrize("first", range(0, 400, 100))
def test_graphs(make: Any, first: int, flat: bool, tmp_path: Path) -> None:
    assert check_all(graph_texts(make, range(first, first + 100)), tmp_path, flat=flat) > 40


@pytest.mark.slow
@by_flat
def test_building_blocks(flat: bool, tmp_path: Path) -> None:
    cases = [(case.name, case.net) for case in CASES]
    assert check_all(cases, tmp_path, flat=flat) == len(cases)


@pytest.mark.slow
@by_flat
def test_features(flat: bool, tmp_path: Path) -> None:
    features = [(name, feature.text) for name, feature in FEATURES.items()]
    assert check_all(features, tmp_path, flat=flat) >= len(features) - 1


@by_flat
@pytest.mark.parametrize("name", ["gelu_by_values", "functions_that_are_no_activations"])
def test_an_activation_is_not_the_function_of_its_name(
    name: str, flat: bool, tmp_path: Path
) -> None:
    assert check_all([(name, FEATURES[name].text)], tmp_path, flat=flat) == 1


@by_flat
def test_functions_given_to_blocks(flat: bool, tmp_path: Path) -> None:
    text = FEATURES["functions_given_to_blocks"].text
    assert check_all([("functions_given_to_blocks", text)], tmp_path, flat=flat) == 1
    _, program = emitted(text, flat=flat)
    assert flat or "Written out" not in program


@by_flat
def test_states_of_several_cells_are_in_lists(flat: bool, tmp_path: Path) -> None:
    name = "states_of_several_cells"
    assert check_all([(name, FEATURES[name].text)], tmp_path, flat=flat) == 1
