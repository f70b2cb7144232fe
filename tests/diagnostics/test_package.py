import subprocess
import sys

import graphc.diagnostics


def test_every_public_name_is_there() -> None:
    assert sorted(graphc.diagnostics.__all__) == list(graphc.diagnostics.__all__)
    for name in graphc.diagnostics.__all__:
        assert getattr(graphc.diagnostics, name) is not None


def test_other_names_are_not() -> None:
    assert not hasattr(graphc.diagnostics, "render")


def test_a_file_without_faults_pays_for_no_output() -> None:
    code = "import sys, graphc.diagnostics; print(*sys.modules, sep='\\n')"
    modules = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "graphc.diagnostics.diagnostic" in modules
    assert not {"json", "unicodedata", "pathlib", "graphc.diagnostics.text"} & set(modules)
