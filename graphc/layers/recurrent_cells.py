"""What recurrent layers do at one timestep: cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import count, islice
from typing import Any, ClassVar, TypeAlias

from graphc.declare.arg import Arg
from graphc.declare.layer import Layer
from graphc.declare.needs import Need, Rank
from graphc.declare.rules import Flag, Integer, Number, Positive
from graphc.declare.scope import Scope
from graphc.diagnostics.codes import INPUT_COUNT, SHAPE_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import shape_text
from graphc.ir.shapes import merge_dims
from graphc.ir.tensor import Tensor
from graphc.ir.types import Shape
from graphc.layers.regularization import dropout, nth_seed
from graphc.ops.activation import ACTIVATION
from graphc.ops.convert import as_tensor
from graphc.ops.joining import concatenate
from graphc.ops.linear_algebra import matmul
from graphc.training.constraints import CONSTRAINT
from graphc.training.initializers import INITIALIZER, UnitForgetBias
from graphc.training.regularizers import REGULARIZER

TensorTree: TypeAlias = "Tensor | Sequence[Any]"


STEP = Rank(exactly=2, axes="batch, features")


Gates: TypeAlias = "tuple[Tensor, ...]"
"""A tensor for each gate, or one for all."""


class Cell(Layer, abstract=True):
    """One timestep: `call` takes inputs and states, and gives an output and the next states.

    The output is one of the next states, as with all of Keras' cells: `output_state` says which.
    """

    category = "recurrent"
    trains_by_default = False

    @property
    def nests_results(self) -> bool:
        """The next states are a list if the states before them are."""
        return True

    @property
    def step_axes(self) -> tuple[str, ...]:
        """The axes of one step's input after the batch."""
        return ("features",)

    @property
    def state_count(self) -> int:
        """How many states go from step to step."""
        return 1

    @property
    def output_state(self) -> int:
        """Which of the states is the output."""
        return 0

    @property
    def nests_states(self) -> bool:
        """Whether Keras' class has some of the states together, in lists of their own."""
        return False

    def state_shapes(self, step: Shape) -> tuple[Shape, ...]:
        """The shapes of the states, batch included, for one step's input of a shape."""
        raise NotImplementedError(type(self).__name__)

    def draw(self, scope: Scope, step: Shape) -> None:
        """Draw at random what is the same for all timesteps, for one step's input of a shape."""

    def forget(self, scope: Scope) -> None:
        """Forget what was drawn."""

    def nested(self, states: Iterator[str]) -> list[Any]:
        """What stands for states, in lists as Keras takes initial states: in one alone."""
        return list(islice(states, self.state_count))

    def check_nesting(self, states: TensorTree) -> None:
        """Raise `Fault` unless initial states stand in lists as Keras takes them."""
        given = _names_of(states, _names())
        expected = self.nested(_names())
        is_same = given == expected if len(expected) == 1 else _unwrapped(given) == expected
        if not is_same:
            raise Fault(
                INPUT_COUNT,
                f"needs its initial states nested as {_shown(expected)}, got {_shown(given)}",
                inputs=("initial_state",),
            )

    def take_states(self, step: Shape, states: TensorTree, noun: str = "state") -> list[Tensor]:
        """The states as a flat list; a fault unless there are as many as needed, of their shapes."""
        shapes = self.state_shapes(step)
        listed = flatten(states)
        if len(listed) != len(shapes):
            several = noun if len(shapes) == 1 else f"{noun}s"
            shown = ", ".join(shape_text(shape) for shape in shapes)
            raise Fault(INPUT_COUNT, f"needs {len(shapes)} {several} ({shown}), got {len(listed)}")
        for tensor, shape in zip(listed, shapes, strict=True):
            if tensor.rank != len(shape) or any(
                merge_dims(a, b) is None for a, b in zip(tensor.shape, shape, strict=True)
            ):
                raise Fault(
                    SHAPE_MISMATCH, f"needs {noun}s of shape {shape_text(shape)}, got {tensor.type}"
                )
        return listed


def _names() -> Iterator[str]:
    """What messages call the states of cells."""
    return (f"s{number}" for number in count(1))


