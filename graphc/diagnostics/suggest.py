"""The name that was probably meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import islice
from operator import ne
from typing import overload

from graphc.record import Record

# Longer words are not slips of the pen, and comparing them would cost a hostile file nothing
# and us much.
_LONGEST_WORD = 60
_MOST_CANDIDATES = 5000
# Shorter words are part of too many names.
_SHORTEST_PART = 4

_VOWELS = frozenset("aeiou")
_PIECES = re.compile(
    r"""\d+[dD](?![a-z]) | \d+      # the 2D of Conv2DTranspose
      | [A-Z]+(?![a-z])             # the LSTM of ConvLSTM2D
      | [A-Z]?[a-z]+
      | [^\W\da-zA-Z_]+             # words of other scripts""",
    re.VERBOSE,
)


@overload
def nearest(word: str, candidates: Iterable[str]) -> str | None: ...


@overload
def nearest(word: str, candidates: Iterable[str], *, limit: int) -> list[str]: ...


def nearest(
    word: str, candidates: Iterable[str], *, limit: int | None = None
) -> str | list[str] | None:
    """Return the candidate nearest to a word, or with `limit` the nearest ones in order.

    Near is what differs in case and underscores only, in a few letters (more in longer
    words), or in how its parts are abbreviated or left out: `BatchNorm`, `MaxPool2d`, `lr`.
    There may be none.
    """
    ranked = _ranked(word, candidates)
    return ranked[:limit] if limit is not None else next(iter(ranked), None)


def did_you_mean(word: str, candidates: Iterable[str]) -> str | None:
    """Write the help sentence with the nearest candidate, if there is one."""
    name = nearest(word, candidates)
    return None if name is None else f"did you mean `{name}`?"


def _ranked(word: str, candidates: Iterable[str]) -> list[str]:
    """Sort the candidates that are near, the nearest first."""
    if len(word) > _LONGEST_WORD:
        return []
    meant = _form(word)
    names = [
        name
        for name in islice(dict.fromkeys(candidates), _MOST_CANDIDATES)
        if len(name) <= _LONGEST_WORD and name != word
    ]
    scores = {name: score for name in names if (score := _score(meant, _form(name))) is not None}
    if not scores:
        scores = _with_initials(meant, names)
    return sorted(scores, key=lambda name: (scores[name], *_difference(word, name)))


class _Form(Record):
    """A name as it is compared: its letters without case and underscores, and its words."""

    text: str
    letters: frozenset[str]
    pieces: tuple[str, ...]
    digits: str


@lru_cache(maxsize=4096)
def _form(name: str) -> _Form:
    text = name.casefold().replace("_", "")
    pieces = tuple(piece.casefold() for piece in _PIECES.findall(name))
    return _Form(text, frozenset(text), pieces, "".join(filter(str.isdigit, text)))


def _score(word: _Form, name: _Form) -> float | None:
    """How far a name is from a word, in edits or what is as grave; None for too far."""
    if word.text == name.text:
        return 0
    most = max(len(word.text), 3) // 3
    distance = _distance(word, name, most)
    if distance * 2 >= max(len(word.text), len(name.text)):
        distance = most + 1  # Nothing to recognise is left of so short a name.
    scores: list[float] = []
    if distance <= most:
        # Conv3D is no misspelt Conv2D, if there is something else that it can be.
        scores.append(distance + (word.digits != name.digits))
    missing = _missing_pieces(word.pieces, name.pieces)
    if missing is not None:
        scores.append(missing + (2.5 if missing else 1.5))
    return min(scores, default=None)


def _distance(word: _Form, name: _Form, most: int) -> int:
    """Count insertions, deletions, replacements and swaps of neighbours, up to `most` + 1."""
    # A replacement changes two letters of the sets at most.
    if len(word.letters ^ name.letters) > 2 * most:
        return most + 1
    a, b = _without_common_ends(word.text, name.text)
    if abs(len(a) - len(b)) > most:
        return most + 1
    before: list[int] = []
    above = list(range(len(b) + 1))
    for i, letter in enumerate(a):
        row = [i + 1]
        for j, other in enumerate(b):
            cost = min(above[j + 1] + 1, row[j] + 1, above[j] + (letter != other))
            if i and j and letter == b[j - 1] and a[i - 1] == other:
                cost = min(cost, before[j - 1] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
        before, above = above, row
    return above[-1]


def _without_common_ends(a: str, b: str) -> tuple[str, str]:
    while a and b and a[0] == b[0]:
        a, b = a[1:], b[1:]
    while a and b and a[-1] == b[-1]:
        a, b = a[:-1], b[:-1]
    return a, b


def _missing_pieces(word: Sequence[str], name: Sequence[str]) -> int | None:
    """How many words only one of two names has, where the other's all fit in order."""
    few, many = (word, name) if len(word) <= len(name) else (name, word)
    fit = _fits if few is word else _is_fitted_by
    rest = iter(many)
    if not few or not all(any(fit(piece, other) for other in rest) for piece in few):
        return None
    missing = len(many) - len(few)
    shared, whole = len("".join(few)), len("".join(many))
    is_enough = shared >= (_SHORTEST_PART if few is word else 0.6 * whole)
    return missing if is_enough or not missing else None


def _fits(piece: str, other: str) -> bool:
    """Whether a word as written can stand for one of a name: avg and averages for average."""
    short, long = sorted((piece, other), key=len)
    if short[0] != long[0]:
        return False
    if short[0].isdigit():
        return short == long or (long.startswith(short) and not long.isdigit())
    is_beginning = len(short) >= 3 and long.startswith(short)
    return is_beginning or piece == other or _abbreviates(piece, other)


def _is_fitted_by(other: str, piece: str) -> bool:
    return _fits(piece, other)


def _abbreviates(short: str, long: str) -> bool:
    """Whether one word is the other without its vowels and some more, as avg is of average."""
    letters = iter(long)
    return (
        len(short) >= 3
        and _VOWELS.isdisjoint(short[1:])
        and all(letter in letters for letter in short)
    )


def _with_initials(word: _Form, names: Iterable[str]) -> dict[str, float]:
    """Find the one name of several words whose initials are the word, as lr of learning_rate."""
    found = [
        name
        for name in names
        if len(_form(name).pieces) > 1 and "".join(p[0] for p in _form(name).pieces) == word.text
    ]
    return {found[0]: 0} if len(found) == 1 else {}


def _difference(word: str, name: str) -> tuple[int, int]:
    """Decide between equally near names by length, then by the letters that stand alike."""
    return abs(len(word) - len(name)), sum(map(ne, word, name))
