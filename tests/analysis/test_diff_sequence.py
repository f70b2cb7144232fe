"""Sequences aligned, against the textbook."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from graphc.analysis.diff_sequence import Pairs, best, best_in_windows, common, increasing

words = st.text("abc", max_size=12)


def longest(a: str, b: str) -> int:
    @cache
    def of(i: int, j: int) -> int:
        if i == len(a) or j == len(b):
            return 0
        if a[i] == b[j]:
            return 1 + of(i + 1, j + 1)
        return max(of(i + 1, j), of(i, j + 1))

    return of(0, 0)


def goes_up(pairs: Pairs) -> bool:
    return all(i < k and j < m for (i, j), (k, m) in pairwise(pairs))


@given(words, words)
def test_common_is_a_longest_common_subsequence(a: str, b: str) -> None:
    pairs = common(a, b)
    assert pairs is not None
    assert goes_up(pairs)
    assert all(a[i] == b[j] for i, j in pairs)
    assert len(pairs) == longest(a, b)


@given(words, words)
def test_best_has_the_highest_score(a: str, b: str) -> None:
    pairs = best(len(a), len(b), lambda i, j: float(a[i] == b[j]))
    assert goes_up(pairs)
    assert len(pairs) == longest(a, b)


@given(words, words)
def test_windows_give_an_alignment_too(a: str, b: str) -> None:
    pairs = best_in_windows(len(a), len(b), lambda i, j: float(a[i] == b[j]), 4)
    assert goes_up(pairs)
    assert all(a[i] == b[j] for i, j in pairs)


def test_windows_keep_up_with_a_sequence_that_has_more() -> None:
    a, b = "D" * 300, "DdD" * 150
    pairs = best_in_windows(len(a), len(b), lambda i, j: float(a[i] == b[j]), 16)
    assert len(pairs) == 300


@given(st.permutations(range(9)))
def test_increasing_is_a_longest_increasing_run(places: list[int]) -> None:
    pairs = increasing(list(enumerate(places)))
    assert goes_up(pairs)

    @cache
    def of(last: int, at: int) -> int:
        if at == len(places):
            return 0
        rest = of(last, at + 1)
        return max(rest, 1 + of(places[at], at + 1)) if places[at] > last else rest

    assert len(pairs) == of(-1, 0)