def _names_of(value: TensorTree, names: Iterator[str]) -> list[Any]:
    """Nested lists of tensors, with names for these."""
    if isinstance(value, Tensor):
        return [next(names)]
    return [next(names) if isinstance(v, Tensor) else _names_of(v, names) for v in value]


def _unwrapped(values: list[Any]) -> list[Any]:
    """States of cells that have no other may stand in lists of their own."""
    return [v[0] if isinstance(v, list) and len(v) == 1 else v for v in values]


LONGEST_NESTING = 60


def _shown(names: Sequence[Any]) -> str:
    text = str(names).replace("'", "")
    return text if len(text) <= LONGEST_NESTING else text[: LONGEST_NESTING - 1] + "…"


def flatten(value: TensorTree) -> list[Tensor]:
    """The tensors of nested lists, in order."""
    if isinstance(value, Tensor):
        return [value]
    return [tensor for item in value for tensor in flatten(item)]


# Parts of Keras' orders of arguments.
STARTS = ("use_bias", "kernel_initializer", "recurrent_initializer", "bias_initializer")
REGULARIZERS = ("kernel_regularizer", "recurrent_regularizer", "bias_regularizer")
CONSTRAINTS = ("kernel_constraint", "recurrent_constraint", "bias_constraint")
DROPOUTS = ("dropout", "recurrent_dropout")


# Without annotations here and in the bases of layers: mypy would take their places for Keras'.
class CellArguments(Layer, abstract=True):
    """What cells, and the layers that loop over them, are configured by."""

    activation = Arg(ACTIVATION, default="tanh")
    use_bias = Arg(Flag(), default=True)
    kernel_initializer = Arg(INITIALIZER, default="glorot_uniform")
    recurrent_initializer = Arg(INITIALIZER, default="orthogonal")
    bias_initializer = Arg(INITIALIZER, default="zeros")
    kernel_regularizer = Arg(REGULARIZER, default=None)
    recurrent_regularizer = Arg(REGULARIZER, default=None)
    bias_regularizer = Arg(REGULARIZER, default=None)
    kernel_constraint = Arg(CONSTRAINT, default=None)
    recurrent_constraint = Arg(CONSTRAINT, default=None)
    bias_constraint = Arg(CONSTRAINT, default=None)
    dropout = Arg(Number(0, 1), default=0.0)
    recurrent_dropout = Arg(Number(0, 1), default=0.0)
    seed = Arg(Integer().or_none(), default=None)

    @property
    def drops_for_each_gate(self) -> bool:
        """Whether each gate has inputs and states of its own dropped."""
        return False


class DroppingCell(CellArguments, Cell, abstract=True):
    """A cell that drops inputs and states in training, the same ones at each timestep."""

    keeps_all_at_one: ClassVar[bool] = True
    """Whether a rate of 1 drops nothing, as Keras has it in most cells."""
    gates: ClassVar[int] = 1

    def draw(self, scope: Scope, step: Shape) -> None:
        """Draw what to drop, for all timesteps."""
        shapes = {"dropout": step, "recurrent_dropout": self.state_shapes(step)[0]}
        count = self.gates if self.drops_for_each_gate else 1
        for row, (name, shape) in enumerate(shapes.items()):
            rate = getattr(self, name)
            if rate and not (rate == 1 and self.keeps_all_at_one):
                one = as_tensor(1, self.compute_dtype)
                places = range(row * count, (row + 1) * count)
                scope.drawn[name] = [
                    dropout(one, rate, shape, nth_seed(self.seed, place)) for place in places
                ]

    def forget(self, scope: Scope) -> None:
        """Let the next timesteps drop something else."""
        scope.drawn.clear()

    def dropped(self, scope: Scope, inputs: Tensor, state: Tensor) -> tuple[Gates, Gates]:
        """The inputs and the state for each gate, or one of them for all; as they are in use."""
        if not scope.training:
            return (inputs,), (state,)
        is_alone = not scope.drawn
        if is_alone:
            self.draw(scope, inputs.shape)
        kept_inputs, kept_state = (
            tuple(x * mask for mask in scope.drawn[name]) if name in scope.drawn else (x,)
            for name, x in (("dropout", inputs), ("recurrent_dropout", state))
        )
        if is_alone:
            self.forget(scope)
        return kept_inputs, kept_state


