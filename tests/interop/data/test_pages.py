"""The pages of codes of data: their examples give what they show, and the corrected ones do not."""

from pathlib import Path

import pytest

import graphc
from graphc.diagnostics.codes import CODES
from graphc.interop.data import DataError, open_dataset
from tests.spec.fences import fences

ERRORS = Path(__file__).parents[3] / "docs" / "errors"
PAGES = [code for code in CODES if code.startswith("E11") or code in ("W0106", "W0107", "W0108")]


def shown(page, folder):
    """What each program of a page gives with the data above it."""
    found = []
    for fence in fences(page):
        if fence.kind == "net":
            data = [each for each in fence.above if each.kind in ("data", "csv")][-1]
            fence.save(folder)
            model = graphc.load(fence.file)
            path = "data.csv" if data.kind == "csv" else "data.npz"
            try:
                dataset = open_dataset(path, model.model_graph, "train", model.train)
                found.append(list(dataset.warnings))
            except DataError as error:
                found.append(error.diagnostics)
    return found


@pytest.mark.parametrize("code", PAGES)
def test_page(code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = ERRORS / f"{code}.md"
    erroneous, corrected = shown(page, tmp_path)
    assert [each.code.id for each in erroneous] == [code]
    assert corrected == []
