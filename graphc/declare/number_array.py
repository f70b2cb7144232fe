"""Arrays of numbers that configure a layer: NumPy's, or tensors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphc.declare.values import value_text
from graphc.ir.dtypes import promote, weak_dtype


class NumberArray(tuple[Any, ...]):  # noqa: SLOT001 - a tuple has no slots but for its items
    """Numbers in nested tuples that Keras has as an array of a dtype, and saves as one.

    It is a tuple of them wherever nobody asks for more.
    """

    dtype: str
    is_numpy: bool

    @classmethod
    def of(cls, values: Any, dtype: str | None = None, *, is_numpy: bool) -> NumberArray:
        """An array of nested lists; `dtype` is that of the numbers, if none is given."""
        made = cls(map(_frozen, values))
        made.dtype = dtype or made.own_dtype
        made.is_numpy = is_numpy
        return made

    @property
    def own_dtype(self) -> str:
        """The dtype that the numbers have by themselves."""
        return promote(*{weak_dtype(number) for number in _numbers(self)})

    @property
    def described(self) -> str:
        """It as it is spelled, cut where it is long."""
        stated = f', dtype="{self.dtype}"' if self.dtype != self.own_dtype else ""
        function = "array" if self.is_numpy else "convert_to_tensor"
        return f"{function}({value_text(tuple(self))}{stated})"

    @property
    def key(self) -> tuple[Any, ...]:
        """What tells arrays apart."""
        return (tuple(self), self.dtype, self.is_numpy)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NumberArray) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


def is_array(value: Any) -> bool:
    """Whether a value is numbers in nested lists that are equally long, or a number."""
    if not isinstance(value, (list, tuple, range)):
        return isinstance(value, (bool, int, float))
    return bool(value) and all(map(is_array, value)) and len(set(map(shape_of, value))) == 1


def shape_of(value: Any) -> tuple[int, ...]:
    """The shape of nested lists that are equally long."""
    if not isinstance(value, (list, tuple, range)) or not value:
        return ()
    return (len(value), *shape_of(value[0]))


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, (list, tuple, range)) else value


def _numbers(value: Any) -> Iterator[complex]:
    if isinstance(value, tuple):
        for item in value:
            yield from _numbers(item)
    else:
        yield value
