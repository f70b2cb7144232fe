"""Steps of training beside Keras' `train_on_batch`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graphc.runtime.train.learner import Batch
from graphc.runtime.train.meter import Meter
from tests.runtime.train.keras_side import check_evaluation, check_steps, learner_of, random

LINE = """\
model line {{
    input x: [4]
    y = x -> Dense(5, tanh) as hidden
    output y -> Dense(3) as out
}}
train line {{
    loss = MeanSquaredError()
    optimizer = {optimizer}
}}
"""


def batches(count: int, size: int = 6, weight: bool = False) -> list[Batch]:
    return [
        Batch(
            {"x": random.normal(size=(size, 4)).astype("float32")},
            {"out": random.normal(size=(size, 3)).astype("float32")},
            {"out": random.random(size).astype("float32")} if weight else {},
        )
        for _ in range(count)
    ]


OPTIMIZERS = [
    "SGD(0.1)",
    "SGD(0.1, momentum=0.9, nesterov=True)",
    "RMSprop(0.01, momentum=0.5, centered=True)",
    "Adam(0.01)",
    "Adam(0.01, amsgrad=True)",
    "AdamW(0.01, weight_decay=0.1)",
    "Adagrad(0.1)",
    "Adadelta(0.5)",
    "Adamax(0.01)",
    "Nadam(0.01)",
    "Ftrl(0.1)",
    "Lion(0.001)",
    "Lamb(0.01)",
    "Adafactor(0.01)",
    "Muon(0.01)",
    "ScheduleFreeAdamW(0.01)",
]
AROUND = [  # what all optimizers do around their steps
    "SGD(0.1, clipnorm=0.1)",
    "SGD(0.1, clipvalue=0.02)",
    "SGD(0.1, global_clipnorm=0.1)",
    "SGD(0.1, weight_decay=0.1)",
    "Adam(0.01, use_ema=True, ema_momentum=0.5)",
    "Adam(0.01, use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=2)",
    "SGD(0.1, loss_scale_factor=64.0)",
    "Nadam(0.01, gradient_accumulation_steps=2, clipnorm=0.1, weight_decay=0.01)",
    "Adam(0.01, gradient_accumulation_steps=3, use_ema=True, ema_overwrite_frequency=2)",
    "SGD(ExponentialDecay(0.1, 2, 0.5))",
    "Adafactor(CosineDecay(0.1, 10))",
    "LossScaleOptimizer(Adam(0.01), initial_scale=8.0, dynamic_growth_steps=2)",
]


@pytest.mark.parametrize("optimizer", AROUND)
def test_what_optimizers_have_in_common(optimizer: str) -> None:
    check_steps(LINE.format(optimizer=optimizer), batches(4))


@pytest.mark.slow  # the updates themselves are in tests/differential/test_optimizer_steps.py
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_optimizers(optimizer: str) -> None:
    # Muon makes matrices orthogonal by an iteration, in which roundings grow.
    tolerance = 1e-3 if "Muon" in optimizer else 1e-5
    check_steps(LINE.format(optimizer=optimizer), batches(4), rtol=tolerance, atol=tolerance / 5)


CNN = """\
model cnn {
    input image: [8, 8, 1]
    x = image -> Conv2D(4, 3, use_bias=False) -> BatchNormalization() -> ReLU() -> MaxPooling2D(2) -> Dropout(0.0)
    output x -> Flatten() -> Dense(3) as out
}
train cnn {
    loss             = SparseCategoricalCrossentropy(from_logits=True)
    optimizer        = Adam(0.01)
    metrics          = [accuracy, SparseTopKCategoricalAccuracy(2)]
    weighted_metrics = [accuracy]
}
"""
POOLED = """\
model pooled {
    input image: [8, 8, 1]
    x = image -> Conv2D(4, 3, activation=tanh, padding="same") -> MaxPooling2D(2)
    y = x -> Conv2D(6, 2, activation=relu6, bias_initializer="ones") -> MaxPooling2D(2, strides=1)
    output y -> Flatten() -> Dense(3) as out
}
train pooled {
    loss      = SparseCategoricalCrossentropy(from_logits=True)
    optimizer = SGD(0.1)
}
"""
TWO = """\
model head {
    input h: [5]
    output h -> Dense(2, tanh) as inner
}
model two {
    input a: [4]
    input b: [4]
    tower = Dense(5, relu)
    still = Dense(5, trainable=False)
    h = (a -> tower) + (b -> tower) + (a -> still)
    output left = (h -> head) + (h * 2 -> head)
    output right = h -> Dense(1, sigmoid)
}
train two {
    loss         = {"left": MeanSquaredError(), "right": crossentropy}
    loss_weights = {"left": 0.5, "right": 2.0}
    optimizer    = SGD(0.1, momentum=0.9)
    metrics      = {"left": [mae, RootMeanSquaredError()], "right": [accuracy, AUC(20, name="area")]}
}
"""
WORDS = """\
model words {
    input ids: int32[6]
    x = ids -> Embedding(9, 4, mask_zero=True) -> LSTM(5, return_sequences=True)
    output x -> Dense(3, softmax) as tags
}
train words {
    loss      = SparseCategoricalCrossentropy()
    optimizer = RMSprop(0.01)
}
"""

DECODER = """\
model decoder {
    input code: [3, 3, 2]
    x = code -> UpSampling2D(3) -> Conv2DTranspose(4, 3, activation=tanh)
    y = x -> Conv2DTranspose(3, 4, strides=2, padding="same", activation=tanh) -> BatchNormalization()
    output y -> Conv2D(2, 3, strides=2, activity_regularizer=L2(0.1)) as out
}
train decoder {
    loss      = MeanSquaredError()
    optimizer = Adam(0.01)
    metrics   = [mae]
}
"""


def images(size: int) -> Batch:
    return Batch(
        {"image": random.normal(size=(size, 8, 8, 1)).astype("float32")},
        {"out": random.integers(0, 3, size).astype("int32")},
        {"out": random.random(size).astype("float32")},
    )


def pairs(size: int) -> Batch:
    return Batch(
        {name: random.normal(size=(size, 4)).astype("float32") for name in "ab"},
        {
            "left": random.normal(size=(size, 2)).astype("float32"),
            "right": random.integers(0, 2, (size, 1)).astype("int32"),
        },
        {},
    )


def codes(size: int) -> Batch:
    return Batch(
        {"code": random.normal(size=(size, 3, 3, 2)).astype("float32")},
        {"out": random.normal(size=(size, 10, 10, 2)).astype("float32")},
        {},
    )


def sentences(size: int) -> Batch:
    ids = random.integers(1, 9, (size, 6)).astype("int32")
    for place, row in enumerate(ids):
        row[6 - place % 4 :] = 0
    return Batch({"ids": ids}, {"tags": random.integers(0, 3, (size, 6)).astype("int32")}, {})


@pytest.mark.parametrize(
    ("source", "make"),
    [
        (CNN, images),
        (TWO, pairs),
        (DECODER, codes),
        pytest.param(WORDS, sentences, id="words", marks=pytest.mark.slow),
    ],
    ids=["cnn", "two", "decoder", None],
)
def test_whole_models(source: str, make: Any) -> None:
    # The last batch is smaller, as it is in an epoch.
    check_steps(source, [make(size) for size in (8, 8, 8, 5)], rtol=1e-4, atol=1e-5)


REPEATED = """\
model repeated {
    input ids: int32[6]
    output ids -> Embedding(4, 3) -> Dense(3) as tags
}
train repeated {
    loss      = SparseCategoricalCrossentropy(from_logits=True)
    optimizer = OPTIMIZER
}
"""


@pytest.mark.parametrize("optimizer", ["Adagrad(0.1)", "SGD(0.1, clipvalue=0.02)"])
def test_rows_that_are_looked_up_several_times_have_one_gradient(optimizer: str) -> None:
    """Where squares, or what is cut off, of each look-up would add up to something else."""
    ids = random.integers(0, 3, (8, 6)).astype("int32")  # the last row is never looked up
    tags = random.integers(0, 3, (8, 6)).astype("int32")
    check_steps(
        REPEATED.replace("OPTIMIZER", optimizer), [Batch({"ids": ids}, {"tags": tags}, {})] * 3
    )


# At 0 the slope of L1 is 1 to jax and 0 to others, so no weight begins there.
KEPT = """\
model kept {
    input x: [4]
    y = x -> Dense(5, tanh, kernel_regularizer=L1L2(0.01, 0.02), kernel_constraint=MaxNorm(0.7),
                   bias_constraint="non_neg", activity_regularizer=L2(0.1)) as hidden
    z = y -> Dense(5, kernel_regularizer=L2(0.5), kernel_constraint=UnitNorm(), trainable=False)
    n = z -> BatchNormalization(gamma_constraint=NonNeg(), beta_regularizer=L1(0.3), beta_initializer="ones")
    output n -> Dense(3, kernel_constraint=MinMaxNorm(0.5, 0.9, rate=0.5, axis=1)) as out
}
train kept {
    loss      = MeanSquaredError()
    optimizer = OPTIMIZER
    metrics   = [mae]
}
"""


@pytest.mark.parametrize(
    "optimizer",
    [
        "SGD(0.2, use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=2)",
        "Adam(0.1, gradient_accumulation_steps=2)",
    ],
)
def test_regularizers_and_constraints(optimizer: str) -> None:
    check_steps(KEPT.replace("OPTIMIZER", optimizer), batches(3), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("source", "make"),
    [
        pytest.param(CNN, lambda: images(8), id="cnn", marks=pytest.mark.slow),
        (TWO, lambda: pairs(6)),
        pytest.param(WORDS, lambda: sentences(5), id="words", marks=pytest.mark.slow),
        (KEPT.replace("OPTIMIZER", "SGD()"), lambda: batches(1, weight=True)[0]),
    ],
    ids=[None, "two", None, "kept"],
)
def test_evaluations(source: str, make: Any) -> None:
    check_evaluation(source, make())


def test_sample_weights() -> None:
    check_steps(LINE.format(optimizer="SGD(0.1)"), batches(3, weight=True))


def test_activations_in_front_of_max_pooling() -> None:
    """They go behind it, and so do their gradients."""
    check_steps(POOLED, [images(6), images(6)])


def test_weights_that_no_gradient_moves() -> None:
    learner = check_steps(TWO, [pairs(6)])
    before = {key: array.copy() for key, array in learner.weights.items()}
    assert set(learner.trainable) < set(before)
    frozen = [key for key in before if key not in learner.trainable]
    learner.train_on(pairs(6), Meter(learner.goals))
    for key, value in learner.weights.items():
        assert np.array_equal(value, before[key]) == (key in frozen)


@pytest.mark.parametrize("how", ["frozen", "trainable=False"])
def test_statistics_of_frozen_models(how: str) -> None:
    """Batch normalization in a model that is frozen does what it does when it is not trained."""
    word, setting = ("frozen ", "") if how == "frozen" else ("", f"({how})")
    inner = "input x: [4]\n    output x -> Dense(4) -> BatchNormalization()"
    net = LINE.format(optimizer="SGD(0.1)").replace("y = x ->", f"y = x -> inner{setting} ->")
    source = f"{word}model inner {{\n    {inner}\n}}\n{net}"
    learner = check_steps(source, batches(3))
    assert len(learner.trainable) == 4


def test_a_loss_that_is_no_number_changes_nothing() -> None:
    learner = learner_of(LINE.format(optimizer="Adam(0.1)"))
    meter = Meter(learner.goals)
    (batch,) = batches(1)
    learner.train_on(batch, meter)
    before = dict(learner.weights), dict(learner.remembered), dict(meter.state)
    batch.targets["out"][0, 0] = np.nan
    assert np.isnan(learner.train_on(batch, meter))
    for now, then in zip((learner.weights, learner.remembered, meter.state), before, strict=True):
        assert all(now[key] is then[key] for key in then)
    assert learner.steps == 1


def test_gradients_beyond_all_numbers_halve_the_scale() -> None:
    source = LINE.format(optimizer="LossScaleOptimizer(Adam(0.1), initial_scale=3e38)")
    learner = learner_of(source)
    meter = Meter(learner.goals)
    before = dict(learner.weights)
    (batch,) = batches(1)
    batch.targets["out"] *= 100
    assert np.isfinite(learner.train_on(batch, meter))
    assert learner.steps == 0
    assert learner.scale == 1.5e38
    assert all(np.array_equal(learner.weights[key], before[key]) for key in before)


DROPPED = LINE.replace("as hidden\n", "as hidden -> Dropout(0.5)\n").format(optimizer="SGD(0.1)")


def test_what_is_drawn_depends_on_the_seed_and_the_step() -> None:
    (batch,) = batches(1)

    def losses(seed: int) -> list[float]:
        learner = learner_of(DROPPED, 1)
        learner.seed, learner.rate = seed, 0.0  # weights stay
        return [learner.train_on(batch, Meter(learner.goals)) for _ in range(3)]

    assert losses(1) == losses(1)
    assert len({*losses(1), *losses(2)}) == 6


# Where a gradient is nearly 0, a small epsilon makes much of how it was rounded.
LARGE = """\
model large {
    input x: [300]
    h = x -> Dense(300, tanh, kernel_constraint=MaxNorm(1.0)) as hidden
    output h -> Dense(3) as out
}
train large {
    loss      = MeanSquaredError()
    optimizer = OPTIMIZER
}
"""


@pytest.mark.parametrize(
    "optimizer",
    [
        "AdamW(0.01, epsilon=0.01, weight_decay=0.1, clipnorm=0.1)",
        "ScheduleFreeAdamW(0.01, epsilon=0.01)",
        pytest.param(
            "LossScaleOptimizer(Adam(0.01, epsilon=0.01, use_ema=True))", marks=pytest.mark.slow
        ),
        pytest.param(
            "SGD(0.1, momentum=0.9, gradient_accumulation_steps=2)", marks=pytest.mark.slow
        ),
        pytest.param("Lamb(0.01)", marks=pytest.mark.slow),
    ],
)
def test_weights_of_many_blocks(optimizer: str) -> None:
    def batch(size: int) -> Batch:
        x = random.normal(size=(size, 300)).astype("float32")
        return Batch({"x": x}, {"out": random.normal(size=(size, 3)).astype("float32")}, {})

    source = LARGE.replace("OPTIMIZER", optimizer)
    learner = check_steps(source, [batch(5) for _ in range(4)], rtol=1e-4, atol=2e-5)
    before = {key: array.copy() for key, array in learner.weights.items()}
    broken = batch(5)
    broken.targets["out"][0, 0] = np.nan
    learner.train_on(broken, Meter(learner.goals))
    assert all(np.array_equal(learner.weights[key], before[key]) for key in before)
