"""The Python fences of the documentation run, one page as one program."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [
    path
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    if "```python" in path.read_text()
]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_the_python_of_a_page_runs(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fences = re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL)
    assert fences
    monkeypatch.chdir(ROOT)
    exec(compile("\n".join(fences), str(page), "exec"), {"__name__": "page"})