class UnitArguments(CellArguments, abstract=True):
    """What cells and layers have whose states are vectors."""

    units = Arg(Positive())


class LSTMArguments(UnitArguments, abstract=True):
    """The arguments of LSTMs. `implementation` says what is dropped together, and no more."""

    recurrent_activation = Arg(ACTIVATION, default="sigmoid")
    unit_forget_bias = Arg(Flag(), default=True)
    implementation = Arg(Integer(0, 2), default=2, kw_only=True)


class GRUArguments(UnitArguments, abstract=True):
    """The arguments of GRUs. `implementation` says what is dropped together, and no more."""

    recurrent_activation = Arg(ACTIVATION, default="sigmoid")
    reset_after = Arg(Flag(), default=True)
    implementation = Arg(Integer(0, 2), default=2, kw_only=True)


class DenseCell(UnitArguments, DroppingCell, abstract=True):
    """A cell whose states are vectors of `units` numbers, and whose weights are two matrices."""

    needs: ClassVar[Mapping[str, Need]] = {"inputs": STEP}

    def state_shapes(self, step: Shape) -> tuple[Shape, ...]:
        """A vector for each example."""
        return ((step[0], self.units),) * self.state_count

    def kernels(self, scope: Scope, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Weights [features, gates * units] and [units, gates * units]."""
        width = self.gates * self.units
        kernel = scope.weight("kernel", (inputs.shape[-1], width))
        recurrent_kernel = scope.weight(
            "recurrent_kernel",
            (self.units, width),
            self.recurrent_initializer,
            regularizer=self.recurrent_regularizer,
            constraint=self.recurrent_constraint,
        )
        return kernel, recurrent_kernel

    def products(self, x: Gates, kernel: Tensor) -> Tensor:
        """[..., features] -> [..., gates * units], where the gates may have inputs of their own."""
        if len(x) == 1:
            return matmul(x[0], kernel)
        parts = self.split(kernel)
        return concatenate([matmul(each, part) for each, part in zip(x, parts, strict=True)], -1)

    def split(self, x: Tensor) -> list[Tensor]:
        """[..., gates * units] -> each gate's [..., units]."""
        count, units = x.shape[-1] // self.units, self.units
        assert isinstance(count, int)
        return [x[..., gate * units : (gate + 1) * units] for gate in range(count)]


class SimpleRNNCell(DenseCell):
    """h' = activation(x @ kernel + bias + h @ recurrent_kernel)."""

    needs: ClassVar[Mapping[str, Need]] = {"sequence": STEP}
    keeps_all_at_one = False
    argument_order = (
        "units",
        "activation",
        *STARTS,
        *REGULARIZERS,
        *CONSTRAINTS,
        *DROPOUTS,
        "seed",
    )

    def call(
        self, scope: Scope, sequence: Tensor, states: TensorTree, training: bool = False
    ) -> tuple[Tensor, ...]:
        """[B, features], [B, units] -> [B, units] twice: the output and the state."""
        (state,) = self.take_states(sequence.shape, states)
        kernel, recurrent_kernel = self.kernels(scope, sequence)
        (sequence,), (state,) = self.dropped(scope, sequence, state)
        x = matmul(sequence, kernel)
        if self.use_bias:
            x = x + scope.weight("bias", (self.units,))
        output = scope.activate(self.activation, x + matmul(state, recurrent_kernel))
        return output, output


class LSTMCell(LSTMArguments, DenseCell):
    """Long short-term memory (Hochreiter and Schmidhuber, 1997), with a forget gate.

    i, f, o = recurrent_activation(...), g = activation(...), each of x @ kernel +
    h @ recurrent_kernel + bias; c' = f * c + i * g; h' = o * activation(c').
    """

    argument_order = (
        *("units", "activation", "recurrent_activation", *STARTS, "unit_forget_bias"),
        *(*REGULARIZERS, *CONSTRAINTS, *DROPOUTS, "seed"),
    )
    gates = 4

    @property
    def drops_for_each_gate(self) -> bool:
        """Where states are dropped, or Keras' implementation is the one that does so."""
        return bool(self.implementation == 1 or self.recurrent_dropout)

    @property
    def state_count(self) -> int:
        """The hidden state and the carry."""
        return 2

    def call(
        self, scope: Scope, inputs: Tensor, states: TensorTree, training: bool = False
    ) -> tuple[Tensor, ...]:
        """[B, features], two states [B, units] -> [B, units] thrice: the output and the states."""
        hidden, carry = self.take_states(inputs.shape, states)
        kernel, recurrent_kernel = self.kernels(scope, inputs)
        x, h = self.dropped(scope, inputs, hidden)
        z = self.products(x, kernel) + self.products(h, recurrent_kernel)
        if self.use_bias:
            z = z + scope.weight("bias", (4 * self.units,), bias_initializer(self, self.units))
        hidden, carry = lstm_states(self, scope, self.split(z), carry)
        return hidden, hidden, carry


def bias_initializer(cell: Any, units: int) -> Any:
    """How an LSTM's bias starts: `unit_forget_bias` begins with open forget gates."""
    if not cell.unit_forget_bias:
        return cell.bias_initializer
    return UnitForgetBias(units=units, bias_initializer=cell.bias_initializer)


def lstm_states(
    cell: Any, scope: Scope, gates: Sequence[Tensor], carry: Tensor
) -> tuple[Tensor, Tensor]:
    """The next hidden state and the next carry of an LSTM, of the sums at its four gates."""
    at_input, at_forget, at_carry, at_output = gates
    kept = scope.activate(cell.recurrent_activation, at_forget) * carry
    added = scope.activate(cell.activation, at_carry)
    carry = kept + scope.activate(cell.recurrent_activation, at_input) * added
    output = scope.activate(cell.recurrent_activation, at_output)
    return output * scope.activate(cell.activation, carry), carry


class GRUCell(GRUArguments, DenseCell):
    """Gated recurrent unit (Cho et al., 2014).

    z, r = recurrent_activation(...), g = activation(x_g + r * (h @ U_g)), or (r * h) @ U_g where
    `reset_after` is False; h' = z * h + (1 - z) * g.
    """

    argument_order = (
        *("units", "activation", "recurrent_activation", *STARTS),
        *(*REGULARIZERS, *CONSTRAINTS, *DROPOUTS, "reset_after", "seed"),
    )
    gates = 3

    @property
    def drops_for_each_gate(self) -> bool:
        """Where states are dropped, or Keras' implementation is the one that does so."""
        return bool(self.implementation == 1 or self.recurrent_dropout)

    def call(
        self, scope: Scope, inputs: Tensor, states: TensorTree, training: bool = False
    ) -> tuple[Tensor, ...]:
        """[B, features], [B, units] -> [B, units] twice: the output and the state."""
        (state,) = self.take_states(inputs.shape, states)
        kernel, recurrent_kernel = self.kernels(scope, inputs)
        biases = self._biases(scope)
        kept_inputs, kept = self.dropped(scope, inputs, state)
        x = self.products(kept_inputs, kernel)
        if biases:
            x = x + biases[0]
        at_update, at_reset, at_new = self.split(x)
        if self.reset_after:
            h = self.products(kept, recurrent_kernel)
        else:
            h = self.products(kept[:2], recurrent_kernel[:, : 2 * self.units])
        if self.reset_after and biases:
            h = h + biases[1]
        of_update, of_reset, *of_new = self.split(h)
        update = scope.activate(self.recurrent_activation, at_update + of_update)
        reset = scope.activate(self.recurrent_activation, at_reset + of_reset)
        if self.reset_after:
            recurrent = reset * of_new[0]
        else:
            recurrent = matmul(reset * kept[-1], recurrent_kernel[:, 2 * self.units :])
        new = scope.activate(self.activation, at_new + recurrent)
        output = update * state + (1 - update) * new
        return output, output

    def _biases(self, scope: Scope) -> tuple[Tensor, ...]:
        """One bias, or separate ones for the inputs and for the states where they are reset after."""
        if not self.use_bias:
            return ()
        if not self.reset_after:
            return (scope.weight("bias", (3 * self.units,)),)
        both = scope.weight("bias", (2, 3 * self.units))
        return both[0], both[1]
