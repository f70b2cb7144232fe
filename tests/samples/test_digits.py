"""The digits that come with the samples, and what the samples learn of them."""

import subprocess
import sys

import numpy as np
import pytest

from tests.samples.rows import SAMPLES
from tests.samples.training import DIGITS, Trained


def test_the_digits_are_laid_out_as_those_of_keras():
    with np.load(DIGITS) as stored:
        arrays = dict(stored)
    assert {name: (array.shape, array.dtype.name) for name, array in arrays.items()} == {
        "x_train": ((1437, 8, 8), "uint8"),
        "y_train": ((1437,), "uint8"),
        "x_test": ((360, 8, 8), "uint8"),
        "y_test": ((360,), "uint8"),
    }
    x = np.concatenate([arrays["x_train"], arrays["x_test"]])
    y = np.concatenate([arrays["y_train"], arrays["y_test"]])
    # As UCI counts the digits of its test set, from 0 to 9.
    assert np.bincount(y).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert (x.min(), x.max(), int(x.sum())) == (0, 16, 561718)
    assert np.bincount(arrays["y_test"]).min() > 25
    assert "Alpaydin" in (SAMPLES / "data" / "ATTRIBUTION.md").read_text()


def test_a_few_epochs_teach_the_mlp_most_digits():
    trained = Trained("digits_mlp", epochs=4)
    assert trained.losses == sorted(trained.losses, reverse=True)
    assert trained.tested["accuracy"] > 0.9


@pytest.mark.slow
@pytest.mark.parametrize("name", ["digits_mlp", "digits_lenet"])
def test_digits_are_told_apart(name):
    assert Trained(name).tested["accuracy"] > 0.97


@pytest.mark.slow
def test_the_autoencoder_gives_digits_back(tmp_path):
    trained = Trained("digits_autoencoder")
    assert trained.losses == sorted(trained.losses, reverse=True)
    # Less than half of what the test images differ from their mean by is lost.
    with np.load(DIGITS) as stored:
        images = stored["x_test"] / 1.0
    assert trained.tested["loss"] < 0.5 * images.var(axis=0).mean()
    trained.save(tmp_path / "weights.npz")
    picture = tmp_path / "reconstructions.png"
    subprocess.run(
        [sys.executable, SAMPLES / "reconstructions.py", tmp_path / "weights.npz", picture],
        check=True,
        capture_output=True,
    )
    assert picture.read_bytes().startswith(b"\x89PNG")
