"""LSTMs whose products are convolutions: over sequences of sequences, images or volumes."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from graphc.declare.arg import Arg
from graphc.declare.rules import Flag, OneOf, Positive, Sizes
from graphc.declare.scope import Scope
from graphc.diagnostics.codes import CONFLICTING_ARGUMENTS, EMPTY_OUTPUT, UNKNOWN_SIZE
from graphc.diagnostics.fault import Fault
from graphc.ir.tensor import Tensor
from graphc.ir.types import Shape, TensorType
from graphc.layers.recurrent import LOOP, Recurrent, cell_of
from graphc.layers.recurrent_cells import (
    CONSTRAINTS,
    DROPOUTS,
    REGULARIZERS,
    STARTS,
    Cell,
    CellArguments,
    DroppingCell,
    Gates,
    TensorTree,
    bias_initializer,
    lstm_states,
)
from graphc.layers.spatial import AXES, DATA_FORMAT
from graphc.ops.activation import ACTIVATION
from graphc.ops.convolution import conv
from graphc.ops.joining import concatenate
from graphc.ops.shaping import permuted
from graphc.training.regularizers import REGULARIZER


class ConvLSTMArguments(CellArguments, abstract=True):
    """What the cell and the layers are configured by; `Sizes` depend on the number of axes."""

    filters = Arg(Positive())
    kernel_size = Arg(Sizes(1))
    strides = Arg(Sizes(1), default=1)
    padding = Arg(OneOf(("valid", "same"), ignore_case=True), default="valid")
    data_format = Arg(DATA_FORMAT, default=None)
    dilation_rate = Arg(Sizes(1), default=1)
    recurrent_activation = Arg(ACTIVATION, default="sigmoid")
    unit_forget_bias = Arg(Flag(), default=True)

    @property
    def is_channels_first(self) -> bool:
        """Whether channels come before the spatial axes rather than after them."""
        return bool(self.data_format == "channels_first")


class ConvLSTMCell(ConvLSTMArguments, DroppingCell, abstract=True):
    """An LSTM's step with convolutions for products (Shi et al., 2015), without peepholes."""

    gates = 4
    drops_for_each_gate = True

    @property
    def step_axes(self) -> tuple[str, ...]:
        """Channels, before or after as many axes as the kernel has."""
        spatial = tuple(AXES[len(self.kernel_size)].split(", "))
        return ("channels", *spatial) if self.is_channels_first else (*spatial, "channels")

    @property
    def state_count(self) -> int:
        """The hidden state and the carry."""
        return 2

    def state_shapes(self, step: Shape) -> tuple[Shape, ...]:
        """The shape that the input's convolution has, twice."""
        x = self._to_channels_last(Tensor(TensorType(step, self.compute_dtype)))
        kernel = Tensor(
            TensorType((*self.kernel_size, x.shape[-1], self.filters), self.compute_dtype)
        )
        return (self._from_channels_last(self._input_conv(x, kernel)).shape,) * 2

    def call(
        self, scope: Scope, inputs: Tensor, states: TensorTree, training: bool = False
    ) -> tuple[Tensor, ...]:
        """[B, *spatial, C], two states [B, *places, filters] -> the output and the next states."""
        hidden, carry = self.take_states(inputs.shape, states)
        x, h = (
            tuple(map(self._to_channels_last, each)) for each in self.dropped(scope, inputs, hidden)
        )
        width = 4 * self.filters
        kernel = scope.weight("kernel", (*self.kernel_size, x[0].shape[-1], width))
        recurrent_kernel = scope.weight(
            "recurrent_kernel",
            (*self.kernel_size, self.filters, width),
            self.recurrent_initializer,
            regularizer=self.recurrent_regularizer,
            constraint=self.recurrent_constraint,
        )
        z = self._of_gates(self._input_conv, x, kernel) + self._of_gates(
            _state_conv, h, recurrent_kernel
        )
        if self.use_bias:
            z = z + scope.weight("bias", (width,), bias_initializer(self, self.filters))
        before = self._to_channels_last(carry)
        states = lstm_states(self, scope, self._split(z), before)
        hidden, carry = map(self._from_channels_last, states)
        return hidden, hidden, carry

    def _of_gates(
        self, convolve: Callable[[Tensor, Tensor], Tensor], x: Gates, kernel: Tensor
    ) -> Tensor:
        """The convolutions for all gates, which may have inputs of their own."""
        if len(x) == 1:
            return convolve(x[0], kernel)
        parts = self._split(kernel)
        return concatenate([convolve(each, part) for each, part in zip(x, parts, strict=True)], -1)

    def _split(self, x: Tensor) -> list[Tensor]:
        """[..., 4 * filters] -> each gate's [..., filters]."""
        return [x[..., n * self.filters : (n + 1) * self.filters] for n in range(4)]

    def _input_conv(self, x: Tensor, kernel: Tensor) -> Tensor:
        return conv(
            x,
            kernel,
            strides=self.strides,
            padding=self.padding,
            data_format="channels_last",
            dilation_rate=self.dilation_rate,
        )

    def _to_channels_last(self, x: Tensor) -> Tensor:
        return permuted(x, (0, *range(2, x.rank), 1)) if self.is_channels_first else x

    def _from_channels_last(self, x: Tensor) -> Tensor:
        return permuted(x, (0, x.rank - 1, *range(1, x.rank - 1))) if self.is_channels_first else x


