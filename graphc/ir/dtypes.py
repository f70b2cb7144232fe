"""Element types, and which one two of them make.

The promotion lattice is JAX's (JEP 9407, https://docs.jax.dev/en/latest/jep/9407-type-promotion.html),
which Keras 3 follows: Python numbers are weak ("int", "float") and give way to arrays.
"""

from __future__ import annotations

from functools import cache, lru_cache

ITEM_BYTES: dict[str, int] = {
    "bool": 1,
    "uint8": 1,
    "uint16": 2,
    "uint32": 4,
    "uint64": 8,
    "int8": 1,
    "int16": 2,
    "int32": 4,
    "int64": 8,
    "bfloat16": 2,
    "float16": 2,
    "float32": 4,
    "float64": 8,
    "complex64": 8,
    "complex128": 16,
}
DTYPES = tuple(ITEM_BYTES)
FLOATS = ("bfloat16", "float16", "float32", "float64")
INTEGERS = ("uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64")
COMPLEX = ("complex64", "complex128")

_NEXT: dict[str, tuple[str, ...]] = {
    "bool": ("int",),
    "int": ("uint8", "int8"),
    "uint8": ("int16", "uint16"),
    "uint16": ("int32", "uint32"),
    "uint32": ("int64", "uint64"),
    "uint64": ("float",),
    "int8": ("int16",),
    "int16": ("int32",),
    "int32": ("int64",),
    "int64": ("float",),
    "float": ("bfloat16", "float16"),
    "bfloat16": ("float32",),
    "float16": ("float32",),
    "float32": ("float64", "complex64"),
    "float64": ("complex128",),
    "complex64": ("complex128",),
    "complex128": (),
}
_DEFAULT = {"int": "int32", "float": "float32"}  # what weak types become by themselves


@cache
def _upper_bounds(dtype: str) -> frozenset[str]:
    return frozenset({dtype}).union(*(_upper_bounds(above) for above in _NEXT[dtype]))


@lru_cache(maxsize=1024)
def promote(*dtypes: str) -> str:
    """The dtype that operands of these dtypes have together; "int" and "float" are weak."""
    shared = frozenset.intersection(*(_upper_bounds(dtype) for dtype in dtypes))
    (least,) = (dtype for dtype in shared if shared <= _upper_bounds(dtype))
    return _DEFAULT.get(least, least)


def to_float(dtype: str) -> str:
    """The dtype that a function on reals gives: integers become float32, as in Keras."""
    return dtype if is_float(dtype) or dtype in COMPLEX else promote(dtype, "float")


def is_float(dtype: str) -> bool:
    """Whether the dtype holds real fractions."""
    return dtype in FLOATS


def is_integer(dtype: str) -> bool:
    """Whether the dtype holds whole numbers; truth values do not count."""
    return dtype in INTEGERS


def weak_dtype(value: complex) -> str:
    """The weak dtype of a Python number or truth value."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int"
    return "float" if isinstance(value, float) else "complex64"


POLICIES = {"mixed_float16": "float16", "mixed_bfloat16": "bfloat16"}
"""What is computed in under each policy of mixed precision."""


def compute_dtype(dtype: str) -> str:
    """What is computed in where a dtype or a policy is asked for."""
    return POLICIES.get(dtype, dtype)
