"""Initial values beside Keras': the same distributions, the same constants."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.signal
import scipy.stats

from graphc.declare import registry
from graphc.model import parse
from graphc.runtime.initialize import fans, initial, stream
from graphc.runtime.windows import window
from graphc.training import initializers
from graphc.training.initializers import WINDOWS, Initializer
from tests.differential.harness import I, keras

SHAPE = (3, 40, 50)
RANDOM = [
    I("RandomNormal"),
    I("RandomNormal", mean=1.0, stddev=0.3),
    I("TruncatedNormal", mean=1.0, stddev=0.3),
    I("RandomUniform"),
    I("RandomUniform", minval=-1.0, maxval=3.0),
    I("GlorotUniform"),
    I("GlorotNormal"),
    I("HeUniform"),
    I("HeNormal"),
    I("LecunUniform"),
    I("LecunNormal"),
    I("GlorotUniform", input_axes=[0], output_axes=[1, 2]),
    *(
        I("VarianceScaling", scale=3.0, mode=mode, distribution=distribution)
        for mode in ("fan_in", "fan_out", "fan_avg")
        for distribution in ("truncated_normal", "untruncated_normal", "uniform")
    ),
]
CONSTANT = [
    (I("Zeros"), (2, 3)),
    (I("Ones"), (2, 3)),
    (I("Constant", value=0.25), (4,)),
    (I("Identity"), (4, 4)),
    (I("Identity", gain=2.0), (3, 5)),
    *((I("STFT", side=side, scaling=scaling), (32, 1, 17)) for side in ("real", "imag")
      for scaling in ("density", "spectrum", None)),
    (I("STFT", window=None), (16, 1, 9)),
    (I("STFT", window="blackman", periodic=True), (15, 1, 9)),
]  # fmt: skip


def ours(case: I, shape: tuple[int, ...], dtype: str = "float32") -> np.ndarray:
    made: np.ndarray = initial(case.ours(), shape, dtype, stream(0, "w"))
    return made


@pytest.mark.parametrize("case", RANDOM, ids=repr)
def test_distributions_are_those_of_keras(case: I) -> None:
    one = ours(case, SHAPE).ravel()
    other = np.asarray(case.theirs()(SHAPE)).ravel()
    assert scipy.stats.ks_2samp(one, other).pvalue > 1e-4
    assert np.isclose(one.std(), other.std(), rtol=0.05)


@pytest.mark.parametrize(("case", "shape"), CONSTANT, ids=repr)
def test_constants_are_those_of_keras(case: I, shape: tuple[int, ...]) -> None:
    np.testing.assert_allclose(ours(case, shape), case.theirs()(shape), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("shape", [(6, 4), (4, 6), (3, 3, 5), (5, 2, 20)])
def test_orthogonal_matrices(shape: tuple[int, ...]) -> None:
    made = ours(I("Orthogonal", gain=2.0), shape).reshape(-1, shape[-1]).astype("float64")
    gram = made.T @ made if made.shape[0] >= made.shape[1] else made @ made.T
    np.testing.assert_allclose(gram, 4 * np.eye(min(made.shape)), atol=1e-5)


@pytest.mark.parametrize("name", WINDOWS)
def test_windows_are_those_of_scipy(name: str) -> None:
    for size in (1, 2, 3, 7, 8, 33, 256):
        for periodic in (False, True):
            expected = scipy.signal.get_window(name, size, periodic)
            np.testing.assert_allclose(window(name, size, periodic=periodic), expected, atol=1e-7)


def test_every_initializer_is_known() -> None:
    shapes = {"STFT": (8, 1, 5), "Constant": ()}
    for name, cls in registry("initializer").items():
        assert issubclass(cls, Initializer)
        made = initial(cls(), shapes.get(cls.__name__, (4, 4)), "float32", stream(0, name))
        assert np.isfinite(made).all()


def test_a_window_of_zeros_is_no_number_and_no_warning() -> None:
    initializer = I("STFT", "real", "hann", scaling="density", periodic=False)
    expected = np.asarray(initializer.theirs()((2, 1, 3)))
    assert np.isnan(expected).all()
    np.testing.assert_array_equal(ours(initializer, (2, 1, 3)), expected)


def test_an_open_forget_gate() -> None:
    inner = initializers.RandomNormal(stddev=1.0)
    initializer = initializers.UnitForgetBias(units=3, bias_initializer=inner)
    made = initial(initializer, (12,), "float32", stream(0, "bias"))
    assert made[3:6].tolist() == [1, 1, 1]
    assert len(set(made[[0, 1, 2, *range(6, 12)]].tolist())) == 9


def test_fans_are_those_of_keras() -> None:
    theirs = keras.src.initializers.random_initializers.compute_fans
    for shape in [(), (5,), (5, 7), (3, 5, 7), (3, 3, 5, 7)]:
        assert fans(shape) == theirs(shape)
    assert fans((3, 5, 7), (0, 1), (2,)) == theirs((3, 5, 7), (0, 1), (2,))


def test_one_seed_one_model() -> None:
    text = "model net {\n input x: [8]\n output x -> Dense(4) -> Dense(4) as last\n}"
    one, again, other = (parse(text).init_weights(seed) for seed in (1, 1, 2))
    assert list(one) == ["dense/kernel", "dense/bias", "last/kernel", "last/bias"]
    for key in one:
        np.testing.assert_array_equal(one[key], again[key])
    assert not np.array_equal(one["dense/kernel"], other["dense/kernel"])
    # A layer more changes no other.
    longer = parse(text.replace("Dense(4) ->", "Dense(4) -> Dense(4) ->")).init_weights(1)
    np.testing.assert_array_equal(one["last/kernel"], longer["last/kernel"])


def test_a_seed_of_its_own() -> None:
    one, other = (ours(I("HeNormal", seed=3), (4, 4)) for _ in range(2))
    np.testing.assert_array_equal(one, other)
    made = initial(I("HeNormal", seed=3).ours(), (4, 4), "float32", stream(7, "other"))
    np.testing.assert_array_equal(one, made)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
def test_dtypes(dtype: str) -> None:
    assert ours(I("HeNormal"), (3, 3), dtype).dtype.name == dtype
