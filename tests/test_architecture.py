"""What must stay true of the whole, mostly by being absent."""

from __future__ import annotations

import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import graphc
from graphc.declare.definition import registry
from graphc.declare.op import OPS
from graphc.training import FAMILIES

ROOT = Path(__file__).parents[1]
HEAVY = ("numpy", "networkx", "rich", "keras", "jax", "tensorflow", "graphviz", "pygraphviz")


def loaded_after(*args: str) -> set[str]:
    code = (
        "import sys\nfrom graphc.cli.main import main\n"
        f"try:\n    main({list(args)!r})\nexcept SystemExit:\n    pass\n"
        "print('\\n'.join(sys.modules), file=sys.stderr)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    return set(result.stderr.split())


def test_check_imports_nothing_heavy() -> None:
    sample = str(ROOT / "samples" / "resnet50.net")
    loaded_after("check", sample)  # the first run on a machine makes the parse table, with lark
    loaded = loaded_after("check", sample)
    assert "graphc.elaborate.program" in loaded
    assert not loaded & {*HEAVY, "lark"}


def test_help_and_version_import_no_part_of_the_compiler() -> None:
    loaded = loaded_after("--help")
    assert "graphc.cli.main" in loaded
    assert not {name for name in loaded if name.startswith("graphc.elaborate")}


def test_a_check_imports_only_the_layers_it_uses() -> None:
    loaded = loaded_after("check", str(ROOT / "samples" / "mnist.net"))
    assert "graphc.layers.dense" in loaded
    assert "graphc.layers.recurrent" not in loaded


def all_modules() -> list[str]:
    names = [m.name for m in pkgutil.walk_packages(graphc.__path__, "graphc.")]
    return [name for name in names if not name.endswith("__main__")]


def test_every_definition_is_found_by_its_name_alone() -> None:
    """The names read off the sources are those that the modules define."""
    for name in all_modules():
        importlib.import_module(name)
    for table in [OPS, *map(registry, ("layer", *FAMILIES))]:
        indexed = table._index()
        missing = [name for name in dict.keys(table) if name not in indexed]
        assert not missing


def test_public_names_exist() -> None:
    for name in graphc.__all__:
        assert getattr(graphc, name) is not None


def test_every_module_says_what_it_is() -> None:
    for name in all_modules():
        assert importlib.import_module(name).__doc__, name


def test_layer_names_stand_in_layers_only() -> None:
    """No other module tells layers apart by their names."""
    names = "|".join(["Conv2D", "BatchNormalization", "LSTM", "MultiHeadAttention", "MaxPooling2D"])
    found = [
        f"{path}:{number}"
        for path in sorted((ROOT / "graphc").rglob("*.py"))
        if path.parent.name not in ("layers",)
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if re.search(rf"[\"'](?:{names})[\"']", line)
    ]
    assert not found
