"""Which entry of a file is which weight, when names are not the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from graphc.interop.weights.faults import WeightsError
from graphc.model import Model, parse

TWO = parse("model net {\n input x: [8]\n output x -> Dense(8) -> Dense(8)\n}")
NAMED = parse(
    "model net {\n input x: [8]\n output x -> Dense(8) as block_1 -> Dense(8) as block_2\n}"
)
LSTMS = parse("model net {\n input x: [5, 8]\n output x -> Bidirectional(LSTM(8))\n}")


def written(model: Model, path: Path, names: list[str]) -> dict[str, np.ndarray]:
    """A file of random arrays, in the order of the model's weights and by these names."""
    random = np.random.default_rng(3)
    shapes = [array.shape for array in model.init_weights().values()]
    arrays = {
        name: random.normal(size=shape).astype("float32")
        for name, shape in zip(names, shapes, strict=True)
    }
    if path.suffix == ".npz":
        np.savez(path, **arrays)
    else:
        model.save_weights(path, arrays)
    return arrays


def assert_read(model: Model, tmp_path: Path, names: list[str], *endings: str) -> None:
    for ending in endings or ("npz", "safetensors"):
        path = tmp_path / f"w.{ending}"
        arrays = written(model, path, names)
        read = model.load_weights(path)
        for (key, array), expected in zip(read.items(), arrays.values(), strict=True):
            np.testing.assert_array_equal(array, expected, err_msg=f"{ending} {key}")


def dense(*names: str) -> list[str]:
    return [f"{name}/{part}" for name in names for part in ("kernel", "bias")]


@pytest.mark.parametrize(
    "names",
    [
        dense("dense", "dense_1"),
        dense("dense_1", "dense_2"),
        dense("dense_9", "dense_10"),
        dense("sequential/dense", "sequential/dense_1"),
        dense("sequential_4/dense_1", "sequential_4/dense_2"),
    ],
    ids=lambda names: names[0],
)
def test_automatic_numbers_go_on(names: list[str], tmp_path: Path) -> None:
    assert_read(TWO, tmp_path, names)


def test_names_that_people_gave_are_taken_at_their_word(tmp_path: Path) -> None:
    assert_read(NAMED, tmp_path, dense("block_1", "block_2"))
    assert_read(NAMED, tmp_path, dense("outer/block_1", "outer/block_2"))
    path = tmp_path / "w.safetensors"
    written(NAMED, path, dense("block_2", "block_3"))
    with pytest.raises(WeightsError, match="`block_1/kernel` needs") as caught:
        NAMED.load_weights(path)
    assert len(caught.value.diagnostics) == 4


def test_other_names_in_the_same_order(tmp_path: Path) -> None:
    assert_read(TWO, tmp_path, dense("first", "second"), "npz")
    assert_read(TWO, tmp_path, ["a", "b", "c", "d"], "npz")


def test_sorted_names_say_nothing_of_the_order(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    written(TWO, path, dense("first", "second"))
    with pytest.raises(WeightsError):
        TWO.load_weights(path)


def test_both_directions(tmp_path: Path) -> None:
    parts = ("kernel", "recurrent_kernel", "bias")
    for prefix, number in (("bidirectional", ""), ("bidirectional_3", "_5"), ("net/b", "")):
        names = [
            f"{prefix}/{way}_lstm{number}/lstm_cell/{part}"
            for way in ("forward", "backward")
            for part in parts
        ]
        assert_read(LSTMS, tmp_path, names)


def test_a_file_of_pytorch_order(tmp_path: Path) -> None:
    model = parse("model net {\n input x: [8]\n output x -> Dense(4) as head\n}")
    np.savez(
        tmp_path / "w.npz", **{"head/kernel": np.zeros((4, 8), "f4"), "head/bias": np.zeros(4)}
    )
    with pytest.raises(WeightsError) as caught:
        model.load_weights(tmp_path / "w.npz")
    shape, dtype = caught.value.diagnostics
    assert shape.message == "`head/kernel` needs shape [8, 4], got [4, 8]"
    assert shape.help == "the file may come from a framework that keeps it transposed"
    assert dtype.message == "`head/bias` needs float32, got float64"
    assert dtype.span.text == "Dense(4)"


def test_dtypes_are_converted_where_asked(tmp_path: Path) -> None:
    np.savez(tmp_path / "w.npz", **{k: a.astype("f8") for k, a in TWO.init_weights().items()})
    with pytest.raises(WeightsError, match="needs float32, got float64"):
        TWO.load_weights(tmp_path / "w.npz")
    arrays = TWO.load_weights(tmp_path / "w.npz", cast=True)
    assert {array.dtype.name for array in arrays.values()} == {"float32"}


def test_nested_models_with_the_same_names() -> None:
    model = parse(
        """
        sequential tower {
            input [8]
            Dense(4)
        }
        model net {
            input x: [8]
            output x -> tower() as left, x -> tower() as right
        }
        """
    )
    assert list(model.init_weights()) == dense("left/dense", "right/dense")
