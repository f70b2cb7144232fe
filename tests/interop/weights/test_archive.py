"""Archives that we write are Keras' models: they predict, train on, and come back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphc.model import parse
from tests.differential.harness import keras
from tests.interop.weights.keras_side import saved

TEXT = """
model net {
    input x: [6]
    output x -> Dense(8, "relu") -> BatchNormalization() -> Dense(2)
}
train net {
    loss = "mse"
    optimizer = Adam(learning_rate=0.01)
}
"""


def loaded(path: Path) -> Any:
    """A model of an archive; Keras says that its optimizer has no state yet."""
    with pytest.warns(UserWarning, match="the saved optimizer has 0 variables"):
        return keras.models.load_model(path)


def test_an_archive_trains_on_and_comes_back(tmp_path: Path) -> None:
    ours = parse(TEXT)
    ours.save_weights(tmp_path / "first.keras", ours.init_weights(3))
    theirs = loaded(tmp_path / "first.keras")
    assert theirs.optimizer.learning_rate == np.float32(0.01)
    assert int(theirs.optimizer.iterations) == 0
    random = np.random.default_rng(0)
    x, y = random.normal(size=(16, 6)), random.normal(size=(16, 2))
    history = theirs.fit(x, y, epochs=3, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]
    # The state of the optimizer stays behind; the weights go through both.
    arrays = ours.load_weights(saved(theirs, tmp_path / "second.keras"))
    ours.save_weights(tmp_path / "third.keras", arrays)
    back = loaded(tmp_path / "third.keras")
    np.testing.assert_array_equal(back.predict(x, verbose=0), theirs.predict(x, verbose=0))
    assert int(back.optimizer.iterations) == 0