def _state_conv(x: Tensor, kernel: Tensor) -> Tensor:
    return conv(x, kernel, padding="same", data_format="channels_last")


class ConvLSTM(ConvLSTMArguments, Recurrent, abstract=True):
    """`ConvLSTMCell` repeated along the time axis."""

    activity_regularizer = Arg(REGULARIZER, default=None)
    unroll = Arg(Flag(), default=False, kw_only=True)

    argument_order = (
        *("filters", "kernel_size", "strides", "padding", "data_format", "dilation_rate"),
        *("activation", "recurrent_activation", *STARTS, "unit_forget_bias", *REGULARIZERS),
        *("activity_regularizer", *CONSTRAINTS, *DROPOUTS, "seed", *LOOP),
    )
    trains_inside = True

    def validate(self) -> None:
        """Strides and dilation exclude each other."""
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise Fault(
                CONFLICTING_ARGUMENTS,
                "needs `strides` or `dilation_rate` to be 1, "
                f"got {list(self.strides)} and {list(self.dilation_rate)}",
                arguments=("strides", "dilation_rate"),
            )

    @cached_property
    def step_cell(self) -> Cell:
        """A convolutional LSTM cell of the same arguments."""
        return cell_of(self, ConvLSTMCell)

    def check_sizes(self, sequences: Tensor) -> None:
        """Every size but those of batch and time has to be known; raises `Fault`."""
        super().check_sizes(sequences)
        if not all(isinstance(dim, int) for dim in sequences.shape[2:]):
            raise Fault(
                UNKNOWN_SIZE,
                "needs known sizes along every axis but the batch and the timesteps, "
                f"got {sequences.type}",
                inputs=("sequences",),
            )
        try:
            self.step_cell.state_shapes((sequences.shape[0], *sequences.shape[2:]))
        except Fault as fault:
            raise self._explained(fault, sequences) from None

    def _explained(self, fault: Fault, sequences: Tensor) -> Fault:
        if fault.code is not EMPTY_OUTPUT:
            return fault
        sizes = zip(self.kernel_size, self.dilation_rate, strict=True)
        window = " × ".join(str(dilation * (size - 1) + 1) for size, dilation in sizes)
        return Fault(
            EMPTY_OUTPUT,
            f"needs timesteps at least as large as its window of {window}, got {sequences.type}",
            label=fault.label,
            help='padding="same" or a smaller kernel_size',
            arguments=("kernel_size",),
            inputs=("sequences",),
        )


class ConvLSTM1D(ConvLSTM):
    """An LSTM over sequences: [B, T, steps, C] -> [B, places, filters]."""

    kernel_size = Arg(Sizes(1))


class ConvLSTM2D(ConvLSTM):
    """An LSTM over images: [B, T, height, width, C] -> [B, rows, columns, filters]."""

    kernel_size = Arg(Sizes(2))
    strides = Arg(Sizes(2), default=1)
    dilation_rate = Arg(Sizes(2), default=1)


class ConvLSTM3D(ConvLSTM):
    """An LSTM over volumes: [B, T, depth, height, width, C] -> [B, *places, filters]."""

    kernel_size = Arg(Sizes(3))
    strides = Arg(Sizes(3), default=1)
    dilation_rate = Arg(Sizes(3), default=1)
