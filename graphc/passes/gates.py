"""Gates of recurrent layers: one hyperbolic tangent for all that are cut from one tensor.

The logistic function is tanh(x / 2) / 2 + 1 / 2. Where slices of a sum go through it or through tanh,
the sum is halved where it has to be (in its weights, which costs nothing at each step), goes through
tanh as a whole, and is halved and shifted again.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from graphc.ir.primitives import contraction, control, movement
from graphc.ir.primitives import elementwise as rows
from graphc.ir.primitives.control import Body
from graphc.ir.primitives.row import apply, apply_all
from graphc.ir.tensor import Step, Tensor, key, steps_of
from graphc.passes.rebuild import again, rebuild
from graphc.passes.simplify import made_by


def join_gates(results: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """The same results, with the gates in the bodies of loops joined."""
    return rebuild(results, {}, _rule)


def _rule(step: Step, operands: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    if step.primitive is not control.SCAN:
        return again(step, operands)
    body: Body = step.attributes["body"]
    joined = Body(body.parameters, _in_body(body.results))
    return apply_all(control.SCAN, *operands, **step.attributes | {"body": joined})


def _in_body(results: Sequence[Tensor]) -> tuple[Tensor, ...]:
    users: dict[tuple[int, int], list[Step]] = {}
    for step in steps_of(results):
        for x in step.operands:
            users.setdefault(key(x), []).append(step)
    kept = set(map(key, results))
    gates: dict[Step, tuple[Step, ...]] = {}
    """For a sum's step all gates that are cut from it."""
    for step in steps_of(results):
        if step.primitive is rows.ADD and (id(step), 0) not in kept:
            found = _gates(step, users)
            if found is not None:
                gates[step] = found
    if not gates:
        return tuple(results)
    source = {gate: step for step, found in gates.items() for gate in found}
    joined: dict[Step, Tensor] = {}

    def rule(step: Step, operands: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        total = source.get(step)
        if total is None:
            made = again(step, operands)
            if step in gates:
                joined[step] = _joined(made[0], gates[step])
            return made
        cut = step.operands[0].step
        assert cut is not None
        return (apply(movement.SLICE, joined[total], **cut.attributes),)

    return rebuild(results, {}, rule)


def _gates(total: Step, users: dict[tuple[int, int], list[Step]]) -> tuple[Step, ...] | None:
    """What is cut from a sum, where that is gates of both kinds and all of it."""
    if total.types[0].dtype not in ("float32", "float64"):
        return None
    gates = []
    for cut in users.get((id(total), 0), ()):
        after = users.get((id(cut), 0), [])
        if cut.primitive is not movement.SLICE or len(after) != 1 or not _is_gate(after[0]):
            return None
        gates.append(after[0])
    spans = sorted(map(_span, gates))
    width = total.types[0].shape[-1]
    if (
        len(gates) < 3
        or not isinstance(width, int)
        or any(shape != _rows(total) for shape in map(_rows, gates))
    ):
        return None
    is_all = spans[0][0] == 0 and spans[-1][1] == width
    return tuple(gates) if is_all and all(a[1] == b[0] for a, b in pairwise(spans)) else None


def _is_gate(step: Step) -> bool:
    cut = step.operands[0].step
    assert cut is not None
    return step.primitive in (rows.LOGISTIC, rows.TANH) and cut.attributes["strides"][-1] == 1


def _rows(step: Step) -> object:
    return step.types[0].shape[:-1]


def _span(gate: Step) -> tuple[int, int]:
    cut = gate.operands[0].step
    assert cut is not None
    start = cut.attributes["starts"][-1]
    return start, start + cut.attributes["sizes"][-1]


def _joined(total: Tensor, gates: Sequence[Step]) -> Tensor:
    ordered = sorted(gates, key=_span)
    are_logistic = [gate.primitive is rows.LOGISTIC for gate in ordered]
    sizes = [stop - start for start, stop in map(_span, ordered)]
    scale = _vector([0.5 if each else 1.0 for each in are_logistic], sizes, total.dtype)
    shift = _vector([0.5 if each else 0.0 for each in are_logistic], sizes, total.dtype)
    tangent = apply(rows.TANH, _scaled(total, scale))
    return apply(rows.ADD, apply(rows.MULTIPLY, tangent, scale), shift)


def _vector(values: Sequence[float], sizes: Sequence[int], dtype: str) -> Tensor:
    """Each value as often as its size says."""
    parts = [
        apply(movement.CONSTANT, value=value, shape=(size,), dtype=dtype)
        for value, size in zip(values, sizes, strict=True)
    ]
    return apply(movement.CONCATENATE, *parts, axis=0)


def _scaled(x: Tensor, scale: Tensor) -> Tensor:
    """x * scale, multiplied into the weights of products."""
    total = made_by(x, rows.ADD)
    if total is not None:
        a, b = total.operands
        return apply(rows.ADD, _scaled(a, scale), _scaled(b, scale))
    product = made_by(x, contraction.DOT_GENERAL)
    if product is not None and product.operands[1].step is None:
        weights = product.operands[1]
        if weights.rank == 2 and product.attributes["contracting"][1] == (0,):
            scaled = apply(rows.MULTIPLY, weights, scale)
            return apply(product.primitive, product.operands[0], scaled, **product.attributes)
    return apply(rows.MULTIPLY, x, scale)
