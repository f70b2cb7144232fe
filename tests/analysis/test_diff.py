"""Two models compared: one edit of a random graph is found as that edit, and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import graphc
from graphc.analysis.diff import Difference
from tests.analysis import random_models as models

SAMPLES = sorted((Path(__file__).parents[2] / "samples").glob("*.net"))
randoms = st.randoms(use_true_random=False)


def compared(before: str, after: str) -> Difference:
    return graphc.parse(before).diff(graphc.parse(after))


def kinds(found: Difference) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for finding in found.findings:
        counts[finding.kind] += len(finding.changes)
    return dict(counts)


def edited(
    random: Random, edit: Callable[[models.Steps, Random], tuple[models.Steps, int] | None],
    *, named: bool = False,
) -> tuple[models.Steps, models.Steps, int]:  # fmt: skip
    steps = models.random_steps(random, named=named)
    result = edit(steps, random)
    assume(result is not None)
    assert result is not None
    return steps, *result


def check(
    random: Random, steps: models.Steps, other: models.Steps, expected: dict[str, int]
) -> Difference:
    """Compare two models, the second in any spelling, in both directions."""
    before, after = models.source_of(steps), models.source_of(other, random)
    found = compared(before, after)
    assert kinds(found) == expected, f"{before}{after}{found.findings}"
    assert found.follows == ()
    mirrored = {"added": "removed", "removed": "added"}
    back = compared(after, before)
    assert kinds(back) == {mirrored.get(kind, kind): count for kind, count in expected.items()}
    assert not found.is_empty
    return found


@settings(deadline=None)
@given(randoms)
def test_another_spelling_is_no_difference(random: Random) -> None:
    steps = models.random_steps(random, named=True)
    found = compared(models.source_of(steps), models.source_of(steps, random))
    assert found.is_empty


@settings(deadline=None)
@given(randoms)
def test_an_inserted_layer_is_one_added(random: Random) -> None:
    steps, other, number = edited(random, models.insert)
    found = check(random, steps, other, {"added": 1})
    (change,) = found.findings[0].changes
    assert other[number].layer.startswith(change.part.type)


@settings(deadline=None)
@given(randoms)
def test_a_deleted_layer_is_one_removed(random: Random) -> None:
    steps, other, number = edited(random, models.delete)
    found = check(random, steps, other, {"removed": 1})
    (change,) = found.findings[0].changes
    assert steps[number].layer.startswith(change.part.type)


@settings(deadline=None)
@given(randoms, st.booleans())
def test_another_argument_is_one_changed(random: Random, named: bool) -> None:
    steps, other, number = edited(random, models.change, named=named)
    found = check(random, steps, other, {"changed": 1})
    (change,) = found.findings[0].changes
    assert len(change.causes) == 1
    assert change.causes[0].after in {*other[number].layer.replace(")", " ").split(), "0.01"} | {
        part.partition("=")[2] for part in other[number].layer.rstrip(")").split(", ")
    } | {other[number].layer.rstrip(")").rpartition("(")[2], "selu", "Zeros()", "zeros", "6.0"}


@settings(deadline=None)
@given(randoms, st.booleans())
def test_another_name_is_all_that_a_renamed_layer_has(random: Random, named: bool) -> None:
    steps, other, _ = edited(random, models.rename, named=named)
    found = check(random, steps, other, {"changed": 1})
    (change,) = found.findings[0].changes
    assert [delta.what for delta in change.causes] == ["name"]
    assert change.causes[0].after == "renamed"


@settings(deadline=None)
@given(randoms)
def test_of_two_layers_that_change_places_one_has_moved(random: Random) -> None:
    steps, other, _ = edited(random, models.swap)
    check(random, steps, other, {"moved": 1})


@settings(deadline=None, max_examples=50)
@given(randoms)
def test_any_two_models_differ_the_same_both_ways(random: Random) -> None:
    a = models.source_of(models.random_steps(random))
    b = models.source_of(models.random_steps(random))
    there, back = compared(a, b), compared(b, a)
    assert there.is_empty == back.is_empty
    growth = [total.after for total in there.totals]
    assert growth == [total.before for total in back.totals]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_does_not_differ_from_itself(path: Path) -> None:
    assert graphc.load(path).diff(graphc.load(path)).is_empty


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(1, 5), min_size=2, max_size=8), st.data())
def test_what_follows_from_another_width_is_no_cause(
    widths: list[int], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(widths) - 1))
    other = [*widths[:place], widths[place] + 10, *widths[place + 1 :]]
    before, after = (
        f"model m {{\n    input x: [8]\n    output x{''.join(f' -> Dense({w})' for w in each)}\n}}\n"
        for each in (widths, other)
    )
    found = compared(before, after)
    assert kinds(found) == {"changed": 1}
    assert [str(each) for each in found.findings[0].causes] == [
        f"units: {widths[place]} → {widths[place] + 10}"
    ]
    (change,) = found.findings[0].changes
    assert change.part.name == ("dense" if place == 0 else f"dense_{place}")
    assert [each.part.name for each in found.follows] == (
        [f"dense_{place + 1}"] if place + 1 < len(widths) else []
    )


FORMS = "model net {{\n    input a: [4]\n    input b: [4]{}\n{}    output (a, b) -> add as c\n}}\n"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (("", ""), (" = None", ""), [("input b", "[B, 4]", "[B, 4] = None")]),
        (("", ""), ("", '    input {"x": a, "y": [b]}\n'),
         [("form of inputs", "one by one", '{"x": a, "y": [b]}')]),
    ],
)  # fmt: skip
def test_what_is_said_of_inputs_is_told(
    before: tuple[str, str], after: tuple[str, str], expected: list[tuple[str, str, str]]
) -> None:
    found = compared(FORMS.format(*before), FORMS.format(*after))
    told = [(delta.what, delta.before, delta.after) for delta in found.interface]
    assert told == expected
    back = compared(FORMS.format(*after), FORMS.format(*before))
    assert [(d.what, d.after, d.before) for d in back.interface] == expected
