"""Emitted programs on Keras' three backends: layers in order, weights, outputs, a training step."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest

from graphc.model import Model, check_source
from graphc.source import SourceFile
from tests.differential.building_blocks import CASES
from tests.differential.graphs.random_graphs import random_graph, random_sequential
from tests.emit.backends import BACKENDS, check_program, run_everywhere
from tests.emit.built import emitted, emitted_file
from tests.emit.features import FEATURES
from tests.emit.layer_cases import argument_cases
from tests.emit.test_layers import RETURNS_ITS_INPUT, texts
from tests.samples.rows import SAMPLES

SMALL = ("mnist", "linear_regression", "siamese", "autoencoder_models", "two_inputs", "sequential")
# What is small enough for op after op, as the reference has it.
LARGE = ("lstm_classifier", "seq2seq_attention", "autoencoder")
QUICK = ("numpy",)  # it starts at once, and compiles nothing
# Layers that others wrap and share, which files and traces call differently; their values are
# compared with Keras' own in test_graphs.
SHARED_INSIDE = (
    "cells", "wrapped_and_direct", "model_by_its_name", "sequential_in_a_list", "directions",
    "given_to_models", "normalized",
)  # fmt: skip
OTHERS = tuple(backend for backend in BACKENDS if backend not in QUICK)


def check_all(
    programs: Mapping[str, tuple[Model, str]], folder: Path, backends: tuple[str, ...]
) -> None:
    found = run_everywhere(programs, folder, backends)
    faults = []
    for name, (model, _) in programs.items():
        fails = FEATURES[name].fails if name in FEATURES else {}
        for backend in backends:
            if backend in fails:
                assert fails[backend] in found[backend][name].get("error", ""), "it works by now"
                continue
            try:
                check_program(name, model, {backend: found[backend]}, folder)
            except AssertionError as fault:
                faults.append(f"{name} on {backend}: {fault}")
    assert not faults, "\n".join(faults)


def small_programs() -> dict[str, tuple[Model, str]]:
    programs = {name: emitted(feature.text) for name, feature in FEATURES.items()}
    return programs | {name: emitted_file(SAMPLES / f"{name}.net") for name in SMALL}


def test_features_and_samples(tmp_path: Path) -> None:
    check_all(small_programs(), tmp_path, QUICK)


@pytest.mark.slow
def test_features_and_samples_on_other_backends(tmp_path: Path) -> None:
    programs = small_programs()
    programs |= {name: emitted_file(SAMPLES / f"{name}.net") for name in LARGE}
    check_all(programs, tmp_path, OTHERS)


@pytest.mark.slow
def test_flat_programs(tmp_path: Path) -> None:
    programs = {name: emitted(f.text, flat=True) for name, f in FEATURES.items()}
    programs |= {name: emitted_file(SAMPLES / f"{name}.net", flat=True) for name in SMALL}
    check_all(programs, tmp_path, QUICK)


@pytest.mark.slow
def test_building_blocks(tmp_path: Path) -> None:
    cases = [case for case in CASES if case.name not in SHARED_INSIDE]
    check_all({case.name: emitted(case.net) for case in cases}, tmp_path, QUICK)


@pytest.mark.slow
@pytest.mark.parametrize("make", [random_graph, random_sequential])
def test_random_graphs(make: Any, tmp_path: Path) -> None:
    texts = {}
    for seed in range(40):
        graph = make(Random(seed))
        # Open sizes may have to fit each other, which only running shows.
        if graph.model is None or "?" in graph.net:
            continue
        if check_source(SourceFile("model.net", graph.net)).is_clean:
            texts[f"graph_{seed}"] = emitted(graph.net)
    check_all(texts, tmp_path, QUICK)


@pytest.mark.slow
def test_layers(tmp_path: Path) -> None:
    texts_of_layers = [
        text
        for text in texts(argument_cases())[::20]
        if check_source(SourceFile("model.net", text)).is_clean
        # Of seeds there is a feature; outside of training Keras crops nothing, though it says so.
        if not any(each in text for each in ("seed=-", "RandomCrop", RETURNS_ITS_INPUT))
    ]
    programs = {f"layer_{i}": emitted(text) for i, text in enumerate(texts_of_layers)}
    check_all(programs, tmp_path, QUICK)


@pytest.mark.slow
def test_a_step_of_training_gives_the_same_loss(tmp_path: Path) -> None:
    programs = {name: emitted_file(SAMPLES / f"{name}.net") for name in SMALL}
    trained = {
        name: (model, program)
        for name, (model, program) in programs.items()
        if model.train is not None and "Dropout" not in program
    }
    found = run_everywhere(trained, tmp_path, OTHERS)
    assert len(trained) > 3
    for name in trained:
        losses = [found[backend][name]["loss"] for backend in OTHERS]
        assert losses[0] == pytest.approx(losses[1], rel=1e-5), name
