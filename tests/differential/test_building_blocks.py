"""Building blocks that people know, against Keras: names, types, order, shapes, parameters."""

from __future__ import annotations

import pytest

from graphc.model import parse
from graphc.record import replace
from tests.differential.building_blocks import CASES
from tests.differential.building_blocks.case import Case
from tests.differential.graphs.keras_side import session
from tests.differential.graphs.rows import Facts, difference, facts, keras_facts


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_building_block(case: Case) -> None:
    ours = _without(facts(parse(case.net)), case.apart)
    with session():
        theirs = _without(keras_facts(case.build()), case.apart)
    assert ours == theirs, difference(ours, theirs)


def _without(facts: Facts, apart: tuple[str, ...]) -> Facts:
    if not apart:
        return facts
    rows = [replace(row, calls=()) for row in facts.rows if row.type not in apart]
    return replace(facts, rows=tuple(rows))
