"""Several cells on top of each other, as one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, ClassVar

from graphc.declare.arg import Arg
from graphc.declare.needs import Need
from graphc.declare.rules import REJECTED, Rule
from graphc.declare.scope import Scope
from graphc.ir.tensor import Tensor
from graphc.ir.types import Shape
from graphc.layers.recurrent_cells import STEP, Cell, GRUCell, LSTMCell, TensorTree
from graphc.layers.wrapper import class_hint

LSTM_SAMPLE = LSTMCell.from_values({"units": 3})
GRU_SAMPLE = GRUCell.from_values({"units": 2})


class CellList(Rule):
    """A list of cells, at least one."""

    @property
    def sentence(self) -> str:
        return "a list of cells, such as [LSTMCell(8), LSTMCell(8)]"

    def accept(self, value: Any) -> Any:
        if not isinstance(value, (tuple, list)) or not value:
            return REJECTED
        return tuple(value) if all(isinstance(item, Cell) for item in value) else REJECTED

    def hint(self, value: Any) -> tuple[str | None, str | None]:
        return class_hint(value), None

    @property
    def valid(self) -> tuple[Any, ...]:
        return ((GRU_SAMPLE,), (LSTM_SAMPLE, GRU_SAMPLE))

    @property
    def invalid(self) -> tuple[Any, ...]:
        return ((), GRU_SAMPLE, 3)


class CellOrList(Rule):
    """A cell, or a list of cells to stack."""

    @property
    def sentence(self) -> str:
        return "a cell, such as LSTMCell(8), or a list of cells"

    def accept(self, value: Any) -> Any:
        if isinstance(value, Cell):
            return value
        cells = CellList().accept(value)
        return REJECTED if cells is REJECTED else StackedRNNCells(cells)

    def hint(self, value: Any) -> tuple[str | None, str | None]:
        return class_hint(value), None

    @property
    def valid(self) -> tuple[Any, ...]:
        return (LSTM_SAMPLE, *CellList().valid)

    @property
    def invalid(self) -> tuple[Any, ...]:
        return ((), 3, None)


class StackedRNNCells(Cell):
    """Cells on top of each other: each one's output is the next one's input."""

    written_as = "cells"
    cells: tuple[Cell, ...] = Arg(CellList())

    needs: ClassVar[Mapping[str, Need]] = {"inputs": STEP}

    @property
    def state_count(self) -> int:
        """The states of all cells."""
        return sum(cell.state_count for cell in self.cells)

    @property
    def nests_states(self) -> bool:
        """Whether a cell has more than one state."""
        return any(cell.state_count > 1 for cell in self.cells)

    @property
    def output_state(self) -> int:
        """That of the last cell, which comes last."""
        last = self.cells[-1]
        return self.state_count - last.state_count + last.output_state

    def nested(self, states: Iterator[str]) -> list[Any]:
        """A list for each cell that has several."""
        own = (list(islice(states, cell.state_count)) for cell in self.cells)
        return [each[0] if len(each) == 1 else each for each in own]

    def state_shapes(self, step: Shape) -> tuple[Shape, ...]:
        """The shapes of the cells' states, one cell after the other."""
        shapes: tuple[Shape, ...] = ()
        for cell in self.cells:
            own = cell.state_shapes(step)
            step = own[cell.output_state]
            shapes += own
        return shapes

    def draw(self, scope: Scope, step: Shape) -> None:
        """Draw for each cell."""
        for cell in self.cells:
            cell.draw(scope.child(cell), step)
            step = cell.state_shapes(step)[cell.output_state]

    def forget(self, scope: Scope) -> None:
        """Forget what was drawn for each cell."""
        for cell in self.cells:
            cell.forget(scope.child(cell))

    def call(
        self, scope: Scope, inputs: Tensor, states: TensorTree, training: bool = False
    ) -> tuple[Tensor, ...]:
        """[B, features], the cells' states -> the last cell's output, and all next states."""
        waiting = self.take_states(inputs.shape, states)
        results: list[Tensor] = []
        for cell in self.cells:
            own, waiting = waiting[: cell.state_count], waiting[cell.state_count :]
            inputs, *after = scope.apply(cell, inputs, own)
            results += after
        return inputs, *results
