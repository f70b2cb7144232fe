"""Pictures of histories: what they say, read from the SVG, and that they are whole."""

import re
import struct
import sys

import pytest

from graphc.analysis.history import panels
from graphc.render.history_plot import NothingToPlot, plot_history
from graphc.runtime.dtypes import MissingLibrary

HISTORY = {
    "loss": [2.0, 1.0, 0.5],
    "accuracy": [0.2, 0.6, 0.9],
    "val_loss": [2.1, 1.2, 0.6],
    "val_accuracy": [0.1, 0.5, 0.8],
    "learning_rate": [0.01, 0.01, 0.005],
}


def texts(history, title=""):
    svg = plot_history(history, "h.svg", title).decode()
    return re.findall(r"<text[^>]*>(.*?)</text>", svg)


def test_each_quantity_has_a_panel_with_its_validation():
    assert [(panel.name, [curve.name for curve in panel.curves]) for panel in panels(HISTORY)] == [
        ("loss", ["loss", "val_loss"]),
        ("accuracy", ["accuracy", "val_accuracy"]),
        ("learning_rate", ["learning_rate"]),
    ]


def test_validation_every_other_epoch_stands_where_it_was_measured():
    [panel] = panels({"loss": [4.0, 3.0, 2.0, 1.0], "val_loss": [3.5, 1.5]})
    assert [curve.epochs for curve in panel.curves] == [(0, 1, 2, 3), (1, 3)]


def test_what_the_picture_says():
    found = texts(HISTORY, "digits")
    assert found.count("training") == found.count("validation") == 2
    assert {"digits", "loss", "accuracy", "learning rate", "epoch"} <= set(found)


def test_labels_do_not_lie_on_each_other():
    for last in (0.5, 0.501, 0.499):
        svg = plot_history({"loss": [1.0, 0.5], "val_loss": [1.0, last]}, "h.svg").decode()
        places = re.findall(r'<text[^>]* y="([\d.]+)"[^>]*>(\w+)</text>', svg)
        y = {name: float(place) for place, name in places if name in ("training", "validation")}
        assert abs(y["training"] - y["validation"]) >= 9, "the height of their letters, in points"


def test_a_png_is_800_pixels_wide():
    png = plot_history(HISTORY, "h.png")
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    assert width == 800
    assert 400 < height < 700


def test_the_same_history_gives_the_same_file():
    for path in ("h.png", "h.svg"):
        assert plot_history(HISTORY, path) == plot_history(HISTORY, path)


@pytest.mark.parametrize(
    "history",
    [
        {"loss": [1.0]},
        {"loss": [float("nan")] * 3, "val_loss": [1.0, float("inf"), float("nan")]},
        {"loss": [0.0, 0.0], "f1": [[0.1, 0.2], [0.3, 0.4]]},
        {"$\\frac{x$ <&> \x1b[31m": [1.0, 2.0]},
        {"val_only": [1.0, 2.0]},
        {f"metric_{number}": [1.0, 2.0] for number in range(9)},
    ],
    ids=["one epoch", "no numbers", "lists", "odd name", "validation", "many"],
)
def test_any_history_is_drawn(history):
    for path in ("h.png", "h.svg"):
        assert plot_history(history, path)


def test_nothing_to_plot():
    with pytest.raises(NothingToPlot, match="no numbers"):
        plot_history({"f1": [[0.1, 0.2]]}, "h.png")
    with pytest.raises(NothingToPlot, match="no numbers"):
        plot_history({"loss": [float("nan")], "val_loss": [float("nan")]}, "h.png")


def test_without_matplotlib_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingLibrary) as caught:
        plot_history(HISTORY, "h.png")
    assert "pip install 'graphc[plot]'" in str(caught.value)
