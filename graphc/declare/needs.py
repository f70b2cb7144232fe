"""Rules for the tensors that a layer takes."""

from __future__ import annotations

from typing import Any

from graphc.declare.values import kind_text, value_text
from graphc.diagnostics.codes import DTYPE_MISMATCH, INPUT_COUNT, RANK_MISMATCH, SHAPE_MISMATCH
from graphc.diagnostics.fault import CALL, Fault
from graphc.ir.dims import product
from graphc.ir.dtypes import is_float, is_integer
from graphc.ir.tensor import Tensor
from graphc.ir.types import Shape
from graphc.record import Record


class Need(Record):
    """A rule for one tensor argument; the base allows anything."""

    def check(self, name: str, value: Any) -> None:
        """Raise a `Fault` if the tensor (or list of tensors) is not what the layer needs."""

    @property
    def sentence(self) -> str:
        """What the input has to be, for documentation."""
        return "a tensor"


def one_tensor(name: str, value: Any) -> Tensor:
    """The value, unless it is a list of tensors: then `Fault` E0309."""
    if isinstance(value, Tensor):
        return value
    got = f"a list of {len(value)}" if isinstance(value, (list, tuple)) else kind_text(value)
    raise Fault(INPUT_COUNT, f"takes one tensor, got {got}", inputs=(name,))


class Rank(Need):
    """So many dims, batch included; `axes` names them for the message."""

    exactly: int | None = None
    axes: str = ""
    at_least: int | None = None
    at_most: int | None = None
    or_exactly: int | None = None

    @property
    def _what(self) -> str:
        if self.exactly is not None and self.or_exactly is not None:
            return f"rank-{self.exactly} or rank-{self.or_exactly}"
        if self.exactly is not None:
            return f"rank-{self.exactly}"
        if self.at_most is not None and self.at_least is not None:
            return f"rank-{self.at_least} to rank-{self.at_most}"
        return (
            f"rank-{self.at_least} or higher" if self.at_least else f"at most rank-{self.at_most}"
        )

    @property
    def sentence(self) -> str:
        axes = f" ({self.axes})" if self.axes else ""
        return f"a {self._what} input{axes}"

    def check(self, name: str, value: Any) -> None:
        """Raise `Fault` E0301 on another rank."""
        rank = one_tensor(name, value).rank
        if self.exactly is not None:
            fits = rank in (self.exactly, self.or_exactly)
        else:
            fits = (self.at_least or 0) <= rank <= (rank if self.at_most is None else self.at_most)
        if not fits:
            wanted = self._what.replace("rank-", "rank ")
            raise Fault(
                RANK_MISMATCH,
                f"needs {self.sentence}, got {value.type}",
                label=f"needs {wanted}, got rank {rank}",
                help=self.help(value.shape[1:]),
                inputs=(name,),
                rank=self.exactly,
            )

    def help(self, dims: Shape) -> str | None:
        """How examples with these dims could be brought to the rank."""
        if self.exactly is None or not dims or not all(isinstance(dim, int) for dim in dims):
            return None
        rest = self.exactly - 1 - len(dims)
        last = product(dims[self.exactly - 2 :])
        shape = [*dims, *[1] * rest] if rest > 0 else [*dims[: self.exactly - 2], last]
        return f"reshape it first: Reshape({value_text(shape)}) -> {CALL}"


class Axis(Need):
    """A known size along one axis (counted from the end if negative), where it is known at all."""

    axis: int
    size: int
    meaning: str = "features"

    def check(self, name: str, value: Any) -> None:
        """Raise `Fault` E0302 on another size."""
        size = one_tensor(name, value).shape[self.axis]
        if isinstance(size, int) and size != self.size:
            raise Fault(
                SHAPE_MISMATCH,
                f"needs {self.size} {self.meaning}, got {value.type}",
                label=f"{size} is not {self.size}",
                inputs=(name,),
            )


class Several(Need):
    """A list of at least so many tensors."""

    at_least: int = 1
    at_most: int | None = None

    @property
    def sentence(self) -> str:
        if self.at_least == self.at_most:
            return f"a list of {self.at_least} tensors"
        return (
            f"a list of at least {self.at_least} tensors"
            if self.at_least > 1
            else "a list of tensors"
        )

    def check(self, name: str, value: Any) -> None:
        """Raise `Fault` E0309 on one tensor, or another number of them."""
        count = len(value) if isinstance(value, (list, tuple)) else 0
        fits = count >= self.at_least and (self.at_most is None or count <= self.at_most)
        if not fits:
            got = "a single tensor" if count == 0 else f"{count}"
            raise Fault(
                INPUT_COUNT,
                f"needs {self.sentence}, got {got}",
                help=f"pipe a list of tensors: [a, b] -> {CALL}" if count < 2 else None,
                inputs=(name,),
            )


class Whole(Need):
    """Whole numbers: token ids."""

    def check(self, name: str, value: Any) -> None:
        """Raise `Fault` E0305 on truth values and fractions that no cast makes whole."""
        dtype = one_tensor(name, value).dtype
        if not (is_integer(dtype) or is_float(dtype)):
            raise Fault(DTYPE_MISMATCH, f"needs whole numbers, got {value.type}", inputs=(name,))


class All(Need):
    """Several rules, in order."""

    rules: tuple[Need, ...]

    @property
    def sentence(self) -> str:
        return ", ".join(rule.sentence for rule in self.rules)

    def check(self, name: str, value: Any) -> None:
        """Raise the first fault that any of the rules finds."""
        for rule in self.rules:
            rule.check(name, value)
