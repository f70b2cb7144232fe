"""A profile as a table: what each layer takes, the most expensive first."""

from __future__ import annotations

import io
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from graphc.diagnostics.glyphs import printable
from graphc.render.summary_text import bytes_text
from graphc.runtime.profile import LayerTime, Profile

TITLES = ("Layer", "Type", "Time", "Share", "FLOPs", "FLOP/s", "Bytes", "Bytes/s")
_PREFIXES = ("", "k", "M", "G", "T", "P")


def profile_text(profile: Profile, *, width: int | None = None, color: bool = False) -> str:
    """The table, with totals and what it is about below."""
    table = Table(box=box.ROUNDED, title=f"{profile.model}", title_style="bold", show_footer=True)
    for title, total in zip(TITLES, total_cells(profile), strict=True):
        is_text = title in TITLES[:2]
        table.add_column(
            title, printable(total), justify="left" if is_text else "right", no_wrap=not is_text,
            overflow="fold",
        )  # fmt: skip
    for layer in by_time(profile):
        table.add_row(*[Text(printable(cell)) for cell in layer_cells(profile, layer)])
    out = io.StringIO()
    console = Console(
        file=out, width=width or 200, force_terminal=color, color_system="auto" if color else None,
        highlight=False, emoji=False, markup=False,
    )  # fmt: skip
    console.print(table)
    drawn = "\n".join(line.rstrip() for line in out.getvalue().splitlines())
    return "\n".join([drawn, *map(printable, facts(profile))]) + "\n"


def by_time(profile: Profile) -> list[LayerTime]:
    """The layers that take time, the most of it first."""
    return sorted(_working(profile), key=lambda layer: -layer.seconds)


def _working(profile: Profile) -> list[LayerTime]:
    return [layer for layer in profile.layers if layer.steps]


def layer_cells(profile: Profile, layer: LayerTime) -> Sequence[str]:
    """A layer's row, in the order of `TITLES`."""
    share = layer.seconds / profile.measured if profile.measured else 0.0
    return (layer.path or "other", layer.type, seconds_text(layer.seconds), f"{share:.1%}",
            *_amounts(layer.flops, layer.bytes, layer.seconds))  # fmt: skip


def total_cells(profile: Profile) -> Sequence[str]:
    """The last row: what all steps take, with the clock between them."""
    return ("Total", "", seconds_text(profile.measured), "",
            *_amounts(profile.flops, profile.bytes, profile.measured))  # fmt: skip


def _amounts(flops: int, moved: int, seconds: float) -> tuple[str, str, str, str]:
    time = seconds or float("inf")
    return (
        amount_text(flops) if flops else "–", amount_text(flops / time) if flops else "–",
        bytes_text(moved) if moved else "–", bytes_text(int(moved / time)) if moved else "–",
    )  # fmt: skip


def facts(profile: Profile) -> list[str]:
    """What was measured, in sentences."""
    inputs = ", ".join(f"{name} {type}" for name, type in profile.shapes)
    runs = f"{profile.runs} runs" if profile.runs > 1 else "1 run"
    lines = [f"One call on {inputs} takes {seconds_text(profile.seconds)} (the median of {runs})."]
    idle = len(profile.layers) - len(_working(profile))
    if idle:
        what = "1 layer has" if idle == 1 else f"{idle} layers have"
        lines.append(f"{what} no steps left: others do their work, or there is none.")
    return lines


def seconds_text(seconds: float) -> str:
    """A time in the unit that suits it: 1.24 ms."""
    for factor, unit in ((1, "s"), (1e3, "ms")):
        if seconds * factor >= 1:
            return f"{seconds * factor:.2f} {unit}"
    return f"{seconds * 1e6:.1f} µs"


def amount_text(count: float, unit: str = "") -> str:
    """A count with the prefix that suits it: 1.24 G."""
    place = 0
    while count >= 1000 and place < len(_PREFIXES) - 1:
        count /= 1000
        place += 1
    shown = f"{count:.2f}" if place or count != int(count) else f"{int(count)}"
    return f"{shown} {_PREFIXES[place]}{unit}".rstrip()
