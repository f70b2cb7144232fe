"""Arrays of numbers that stand in a file: Keras has no operation for them in its graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphc.declare.op import OPS, makes_array
from graphc.declare.operands import is_static
from graphc.ir.dtypes import promote
from graphc.ir.graph import CallRecord
from graphc.ops.convert import dtype_of


def is_array(record: CallRecord) -> bool:
    """Whether a call makes a tensor of numbers, or NumPy's array, and computes nothing."""
    return makes_array(record.layer) and is_static(dict(record.arguments)["x"])


def numpy_dtype(layer: Any, arguments: Mapping[str, Any]) -> str | None:
    """The dtype of NumPy's array, where a call makes one; bfloat16 is none of NumPy's."""
    if layer is not OPS["array"] or not is_static(arguments["x"]):
        return None
    dtype: str = arguments.get("dtype") or promote(dtype_of(arguments["x"]))
    return None if dtype == "bfloat16" else dtype
