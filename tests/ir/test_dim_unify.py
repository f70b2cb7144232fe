import pytest

from graphc.ir.dims import UNKNOWN, unify, variable

C, H, S, T, W = map(variable, "CHSTW")
FREE = frozenset("CHW")


@pytest.mark.parametrize(
    ("pattern", "actual", "outcome", "bound"),
    [
        # numbers
        (64, 64, True, {}),
        (64, 65, False, {}),
        (64, T, None, {}),
        (64, UNKNOWN, None, {}),
        (64, T // T + 63, True, {}),
        # nothing asked
        (UNKNOWN, 64, True, {}),
        (UNKNOWN, UNKNOWN, True, {}),
        # a name
        (H, 64, True, {"H": 64}),
        (H, T // 2, True, {"H": T // 2}),
        (H, H, True, {"H": H}),
        (H, UNKNOWN, True, {"H": UNKNOWN}),
        (H, 0, False, {}),
        (H, -T, False, {}),
        # linear patterns
        (16 * H, 224, True, {"H": 14}),
        (16 * H, 225, False, {}),
        (16 * H, 16 * T, True, {"H": T}),
        (16 * H, 16 * T + 8, False, {}),
        (16 * H, T, None, {}),
        (16 * H, 16 * (T // 16), True, {"H": T // 16}),
        (16 * H, UNKNOWN, None, {}),
        (2 * H + 1, 7, True, {"H": 3}),
        (2 * H + 1, 1, False, {}),
        (2 * H + 1, 2 * T, False, {}),
        (2 * H + 1, 2 * T + 5, True, {"H": T + 2}),
        (H - 1, T, True, {"H": T + 1}),
        (7 - H, 3, True, {"H": 4}),
        (H + 3, 2, False, {}),
        (H + T, T + 5, True, {"H": 5}),
        (H * T, T * S, True, {"H": S}),
        (H * T, S, None, {}),
        (2 * H, H, None, {}),  # the dim's H is another
        (2 * H, 2 * H + 2, True, {"H": H + 1}),
        # quotients: where only one size fits
        ((H + 1) // 2, 4, None, {}),
        (H // 2, 0, True, {"H": 1}),
        (H + H // 2, 7, True, {"H": 5}),
        (H + H // 2, 8, False, {}),
        (H // 2, T // 2, None, {}),
        # more than one name
        (H * W, 784, None, {}),
        (H + W, 1, False, {}),
        # names that are not free
        (T, T, True, {}),
        (T, 64, None, {}),
        (T, T + 1, False, {}),
    ],
    ids=str,
)
def test_matching(pattern, actual, outcome, bound):
    bindings = {}
    assert unify(pattern, actual, bindings, FREE) is outcome
    assert bindings == bound


@pytest.mark.parametrize(
    ("pattern", "actual", "bindings", "outcome", "bound"),
    [
        (H, 14, {"H": 14}, True, {"H": 14}),
        (H, 15, {"H": 14}, False, {"H": 14}),
        (H, 14, {"H": T}, None, {"H": T}),
        (2 * H, 2 * T, {"H": T}, True, {"H": T}),
        (H // 2, T // 4, {"H": T // 2}, True, {"H": T // 2}),
        (H * W, 784, {"H": 28}, True, {"H": 28, "W": 28}),
        (H * W, 785, {"H": 28}, False, {"H": 28}),
        (C * H, H * T, {"C": H}, True, {"C": H, "H": T}),
        (H, 28, {"H": UNKNOWN}, True, {"H": 28}),
        (2 * H, 28, {"H": UNKNOWN}, True, {"H": 14}),
        (W, UNKNOWN, {"W": 3}, None, {"W": 3}),
    ],
)
def test_bound_names_stand_for_their_sizes(pattern, actual, bindings, outcome, bound):
    assert unify(pattern, actual, bindings, FREE) is outcome
    assert bindings == bound


def test_a_whole_shape():
    bindings = {}
    pattern, actual = (H, W, C, H * W * C), (14, T // 2, 3, 14 * (T // 2) * 3)
    outcomes = [unify(p, a, bindings, FREE) for p, a in zip(pattern, actual, strict=True)]
    assert outcomes == [True] * 4
    assert bindings == {"H": 14, "W": T // 2, "C": 3}
