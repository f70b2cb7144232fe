"""Recurrent layers: a cell repeated along the time axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from graphc.declare.arg import Arg
from graphc.declare.layer import Layer
from graphc.declare.needs import Need, Rank, one_tensor
from graphc.declare.registry import snake_case
from graphc.declare.rules import Flag, OneOf
from graphc.declare.scope import Scope
from graphc.diagnostics.codes import RANK_MISMATCH, SHAPE_MISMATCH, UNKNOWN_SIZE
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import shape_text
from graphc.ir.primitives import apply
from graphc.ir.primitives.movement import BROADCAST, RESHAPE, REVERSE
from graphc.ir.shapes import merge_dims
from graphc.ir.tensor import Tensor
from graphc.ir.types import Shape
from graphc.layers.recurrent_cells import (
    CONSTRAINTS,
    DROPOUTS,
    REGULARIZERS,
    STARTS,
    Cell,
    GRUArguments,
    GRUCell,
    LSTMArguments,
    LSTMCell,
    SimpleRNNCell,
    TensorTree,
    UnitArguments,
)
from graphc.layers.repeat import repeat
from graphc.layers.stacked_cells import CellOrList
from graphc.ops.arithmetic import where
from graphc.ops.convert import as_tensor, cast
from graphc.ops.shaping import permuted
from graphc.training.regularizers import REGULARIZER

LOOP = ("return_sequences", "return_state", "go_backwards", "stateful")


class TimeMask(Need):
    """Which timesteps of each example count."""

    @property
    def sentence(self) -> str:
        """What it has to be."""
        return "a mask (batch, timesteps)"

    def check(self, name: str, value: Any) -> None:
        """Raise `Fault` E0301 on another rank."""
        mask = one_tensor(name, value)
        if mask.rank != 2:
            raise Fault(
                RANK_MISMATCH,
                f"needs a rank-2 mask (batch, timesteps), got {mask.type}",
                label=f"needs rank 2, got rank {mask.rank}",
                inputs=(name,),
            )


def keep_steps(layer: Layer) -> str:
    """What to write where all steps of a layer are needed, and not only its last."""
    return f"give the {layer.type_name} before it return_sequences=True, which keeps all steps"


class Recurrent(Layer, abstract=True):
    """A layer that repeats its `cell` along axis 1."""

    category = "recurrent"
    trains_by_default = False
    return_sequences = Arg(Flag(), default=False)
    return_state = Arg(Flag(), default=False)
    go_backwards = Arg(Flag(), default=False)
    stateful = Arg(Flag(), default=False)
    unroll = Arg(Flag(), default=False)
    zero_output_for_mask = Arg(Flag(), default=False, kw_only=True)

    supports_masking = True

    @cached_property
    def step_cell(self) -> Cell:
        """What happens at each timestep."""
        raise NotImplementedError(type(self).__name__)

    def attribute_of(self, inner: Layer, label: str) -> str:
        """A cell that the layer makes for itself is its `cell` too."""
        return "cell" if inner is self.step_cell else super().attribute_of(inner, label)

    def help_with_rank(self, rank: int) -> str | None:
        """Without its steps, the output lacks the axis of time."""
        return None if self.return_sequences else keep_steps(self)

    def input_needs(self) -> Mapping[str, Need]:
        """One axis more than the cell takes: time."""
        axes = ("batch", "timesteps", *self.step_cell.step_axes)
        return {
            "sequences": Rank(exactly=len(axes), axes=", ".join(axes)),
            "mask": TimeMask(),
        }

    def call(
        self,
        scope: Scope,
        sequences: Tensor,
        initial_state: TensorTree | None = None,
        mask: Tensor | None = None,
        training: bool = False,
    ) -> Tensor | tuple[Tensor, ...]:
        """[B, T, features] -> [B, units] or [B, T, units], then the last states if asked for.

        Where the mask is False a step changes nothing: states are carried on, and the output is
        the last one again, or zeros with `zero_output_for_mask`.
        """
        self.check_sizes(sequences)
        scanned = [swap_time(sequences)]
        if mask is not None:
            scanned.append(swap_time(as_tensor(_fitting(mask, sequences), "bool")))
        step_shape = (sequences.shape[0], *sequences.shape[2:])
        if scope.training:
            self.step_cell.draw(scope.child(self.step_cell), step_shape)
        states, outputs = repeat(
            scope,
            lambda states, slices: self._step(scope, states, *slices),
            self._initial_states(step_shape, initial_state),
            scanned,
            length=sequences.shape[1],
            reverse=self.go_backwards,
        )
        if scope.training:
            self.step_cell.forget(scope.child(self.step_cell))
        output = self._output(states, outputs, mask)
        results = [cast(tensor, self.compute_dtype) for tensor in (output, *states)]
        return tuple(results) if self.return_state else results[0]

    @property
    def nests_results(self) -> bool:
        """The states of a cell among several come in a list where it has more than one."""
        return self.return_state and self.step_cell.nests_states

    def check_sizes(self, sequences: Tensor) -> None:
        """Raise `Fault` where a size has to be known and is not."""
        if self.unroll and not isinstance(sequences.shape[1], int):
            raise Fault(
                UNKNOWN_SIZE,
                f"needs a known number of timesteps to be unrolled, got {sequences.type}",
                help="give the time axis a number, or leave `unroll` out",
                arguments=("unroll",),
                inputs=("sequences",),
            )
        if self.stateful and not isinstance(sequences.shape[0], int):
            raise Fault(
                UNKNOWN_SIZE,
                "needs a known batch size to keep its state from batch to batch, "
                f"got {sequences.type}",
                help="leave `stateful` out, and pass states with `initial_state`",
                arguments=("stateful",),
                inputs=("sequences",),
            )

    def _initial_states(self, step: Shape, given: TensorTree | None) -> list[Tensor]:
        """The states that are given, or zeros. A stateful layer begins its first batch with them."""
        cell = self.step_cell
        if given is not None:
            try:
                states = cell.take_states(step, given, "initial state")
                cell.check_nesting(given)
            except Fault as fault:
                fault.inputs = ("initial_state",)
                raise
            return [cast(state, cell.compute_dtype) for state in states]
        zero = as_tensor(0, cell.compute_dtype)
        return [apply(BROADCAST, zero, shape=shape) for shape in cell.state_shapes(step)]

    def _step(
        self, scope: Scope, states: Sequence[Tensor], inputs: Tensor, mask: Tensor | None = None
    ) -> tuple[Sequence[Tensor], Sequence[Tensor]]:
        """One timestep: inputs [B, ...], mask [B]."""
        cell = self.step_cell
        output, *after = scope.apply(cell, inputs, list(states))
        if mask is not None:
            after = [_where(mask, new, old) for new, old in zip(after, states, strict=True)]
            unseen = 0 if self.zero_output_for_mask else states[cell.output_state]
            output = _where(mask, output, unseen)
        return after, (output,) if self.return_sequences else ()

    def _output(
        self, states: Sequence[Tensor], outputs: Sequence[Tensor], mask: Tensor | None
    ) -> Tensor:
        if self.return_sequences:
            (sequence,) = outputs
            if self.go_backwards:
                sequence = apply(REVERSE, sequence, axes=(0,))
            return swap_time(sequence)
        last = states[self.step_cell.output_state]
        if mask is not None and self.zero_output_for_mask:
            last = _where(mask[:, 0 if self.go_backwards else -1], last, 0)
        return last

    def compute_mask(self, scope: Scope, inputs: Any, mask: Any) -> Any:
        """The input's mask for a sequence; none for a single output, nor for states."""
        if isinstance(mask, (list, tuple)):
            mask = mask[0]
        of_output = mask if self.return_sequences else None
        return (of_output, *[None] * self.step_cell.state_count) if self.return_state else of_output


