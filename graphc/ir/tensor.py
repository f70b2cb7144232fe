"""Symbolic tensors, and the steps that make them.

A computation is written once, as Python that applies primitives to symbolic tensors. What comes
out is a graph of steps, reached from its results: nothing records it, so nothing unused is in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import count
from typing import Any, TypeAlias

from graphc.ir.operators import Operators
from graphc.ir.origin import Origin
from graphc.ir.types import Shape, TensorType
from graphc.record import Record

Number: TypeAlias = "int | float | bool | complex"


_SERIALS = count()  # the order in which tensors were made: what a loop's body found ready


class Step(Record):
    """One primitive applied to operands; `attributes` are static."""

    primitive: Any  # a `Primitive`; rows import this module
    operands: tuple[Tensor, ...]
    attributes: dict[str, Any]
    types: tuple[TensorType, ...]
    origin: Origin | None = None
    """The layer that it was made for. Equal computations of two layers are equal nonetheless."""

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other


class Tensor(Operators["Tensor"]):
    """A tensor of which only the type is known: an input (no step), or a step's result.

    Arithmetic on tensors is defined by the `ops` package, which fills the operators in.
    """

    __slots__ = ("index", "mask", "serial", "step", "type", "written_mask")
    is_tensor = True

    def __init__(self, type: TensorType, step: Step | None = None, index: int = 0) -> None:
        self.serial = next(_SERIALS)
        self.type = type
        self.step = step
        self.index = index
        self.mask: Tensor | None = None
        self.written_mask: Tensor | None = None
        """What Keras has written down for calls that take this tensor alone, if that is not `mask`:
        one that it has lost, or that one which it came from had lost."""

    def lose_mask(self) -> None:
        """Carry no mask from here on."""
        if self.written_mask is None:
            self.written_mask = self.mask
        self.mask = None

    @property
    def shape(self) -> Shape:
        """The dims, batch included."""
        return self.type.shape

    @property
    def dtype(self) -> str:
        """The name of the element type."""
        return self.type.dtype

    @property
    def rank(self) -> int:
        """The number of dims."""
        return len(self.type.shape)

    def __repr__(self) -> str:
        return f"Tensor({self.type})"

    def __iter__(self) -> Any:
        raise TypeError("a symbolic tensor has no items to iterate over; use ops.unstack")

    def __bool__(self) -> bool:
        raise TypeError("a symbolic tensor has no truth value")

    def _operate(self, name: str, *operands: Any) -> Tensor:
        result: Tensor = OPERATORS[name](*operands)
        return result


OPERATORS: dict[str, Callable[..., Tensor]] = {}
"""What the operators do, by the name of the `keras.ops` function; `graphc.ops` fills it."""


def moment() -> int:
    """A serial between those of the tensors made before and after."""
    return next(_SERIALS)


def steps_of(results: Iterable[Tensor]) -> list[Step]:
    """The steps that lead to the results, each after those it needs."""
    ordered: list[Step] = []
    seen: set[int] = set()
    stack: list[tuple[Step, bool]] = [(r.step, False) for r in results if r.step is not None]
    stack.reverse()
    while stack:
        step, is_ready = stack.pop()
        if is_ready:
            ordered.append(step)
        elif id(step) not in seen:
            seen.add(id(step))
            stack.append((step, True))
            needed = [t.step for t in step.operands if t.step is not None]
            stack.extend((s, False) for s in reversed(needed) if id(s) not in seen)
    return ordered


def uses_of(results: Sequence[Tensor]) -> Counter[tuple[int, int]]:
    """How often each tensor is an operand or a result, by its `key`."""
    uses = Counter(key(x) for step in steps_of(results) for x in step.operands)
    uses.update(map(key, results))
    return uses


def known_from(given: Iterable[Tensor], results: Iterable[Tensor]) -> set[tuple[int, int]]:
    """The keys of what can be computed from given tensors, of all that leads to the results.

    What is made in the body of a loop depends on the loop's own tensors, and is not among them.
    """
    known = {key(tensor) for tensor in given}
    for step in steps_of(results):
        if all(key(operand) in known for operand in step.operands):
            known.update((id(step), place) for place in range(len(step.types)))
    return known


def results_of(step: Step) -> tuple[Tensor, ...]:
    """A step's own results."""
    return tuple(Tensor(type, step, index) for index, type in enumerate(step.types))


def key(tensor: Tensor) -> tuple[int, int]:
    """What tells tensors apart: several may stand for one result of a step."""
    return (id(tensor), -1) if tensor.step is None else (id(tensor.step), tensor.index)


def fresh(value: Any, made: list[Tensor]) -> Any:
    """A value with a new tensor for each `TensorType` in it; `made` collects them in order."""
    if isinstance(value, TensorType):
        tensor = Tensor(TensorType(value.shape, value.dtype))
        made.append(tensor)
        if value.mask is not None:
            tensor.mask = Tensor(TensorType(value.mask, "bool"))
        return tensor
    if isinstance(value, (list, tuple)):
        return type(value)(fresh(item, made) for item in value)
    return value
