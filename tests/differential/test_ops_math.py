from __future__ import annotations

import pytest

from tests.differential.op_harness import C, N, X, check_case, check_rejected

COMPLEX = X(3, 2, dtype="complex64")

CASES = [
    # segments
    *[C(f"segment_{name}", x, N(4, low=0, high=2), num_segments=4)
      for name in ("sum", "max", "min", "prod") for x in (X(4), X(4, 2), N(4))],
    C("segment_sum", X(4, 2), N(4, low=-1, high=5), num_segments=3),
    C("segment_max", X(None, 2), N(None, high=2), num_segments=3).but(run="two names for one size"),
    # Fourier
    *[C("fft", (X(*s), X(*s))) for s in [(8,), (2, 5)]],
    *[C(name, (X(4, 6), X(4, 6))) for name in ("fft2", "ifft2")],
    *[C("rfft", X(2, 8), **k) for k in ({}, {"fft_length": 5}, {"fft_length": 12})],
    C("rfft", X(7)),
    *[C("irfft", (X(2, 5), X(2, 5)), **k) for k in ({}, {"fft_length": 9}, {"fft_length": 4}, {"fft_length": 12})],
    *[C("stft", X(20), 6, 2, 8, **k)
      for k in ({}, {"center": False}, {"window": "hamming"}, {"window": None}, {"window": [1.0] * 6})],
    C("stft", X(2, 30), 8, 3, 8),
    *[C("istft", (X(6, 5), X(6, 5)), 6, 2, 8, **k).but(tolerance=1e-4)
      for k in ({}, {"center": False}, {"length": 7}, {"window": "hamming"}, {"window": None})],
    C("istft", (X(2, 6, 5), X(2, 6, 5)), 8, 4, 8).but(tolerance=1e-4),
    C("extract_sequences", X(2, 10), 4, 3),
    C("extract_sequences", X(10), 4, 3),
    C("extract_sequences", X(2, None), 3, 1),
    # complex numbers
    *[C(name, COMPLEX).but(spec="Keras infers complex numbers") for name in ("real", "imag", "angle", "absolute")],
    *[C(name, COMPLEX) for name in ("conj", "conjugate", "isreal")],
    *[C(name, X(3)) for name in ("real", "conj", "isreal", "angle")],
    C("imag", X(3)),
    C("view_as_complex", X(3, 2)),
    C("view_as_real", COMPLEX),
    C("view_as_real", X(3)),
    C("polar", X(3, low=0), X(3)).but(spec="Keras infers real numbers"),
    C("multiply", COMPLEX, COMPLEX),
    # sequences
    *[C("linspace", X(2), X(2), num=5, **k) for k in ({}, {"endpoint": False}, {"axis": 1}, {"axis": -1})],
    C("linspace", X(), X(3), num=1),
    C("linspace", X(), X(), num=4, retstep=True).but(spec="Keras leaves the distance out"),
    C("linspace", N(2), N(2, high=20), num=4, dtype="int32").but(spec="Keras infers fractions"),
    C("logspace", X(2), X(2), num=4, base=2),
    C("geomspace", X(2, low=1), X(2, low=3, high=9), num=4),
    C("geomspace", X(2, low=1), X(2, low=3, high=9), num=4, axis=-1),
    C("vander", X(3)), C("vander", X(3), N=2), C("vander", N(3), N=4, increasing=True),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_as_keras(case: C) -> None:
    check_case(case)


NUMBERS = [
    *[C("arange", *a) for a in [(5,), (2, 7), (2, 9, 3), (9, 2, -2), (5, 2), (0.0, 1.0, 0.25), (3.5,)]],
    C("arange", 5, dtype="float16"),
    C("linspace", 0, 1, num=7),
    C("linspace", 1, 9, num=4, endpoint=False, dtype="int32"),
    C("logspace", 0, 3, num=4),
    C("geomspace", 1, 1000, num=4),
    C("geomspace", -1, -8, num=4),
    *[C("eye", *a, **k) for a, k in [((3,), {}), ((3, 4), {}), ((3, 4), {"k": 1}), ((4, 2), {"k": -1, "dtype": "int32"})]],
    *[C("tri", *a, **k) for a, k in [((3,), {}), ((3, 4), {"k": 1}), ((4, 2), {"k": -1})]],
    C("identity", 3),
    *[C(name, (2, 3), **k) for name in ("zeros", "ones") for k in ({}, {"dtype": "bool"})],
    C("zeros", 4),
    C("full", (2, 3), 7.5),
    C("full", (2, 3), 7, dtype="int8"),
    *[C(name, n) for name in ("bartlett", "blackman", "hamming", "hanning") for n in (1, 2, 7, 8)],
    *[C("kaiser", 7, beta) for beta in (0.0, 8.6)],
    C("array", [[1, 2], [3, 4]]), C("array", [1.5, 2]), C("convert_to_tensor", 3), C("convert_to_tensor", [True, False]),
    C("expand_dims", 3, 0), C("sum", [1, 2, 3]), C("add", 1, 2.5),
]  # fmt: skip


@pytest.mark.parametrize("case", NUMBERS, ids=repr)
def test_of_numbers_as_keras(case: C) -> None:
    check_case(case.but(spec="nothing is symbolic"))


REJECTED = [
    C("segment_sum", X(4), N(3), num_segments=2),
    C("segment_sum", X(4), N(4)),
    C("segment_sum", X(4), N(2, 2), num_segments=2),
    C("fft", (X(3), X(4))),
    C("fft", (X(3),)),
    C("fft2", (X(3), X(3))),
    C("stft", N(20), 6, 2, 8),
    C("stft", X(20), 8, 2, 6),
    C("stft", X(20), 6, 0, 8),
    C("stft", X(20), 6, 2, 8, window="kaiser"),
    C("stft", X(20), 6, 2, 8, window=[1.0] * 5),
    C("view_as_complex", X(3, 3)),
    C("vander", X(2, 2)),
    C("linspace", X(), X(), num=-1),
]


@pytest.mark.parametrize("case", REJECTED, ids=repr)
def test_rejected_as_by_keras(case: C) -> None:
    check_rejected(case)