def swap_time(x: Tensor) -> Tensor:
    """[B, T, ...] <-> [T, B, ...]."""
    return permuted(x, (1, 0, *range(2, x.rank)))


def _where(mask: Tensor, x: Tensor, other: Tensor | int) -> Tensor:
    """Select by a mask [B] between tensors [B, ...]."""
    wide = apply(RESHAPE, mask, shape=(mask.shape[0], *(1,) * (x.rank - 1)))
    return where(wide, x, other)


def _fitting(mask: Tensor, sequences: Tensor) -> Tensor:
    if any(merge_dims(a, b) is None for a, b in zip(mask.shape, sequences.shape, strict=False)):
        raise Fault(
            SHAPE_MISMATCH,
            f"needs a mask of shape {shape_text(sequences.shape[:2])} for its input "
            f"{sequences.type}, got {mask.type}",
            inputs=("mask", "sequences"),
        )
    return mask


class RNN(Recurrent):
    """A cell, or several on top of each other, repeated along the time axis."""

    cell: Any = Arg(CellOrList())
    zero_output_for_mask = Arg(Flag(), default=False)

    argument_order = ("cell", *LOOP, "unroll", "zero_output_for_mask")
    trains_inside = True

    @cached_property
    def step_cell(self) -> Cell:
        """The cell, or the stack of cells."""
        cell: Cell = self.cell
        return cell


