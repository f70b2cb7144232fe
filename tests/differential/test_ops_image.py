from __future__ import annotations

import pytest

from tests.differential.op_harness import C, N, X, check_case, check_rejected

FIRST = {"data_format": "channels_first"}
LAST = {"data_format": "channels_last"}
COLORS = X(2, 4, 5, 3, low=0, high=1)
SHIFTS = X(2, 8, values=[[1, 0.1, 0.5, -0.1, 0.9, 1, 0, 0], [0, 1, 0, 1, 0, 0, 0, 0]])
POINTS = [[0, 0], [4, 0], [0, 3], [4, 3]]
MOVED = [[0.5, 0], [4, 0.5], [0, 3], [3.5, 3.2]]

CASES = [
    *[C("image.resize", X(2, 4, 6, 3), size, interpolation=i, antialias=a)
      for i in ("bilinear", "nearest", "bicubic", "lanczos3", "lanczos5")
      for size, a in [((8, 9), False), ((3, 4), False), ((3, 4), True)]],
    C("image.resize", X(4, 6, 3), (2, 2)),
    C("image.resize", X(2, 3, 4, 6), (8, 3), **FIRST),
    C("image.resize", X(None, None, None, 3), (3, 4)),
    C("image.resize", N(2, 4, 6, 3, high=200, dtype="uint8"), (8, 9)).but(tolerance=1),  # halves round either way
    C("image.resize", N(2, 4, 6, 3, high=200, dtype="uint8"), (3, 4), interpolation="nearest"),
    C("image.resize", X(2, 4, 6, 3, dtype="float16"), (8, 9)),
    *[C("image.resize", X(2, h, w, 3), (4, 4), **{f"{kind}_to_aspect_ratio": True})
      for kind in ("crop", "pad") for h, w in [(4, 6), (8, 5), (4, 4)]],
    C("image.resize", X(2, 4, 6, 3), (4, 4), pad_to_aspect_ratio=True, fill_value=7.0),
    *[C("image.pad_images", X(2, 4, 5, 3), **k) for k in [
        {"top_padding": 1, "left_padding": 2, "target_height": 8, "target_width": 9},
        {"top_padding": 1, "bottom_padding": 2, "left_padding": 3, "right_padding": 4},
        {"bottom_padding": 0, "right_padding": 1, "target_height": 8, "target_width": 9}]],
    *[C("image.crop_images", X(2, 6, 7, 3), **k) for k in [
        {"top_cropping": 1, "left_cropping": 2, "target_height": 3, "target_width": 4},
        {"top_cropping": 1, "bottom_cropping": 2, "left_cropping": 3, "right_cropping": 1},
        {"bottom_cropping": 0, "right_cropping": 1, "target_height": 2, "target_width": 3}]],
    C("image.crop_images", X(2, 3, 6, 7), top_cropping=1, left_cropping=2, target_height=3, target_width=4, **FIRST),
    *[C("image.rgb_to_grayscale", x) for x in (COLORS, X(4, 5, 3), N(4, 5, 3, high=200, dtype="uint8"), X(2, 4, 5, 1))],
    C("image.rgb_to_grayscale", X(2, 3, 4, 5), **FIRST),
    *[C(f"image.{name}", x, **k) for name in ("rgb_to_hsv", "hsv_to_rgb")
      for x, k in [(COLORS, {}), (X(2, 3, 4, 5, low=0, high=1), FIRST), (X(1, 1, 3, values=[0, 0, 0]), {})]],
    *[C("image.map_coordinates", X(4, 5), X(2, 3, 7, low=-3, high=8), o, fill_mode=m)
      for o in (0, 1) for m in ("constant", "nearest", "wrap", "mirror", "reflect")],
    C("image.map_coordinates", X(4, 5), X(2, 7, low=-3, high=8), 1, fill_value=5.0),
    C("image.map_coordinates", N(4, 5, high=90), X(2, 7, low=0, high=4), 1),
    C("image.map_coordinates", X(6), X(1, 7, low=0, high=5), 1),
    *[C("image.affine_transform", X(2, 4, 5, 3), SHIFTS, interpolation=i, fill_mode=m).but(tolerance=1e-4)
      for i in ("bilinear", "nearest") for m in ("constant", "reflect")],
    C("image.affine_transform", X(4, 5, 3), X(8, values=[1, 0, 1, 0, 1, 0, 0, 0])),
    C("image.affine_transform", X(4, 5, 3), X(8, values=[1, 0, 1, 0, 1, 0, 0.5, 1])),
    C("image.affine_transform", X(2, 3, 4, 5), SHIFTS, **FIRST).but(tolerance=1e-4),
    *[C("image.perspective_transform", X(1, 4, 5, 3), X(1, 4, 2, values=POINTS), X(1, 4, 2, values=MOVED),
        interpolation=i, **LAST).but(tolerance=1e-3) for i in ("bilinear", "nearest")],
    C("image.perspective_transform", X(4, 5, 3), X(4, 2, values=POINTS), X(4, 2, values=MOVED)).but(tolerance=1e-3),
    *[C("image.gaussian_blur", x, kernel_size=s, sigma=(1.0, 0.5), **k) for s in ((3, 3), (5, 3), (2, 4))
      for x, k in [(X(2, 6, 7, 3), LAST), (X(2, 3, 6, 7), FIRST)]],
    C("image.gaussian_blur", X(6, 7, 3), **LAST),
    *[C("image.sobel_edges", x, **k) for x, k in [(X(2, 6, 7, 3), LAST), (X(2, 3, 6, 7), FIRST)]],
    *[C("image.ssim", x, x, filter_size=5, **k).but(tolerance=1e-4) for x, k in [
        (X(2, 8, 9, 3, low=0, high=1), {}), (X(8, 9, 3, low=0, high=1), {}), (X(2, 3, 8, 9, low=0, high=1), FIRST)]],
    *[C("image.scale_and_translate", X(4, 5, 3), (6, 7, 3), X(2, low=1, high=2), X(2), (0, 1), m, antialias=a)
      for m in ("linear", "cubic", "lanczos3", "lanczos5") for a in (True, False)],
    C("image.elastic_transform", X(2, 6, 7, 3)).but(run="it is random"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_as_keras(case: C) -> None:
    check_case(case)


REJECTED = [
    C("image.resize", X(4, 6), (2, 2)),
    C("image.resize", X(4, 6, 3), (2,)),
    C("image.resize", X(4, 6, 3), (0, 2)),
    C("image.resize", X(4, 6, 3), (2, 2), interpolation="cubic"),
    C("image.resize", X(4, 6, 3), (2, 2), fill_mode="reflect", pad_to_aspect_ratio=True),
    C("image.resize", X(4, 6, 3), (2, 2), crop_to_aspect_ratio=True, pad_to_aspect_ratio=True),
    C("image.pad_images", X(4, 6, 3), top_padding=1, left_padding=1, target_height=9),
    C(
        "image.pad_images",
        X(4, 6, 3),
        top_padding=1,
        left_padding=1,
        target_height=3,
        target_width=9,
    ),
    C(
        "image.crop_images",
        X(4, 6, 3),
        top_cropping=2,
        left_cropping=1,
        target_height=3,
        target_width=3,
    ),
    C("image.rgb_to_grayscale", X(4, 6, 2)),
    C("image.rgb_to_hsv", N(4, 6, 3)),
    C("image.map_coordinates", X(4, 5), X(3, 7), 1),
    C("image.map_coordinates", X(4, 5), X(2, 7), 2),
    C("image.map_coordinates", X(4, 5), X(2, 7), 1, fill_mode="edge"),
    C("image.affine_transform", X(4, 5, 3), X(8), interpolation="bicubic"),
    C("image.affine_transform", X(4, 5), X(8)),
    C("image.perspective_transform", X(4, 5, 3), X(3, 2), X(3, 2)),
    C("image.scale_and_translate", X(4, 5, 3), (6, 7, 3), X(2), X(2), (0, 1), "nearest"),
]


@pytest.mark.parametrize("case", REJECTED, ids=repr)
def test_rejected_as_by_keras(case: C) -> None:
    check_rejected(case)
