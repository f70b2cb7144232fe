"""The `keras.ops` functions on tensors that have values: `ops.mean(x)`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from graphc.declare.op import OPS
from graphc.diagnostics.suggest import did_you_mean
from graphc.eager import dispatch


def __getattr__(name: str) -> Callable[..., Any]:
    if name.startswith("_"):
        raise AttributeError(name)
    try:
        dispatch.op_of(name)
    except KeyError:
        hint = did_you_mean(name, list(OPS))
        message = f"there is no tensor function {name}{f'; {hint}' if hint else ''}"
        raise AttributeError(message) from None
    function = partial(_run, name)
    globals()[name] = function
    return function


def _run(name: str, /, *args: Any, **kwargs: Any) -> Any:
    return dispatch.run(name, args, kwargs)


def __dir__() -> list[str]:
    return sorted(OPS)