class SimpleRNN(UnitArguments, Recurrent):
    """`SimpleRNNCell` repeated along the time axis."""

    activity_regularizer: Any = Arg(REGULARIZER, default=None)

    argument_order = (
        *("units", "activation", *STARTS, *REGULARIZERS, "activity_regularizer"),
        *(*CONSTRAINTS, *DROPOUTS, *LOOP, "unroll", "seed"),
    )

    @property
    def output_regularizer(self) -> None:
        """Keras takes one and drops it (3.15, SimpleRNN.__init__)."""
        return None

    @cached_property
    def step_cell(self) -> Cell:
        """A simple cell of the same arguments."""
        return cell_of(self, SimpleRNNCell)


class LSTM(LSTMArguments, Recurrent):
    """`LSTMCell` repeated along the time axis."""

    activity_regularizer: Any = Arg(REGULARIZER, default=None)
    use_cudnn: bool | str = Arg(OneOf(("auto", True, False)), default="auto")

    argument_order = (
        *("units", "activation", "recurrent_activation", *STARTS, "unit_forget_bias"),
        *(*REGULARIZERS, "activity_regularizer", *CONSTRAINTS, *DROPOUTS, "seed"),
        *(*LOOP, "unroll", "use_cudnn"),
    )

    @cached_property
    def step_cell(self) -> Cell:
        """An LSTM cell of the same arguments."""
        return cell_of(self, LSTMCell)


class GRU(GRUArguments, Recurrent):
    """`GRUCell` repeated along the time axis."""

    activity_regularizer: Any = Arg(REGULARIZER, default=None)
    use_cudnn: bool | str = Arg(OneOf(("auto", True, False)), default="auto")

    argument_order = (
        *("units", "activation", "recurrent_activation", *STARTS),
        *(*REGULARIZERS, "activity_regularizer", *CONSTRAINTS, *DROPOUTS, "seed"),
        *(*LOOP, "unroll", "reset_after", "use_cudnn"),
    )

    @cached_property
    def step_cell(self) -> Cell:
        """A GRU cell of the same arguments."""
        return cell_of(self, GRUCell)


def cell_of(layer: Recurrent, cell_type: type[Cell]) -> Cell:
    """The cell that a layer's own arguments describe."""
    name = snake_case(cell_type.__name__)
    shared = [n for n in cell_type.arguments if n in layer.arguments]
    values = {n: getattr(layer, n) for n in shared if n != "activity_regularizer"}
    return cell_type.from_values({**values, "name": name})
