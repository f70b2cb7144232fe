"""Running a trace on arrays, one primitive after the other: the truth that programs are held to.

    trace = trace_layer(layer, {"inputs": TensorType((BATCH, 8), "float32")})
    (outputs,) = run_trace(trace, [np.ones((2, 8), "float32")], [kernel, bias])

Every step's result is held to the shape and dtype that the primitive inferred for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from graphc.declare.trace import Trace
from graphc.ir.dims import UNKNOWN, Dim, SymbolicDim, evaluate, variable, variables
from graphc.ir.primitives.control import Body
from graphc.ir.tensor import Step, Tensor, steps_of
from graphc.ir.types import TensorType
from tests.reference import (  # noqa: F401 - they fill the table of kernels
    contraction,
    control,
    elementwise,
    indexing,
    linalg,
    movement,
    reduction,
    window,
)
from tests.reference.kernel import KERNELS, numpy_dtype
from tests.runtime.programs import check_program

Sizes = Mapping[str, int]


def run_trace(
    trace: Trace,
    inputs: Sequence[Any],
    weights: Sequence[Any] = (),
    *,
    masks: Sequence[Any] = (),
) -> list[Any]:
    """The outputs of a trace for arrays in place of its inputs and weights.

    `inputs` go in the order of the tensors in the arguments, `weights` in Keras' order of
    `layer.weights`, and `masks` one for each input, None where it has none. Symbolic sizes
    (the batch) become those of the arrays.
    """
    return run_tensors(trace.outputs, bound(trace, inputs, weights, masks))


def bound(
    trace: Trace, inputs: Sequence[Any], weights: Sequence[Any], masks: Sequence[Any]
) -> dict[Tensor, Any]:
    """Arrays by the tensors of a trace that they stand for, as `run_trace` takes them."""
    known = _arrays(trace.inputs, inputs)
    known.update(_arrays((tensor for _, tensor in trace.weights), weights))
    for tensor, mask in zip(trace.inputs, masks, strict=False):
        if mask is not None:
            own = tensor.mask if tensor.written_mask is None else tensor.written_mask
            assert own is not None
            known[own] = np.asarray(mask)
    return known


def run_tensors(results: Sequence[Tensor], known: Mapping[Tensor, Any]) -> list[Any]:
    """The values of tensors, given those of the tensors that they are computed from.

    Masks of outputs go through here: `run_tensors([output.mask], known)`. The compiled program is
    held to each value, so that whatever is compared with Keras through here compares it too.
    """
    sizes = sizes_of(known)
    values = _run(results, known, sizes)
    check_program(results, known, sizes, values)
    return values


def _arrays(tensors: Iterable[Tensor], arrays: Sequence[Any]) -> dict[Tensor, Any]:
    return {
        tensor: np.asarray(array).astype(numpy_dtype(tensor.dtype))
        for tensor, array in zip(tensors, arrays, strict=True)
    }


def sizes_of(known: Mapping[Tensor, Any]) -> dict[str, int]:
    """What the named sizes are, from the arrays whose shapes are plain names."""
    sizes: dict[str, int] = {}
    for tensor, array in known.items():
        for dim, size in zip(tensor.shape, array.shape, strict=True):
            if isinstance(dim, SymbolicDim) and len(variables(dim)) == 1:
                (name,) = variables(dim)
                if dim == variable(name):
                    assert sizes.setdefault(name, size) == size, f"{name} is {sizes[name]}"
    for tensor, array in known.items():
        _check_type(tensor.type, array, sizes, "an array")
    return sizes


def _run(results: Sequence[Tensor], known: Mapping[Tensor, Any], sizes: Sizes) -> list[Any]:
    values = dict(known)
    made: dict[tuple[int, int], Any] = {}

    def value_of(tensor: Tensor) -> Any:
        if tensor in values:
            return values[tensor]
        assert tensor.step is not None, f"{tensor} has no value"
        return made[id(tensor.step), tensor.index]

    for step in steps_of(results):
        outputs = _run_step(step, [value_of(operand) for operand in step.operands], sizes)
        for index, output in enumerate(outputs):
            made[id(step), index] = output
    return [value_of(tensor) for tensor in results]


def _run_step(step: Step, operands: list[Any], sizes: Sizes) -> tuple[Any, ...]:
    name = step.primitive.name
    attributes = {key: _resolved(value, sizes) for key, value in step.attributes.items()}
    result = KERNELS[name](*operands, **attributes)
    outputs = result if isinstance(result, tuple) else (result,)
    assert len(outputs) == len(step.types)
    for type, output in zip(step.types, outputs, strict=True):
        _check_type(type, output, sizes, name)
    return outputs


def _resolved(value: Any, sizes: Sizes) -> Any:
    """An attribute with numbers for its sizes, and a function for a body."""
    if isinstance(value, SymbolicDim):
        return value if value is UNKNOWN else evaluate(value, sizes)
    if isinstance(value, tuple):
        return tuple(_resolved(item, sizes) for item in value)
    return as_function(value, sizes) if isinstance(value, Body) else value


def as_function(body: Body, sizes: Sizes) -> Callable[..., list[Any]]:
    """A body as a function on arrays."""

    def run(*arrays: Any) -> list[Any]:
        return _run(body.results, dict(zip(body.parameters, arrays, strict=True)), sizes)

    return run


def _check_type(type: TensorType, array: Any, sizes: Sizes, what: str) -> None:
    assert array.dtype == numpy_dtype(type.dtype), f"{what}: {array.dtype} is not {type.dtype}"
    assert len(array.shape) == type.rank, f"{what}: {array.shape} is not {type}"
    for dim, size in zip(type.shape, array.shape, strict=True):
        assert _size(dim, sizes) in (None, size), f"{what}: {array.shape} is not {type}"


def _size(dim: Dim, sizes: Sizes) -> int | None:
    return None if dim is UNKNOWN else evaluate(dim, sizes)
