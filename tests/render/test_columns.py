"""Long drawings in columns."""

from __future__ import annotations

from graphc.render.columns import columns, letters
from tests.render.drawn import diagram, sample


def sizes(drawn, rows=None):
    return [len(parts) for parts in columns(drawn, rows)]


def chain(length):
    return diagram(
        f"model m {{\n input x: [4]\n for i in range({length}) {{\n x = x -> Dense(i + 1)\n }}\n output x\n}}"
    )


def test_short_drawings_are_one_column():
    assert sizes(sample("mnist")) == [4]
    assert sizes(chain(20)) == [21]


def test_long_ones_are_about_square():
    found = sizes(chain(199))
    assert len(found) == 7
    assert max(found) - min(found) <= 8


def test_rows_as_asked_for():
    assert sizes(chain(29), 10) == [10, 10, 10]
    assert sizes(chain(199), 0) == [200]


def test_nothing_is_lost():
    drawn = sample("resnet50")
    assert [part for column in columns(drawn, None) for part in column] == list(drawn.parts)


def test_nets_whose_layers_reach_far_stay_together():
    assert len(sizes(sample("unet"))) == 1


def test_groups_stay_whole():
    assert sizes(sample("autoencoder_models", expand_nested=True), 3) == [2, 1]


def test_letters():
    assert list(letters(28))[-3:] == ["Z", "A1", "B1"]
