"""Tensors whose value can be changed."""

from __future__ import annotations

from typing import Any

from graphc.eager.active import ACTIVE
from graphc.eager.tensor import Array, EagerTensor, HasValue, array_of


class Variable(HasValue):
    """A tensor that is given new values. Tapes watch it by themselves, unless it is not trainable.

    Its shape and its dtype stay what they are.
    """

    __slots__ = ("_tensor", "name", "trainable")

    def __init__(
        self,
        initial_value: Any,
        trainable: bool = True,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        self._tensor = EagerTensor(array_of(initial_value, dtype))
        self.trainable = trainable
        self.name = name or "variable"

    def value_array(self) -> Array:
        """The elements that it has now; not to be changed."""
        return self._tensor.array

    @property
    def tensor(self) -> EagerTensor:
        """The value that it has now, without a tape knowing of it."""
        return self._tensor

    @property
    def value(self) -> EagerTensor:
        """The value that it has now."""
        for tape in ACTIVE.tapes:
            tape.read(self, self._tensor)
        return self._tensor

    def assign(self, value: Any) -> Variable:
        """Give it another value."""
        array = value.value_array() if isinstance(value, HasValue) else value
        made = array_of(array, self.dtype)
        if made.shape != self.shape:
            raise ValueError(
                f"{self.name} needs a value of shape {list(self.shape)}, got {list(made.shape)}"
            )
        self._tensor = EagerTensor(made)
        return self

    def assign_add(self, value: Any) -> Variable:
        """Add to its value."""
        return self.assign(self._tensor + value)

    def assign_sub(self, value: Any) -> Variable:
        """Subtract from its value."""
        return self.assign(self._tensor - value)

    def __repr__(self) -> str:
        array = self._tensor.array
        return f"Variable(name={self.name}, shape={self.shape}, dtype={self.dtype}, value={array})"
