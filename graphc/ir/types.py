"""What is known of a tensor before there is one."""

from __future__ import annotations

from typing import TypeAlias

from graphc.ir.dims import Dim, shape_text
from graphc.record import Record

Shape: TypeAlias = tuple[Dim, ...]


class TensorType(Record):
    """The shape, batch included where there is one, and the dtype of a tensor.

    Between layers, `mask` is the shape of the bool mask that a tensor carries, if it does.
    """

    shape: Shape
    dtype: str
    mask: Shape | None = None

    @property
    def rank(self) -> int:
        """The number of dims."""
        return len(self.shape)

    @property
    def full_text(self) -> str:
        """The type with its dtype, whatever that is."""
        return f"{self.dtype}{shape_text(self.shape)}"

    def __str__(self) -> str:
        """The type as the language has it: float32 need not be said."""
        return shape_text(self.shape) if self.dtype == "float32" else self.full_text
