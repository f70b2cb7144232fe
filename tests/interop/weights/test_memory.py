"""Files are converted one array at a time, however large they are as a whole."""

from __future__ import annotations

import tracemalloc
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from graphc.interop.weights.load import stored_weights
from graphc.interop.weights.save import save_weights
from graphc.model import parse

WIDTH, DEPTH = 1024, 8
MODEL = parse(
    f"model net {{\n input x: [{WIDTH}]\n"
    f" for i in range({DEPTH}) {{\n  x = x -> Dense({WIDTH})\n }}\n output x\n}}"
)
LARGEST = WIDTH * WIDTH * 4
ENDINGS = (".npz", ".safetensors", ".weights.h5", ".keras")


@pytest.mark.parametrize(
    ("source", "target"), [*product(ENDINGS, (".npz",)), *product((".npz",), ENDINGS[1:])]
)
def test_conversion(source: str, target: str, tmp_path: Path) -> None:
    arrays = MODEL.init_weights()
    MODEL.save_weights(tmp_path / f"from{source}", arrays)
    tracemalloc.start()
    stored = stored_weights(MODEL.model_graph, str(tmp_path / f"from{source}"))
    save_weights(MODEL.model_graph, str(tmp_path / f"to{target}"), stored)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3 * LARGEST < DEPTH * LARGEST / 2
    read = MODEL.load_weights(tmp_path / f"to{target}")
    for key, array in arrays.items():
        np.testing.assert_array_equal(read[key], array)
