"""Python's operators, by the names of the `keras.ops` functions that they stand for."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Operators(Generic[T]):
    """What Python's operators do with a tensor, symbolic or with a value: all ask `_operate`."""

    __slots__ = ()

    def _operate(self, name: str, *operands: Any) -> T:
        raise NotImplementedError

    def __add__(self, other: Any) -> T:
        return self._operate("add", self, other)

    def __radd__(self, other: Any) -> T:
        return self._operate("add", other, self)

    def __sub__(self, other: Any) -> T:
        return self._operate("subtract", self, other)

    def __rsub__(self, other: Any) -> T:
        return self._operate("subtract", other, self)

    def __mul__(self, other: Any) -> T:
        return self._operate("multiply", self, other)

    def __rmul__(self, other: Any) -> T:
        return self._operate("multiply", other, self)

    def __truediv__(self, other: Any) -> T:
        return self._operate("true_divide", self, other)

    def __rtruediv__(self, other: Any) -> T:
        return self._operate("true_divide", other, self)

    def __floordiv__(self, other: Any) -> T:
        return self._operate("floor_divide", self, other)

    def __rfloordiv__(self, other: Any) -> T:
        return self._operate("floor_divide", other, self)

    def __mod__(self, other: Any) -> T:
        return self._operate("mod", self, other)

    def __rmod__(self, other: Any) -> T:
        return self._operate("mod", other, self)

    def __pow__(self, other: Any) -> T:
        return self._operate("power", self, other)

    def __rpow__(self, other: Any) -> T:
        return self._operate("power", other, self)

    def __matmul__(self, other: Any) -> T:
        return self._operate("matmul", self, other)

    def __and__(self, other: Any) -> T:
        return self._operate("logical_and", self, other)

    def __or__(self, other: Any) -> T:
        return self._operate("logical_or", self, other)

    def __lt__(self, other: Any) -> T:
        return self._operate("less", self, other)

    def __le__(self, other: Any) -> T:
        return self._operate("less_equal", self, other)

    def __gt__(self, other: Any) -> T:
        return self._operate("greater", self, other)

    def __ge__(self, other: Any) -> T:
        return self._operate("greater_equal", self, other)

    def __neg__(self) -> T:
        return self._operate("negative", self)

    def __invert__(self) -> T:
        return self._operate("logical_not", self)

    def __getitem__(self, index: Any) -> T:
        return self._operate("get_item", self, index)
