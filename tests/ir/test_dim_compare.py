import pytest

from graphc.ir.dims import BATCH as B
from graphc.ir.dims import (
    UNKNOWN,
    Witness,
    at_least,
    bound_condition,
    compare_equal,
    dim_max,
    dim_min,
    equality_condition,
    variable,
)

H, S, T, W = map(variable, "HSTW")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (7, 7),
        (T, T),
        (T - T // 2, (T + 1) // 2),  # equal, in two forms
        (T + (8 - T % 8) % 8, (T + 7) // 8 * 8),
        (dim_max(T, S) + dim_min(T, S), T + S),
        (dim_max(T // 2, S // 2), dim_max(T, S) // 2),
        (2 * T // 3, T - (T + 2) // 3),
    ],
)
def test_always_equal(first, second):
    found = compare_equal(first, second)
    assert found.is_equal is True
    assert found.witness is None
    assert found.condition is None


@pytest.mark.parametrize(
    ("first", "second", "witness"),
    [
        (3, 4, Witness({}, 3, 4)),
        (T, T + 1, Witness({"T": 5}, 5, 6)),
        (2 * T, 2 * S + 1, Witness({"S": 5, "T": 6}, 12, 11)),
        (H // 2 * 2, H + 1, Witness({"H": 5}, 4, 6)),
        (T % 4, 4, Witness({"T": 5}, 1, 4)),
        (3 * (H // 3) + 1, 3 * ((H + 1) // 3), Witness({"H": 5}, 4, 6)),
        (4 * (T // 2), 2 * S + 1, Witness({"S": 5, "T": 6}, 12, 11)),
    ],
)
def test_never_equal(first, second, witness):
    found = compare_equal(first, second)
    assert found.is_equal is False
    assert found.witness == witness
    assert found.condition is None


@pytest.mark.parametrize(
    ("first", "second", "witness", "condition"),
    [
        (H, 2 * (H // 2), Witness({"H": 5}, 5, 4), "H % 2 == 0"),
        (H, 16 * (H // 16), Witness({"H": 17}, 17, 16), "H % 16 == 0"),
        (H // 2 // 2 * 2 * 2, H, Witness({"H": 5}, 4, 5), "H % 4 == 0"),
        ((H - 3) // 2 + 1, H // 2, Witness({"H": 6}, 2, 3), "H % 2 == 1"),
        (2 * (H // 32), H // 16, Witness({"H": 48}, 2, 3), "H % 32 <= 15"),
        ((H + 3) // 4 * 2, (H + 1) // 2, Witness({"H": 5}, 4, 3), "(H + 1) % 4 <= 1"),
        ((H + 2) // 3, (H + 1) // 3, Witness({"H": 7}, 3, 2), "H % 3 != 1"),
        ((H + 2) // 4, (H + 1) // 4, Witness({"H": 6}, 2, 1), "H % 4 != 2"),
        (3 * (H // 3), 2 * (H // 2), Witness({"H": 5}, 3, 4), "H % 6 <= 1"),
        (H % 8 // 3, 1, Witness({"H": 6}, 2, 1), "3 <= H % 8 <= 5"),
        (T, 64, Witness({"T": 5}, 5, 64), "T == 64"),
        (64, T, Witness({"T": 5}, 64, 5), "T == 64"),
        (T // 2, 5, Witness({"T": 5}, 2, 5), "10 <= T <= 11"),
        (T // 8, 1, Witness({"T": 16}, 2, 1), "8 <= T <= 15"),
        (T - T % 3, 3, Witness({"T": 6}, 6, 3), "3 <= T <= 5"),
        (T // 4, 0, Witness({"T": 5}, 1, 0), "T <= 3"),
        (T, S, Witness({"S": 5, "T": 6}, 6, 5), "T == S"),
        (T - 3, S, Witness({"S": 5, "T": 6}, 3, 5), "T == S + 3"),
        (2 * T - 2 * S, 6, Witness({"S": 5, "T": 6}, 2, 6), "T == S + 3"),
        (B * T, 64 * B, Witness({"B": 5, "T": 6}, 30, 320), "T == 64"),
        (B * H * W * 64, 1024 * B, Witness({"B": 5, "H": 6, "W": 7}, 13440, 5120), "H*W == 16"),
        (S * (T // S), T, Witness({"S": 5, "T": 6}, 5, 6), "T % S == 0"),
        (T**2, 64, Witness({"T": 5}, 25, 64), "T**2 == 64"),
    ],
    ids=str,
)
def test_equal_for_some_sizes(first, second, witness, condition):
    found = compare_equal(first, second)
    assert found.is_equal is None
    assert found.witness == witness
    assert found.condition == condition
    assert equality_condition(first, second) == condition


@pytest.mark.parametrize(("first", "second"), [(UNKNOWN, T), (3, UNKNOWN), (UNKNOWN, UNKNOWN)])
def test_nothing_is_said_of_the_unknown(first, second):
    found = compare_equal(first, second)
    assert (found.is_equal, found.witness, found.condition) == (None, None, None)
    assert at_least(UNKNOWN, 1) is None
    assert bound_condition(UNKNOWN, 1) is None


def test_a_difference_at_large_sizes_only_is_found():
    assert compare_equal(H // 5000, 0).witness == Witness({"H": 10_007}, 2, 0)
    late = compare_equal((H + 4999) // 5000, (H + 4998) // 5000)
    assert late.witness == Witness({"H": 5001}, 2, 1)
    assert late.condition == "H % 5000 != 1"
    assert compare_equal(dim_min(T, 70_000), T).witness == Witness(
        {"T": 1_000_003}, 70_000, 1_000_003
    )
    assert compare_equal((T * S) // 999_983, 0).is_equal is None


def test_sizes_that_leave_a_dim_empty_are_passed_over():
    assert compare_equal(dim_max(H - 3, 0), H - 3).is_equal is None
    assert compare_equal(dim_max(H - 3, 0), H - 3, positive=[H - 3]).is_equal is True
    kernel = (H - 9) // 2 + 1
    found = compare_equal(2 * (H // 2), H, positive=[kernel, 3, UNKNOWN])
    assert found.witness == Witness({"H": 13}, 12, 13)
    # Bounds follow from the dims as well.
    assert compare_equal(H, 4).is_equal is None
    assert compare_equal(H, 4, positive=[kernel]).is_equal is False
    assert compare_equal(dim_min(H, 1000), 1000, positive=[H - 999]).is_equal is True
    assert compare_equal(dim_max(T, S), T, positive=[T - S]).is_equal is True
    assert compare_equal(T, S, positive=[T - S]).witness == Witness({"S": 5, "T": 6}, 6, 5)


def test_no_size_at_all_leaves_the_question_open():
    assert compare_equal(T, S + T % 2, positive=[T - S - T]).witness is None
    assert compare_equal(T, S + T % 2, positive=[T - S - T]).is_equal is None


def test_a_size_without_value_is_passed_over():
    found = compare_equal(7 // (T - 5), 7 // (T - 5) + T % 2)
    assert found.witness.sizes != {"T": 5}
    assert found.is_equal is None


def test_conditions_too_long_to_read_are_left_out():
    assert equality_condition(H % 7 + H % 5, 7) == "H % 35 in (6, 12, 18, 24)"
    assert equality_condition(H % 7 + H % 5, 5) is None
    names = [variable(f"dimension_{i}") for i in range(8)]
    assert equality_condition(sum(names[:4]), sum(names[4:])) is None


@pytest.mark.parametrize(
    ("dim", "least", "answer", "condition"),
    [
        (5, 5, True, None),
        (4, 5, False, None),
        (T, 1, True, None),
        (T // 2 + 1, 1, True, None),
        (H - H // 2, 1, True, None),
        (-T, 1, False, None),
        (T % 3, 3, False, None),
        (H // 2 + (H + 1) // 2 - H, 1, False, None),
        ((H - 3) // 2 + 1, 1, None, "H >= 3"),
        ((H - 7) // 4 + 1, 1, None, "H >= 7"),
        ((H - 3) // 2 + 1, 3, None, "H >= 7"),
        (H - H // 2, 3, None, "H >= 5"),
        (T - 1, 1, None, "T >= 2"),
        (5 - T, 1, None, "T <= 4"),
        (T % 4, 2, None, "T % 4 >= 2"),
        (T % 4, 1, None, "T % 4 != 0"),
        (H // 5 - H // 7, 1, None, None),  # at 5 and 6, not at 7, …
        (B * (H - 2), 1, None, "H >= 3"),
        (64 * B * ((H - 3) // 2 + 1), 1, None, "H >= 3"),
        (H - T, 1, None, "H > T"),
        (H - T, 0, None, "H >= T"),
        (H - T, 5, None, "H >= T + 5"),
        (H * W, 5, None, "H*W >= 5"),
        (dim_max(T - 3, S), 1, True, None),
        (dim_min(T, S), 2, None, "min(S, T) >= 2"),
    ],
    ids=str,
)
def test_at_least(dim, least, answer, condition):
    assert at_least(dim, least) is answer
    assert bound_condition(dim, least) == condition


def test_at_least_given_that_others_are_positive():
    assert at_least(H - 3, 1, positive=[H - 5]) is True
    assert at_least(10 - H, 1, positive=[H - 10]) is False
    assert at_least(H % 4, 1, positive=[H - 10]) is None
    assert at_least(dim_max(H, W) - W, 1, positive=[H - W]) is True
