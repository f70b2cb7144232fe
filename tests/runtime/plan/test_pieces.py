"""Products in pieces."""

from __future__ import annotations

from math import erf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphc.model import check_source
from graphc.runtime.plan import pieces
from graphc.runtime.plan.call import Table
from graphc.source import SourceFile

EDGE = st.integers(1, 300)


@pytest.fixture(autouse=True)
def small_kernels(monkeypatch):
    monkeypatch.setattr(pieces, "_has_small_kernels", lambda: True)
    monkeypatch.setattr(pieces, "_has_newer_kernels", lambda: False)


def run(call):
    values = [x.rows if isinstance(x, Table) else x for x in call.arrays]
    names = [f"x{i}" for i in range(len(values))]
    space = {"dot": np.dot, "matmul": np.matmul, "add": np.add}
    exec(call.text.format(*names), space, dict(zip(names, values, strict=True)))


@pytest.fixture
def newer_kernels(monkeypatch, small_kernels):
    monkeypatch.setattr(pieces, "_has_newer_kernels", lambda: True)


@settings(max_examples=40, deadline=None)
@given(EDGE, EDGE, EDGE, st.sampled_from([(), (1,), (3,)]))
def test_pieces_make_the_whole(rows, depth, columns, batch):
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((*batch, rows, depth)), rng.standard_normal((*batch, depth, columns))
    out = np.full((*batch, rows, columns), np.nan)
    call = pieces.product(a, b, out)
    run(call)
    np.testing.assert_allclose(out, a @ b, rtol=1e-9, atol=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.lists(EDGE, min_size=1, max_size=3), EDGE, EDGE, st.sampled_from([(), (1,), (3,)]))
def test_panels_make_the_whole_for_any_rows(heights, depth, columns, batch):
    rng = np.random.default_rng(0)
    b = rng.standard_normal((*batch, depth, columns))
    panels = pieces.Panels(b)
    for rows in heights:
        a = rng.standard_normal((*batch, rows, depth))
        out = np.full((*batch, rows, columns), np.nan)
        run(pieces.product(a, panels, out))
        np.testing.assert_allclose(out, a @ b, rtol=1e-9, atol=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 2000), st.integers(1, 200), st.integers(1, 40), st.booleans())
def test_outer_products_are_added_up(rows, depth, columns, is_turned):
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((rows, depth)), rng.standard_normal((rows, columns))
    a = np.asfortranarray(a) if is_turned else a
    parts = pieces.equal_parts(rows, depth, columns)
    assert rows % parts == 0
    assert parts == 1 or rows // parts * depth * columns <= pieces.SMALL
    out, room = np.full((depth, columns), np.nan), np.empty(parts * depth * columns * 8, np.uint8)
    for call in pieces.summed_rows(a, b, parts, room, out):
        run(call)
    np.testing.assert_allclose(out, a.T @ b, rtol=1e-10, atol=1e-10)


def test_sums_are_parted_where_parts_are_alike_and_long():
    assert pieces.equal_parts(1152, 144, 32) == 6
    assert pieces.equal_parts(1153, 144, 32) == 1  # a prime number
    assert pieces.equal_parts(784, 576, 64) == 1  # of 16 rows each
    assert pieces.equal_parts(100, 144, 32) == 1


def test_a_panel_lies_in_one_piece_and_serves_fewer_rows_too():
    panels = pieces.Panels(np.zeros((256, 1000), "float32"))
    used = []
    for rows in (256, 100, 1):
        out = np.zeros((rows, 1000), "float32")
        (table,) = pieces.product(np.zeros((rows, 256), "float32"), panels, out).arrays
        used.append({id(part) for _, part, _ in table.rows})
        assert all(part.flags.c_contiguous for _, part, _ in table.rows)
        assert all(a.shape[0] * part.size <= pieces.SMALL for a, part, _ in table.rows)
    assert used[0] == used[1] == used[2]


