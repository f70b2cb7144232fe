"""The grammar and the error pages are found in a checkout and in a wheel alike."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    (path,) = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    unpacked = folder / "unpacked"
    with zipfile.ZipFile(path) as archive:
        archive.extractall(unpacked)
    return unpacked


def run(source: Path, home: Path, *args: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(source), "XDG_CACHE_HOME": str(home)}
    return subprocess.run(
        [sys.executable, "-m", "graphc", *args],
        cwd=home,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("kind", ["checkout", "wheel"])
def test_checks_a_sample_and_explains_a_code(kind: str, wheel: Path, tmp_path: Path) -> None:
    source = ROOT if kind == "checkout" else wheel
    checked = run(source, tmp_path, "check", str(ROOT / "samples" / "mnist.net"))
    assert (checked.returncode, checked.stderr) == (0, "")
    explained = run(source, tmp_path, "explain", "E0301")
    assert explained.stdout.startswith("# E0301: rank-mismatch")


def test_the_wheel_carries_its_data_once(wheel: Path) -> None:
    assert (wheel / "graphc/syntax/net.lark").read_bytes() == (
        ROOT / "grammar/net.lark"
    ).read_bytes()
    pages = sorted(path.name for path in (wheel / "graphc/diagnostics/pages").glob("*.md"))
    assert pages == sorted(path.name for path in (ROOT / "docs/errors").glob("*.md"))
    page = {path.name for path in (ROOT / "graphc/render/page").iterdir() if path.is_file()}
    assert {path.name for path in (wheel / "graphc/render/page").iterdir()} == page
    assert (wheel / "graphc/py.typed").exists()
    assert not (wheel / "tests").exists()
