from __future__ import annotations

import pytest

from tests.differential.op_harness import C, X, check_case, check_rejected

LAST, FIRST = {"data_format": "channels_last"}, {"data_format": "channels_first"}
BEFORE = "Keras infers one axis too many"

CASES = [
    # convolution
    *[C("conv", X(2, 7, 3), X(w, 3, 4), strides=s, padding=p)
      for w in (1, 2, 3) for s in (1, 2, 3) for p in ("valid", "same")],
    *[C("conv", X(2, None, 3), X(w, 3, 4), strides=s, padding=p)
      for w, s in [(3, 1), (3, 2), (2, 3), (1, 2)] for p in ("valid", "same")],
    *[C("conv", X(2, 6, 7, 4), X(3, 2, 4, 6), padding=p, **k)
      for p in ("valid", "same")
      for k in ({}, {"strides": 2}, {"strides": (1, 2)}, {"dilation_rate": 2}, {"dilation_rate": (1, 2)})],
    C("conv", X(2, 6, 7, 4), X(3, 2, 2, 6)).but(spec="Keras infers no groups"),
    C("conv", X(2, 4, 6, 7), X(3, 2, 4, 6), padding="same", strides=2, **FIRST),
    C("conv", X(1, 4, 5, 4, 2), X(2, 3, 2, 2, 3), padding="same", strides=(1, 2, 1)),
    C("conv", X(2, 7, 3), X(3, 3, 4), padding="SAME"),
    C("conv", X(2, 7, 3, dtype="float16"), X(3, 3, 4, dtype="float16")),
    *[C("depthwise_conv", X(2, 6, 7, 3), X(3, 2, 3, m), padding=p, **k)
      for m in (1, 2) for p in ("valid", "same") for k in ({}, {"strides": 2}, {"dilation_rate": 2})],
    C("depthwise_conv", X(2, 3, 7), X(2, 3, 2), **FIRST),
    *[C("separable_conv", X(2, 6, 7, 3), X(3, 2, 3, 2), X(1, 1, 6, 5), padding=p, **k)
      for p in ("valid", "same") for k in ({}, {"strides": 2})],
    C("separable_conv", X(2, 3, 7), X(2, 3, 1), X(1, 3, 2), **FIRST),
    *[C("conv_transpose", X(2, 4, 3), X(w, 5, 3), strides=s, padding=p)
      for w in (1, 2, 3, 4) for s in (1, 2, 3) for p in ("valid", "same")],
    *[C("conv_transpose", X(2, 4, 3), X(w, 5, 3), strides=2, padding=p, output_padding=o)
      for w in (2, 3) for p in ("valid", "same") for o in (0, 1)],
    C("conv_transpose", X(2, None, 3), X(3, 5, 3), strides=2, padding="same"),
    C("conv_transpose", X(2, None, 3), X(3, 5, 3), strides=2),
    *[C("conv_transpose", X(2, 3, 4, 2), X(3, 2, 5, 2), padding=p, **k)
      for p in ("valid", "same") for k in ({"strides": (2, 1)}, {"dilation_rate": 2})],
    C("conv_transpose", X(2, 2, 3, 4), X(3, 2, 5, 2), strides=2, **FIRST),
    # pooling
    *[C(f"{kind}_pool", X(2, 7, 3), w, strides=s, padding=p)
      for kind in ("max", "average") for w in (2, 3) for s in (1, 2, 3) for p in ("valid", "same")],
    *[C(f"{kind}_pool", X(2, None, 3), (3,), strides=(2,), padding=p)
      for kind in ("max", "average") for p in ("valid", "same")],
    *[C(f"{kind}_pool", X(2, 6, 7, 3), (2, 3), padding=p, strides=s, **k)
      for kind in ("max", "average") for p in ("valid", "same") for s in ((2, 3), (1, 2)) for k in (LAST, FIRST)],
    *[C(f"{kind}_pool", X(2, 6, 7, 3), (2, 3), padding=p, **k).but(run="Keras extends the strides twice")
      for kind in ("max", "average") for p in ("valid", "same") for k in (LAST, FIRST)],
    *[C(f"{kind}_pool", X(1, 4, 4, 4, 2), 2, strides=2, **LAST) for kind in ("max", "average")],
    *[C(f"adaptive_{kind}_pool", X(2, 7, 3), (n,), **LAST).but(spec=BEFORE) for kind in ("max", "average") for n in (1, 3, 6)],
    *[C(f"adaptive_{kind}_pool", X(2, None, 3), (n,), **LAST).but(spec=BEFORE) for kind in ("max", "average") for n in (1, 3)],
    *[C(f"adaptive_{kind}_pool", X(2, 6, 5, 3), (3, 2), **LAST).but(spec=BEFORE) for kind in ("max", "average")],
    *[C(f"adaptive_{kind}_pool", X(2, 3, 6, 5), (3, 2), **FIRST) for kind in ("max", "average")],
    # patches
    *[C("unfold", X(2, 3, 6, 5), 2, **k) for k in ({}, {"stride": 2}, {"padding": 1}, {"dilation": 2}, {"stride": (2, 1)})],
    *[C("fold", X(2, 12, n), (s, 4), 2, **k) for s, n, k in [(5, 12, {}), (4, 4, {"stride": 2}), (5, 30, {"padding": 1}), (5, 6, {"dilation": 2})]],
    *[C("image.extract_patches", X(2, 6, 5, 3), s, **k)
      for s, k in [(2, {}), ((2, 3), {"strides": 1}), (2, {"strides": 1, "dilation_rate": 2}),
                   (2, {"padding": "same"}), (3, {"strides": 2, "padding": "same"})]],
    C("image.extract_patches", X(6, 5, 3), 2),
    C("image.extract_patches", X(2, 3, 6, 5), 2, **FIRST),
    C("image.extract_patches", X(2, 4, 5, 6, 2), (2, 2, 3)),
    C("image.extract_patches_3d", X(4, 5, 6, 2), 2),
    C("image.extract_patches", X(None, 6, None, 3), 2),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_as_keras(case: C) -> None:
    check_case(case)


REJECTED = [
    C("conv", X(2, 7, 3), X(3, 2, 4)),
    C("conv", X(2, 7, 3), X(8, 3, 4)),
    C("conv", X(2, 7, 3), X(3, 3, 4), padding="full"),
    C("conv", X(2, 7, 3), X(2, 2, 3, 4)),
    C("conv", X(2, 7, 3), X(3, 3, 4), data_format="last"),
    C("conv", X(2, 7, 7, 3), X(3, 3, 3, 4), strides=(1, 1, 1)),
    C("depthwise_conv", X(2, 7, 3), X(3, 4, 2)),
    C("conv_transpose", X(2, 7, 3), X(3, 5, 4)),
    C("max_pool", X(2, 3, 1), 4),
    C("max_pool", X(2, 3, 1), 2, padding="full"),
    C("image.extract_patches", X(2, 6, 5, 3), (2, 2, 2, 2)),
    C("image.extract_patches", X(2, 2, 5, 3), 3),
]


@pytest.mark.parametrize("case", REJECTED, ids=repr)
def test_rejected_as_by_keras(case: C) -> None:
    check_rejected(case)
