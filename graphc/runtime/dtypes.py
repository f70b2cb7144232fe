"""Dtypes of the language as NumPy's; bfloat16 comes from ml_dtypes."""

from __future__ import annotations

from typing import Any

import numpy as np


class MissingLibrary(Exception):
    """Something needs a library that is not installed: the message says which."""

    def __init__(self, what: str, library: str, extra: str = "weights") -> None:
        super().__init__(f"{what} need {library}: pip install 'graphc[{extra}]'")


def numpy_dtype(name: str) -> Any:
    """The NumPy dtype of this name."""
    return bfloat16() if name == "bfloat16" else np.dtype(name)


def are_numbers(dtype: np.dtype[Any]) -> bool:
    """Whether arrays of a dtype hold real numbers, as models take them."""
    return dtype.kind in "biuf" or dtype.name == "bfloat16"


def dtype_text(dtype: np.dtype[Any]) -> str:
    """What messages call what an array holds."""
    return {"S": "text", "U": "text", "O": "objects"}.get(dtype.kind, dtype.name)


def bfloat16() -> Any:
    """The dtype that NumPy lacks."""
    try:
        import ml_dtypes
    except ImportError:
        raise MissingLibrary("weights in bfloat16", "ml_dtypes") from None
    return np.dtype(ml_dtypes.bfloat16)
