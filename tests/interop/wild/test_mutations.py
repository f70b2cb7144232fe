"""Configurations of models of the wild with values changed: a text or a fault, and nothing else."""

from __future__ import annotations

import json
from random import Random

import pytest

from tests.interop.keras_json.test_hostile import changed, outcome
from tests.interop.wild.test_wild import SUBJECTS
from tests.interop.zoo.harness import plain_session

NAMES = (
    "leaky_by_where", "slices_of_all_kinds", "functions_by_keyword", "image_functions",
    "dicts_in_and_out", "deep_structures", "models_called_again_and_again", "wrapped_with_weights",
    "time_distributed_models", "states_of_a_stack_handed_on", "all_that_an_lstm_has",
    "masks_merge", "wrappers_in_wrappers", "numbers_for_keys", "clone_with_other_names",
    "masks_of_queries_keys_and_values", "attention_again_behind_a_sum", "buckets",
    "normalized_with_given_means", "policies_of_parts", "regularizers_of_all_kinds",
    "compiled_in_detail", "compiled_with_lists",
)  # fmt: skip
ENTRIES = {entry.name: entry for subject in SUBJECTS for entry in subject.entries}


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.filterwarnings("ignore")
def test_changes(name: str) -> None:
    with plain_session():
        document = json.loads(ENTRIES[name].build().to_json())
    assert outcome(document) == "text"
    for seed in range(60):
        outcome(changed(document, Random(seed)))
