"""Offsets in the arena."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from graphc.runtime.plan.arena import ALIGNMENT, Need, arrange, peak

NEEDS = st.lists(
    st.builds(
        lambda size, first, more: Need(size, first, first + more),
        st.integers(0, 5000), st.integers(0, 30), st.integers(0, 10),
    ),
    max_size=40,
)  # fmt: skip


@given(NEEDS)
def test_what_is_needed_at_one_time_does_not_overlap(needs):
    offsets, total = arrange(needs)
    placed = list(zip(needs, offsets, strict=True))
    for index, (a, start) in enumerate(placed):
        assert start % ALIGNMENT == 0
        assert start + a.size <= total
        for b, other in placed[:index]:
            if a.first <= b.last and b.first <= a.last and a.size and b.size:
                assert start + a.size <= other or other + b.size <= start
    assert total >= peak(needs)


def test_what_is_dead_makes_room():
    needs = [Need(6400, 0, 1), Need(640, 1, 2), Need(6400, 2, 3)]
    offsets, total = arrange(needs)
    assert offsets == [0, 6400, 0]
    assert total == 7040 == peak(needs)


def test_what_sticks_out_goes_first_in_another_try():
    # In the order of sizes the smallest comes last, and finds room above all others alone.
    needs = [Need(192, 4, 6), Need(128, 1, 2), Need(128, 2, 3), Need(64, 3, 4)]
    _, total = arrange(needs)
    assert total == 256 == peak(needs)


def test_nothing_needs_nothing():
    assert arrange([]) == ([], 0)
    assert peak([]) == 0
