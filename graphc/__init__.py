r"""graphc: a model-graph compiler and static analyzer for neural networks.

>>> import graphc
>>> model = graphc.parse("sequential s { input [784]\n Dense(10) }")
>>> model.count_params()
7850
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphc.eager import GradientTape, Variable
    from graphc.model import CheckError, Model, Report, check_file, load, parse

__all__ = [
    "CheckError",
    "GradientTape",
    "Model",
    "Report",
    "Variable",
    "__version__",
    "check_file",
    "load",
    "parse",
]
_EAGER = ("GradientTape", "Variable")


def __getattr__(name: str) -> Any:
    # Lazy: `graphc --version` and shell completion need nothing of it.
    if name == "__version__":
        from importlib.metadata import version

        return version("graphc")
    if name in __all__:
        module = "graphc.eager" if name in _EAGER else "graphc.model"
        return getattr(import_module(module), name)
    raise AttributeError(f"module 'graphc' has no attribute {name!r}")
