"""The pages of codes of data: their examples give what they show, and the corrected ones do not."""

from pathlib import Path

import numpy as np
import pytest

import graphc
from graphc.diagnostics.codes import CODES
from graphc.diagnostics.text import render_all
from graphc.interop.data import DataError, open_dataset
from tests.spec.fences import fences

ERRORS = Path(__file__).parents[3] / "docs" / "errors"
PAGES = [code for code in CODES if code.startswith("E11") or code in ("W0106", "W0107")]


def shown(page, folder):
    """What each program of a page gives with the data above it."""
    found = []
    for fence in fences(page):
        if fence.kind == "net":
            data = [each for each in fence.above if each.kind == "data"][-1]
            np.savez("data.npz", **data.arrays)
            Path(fence.file).write_text(fence.text)
            model = graphc.load(fence.file)
            try:
                dataset = open_dataset("data.npz", model.model_graph, "train", model.train)
                found.append(list(dataset.warnings))
            except DataError as error:
                found.append(error.diagnostics)
    return found


@pytest.mark.parametrize("code", PAGES)
def test_page(code, tmp_path, monkeypatch, pytestconfig):
    monkeypatch.chdir(tmp_path)
    page = ERRORS / f"{code}.md"
    erroneous, corrected = shown(page, tmp_path)
    assert [each.code.id for each in erroneous] == [code]
    assert corrected == []
    text = page.read_text()
    start = text.index("```text\n") + len("```text\n")
    end = text.index("```", start)
    output = render_all(erroneous).rstrip() + "\n"
    if pytestconfig.getoption("--bless"):
        page.write_text(text[:start] + output + text[end:])
    else:
        assert text[start:end] == output
