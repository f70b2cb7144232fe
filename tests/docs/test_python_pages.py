"""The Python fences of the documentation run, one page as one program."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [
    path
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    if "```python" in path.read_text()
]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_the_python_of_a_page_runs(page: Path) -> None:
    fences = re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL)
    assert fences
    # In a process of its own: a page that declares a layer would add it to everyone's registry.
    result = subprocess.run(
        [sys.executable, "-c", "\n".join(fences)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert result.returncode == 0, result.stderr
