"""Computations repeated along an axis: what recurrent layers and `TimeDistributed` are made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from graphc.diagnostics.codes import SHAPE_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import Dim
from graphc.ir.primitives import apply_all
from graphc.ir.primitives.control import SCAN, Body
from graphc.ir.primitives.movement import CONSTANT, DIM_SIZE
from graphc.ir.primitives.random import RANDOM_BITS
from graphc.ir.shapes import difference_help, difference_text, merge_dims
from graphc.ir.tensor import Step, Tensor, moment
from graphc.ir.types import TensorType

Tensors: TypeAlias = "tuple[Tensor, ...]"
StepFunction: TypeAlias = Callable[[Tensors, Tensors], tuple[Sequence[Tensor], Sequence[Tensor]]]


def scan_steps(
    step: StepFunction,
    carried: Sequence[Tensor],
    scanned: Sequence[Tensor],
    *,
    length: Dim | None = None,
    reverse: bool = False,
) -> tuple[Tensors, Tensors]:
    """Repeat `step` along the first axis of each scanned tensor.

    `step(carried, slices)` gives the carried tensors for the next step and what this step puts
    out. The results are the last carried tensors, and each output stacked along a new first
    axis. In reverse the last slice comes first; outputs still stand where their slices stood.

    `step` may use any tensor around it. What does not change from step to step is computed once,
    before the loop. `length` is that of the scanned axis, symbolic or unknown as it may be, and
    has to be given where nothing is scanned.
    """
    started = moment()
    inner = tuple(Tensor(tensor.type) for tensor in carried)
    slices = tuple(Tensor(TensorType(tensor.shape[1:], tensor.dtype)) for tensor in scanned)
    results, outputs = step(inner, slices)
    _check_carried(inner, results)
    body, captured = _close((*inner, *slices), (*results, *outputs), started)
    made = apply_all(
        SCAN,
        *carried,
        *scanned,
        *captured,
        body=body,
        carried=len(inner),
        scanned=len(slices),
        length=_common_length(scanned) if length is None else length,
        reverse=reverse,
    )
    return made[: len(inner)], made[len(inner) :]


def _common_length(scanned: Sequence[Tensor]) -> Dim:
    length = scanned[0].shape[0]
    for tensor in scanned[1:]:
        merged = merge_dims(length, tensor.shape[0])
        if merged is None:
            raise Fault(
                SHAPE_MISMATCH,
                f"needs as many steps in each sequence, got {length} and {tensor.shape[0]}",
                label=difference_text(length, tensor.shape[0]),
                help=difference_help(length, tensor.shape[0]),
            )
        length = merged
    return length


def _check_carried(before: Tensors, after: Sequence[Tensor]) -> None:
    assert len(before) == len(after), "a step gives back as many carried tensors as it takes"
    for old, new in zip(before, after, strict=True):
        is_same = old.rank == new.rank and all(
            merge_dims(a, b) is not None for a, b in zip(old.shape, new.shape, strict=True)
        )
        if not is_same or old.dtype != new.dtype:
            raise Fault(
                SHAPE_MISMATCH,
                f"needs a state that keeps its type from step to step, got {old.type} before "
                f"and {new.type} after",
            )


def _close(parameters: Tensors, results: Tensors, started: int) -> tuple[Body, list[Tensor]]:
    """The steps that change from repetition to repetition, and the tensors they use from outside.

    A body's steps are those made since it was `started`. What does not change is left outside,
    scalars apart: they cost nothing to make.
    """
    own = {id(tensor) for tensor in parameters}
    remade: dict[int, Step] = {}
    entered: dict[int, Tensor] = {id(tensor): tensor for tensor in parameters}
    captured: list[Tensor] = []

    def enter(tensor: Tensor) -> Tensor:
        found = entered.get(id(tensor))
        if found is None:
            step = tensor.step
            if step is not None and id(step) in remade:
                found = Tensor(tensor.type, remade[id(step)], tensor.index)
            elif step is not None and _is_scalar_constant(step):
                found = Tensor(tensor.type, step, tensor.index)
            else:
                found = Tensor(tensor.type)
                captured.append(tensor)
            entered[id(tensor)] = found
        return found

    for step in _steps_since(results, started):
        if _changes(step, own, remade):
            operands = tuple(enter(operand) for operand in step.operands)
            remade[id(step)] = Step(
                step.primitive, operands, step.attributes, step.types, step.origin
            )
    closed = tuple(enter(tensor) for tensor in results)
    return Body((*parameters, *(entered[id(tensor)] for tensor in captured)), closed), captured


def _changes(step: Step, parameters: set[int], changing: dict[int, Step]) -> bool:
    if step.primitive is RANDOM_BITS or "body" in step.attributes:
        return True  # random numbers are drawn anew; a loop inside may draw some
    return any(
        id(operand) in parameters or (operand.step is not None and id(operand.step) in changing)
        for operand in step.operands
    )


def _is_scalar_constant(step: Step) -> bool:
    return step.primitive in (CONSTANT, DIM_SIZE) and step.types[0].shape == ()


def _steps_since(results: Tensors, started: int) -> list[Step]:
    """The steps that lead to the results and were made since a moment, each after its needs."""
    ordered: list[Step] = []
    seen: set[int] = set()
    stack = [(tensor, False) for tensor in reversed(results)]
    while stack:
        tensor, is_ready = stack.pop()
        step = tensor.step
        if step is None or tensor.serial < started:
            continue
        if is_ready:
            ordered.append(step)
        elif id(step) not in seen:
            seen.add(id(step))
            stack.append((tensor, True))
            stack.extend((operand, False) for operand in reversed(step.operands))
    return ordered
