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

    def __str__(self) -> str:
        text = shape_text(self.shape)
        return text if self.dtype == "float32" else f"{self.dtype}{text}"
