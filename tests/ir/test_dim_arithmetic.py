import copy
import pickle

import pytest

from graphc.ir.dims import (
    BATCH,
    UNKNOWN,
    SymbolicDim,
    ceil_div,
    dim_max,
    dim_min,
    evaluate,
    lower_bound,
    product,
    shape_text,
    substitute,
    upper_bound,
    variable,
    variables,
)

H, S, T, W = map(variable, "HSTW")
B = BATCH


def test_the_same_name_is_the_same_size():
    assert variable("T") == T
    assert hash(variable("T")) == hash(T)
    assert variable("B") == BATCH
    assert T != S
    assert {T + 1: "kept"}[variable("T") + 1] == "kept"


@pytest.mark.parametrize(
    ("dim", "number"),
    [(T - T, 0), (T // T, 1), (T * 0, 0), (T**0, 1), ((6 * T) % 3, 0), (T + 5 - T, 5), (0 // T, 0)],
)
def test_what_is_constant_is_a_plain_int(dim, number):
    assert type(dim) is int
    assert dim == number


# Each row is spelled in several ways; all have one form.
EQUAL = [
    [(2 * T) // 2, T, T + 0, 1 * T, +T, -(0 - T), (T // 2) * 2 + T % 2, T**1],
    [(T + 2) // 2, T // 2 + 1, 1 + T // 2],
    [(4 * T + 2) // 2, 2 * T + 1, T + T + 1, (6 * T + 5) // 3],
    [(T // 2) // 2, T // 4, (T // 4 * 4) // 4, (2 * (T // 2) + 1) // 4],
    [T % 2, (T % 4) % 2, (T + 4) % 2, (3 * T) % 2, T - 2 * (T // 2)],
    [(T + 4) % 4, T % 4, (5 * T) % 4, (T % 4) % 8],
    [(B * T * 64) // (T * 64), B, (B * T) // T, (B * T + T) // T - 1, (B**2 * T) // (B * T)],
    [(T - 1) // 2 + 1, (T + 1) // 2, ceil_div(T, 2), -(-T // 2)],
    [(T // 2 + 1) // 2, (T + 2) // 4],
    [((T + 1) // 2 + 1) // 2, (T + 3) // 4, ceil_div(ceil_div(T, 2), 2), ceil_div(T, 4)],
    [(2 * T + 3) // 4, (T + 1) // 2],
    [(3 * T) // 2, T + T // 2],
    [(-T) // 2, -((T + 1) // 2), T // -2],
    [T // S // 2, T // (2 * S), (T // 2) // S],
    [(T * S + 2 * S) // (4 * S), (T + 2) // 4],
    [(T**2 - 1) // (T - 1), T + 1],
    [(T + 5) // (T + 1), 1 + 4 // (T + 1)],
    [T % S, T - S * (T // S), (T % S) % S, (T + 3 * S) % S],
    [(T * B) % (S * B), B * (T % S)],
    [(T % 4) // 2, (T // 2) % 2],
    [dim_max(T, 1), T, dim_max(T, 0), dim_max(0, T), dim_max(T, T // 2), dim_min(T, 2 * T)],
    [dim_max(T, T + 1), T + 1, dim_min(T + 1, T + 3)],
    [dim_max(T, S), dim_max(S, T), dim_max(dim_max(S, 1), dim_max(T, S))],
    [dim_max(T + 1, S + 1), dim_max(T, S) + 1],
    [dim_max(2 * T, 2 * S), 2 * dim_max(T, S)],
    [dim_max(dim_max(T, S) + 1, 9), dim_max(T + 1, dim_max(S + 1, 9))],
    [dim_min(T + S, T + 1), T + 1],
    [(H - 3) // 2 + 1, (H - 1) // 2, (H + 1) // 2 - 1, ((H - 1) // 2 * 6) // 6],
    [product([B, H, W, 3]), 3 * W * H * B],
]


@pytest.mark.parametrize("row", EQUAL, ids=lambda row: str(row[0]))
def test_equal_expressions_have_one_form(row):
    assert {str(dim) for dim in row} == {str(row[0])}
    assert all(dim == row[0] and hash(dim) == hash(row[0]) for dim in row)


@pytest.mark.parametrize(
    ("dim", "number"),
    [
        ((T % 4) // 4, 0),
        (T // (T + 1), 0),
        ((T % S) // S, 0),
        ((-1) // T, -1),
        ((T % 4 + 4) // 4, 1),
        ((S - T) // (T + S), (S - T) // (T + S)),
    ],
)
def test_bounds_decide_quotients(dim, number):
    assert dim == number


def test_division_rounds_down_and_takes_the_sign_of_the_divisor():
    for size in (1, 2, 5, 9):
        for divisor in (-3, -2, 2, 3):
            assert evaluate(T // divisor, {"T": size}) == size // divisor
            assert evaluate(T % divisor, {"T": size}) == size % divisor
        assert evaluate(-7 // T, {"T": size}) == -7 // size
        assert evaluate(-7 % (T - 10), {"T": size}) == -7 % (size - 10)


@pytest.mark.parametrize("divisor", [0, T - T])
def test_division_by_zero(divisor):
    for dim in (T, UNKNOWN):
        with pytest.raises(ZeroDivisionError):
            dim // divisor
        with pytest.raises(ZeroDivisionError):
            dim % divisor
    with pytest.raises(ZeroDivisionError):
        evaluate(5 // (T - 3), {"T": 3})


def test_rounding_up():
    assert ceil_div(7, 2) == 4
    assert ceil_div(-7, 2) == -3
    assert ceil_div(7, -2) == -3
    assert str(ceil_div(T, S)) == "(T - 1) // S + 1"
    assert evaluate(ceil_div(T, S - 9), {"T": 7, "S": 7}) == -3


def test_known_sizes_stay_pythons_own():
    assert dim_max(3, 5) == 5
    assert dim_min(3, 5) == 3
    assert product([2, 3, 4]) == 24
    assert product([]) == 1
    assert lower_bound(7) == upper_bound(7) == evaluate(7, {}) == substitute(7, {"T": 1}) == 7
    assert variables(7) == ()


def test_unknown_absorbs_in_silence():
    for dim in (
        *(UNKNOWN + T, T + UNKNOWN, UNKNOWN + 1, 1 + UNKNOWN, UNKNOWN - T, T - UNKNOWN),
        *(UNKNOWN * T, T * UNKNOWN, 2 * UNKNOWN, UNKNOWN // 2, UNKNOWN // T, T // UNKNOWN),
        *(7 // UNKNOWN, UNKNOWN % 2, T % UNKNOWN, 7 % UNKNOWN, -UNKNOWN, UNKNOWN**2),
        *(T**UNKNOWN, 2**UNKNOWN, UNKNOWN - UNKNOWN, dim_max(UNKNOWN, 1), dim_min(T, UNKNOWN)),
        *(ceil_div(UNKNOWN, 2), ceil_div(T, UNKNOWN), product([UNKNOWN, 2, T])),
        *(substitute(T, {"T": UNKNOWN}), substitute(UNKNOWN, {"T": 1}), 2**T),
    ):
        assert dim is UNKNOWN
    for dim in (UNKNOWN * 0, 0 * UNKNOWN, product([T, UNKNOWN, 0]), substitute(T * 0, {})):
        assert dim == 0
    assert UNKNOWN**0 == 1
    assert UNKNOWN == UNKNOWN  # noqa: PLR0124  as a key, it is itself
    assert UNKNOWN not in (T, 1)
    assert str(UNKNOWN) == "?"
    assert lower_bound(UNKNOWN) is None
    assert upper_bound(UNKNOWN) is None
    assert variables(UNKNOWN) == ()
    assert isinstance(UNKNOWN, SymbolicDim)
    with pytest.raises(ValueError, match="no value"):
        evaluate(UNKNOWN, {})


def test_unknown_stays_one_object():
    assert copy.deepcopy(UNKNOWN) is UNKNOWN
    assert pickle.loads(pickle.dumps((UNKNOWN, T)))[0] is UNKNOWN


def test_nothing_orders_dims_or_takes_them_for_true():
    for misuse in (
        *(lambda: T < S, lambda: T <= 1, lambda: T >= S, lambda: UNKNOWN > 1),
        *(lambda: max(T, 1), lambda: sorted([T, S])),
    ):
        with pytest.raises(TypeError, match="depends on the sizes"):
            misuse()
    for dim in (T, UNKNOWN):
        with pytest.raises(TypeError, match="depends on the sizes"):
            bool(dim)
    assert T != 5
    assert T not in (5, 1)


def test_only_whole_numbers_mix_with_dims():
    for misuse in (
        *(lambda: T + 1.5, lambda: 1.5 - T, lambda: T * "a", lambda: T / 2, lambda: 1.5 // T),
        *(lambda: 1.5 % T, lambda: T // None, lambda: T**0.5, lambda: UNKNOWN + 1.5),
    ):
        with pytest.raises(TypeError):
            misuse()
    with pytest.raises(ValueError, match="power of at least 0"):
        T**-1


def test_expressions_past_the_limits_are_unknown():
    terms = [variable(f"x{index}") for index in range(201)]
    assert lower_bound(sum(terms[:200])) == 200
    assert sum(terms) is UNKNOWN
    assert T**33 is UNKNOWN
    assert T**10**12 is UNKNOWN
    assert (T + S + H + W + 1) ** 20 is UNKNOWN
    assert (T + 1) * 2**128 is UNKNOWN
    assert str((T + S) ** 2) == "2*S*T + S**2 + T**2"


def test_growth_without_end_ends_in_unknown():
    dim = T
    for _ in range(1000):
        dim = (dim * dim + S) // 3 + dim_max(dim, S)
    assert dim is UNKNOWN


def test_substitution_is_simultaneous_and_simplifies():
    assert substitute(T + 2 * S, {"T": S, "S": T}) == S + 2 * T
    assert substitute(T // 2, {"T": 4 * S}) == 2 * S
    assert substitute((H - 3) // 2 + 1, {"H": 224}) == 111
    assert substitute(dim_max(T, S), {"S": T + 1}) == T + 1
    assert substitute(T // S, {"S": 0 * T + 7, "T": 7 * H}) == H
    assert substitute(T + 1, {"H": 3}) == T + 1
    with pytest.raises(ZeroDivisionError):
        substitute(T // S, {"S": 0})


def test_evaluation_needs_every_variable():
    dim = (H - 3) // 2 + 1 + dim_max(T, 4) * W
    assert variables(dim) == ("H", "T", "W")
    assert evaluate(dim, {"H": 10, "T": 2, "W": 5}) == 24
    with pytest.raises(KeyError):
        evaluate(dim, {"H": 10})


def test_shapes_are_written_between_brackets():
    assert shape_text([B, 28, 28, 1]) == "[B, 28, 28, 1]"
    assert shape_text([B, T // 2, UNKNOWN, 64]) == "[B, T // 2, ?, 64]"
    assert shape_text([]) == "[]"
