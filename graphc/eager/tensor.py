"""Tensors that have values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import numpy as np

from graphc.ir.operators import Operators

Array: TypeAlias = np.ndarray[Any, Any]

OPERATIONS: dict[str, Callable[..., Any]] = {}
"""What the operators do, by the name of the `keras.ops` function; `dispatch` fills it."""


class HasValue(Operators["EagerTensor"]):
    """What Python's operators do with a tensor, and with a variable."""

    __slots__ = ()
    # NumPy leaves operators between its arrays and ours to us.
    __array_ufunc__ = None

    def value_array(self) -> Array:
        """The elements; not to be changed."""
        raise NotImplementedError

    @property
    def shape(self) -> tuple[int, ...]:
        """The sizes of the axes."""
        shape: tuple[int, ...] = self.value_array().shape
        return shape

    @property
    def dtype(self) -> str:
        """The name of the element type."""
        name: str = self.value_array().dtype.name
        return name

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self.value_array().ndim

    def numpy(self) -> Array:
        """The elements as an array of one's own."""
        return np.array(self.value_array())

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        array = np.asarray(self.value_array(), dtype)
        return array if copy is False else array.copy()

    def __float__(self) -> float:
        return float(self.value_array())

    def __int__(self) -> int:
        return int(self.value_array())

    def __bool__(self) -> bool:
        return bool(self.value_array())

    def __index__(self) -> int:
        return int(self.value_array().__index__())

    def __len__(self) -> int:
        return len(self.value_array())

    def __format__(self, spec: str) -> str:
        array = self.value_array()
        return format(array.item() if array.ndim == 0 and spec else array, spec)

    def __iter__(self) -> Iterator[EagerTensor]:
        return (self[place] for place in range(len(self)))

    def _operate(self, name: str, *operands: Any) -> EagerTensor:
        result: EagerTensor = OPERATIONS[name](*operands)
        return result

    def __rmatmul__(self, other: Any) -> EagerTensor:
        return self._operate("matmul", other, self)

    def __abs__(self) -> EagerTensor:
        return self._operate("absolute", self)


class EagerTensor(HasValue):
    """A tensor with its elements, which never change."""

    __slots__ = ("array",)

    def __init__(self, array: Array) -> None:
        self.array = array

    def value_array(self) -> Array:
        """The elements; not to be changed."""
        return self.array

    def __repr__(self) -> str:
        return f"EagerTensor(shape={self.shape}, dtype={self.dtype}, value={self.array})"


def array_of(value: Any, dtype: str | None = None) -> Array:
    """An array of one's own: fractions of Python are float32, its whole numbers int32."""
    from graphc.runtime.dtypes import numpy_dtype

    if isinstance(value, HasValue):
        value = value.value_array()
    given = np.asarray(value)
    made = np.array(given, None if dtype is None else numpy_dtype(dtype))
    # Fractions and large numbers would be cut off in silence; yes and no are what is not 0.
    if made.dtype.kind in "iu" and (given.dtype.kind in "fc" or (made != given).any()):
        raise ValueError(f"{made.dtype} cannot hold {value!r}")
    if dtype is None and not isinstance(value, (np.ndarray, np.generic)):
        kept = {"f": np.float32, "i": np.int32}.get(made.dtype.kind)
        if kept is np.int32 and made.size and not -(2**31) <= made.min() <= made.max() < 2**31:
            raise ValueError(f"whole numbers of Python become int32, which cannot hold {value!r}")
        made = made if kept is None else made.astype(kept)
    if value is None or made.dtype.kind not in "biufcV":
        raise TypeError(f"a tensor needs numbers, got {value!r}")
    return made
