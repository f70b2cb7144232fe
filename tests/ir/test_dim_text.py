import pytest

from graphc.ir.dims import BATCH as B
from graphc.ir.dims import dim_max, dim_min, text, variable

H, S, T, W = map(variable, "HSTW")


@pytest.mark.parametrize(
    ("dim", "written"),
    [
        (7, "7"),
        (T, "T"),
        (-T, "-T"),
        (T - 1, "T - 1"),
        (5 - T, "5 - T"),
        (-T - 2, "-T - 2"),
        (2 * H + 1, "2*H + 1"),
        (2 * H + 2, "2*H + 2"),
        (T - S, "T - S"),
        (S - 2 * T + H, "H + S - 2*T"),
        (B * T, "B*T"),
        (T * B * 64, "64*B*T"),
        (T**2 + T + 1, "T**2 + T + 1"),
        (B * T + T + 3, "B*T + T + 3"),
        # quotients
        (T // 2, "T // 2"),
        ((T + 2) // 2, "T // 2 + 1"),
        ((T + 1) // 2, "(T + 1) // 2"),
        (3 * T // 2, "3*T // 2"),
        (B * T // 2, "B*T // 2"),
        (T // 2 * 2, "2*(T // 2)"),
        (-3 * (T // 2), "-3*(T // 2)"),
        (S - T // 2, "S - T // 2"),
        (T // S, "T // S"),
        (T // S // 2, "T // (2*S)"),
        (T // (S + 1), "T // (S + 1)"),
        ((T - S) // 2, "(T - S) // 2"),
        ((S - T) // 2, "(S - T) // 2"),
        (T // 2 - T, "T // 2 - T"),
        (H - H // 2, "H - H // 2"),
        ((H // 2 + W // 2) // 2, "(H // 2 + W // 2) // 2"),
        (7 // T, "7 // T"),
        ((T // 2) ** 2, "(T // 2)**2"),
        (5 // (T // 2), "5 // (T // 2)"),
        # windows
        ((H - 3) // 2 + 1, "(H - 3) // 2 + 1"),
        ((H - 7) // 2 + 1, "(H - 7) // 2 + 1"),
        ((H - 2) // 2 + 1, "H // 2"),
        (2 * ((H - 3) // 2 + 1), "2*((H - 3) // 2 + 1)"),
        ((H - 3) // 2 + 1 + W, "W + (H + 1) // 2 - 1"),
        ((3 * H - 7) // 2 + 1, "(3*H - 7) // 2 + 1"),
        # remainders
        (T % 4, "T % 4"),
        ((H + 2) % 4, "(H + 2) % 4"),
        (T % S, "T % S"),
        (B * (T % 2), "B*(T % 2)"),
        (3 * (T % 4) + 1, "3*(T % 4) + 1"),
        (8 - T % 8, "8 - T % 8"),
        (T // 2 % 3, "T // 2 % 3"),
        ((T // 2 + 1) % 3, "(T // 2 + 1) % 3"),
        (T % 2 + S % 3, "S % 3 + T % 2"),
        # factors
        (B * (T - 1), "B*(T - 1)"),
        (B * (2 * H + 2), "2*B*(H + 1)"),
        ((H - 2) * (W - 2), "(H - 2)*(W - 2)"),
        (B * (1 - T), "B*(1 - T)"),
        (T * T * S * (H + 1), "S*T**2*(H + 1)"),
        (-B * (T + 1), "-B*(T + 1)"),
        (64 * B * ((H - 3) // 2 + 1) * (W - 2), "64*B*(W - 2)*((H - 3) // 2 + 1)"),
        # maximum and minimum
        (dim_max(T, S), "max(S, T)"),
        (dim_max(8, T), "max(T, 8)"),
        (dim_max(T - 3, 0), "max(T - 3, 0)"),
        (2 * dim_min(T, S) + 1, "2*min(S, T) + 1"),
        (dim_max(dim_min(T, 8), S), "max(S, min(T, 8))"),
        (dim_max(T, S) // 2, "max(S, T) // 2"),
    ],
    ids=str,
)
def test_sizes_are_written_as_people_write_them(dim, written):
    assert text(dim) == written
    assert str(dim) == written
    assert f"{dim}" == written
    names = {"B": B, "H": H, "S": S, "T": T, "W": W, "max": dim_max, "min": dim_min}
    assert eval(written, names) == dim
