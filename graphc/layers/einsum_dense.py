"""Dense layers over any axes, spelled as an einsum equation."""

from __future__ import annotations

import re
from typing import Any

from graphc.declare.arg import Arg
from graphc.declare.rules import (
    REJECTED,
    Each,
    Integer,
    NonNegative,
    Number,
    Optional,
    Rule,
    Text,
)
from graphc.declare.scope import Scope
from graphc.diagnostics.codes import BAD_ARGUMENT, RANK_MISMATCH, SHAPE_MISMATCH, UNKNOWN_SIZE
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import UNKNOWN, Dim, shape_text
from graphc.ir.shapes import merge_dims
from graphc.ir.tensor import Tensor
from graphc.ir.types import Shape
from graphc.layers.dense import QUANTIZATION
from graphc.layers.kernel_arguments import KernelArguments
from graphc.layers.low_rank import adapted, check_adaptable
from graphc.ops.activation import ACTIVATION
from graphc.ops.einsum import einsum
from graphc.record import Record
from graphc.training.initializers import Scaled, VarianceScaling

_EQUATIONS = (
    re.compile(r"(?P<left>)([a-zA-Z]+),([a-zA-Z]+)->([a-zA-Z]+)(?P<right>)"),
    re.compile(r"(?P<left>\.\.\.)([a-zA-Z]+),([a-zA-Z]+)->\.\.\.([a-zA-Z]+)(?P<right>)"),
    re.compile(r"(?P<left>)([a-zA-Z]{2,})\.\.\.,([a-zA-Z]+)->([a-zA-Z]+)(?P<right>\.\.\.)"),
)


class Equation(Record):
    """The letters of "abc,cd->abd", and where an ellipsis stands: "", "left" or "right"."""

    inputs: str
    kernel: str
    output: str
    ellipsis: str


def read_equation(text: str) -> Equation | None:
    """Take an equation apart; None where it has not one of the three forms."""
    for pattern in _EQUATIONS:
        found = pattern.fullmatch(text)
        if found is not None:
            ellipsis = "left" if found["left"] else "right" if found["right"] else ""
            inputs, kernel, output = (part for part in found.groups() if part.isalpha())
            return Equation(inputs, kernel, output, ellipsis)
    return None


class IsEquation(Rule):
    """An einsum equation of an input and a kernel."""

    @property
    def sentence(self) -> str:
        return 'an equation such as "abc,cd->abd", "...c,cd->...d" or "ab...,bc->ac..."'

    def accept(self, value: Any) -> Any:
        is_one = isinstance(value, str) and read_equation(value) is not None
        return value if is_one else REJECTED

    def hint(self, value: Any) -> tuple[str | None, str | None]:
        without = "".join(value.split()) if isinstance(value, str) else None
        if without is not None and without != value and read_equation(without) is not None:
            return f'write it without spaces: "{without}"', f'"{without}"'
        return None, None

    @property
    def valid(self) -> tuple[Any, ...]:
        return ("ab,bc->ac", "...b,bc->...c")

    @property
    def invalid(self) -> tuple[Any, ...]:
        return ("ab,bc", "ab, bc -> ac", 3)


class EinsumDense(KernelArguments):
    """Apply activation(einsum(equation, inputs, kernel) + bias)."""

    # Unlike in other layers, `activity_regularizer` is given by name alone.
    argument_order = (
        *("equation", "output_shape", "activation", "bias_axes"),
        *("kernel_initializer", "bias_initializer", "kernel_regularizer", "bias_regularizer"),
        *("kernel_constraint", "bias_constraint", "lora_rank", "lora_alpha"),
        *("gptq_unpacked_column_size", "quantization_config"),
    )

    equation: str = Arg(IsEquation())
    output_shape: Any = Arg(Each(Optional(Integer(1, symbolic=True)), or_one=True))
    activation: Any = Arg(ACTIVATION, default=None)
    bias_axes: str | None = Arg(Optional(Text()), default=None)
    lora_rank: int | None = Arg(Optional(NonNegative()), default=None, kw_only=True)
    lora_alpha: float | None = Arg(Optional(Number()), default=None, kw_only=True)
    gptq_unpacked_column_size: None = Arg(QUANTIZATION, default=None, kw_only=True)
    quantization_config: None = Arg(QUANTIZATION, default=None, kw_only=True)

    def validate(self) -> None:
        """Check the letters of the equation against each other and `bias_axes`."""
        check_adaptable(self, "kernel_constraint")
        equation = read_equation(self.equation)
        assert equation is not None
        for letter in equation.output:
            if letter not in equation.inputs + equation.kernel:
                raise _unmatched(self.equation, letter, "its output", "the input or the kernel")
        for letter in equation.kernel:
            if letter not in equation.inputs + equation.output:
                raise _unmatched(self.equation, letter, "its kernel", "the input or the output")
        if self.bias_axes is not None and not set(self.bias_axes) <= set(equation.output):
            raise _bad_bias(self.bias_axes, equation)
        if self.bias_axes == "":
            raise _bad_bias(self.bias_axes, equation)

    def call(self, scope: Scope, inputs: Tensor) -> Tensor:
        """Shapes are as the equation says, sizes that only the kernel has as `output_shape`."""
        equation = read_equation(self.equation)
        assert equation is not None
        sizes = _Sizes(equation, self.output_shape, inputs)
        kernel_shape = tuple(sizes.of_weight(letter) for letter in equation.kernel)
        kernel = scope.weight("kernel", kernel_shape, self._kernel_initializer(equation))
        bias = None
        if self.bias_axes is not None:
            bias = scope.weight("bias", sizes.of_bias(self.bias_axes))
        if self.lora_rank:
            alpha = self.lora_rank if self.lora_alpha is None else self.lora_alpha
            kernel = adapted(scope, "kernel", kernel, self.lora_rank, alpha)
        outputs = einsum(self.equation, inputs, kernel)
        return scope.activate(self.activation, outputs if bias is None else outputs + bias)

    def _kernel_initializer(self, equation: Equation) -> Any:
        """Tell an initializer that asks for fans which axes of the kernel are which."""
        initializer = self.kernel_initializer
        if not isinstance(initializer, (VarianceScaling, Scaled)):
            return initializer
        if initializer.input_axes is not None and initializer.output_axes is not None:
            return initializer
        axes = range(len(equation.kernel))
        is_output = [letter in equation.output for letter in equation.kernel]
        values = {
            **initializer.all_values(),
            "input_axes": tuple(axis for axis in axes if not is_output[axis]),
            "output_axes": tuple(axis for axis in axes if is_output[axis]),
        }
        return type(initializer).from_values(values)


