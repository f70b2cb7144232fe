"""A summary as an HTML table, for notebooks."""

from __future__ import annotations

from html import escape

from graphc.analysis.summary import Summary
from graphc.render.summary_rows import COLUMNS, lines
from graphc.render.summary_text import chosen_columns, footer


def summary_html(summary: Summary) -> str:
    """One table, styled by the page it stands in, and the totals under it."""
    names = chosen_columns(summary, None)
    head = "".join(f"<th>{escape(title)}</th>" for title in ["Layer", *_titles(names)])
    body = "".join(
        "<tr><td>"
        + escape(line.name)
        + "</td>"
        + "".join(
            _cell(COLUMNS[name].text(line), COLUMNS[name].amount is not None) for name in names
        )
        + "</tr>"
        for line in lines(summary, None)
    )
    totals = "<br>".join(escape(line) for line in footer(summary).splitlines())
    caption = f"<caption>{escape(summary.name)} ({escape(summary.kind)})</caption>"
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><p>{totals}</p>"


def _titles(names: list[str]) -> list[str]:
    return [COLUMNS[name].title for name in names]


def _cell(text: str, is_number: bool) -> str:
    style = ' style="text-align: right"' if is_number else ""
    return f"<td{style}>{escape(text)}</td>"
