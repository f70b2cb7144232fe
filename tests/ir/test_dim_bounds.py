import pytest

from graphc.ir.dims import BATCH as B
from graphc.ir.dims import dim_max, dim_min, lower_bound, upper_bound, variable

H, S, T, W = map(variable, "HSTW")


@pytest.mark.parametrize(
    ("dim", "low", "high"),
    [
        (T, 1, None),
        (-T, None, -1),
        (T - 1, 0, None),
        (5 - T, None, 4),
        (T - S, None, None),
        (T * S - T, 0, None),  # T*(S - 1)
        (T * S - T - S + 1, 0, None),  # (T - 1)*(S - 1)
        (B * (H + 1) * W - B * W, 1, None),  # B*H*W
        (T // 2, 0, None),
        ((T + 1) // 2, 1, None),
        ((H - 3) // 2 + 1, 0, None),
        (64 // T, 0, 64),
        (T % 4, 0, 3),
        ((T + 3) % 7 + 2, 2, 8),
        (T % -4, -3, 0),
        (T % S, 0, None),
        (S - T % S, 1, None),
        (H - 16 * (H // 16), 0, 15),
        (H // 16 - 2 * (H // 32), 0, 1),
        (H - H // 2, 1, None),
        (H - 2 * (H // 3), 1, None),
        (H // 2 + (H + 1) // 2 - H, 0, 0),
        (B * H - 2 * B * (H // 2), 0, None),
        (dim_max(T, 8), 8, None),
        (dim_min(T, 8), 1, 8),
        (dim_max(dim_min(T, 8), dim_min(S, 3)), 1, 8),
        (dim_min(T, S) - T, None, None),
        (T // (S - 4), None, None),
    ],
    ids=str,
)
def test_bounds(dim, low, high):
    assert (lower_bound(dim), upper_bound(dim)) == (low, high)
