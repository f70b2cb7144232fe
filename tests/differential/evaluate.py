"""What a traced computation gives on numbers, primitive by primitive, as slowly as may be.

Only the primitives that recurrent layers use; sizes are numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from graphc.declare.trace import Trace
from graphc.ir.tensor import Step, Tensor, steps_of

Array = Any


def evaluate(trace: Trace, inputs: list[Array], weights: list[Array]) -> list[Array]:
    """The outputs of a trace; masks of its inputs count as inputs of their own."""
    values = {id(tensor): value for tensor, value in zip(trace.inputs, inputs, strict=True)}
    tensors = [tensor for _, tensor in trace.weights]
    values.update({id(t): v for t, v in zip(tensors, weights, strict=True)})
    return evaluate_tensors(trace.outputs, values)


def evaluate_tensors(results: tuple[Tensor, ...], values: dict[int, Array]) -> list[Array]:
    made: dict[tuple[int, int], Array] = {}

    def value_of(tensor: Tensor) -> Array:
        if tensor.step is None:
            return values[id(tensor)]
        return made[id(tensor.step), tensor.index]

    for step in steps_of(results):
        outputs = _run(step, [value_of(operand) for operand in step.operands])
        for index, (output, type) in enumerate(zip(outputs, step.types, strict=True)):
            assert output.shape == type.shape, (step.primitive.name, output.shape, type)
            made[id(step), index] = output
    return [value_of(tensor) for tensor in results]


def _run(step: Step, operands: list[Array]) -> list[Array]:
    row = step.primitive.name
    if row == "scan":
        return _scan(operands, **step.attributes)
    return [np.asarray(ROWS[row](*operands, **step.attributes))]


def _scan(operands: list[Array], body, carried, scanned, length, reverse) -> list[Array]:
    states = operands[:carried]
    sequences = operands[carried : carried + scanned]
    around = operands[carried + scanned :]
    outputs: list[list[Array]] = [[] for _ in body.results[carried:]]
    for index in reversed(range(length)) if reverse else range(length):
        parameters = [*states, *(sequence[index] for sequence in sequences), *around]
        values = {id(p): v for p, v in zip(body.parameters, parameters, strict=True)}
        results = evaluate_tensors(body.results, values)
        states = results[:carried]
        for output, result in zip(outputs, results[carried:], strict=True):
            output.append(result)
    return [*states, *(np.stack(o[::-1] if reverse else o) for o in outputs)]


def _slice(x, starts, sizes, strides) -> Array:
    cuts = zip(starts, sizes, strides, strict=True)
    return x[tuple(slice(start, start + size * step, step) for start, size, step in cuts)]


def _dot_general(x, y, contracting, batch=((), ())) -> Array:
    return jax.lax.dot_general(x, y, (contracting, batch))


def _conv(x, kernel, strides, padding, dilation, input_dilation, groups) -> Array:
    letters = "DHW"[3 - len(strides) :]
    return jax.lax.conv_general_dilated(
        x,
        kernel,
        strides,
        padding,
        lhs_dilation=input_dilation,
        rhs_dilation=dilation,
        dimension_numbers=(f"N{letters}C", f"{letters}IO", f"N{letters}C"),
        feature_group_count=groups,
    )


ROWS: dict[str, Callable[..., Array]] = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": np.divide,
    "maximum": np.maximum,
    "tanh": np.tanh,
    "logistic": lambda x: 1 / (1 + np.exp(-x)),
    "select": np.where,
    "cast": lambda x, dtype: x.astype(dtype),
    "constant": lambda value, shape, dtype: np.broadcast_to(np.asarray(value, dtype), shape),
    "broadcast": np.broadcast_to,
    "reshape": lambda x, shape: x.reshape(shape),
    "transpose": lambda x, permutation: x.transpose(permutation),
    "reverse": lambda x, axes: np.flip(x, axis=axes),
    "concatenate": lambda *parts, axis: np.concatenate(parts, axis),
    "slice": _slice,
    "dot_general": _dot_general,
    "conv": _conv,
}