@pytest.mark.parametrize(
    ("rows", "depth", "columns", "expected"),
    [
        (32, 128, 192, None),  # small as it is
        (1, 4000, 4000, None),  # a vector times a matrix is read once anyway
        (32, 128, 512, (32, 192)),
        (3136, 64, 64, (224, 64)),
        (1056, 144, 24, (264, 24)),
        (128, 256, 1024, (48, 64)),
        (100, 64, 512, (100, 128)),
        (256, 900, 256, (16, 64)),
        (256, 1024, 256, (12, 64)),  # two times what registers hold
        (49, 1500, 512, (8, 64)),
        (49, 4608, 512, None),  # too deep
    ],
)
def test_sizes_of_pieces(rows, depth, columns, expected):
    a, b = np.zeros((rows, depth), "float32"), np.zeros((depth, columns), "float32")
    call = pieces.product(a, b, np.zeros((rows, columns), "float32"))
    if expected is None:
        assert call.text.startswith("dot")
    else:
        (table,) = call.arrays
        assert table.rows[0][2].shape == expected
        assert all(np.prod(x.shape) * depth <= pieces.SMALL for _, _, x in table.rows)


@pytest.mark.parametrize(
    ("rows", "depth", "columns", "is_whole"),
    [
        (1024, 256, 1024, True),
        (64, 1024, 256, True),
        (63, 1024, 256, False),  # flat
        (1024, 255, 1024, False),
        (1024, 1024, 32, False),  # narrow
    ],
)
def test_large_products_are_whole_on_newer_processors(
    newer_kernels, rows, depth, columns, is_whole
):
    a, b = np.zeros((rows, depth), "float32"), np.zeros((depth, columns), "float32")
    out = np.zeros((rows, columns), "float32")
    assert pieces.product(a, b, out).text.startswith("dot") == is_whole
    # Of a matrix that stays the same, the pieces lie together, and more rows are wanted.
    whole = pieces.product(a, pieces.Panels(b), out).text.startswith("dot")
    assert whole == (is_whole and rows >= 256)
    wanted = pieces.least_rows(depth, columns)
    assert wanted == (1024 if depth >= 256 and columns > 32 else 256)


def test_a_matrix_that_is_taken_whole_is_not_kept_in_pieces_too(newer_kernels):
    panels = pieces.Panels(np.zeros((512, 1024), "float32"))
    for rows in (512, 100, 1):
        call = pieces.product(
            np.zeros((rows, 512), "float32"), panels, np.zeros((rows, 1024), "float32")
        )
        assert call.text.startswith("dot")
    assert panels.width is None


def test_few_rows_do_not_decide_for_many():
    panels = pieces.Panels(np.zeros((512, 1024), "float32"))
    texts = [
        pieces.product(
            np.zeros((rows, 512), "float32"), panels, np.zeros((rows, 1024), "float32")
        ).text
        for rows in (1, 512)
    ]
    assert texts[0].startswith("dot")
    assert texts[1].startswith("for a, b, c in")


@pytest.mark.parametrize("is_newer", [False, True])
def test_programs_compute_the_same_with_either(monkeypatch, is_newer):
    monkeypatch.setattr(pieces, "_has_newer_kernels", lambda: is_newer)
    model = check_source(
        SourceFile(
            "net.net",
            "model net {\n    input x: [300]\n"
            "    output x -> Dense(320, gelu) -> Dense(256, relu) -> Dense(40)\n}\n",
        )
    ).main
    weights = model.init_weights(seed=0)
    x = np.random.default_rng(0).standard_normal((1100, 300), dtype="float32")
    wide = {name: each.astype("float64") for name, each in weights.items()}
    y = x.astype("float64")
    for name, activation in (("dense", _gelu), ("dense_1", _relu), ("dense_2", lambda z: z)):
        y = activation(y @ wide[f"{name}/kernel"] + wide[f"{name}/bias"])
    np.testing.assert_allclose(model.compile(weights)(x), y, rtol=1e-5, atol=1e-5 * np.abs(y).max())


def _relu(x):
    return np.maximum(x, 0)


def _gelu(x):
    return x * (1 + np.vectorize(erf)(x / np.sqrt(2))) / 2


def test_columns_apart_are_left_to_blas():
    a, b = np.zeros((64, 512), "float32"), np.zeros((512, 512), "float32").T
    assert pieces.product(a, b, np.zeros((64, 512), "float32")).text.startswith("dot")


def test_without_such_kernels_products_stay_whole(monkeypatch):
    monkeypatch.setattr(pieces, "_has_small_kernels", lambda: False)
    a, b = np.zeros((3136, 64), "float32"), np.zeros((64, 64), "float32")
    assert pieces.product(a, b, np.zeros((3136, 64), "float32")).text.startswith("dot")
