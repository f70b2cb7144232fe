"""Models that Keras has quantized: what is said of their files, and of their configurations."""

from __future__ import annotations

import json
import struct
import warnings
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphc.diagnostics.fault import Fault
from graphc.interop.keras_json import Unknown, import_document
from graphc.interop.keras_json.source import parse_document
from graphc.interop.weights.faults import WeightsError
from graphc.model import parse
from tests.cli.test_commands import run
from tests.differential.harness import keras
from tests.interop.weights.keras_side import saved

NET = """
sequential net {
    input ids: int32[6]
    Embedding(10, 8)
    Dense(4) as head
}
"""
MODES = ("int8", "int4", "float8")


def quantized(mode: str) -> Any:
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((6,), dtype="int32", name="ids"),
            layers.Embedding(10, 8),
            layers.Dense(4, name="head"),
        ],
        name="net",
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of layers that float8 leaves as they are
        model.quantize(mode)
    return model


@pytest.mark.parametrize("mode", ["int8", "float8", pytest.param("int4", marks=pytest.mark.slow)])
def test_weights(mode: str, tmp_path: Path) -> None:
    theirs, ours = quantized(mode), parse(NET)
    for ending, cast in product(("weights.h5", "keras", "npz", "safetensors"), (False, True)):
        with pytest.raises(WeightsError) as caught:
            ours.load_weights(saved(theirs, tmp_path / f"w.{ending}"), cast=cast)
        (diagnostic,) = caught.value.diagnostics
        assert diagnostic.code.id == "E0805"
        first = "head/kernel" if mode == "float8" else "embedding/embeddings"
        assert f"`{first}` needs float32, and is quantized to {mode} in" in diagnostic.message
        assert diagnostic.help == f'write the weights before model.quantize("{mode}")'


@pytest.mark.parametrize("mode", MODES)
def test_configurations(mode: str) -> None:
    document = parse_document(quantized(mode).to_json(), "model.json")
    with pytest.raises(Fault) as caught:
        import_document(document)
    assert f"quantizes to {mode}, which has no" in caught.value.message
    assert f'before model.quantize("{mode}")' in str(caught.value.help)
    assert 'Opaque("Dense", [' in import_document(document, unknown=Unknown())


# Numbers of eight bits and less


def small_floats(path: Path, dtype: str, bits: int) -> Path:
    """A file with numbers that NumPy has no dtype for."""
    end = 32 * bits // 8
    header = {
        "head/kernel": {"dtype": dtype, "shape": [8, 4], "data_offsets": [0, end]},
        "head/bias": {"dtype": "F32", "shape": [4], "data_offsets": [end, end + 16]},
    }
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(end + 16))
    return path


@pytest.mark.parametrize(("dtype", "bits"), [("F8_E4M3", 8), ("F8_E5M2", 8), ("F4", 4)])
def test_floats_that_numpy_has_not(dtype: str, bits: int, tmp_path: Path) -> None:
    path = small_floats(tmp_path / "w.safetensors", dtype, bits)
    listed = run("weights", str(path))
    assert f"│ head/kernel │ [8, 4] │ {dtype}" in listed.stdout
    assert f"│    {32 * bits // 8} │" in listed.stdout
    converted = run("weights", str(path), "-o", str(tmp_path / "w.npz"))
    assert converted.exit_code == 1
    assert f"holds {dtype} at `head/kernel`, of which NumPy has no numbers" in converted.stderr
    for cast in (False, True):
        with pytest.raises(WeightsError, match=f"needs float32, got {dtype}") as caught:
            parse("sequential n {\n    input [8]\n    Dense(4) as head\n}\n").load_weights(
                path, cast=cast
            )
        assert "--cast" not in str(caught.value.diagnostics[0].help)


def test_numbers_that_the_format_has_not(tmp_path: Path) -> None:
    np.savez(tmp_path / "w.npz", a=np.ones(3, "complex128"))
    path = tmp_path / "w.safetensors"
    result = run("weights", str(tmp_path / "w.npz"), "-o", str(path))
    assert (result.exit_code, path.exists()) == (1, False)
    assert "cannot hold `a`, which is of complex128" in result.stderr
    assert "such as .npz" in result.stderr