class _Sizes:
    """What each letter of an equation stands for, given an input and an `output_shape`."""

    def __init__(self, equation: Equation, output_shape: Any, inputs: Tensor) -> None:
        self.equation = equation
        self.elided = inputs.rank - len(equation.inputs)
        if self.elided < 0 or (self.elided and not equation.ellipsis):
            raise _wrong_rank(equation, inputs)
        given = output_shape if isinstance(output_shape, tuple) else (output_shape,)
        start = self.elided if equation.ellipsis == "left" else 0
        self.inputs: dict[str, Dim] = dict(
            zip(equation.inputs, inputs.shape[start : start + len(equation.inputs)], strict=True)
        )
        # The batch is not in `output_shape`, except where the ellipsis stands for it.
        batch = () if start else (inputs.shape[0],)
        if len(batch) + len(given) != len(equation.output):
            raise _wrong_output_shape(equation, given, len(equation.output) - len(batch))
        self.output: dict[str, Dim] = dict(
            zip(
                equation.output,
                (*batch, *[UNKNOWN if d is None else d for d in given]),
                strict=True,
            )
        )
        self._check_shared(inputs)

    def _check_shared(self, inputs: Tensor) -> None:
        for letter, size in self.inputs.items():
            stated = self.output.get(letter, UNKNOWN)
            if stated is UNKNOWN or stated == size:
                continue
            if size is UNKNOWN or merge_dims(size, stated) is None:
                raise Fault(
                    SHAPE_MISMATCH,
                    f"needs `{letter}` of its equation to be what the input has, {size}, "
                    f"got {stated} in `output_shape`",
                    label=f"the input is {inputs.type}",
                    help="write None for sizes that the input decides",
                    arguments=("output_shape",),
                    inputs=("inputs",),
                )

    def of_weight(self, letter: str) -> Dim:
        """Give the size of an axis of the kernel."""
        size = self.output[letter] if letter in self.output else self.inputs[letter]
        if size is UNKNOWN and letter in self.output:
            raise Fault(
                UNKNOWN_SIZE,
                f"needs a number for `{letter}` in `output_shape`, since its kernel has that axis, "
                "got None",
                arguments=("output_shape",),
            )
        return size

    def of_bias(self, axes: str) -> Shape:
        """Give the bias' shape: the axes named, and 1 between and after them."""
        first = min(self.equation.output.find(letter) for letter in axes)
        letters = self.equation.output[first:]
        shape = tuple(self.output[letter] if letter in axes else 1 for letter in letters)
        return shape if self.equation.ellipsis == "left" else shape + (1,) * self.elided


def _unmatched(equation: str, letter: str, place: str, elsewhere: str) -> Fault:
    return Fault(
        BAD_ARGUMENT,
        f'needs each letter of {place} in {elsewhere} too, got "{equation}"',
        label=f"`{letter}` stands alone",
        arguments=("equation",),
    )


def _bad_bias(axes: str, equation: Equation) -> Fault:
    return Fault(
        BAD_ARGUMENT,
        f'needs `bias_axes` to be letters of the output "{equation.output}", got "{axes}"',
        arguments=("bias_axes",),
    )


def _wrong_rank(equation: Equation, inputs: Tensor) -> Fault:
    count = len(equation.inputs)
    least = "at least rank" if equation.ellipsis else "rank"
    return Fault(
        RANK_MISMATCH,
        f"needs a {'rank-' if not equation.ellipsis else 'at least rank-'}{count} input for "
        f'"{equation.inputs}", got {inputs.type}',
        label=f"needs {least} {count}, got rank {inputs.rank}",
        inputs=("inputs",),
    )


def _wrong_output_shape(equation: Equation, given: Shape, wanted: int) -> Fault:
    what = f"the {wanted} after the batch" if wanted < len(equation.output) else "each"
    return Fault(
        SHAPE_MISMATCH,
        f'needs a size in `output_shape` for {what} of the axes "{equation.output}", '
        f"got {shape_text(given)}",
        label=f"{len(given)} is not {wanted}",
        arguments=("output_shape",),
    )
