"""`Model.trainer` with the arguments of Keras' `compile`, in place of a train block or of its keys."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphc
from graphc.training.adam import Adam
from graphc.training.classification_losses import SparseCategoricalCrossentropy

PLAIN = "model net {\n    input x: [4]\n    output x -> Dense(3) as out\n}\n"
BLOCK = (
    "train net {\n    loss = SparseCategoricalCrossentropy(from_logits=True)\n"
    "    optimizer = Adam(0.01)\n    metrics = [accuracy]\n    shuffle = False\n"
    "    epochs = 3\n    batch_size = 8\n}\n"
)
random = np.random.default_rng(5)
X = random.normal(size=(32, 4)).astype("float32")
Y = random.integers(0, 3, 32)


def test_the_same_as_a_train_block_that_says_it() -> None:
    plain, block = graphc.parse(PLAIN), graphc.parse(PLAIN + BLOCK)
    trainer = plain.trainer(
        loss=SparseCategoricalCrossentropy(from_logits=True), optimizer=Adam(0.01),
        metrics=["accuracy"], shuffle=False, epochs=3, batch_size=8,
    )  # fmt: skip
    assert trainer.fit(X, Y) == block.trainer().fit(X, Y)
    assert set(trainer.history) == {"loss", "accuracy"}


def test_keys_in_place_of_those_of_the_block() -> None:
    block = graphc.parse(PLAIN + BLOCK)
    trainer = block.trainer(optimizer="sgd", metrics=None, epochs=2)
    history = trainer.fit(X, Y)
    assert set(history) == {"loss"}
    assert len(history["loss"]) == 2
    other = PLAIN + BLOCK.replace("Adam(0.01)", "sgd").replace("epochs = 3", "epochs = 2")
    assert history["loss"] == graphc.parse(other).trainer().fit(X, Y)["loss"]
    assert block.trainer().train is block.train or str(block.trainer().train) == str(block.train)


def test_losses_by_output() -> None:
    two = graphc.parse(
        "model net {\n    input x: [4]\n    output a = x -> Dense(2), b = x -> Dense(1)\n}\n"
    )
    trainer = two.trainer(loss={"a": "mse", "b": "mae"}, loss_weights={"a": 1.0, "b": 0.5})
    logs = trainer.evaluate(X, {"a": np.ones((32, 2)), "b": np.ones((32, 1))})
    assert logs["loss"] == pytest.approx(logs["a_loss"] + 0.5 * logs["b_loss"], rel=1e-6)
    with pytest.raises(ValueError, match="net has no output `c`; it has `a`, `b`"):
        two.trainer(loss="mse", metrics={"c": "mae"})
    with pytest.raises(ValueError, match="`loss` needs one for each of the 2 outputs of net"):
        two.trainer(loss=["mse", "mse", "mse"])


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({}, ValueError, "net has no train block: trainer needs a loss"),
        ({"optimizer": "adam"}, ValueError, "net has no train block: trainer needs a loss"),
        ({"loss": "mze"}, ValueError, 'trainer needs `loss` to be a loss.*got "mze"'),
        ({"loss": "mse", "optimizer": 3}, ValueError, "trainer needs `optimizer` to be .*got 3"),
        ({"loss": "mse", "optimiser": "sgd"}, TypeError, "no argument optimiser; did you mean `op"),
        ({"loss": "mse", "epochs": 0}, ValueError, "trainer needs `epochs` to be "),
        ({"loss": "mse", "initial_epoch": 3}, ValueError, "`initial_epoch` below `epochs`"),
        ({"loss": {"outt": "mse"}}, ValueError, "net has no output `outt`; it has `out`"),
        (
            {"loss": "mse", "metrics": ["TopKCategoricalAccuracy", "CosineSimilarity"], "epochs": 0},
            ValueError, "epochs",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit(settings: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        graphc.parse(PLAIN).trainer(**settings)


def test_a_loss_that_the_output_does_not_fit() -> None:
    one = graphc.parse(PLAIN.replace("Dense(3)", "Dense(1)"))
    with pytest.raises(ValueError, match="of `out` needs at least 2 classes along the last axis"):
        one.trainer(loss="categorical_crossentropy")
    with pytest.raises(ValueError, match=r"TopKCategoricalAccuracy.* of `out` needs at least 2"):
        one.trainer(loss="mse", metrics=["top_k_categorical_accuracy", "mae"])
