"""Histories of training as a picture: a panel for each quantity, drawn by matplotlib."""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from graphc.analysis.history import ALL, VALIDATION, Curve, Measured, Panel, panels
from graphc.diagnostics.glyphs import printable
from graphc.runtime.dtypes import MissingLibrary

PLOT_ENDINGS = (".png", ".svg")

# Of Okabe and Ito's colours, which are told apart with any colour vision; on white paper.
_TRAINING, _VALIDATION = "#0072b2", "#d55e00"
_INK, _GRID = "#1c2430", "#e3e7ee"
_WIDTH_INCHES, _PANEL_INCHES, _DPI = 8.0, 2.7, 100
_LINE_POINTS = 11.0
_SETTINGS: Any = {
    "font.size": 10,
    "svg.fonttype": "none",  # text as text
    "svg.hashsalt": "graphc",  # the same file each time
    "axes.unicode_minus": False,
}


class NothingToPlot(Exception):
    """A history without a number in it."""


def plot_history(
    history: Mapping[str, Sequence[Any]], path: str, title: str = "", measured: Measured = ALL
) -> bytes:
    """Draw a history in the format that the name ends in, one of `PLOT_ENDINGS`.

    Raises `MissingLibrary` without matplotlib, and `NothingToPlot`.
    """
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingLibrary("pictures of histories", "matplotlib", "plot") from None
    shown = panels(history, measured)
    if not shown:
        raise NothingToPlot("the history has no numbers to plot")
    columns = 1 if len(shown) == 1 else 2
    rows = -(-len(shown) // columns)
    is_svg = path.endswith(".svg")
    with mpl.rc_context(_SETTINGS), warnings.catch_warnings():
        # Names may be in letters that the font lacks, for which it has boxes.
        warnings.filterwarnings("ignore", "Glyph .* missing from font", UserWarning)
        figure = Figure((_WIDTH_INCHES, _PANEL_INCHES * rows + 0.3 * bool(title)), dpi=_DPI)
        figure.set_layout_engine("constrained")
        if title:
            figure.suptitle(printable(title), color=_INK, parse_math=False)
        grid = figure.subplots(rows, columns, squeeze=False)
        for place, axes in enumerate(grid.flat):
            if place < len(shown):
                _draw(axes, shown[place])
            else:
                axes.set_axis_off()
        # Labels move apart by points on paper, which the layout has to be known for.
        figure.draw_without_rendering()
        for axes, panel in zip(grid.flat, shown, strict=False):
            _label(axes, panel)
        out = io.BytesIO()
        metadata = {"Date": None} if is_svg else {"Software": None}
        figure.savefig(out, format="svg" if is_svg else "png", metadata=metadata)
    return out.getvalue()


def _draw(axes: Any, panel: Panel) -> None:
    from matplotlib.ticker import MaxNLocator

    for curve in panel.curves:
        epochs = [epoch + 1 for epoch in curve.epochs]
        marker = "o" if len(epochs) == 1 else None
        axes.plot(epochs, curve.values, color=_colour(curve), linewidth=1.8, marker=marker)
    axes.set_title(
        printable(panel.name.replace("_", " ")),
        loc="left",
        color=_INK,
        fontsize=11,
        parse_math=False,
    )
    axes.set_xlabel("epoch", color=_INK)
    first, last = axes.dataLim.intervalx
    ticks = MaxNLocator("auto", integer=True, min_n_ticks=1).tick_values(first, last)
    axes.set_xticks([tick for tick in ticks if first <= tick <= last])
    axes.grid(color=_GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.tick_params(colors=_INK, length=3)
    # Room for the labels at the ends of the lines, and below the lowest.
    axes.margins(y=0.12)
    if len(panel.curves) > 1:
        left, right = axes.get_xlim()
        axes.set_xlim(left, right + 0.30 * (right - left))


def _label(axes: Any, panel: Panel) -> None:
    """Write at the end of each line what it is, so that no label lies on another."""
    import numpy as np

    ends = []
    # A single line needs no name beside that of the panel.
    for curve in panel.curves if len(panel.curves) > 1 else ():
        x, y = axes.transData.transform((curve.epochs[-1] + 1, curve.values[-1]))
        if np.isfinite(y):
            ends.append([y, x, curve])
    ends.sort(key=lambda end: end[0])
    least = _LINE_POINTS * axes.figure.dpi / 72
    if len(ends) == 2 and (lacks := least - (ends[1][0] - ends[0][0])) > 0:
        ends[0][0] -= lacks / 2
        ends[1][0] += lacks / 2
    for y, x, curve in ends:
        axes.annotate(
            "validation" if _is_validation(curve) else "training",
            axes.transData.inverted().transform((x, y)),
            xytext=(5, 0),
            textcoords="offset points",
            color=_colour(curve),
            fontsize=9,
            verticalalignment="center",
        )


def _colour(curve: Curve) -> str:
    return _VALIDATION if _is_validation(curve) else _TRAINING


def _is_validation(curve: Curve) -> bool:
    return curve.name.startswith(VALIDATION)
