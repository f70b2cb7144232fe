"""Keras models as people write them: in, checked, out again, drawn, and their weights read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.interop.zoo import odd, series, text, vision  # noqa: F401 - fill the zoo
from tests.interop.zoo.entry import ZOO, Entry
from tests.interop.zoo.harness import check_animal

CASES = [
    pytest.param(entry, id=entry.name, marks=[] if entry.is_fast else pytest.mark.slow)
    for entry in ZOO
]


@pytest.mark.parametrize("entry", CASES)
# Of Keras and JAX with each other, of masks that layers drop, and of dtypes that JAX cuts.
@pytest.mark.filterwarnings("ignore")
def test_there_and_back(entry: Entry, tmp_path: Path) -> None:
    check_animal(entry, tmp_path)
