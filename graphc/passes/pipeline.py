"""The passes over a model at inference, in their order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TypeAlias

from graphc.ir.tensor import Tensor
from graphc.passes.absorb import absorb
from graphc.passes.affine import affine
from graphc.passes.center import center
from graphc.passes.centered import centered
from graphc.passes.clamp import clamp
from graphc.passes.contract import contract
from graphc.passes.gates import join_gates
from graphc.passes.gelu import gelu
from graphc.passes.hoist import hoist
from graphc.passes.phases import phases
from graphc.passes.pointwise import pointwise
from graphc.passes.pool import pool
from graphc.passes.scale import scale
from graphc.passes.scaled_gelu import scaled_gelu
from graphc.passes.share import share
from graphc.passes.simplify import simplify
from graphc.passes.softmax import softmax

Pass: TypeAlias = Callable[[Sequence[Tensor], Collection[Tensor]], tuple[Tensor, ...]]
"""Results, and the inputs among the leaves of their graph, to the same results made otherwise."""


def _of_results(run: Callable[[Sequence[Tensor]], tuple[Tensor, ...]]) -> Pass:
    """A pass for which no leaf is another than the others."""

    def of_all(results: Sequence[Tensor], inputs: Collection[Tensor]) -> tuple[Tensor, ...]:
        return run(results)

    of_all.__doc__ = run.__doc__
    return of_all


INFERENCE: dict[str, Pass] = {
    "share": _of_results(share),
    "simplify": _of_results(simplify),
    "clamp": _of_results(clamp),
    "gelu": _of_results(gelu),
    "softmax": _of_results(softmax),
    "center": _of_results(center),
    "scaled_gelu": scaled_gelu,
    "affine": affine,
    "contract": _of_results(contract),
    "scale": _of_results(scale),
    "join_gates": _of_results(join_gates),
    "hoist": _of_results(hoist),
    "absorb": absorb,
    "centered": centered,
    "pool": _of_results(pool),
    "phases": phases,
    "pointwise": _of_results(pointwise),
}
"""By name. What the inputs do not change is taken out after them, by `divide`."""


def stages(
    results: Sequence[Tensor], inputs: Collection[Tensor]
) -> Iterator[tuple[str, tuple[Tensor, ...]]]:
    """The name of each pass, and the results behind it."""
    made = tuple(results)
    for name, run in INFERENCE.items():
        made = run(made, inputs)
        yield name, made


def optimize(results: Sequence[Tensor], inputs: Collection[Tensor]) -> tuple[Tensor, ...]:
    """The results behind all passes."""
    made = tuple(results)
    for run in INFERENCE.values():
        made = run(made, inputs)
    return made
