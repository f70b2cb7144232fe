"""Compiled programs beside the reference kernels: what one computes, the other has to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from graphc.ir.primitives.control import Body
from graphc.ir.tensor import Tensor, steps_of
from graphc.ir.types import TensorType
from graphc.runtime.execute import Compiled
from graphc.runtime.plan.program import CACHE, Planned
from tests.reference.specialize import specialize

TOLERANCE = {"float64": 1e-9, "complex128": 1e-9, "float16": 2e-2, "bfloat16": 8e-2}


def check_program(
    results: Sequence[Tensor], known: Mapping[Tensor, Any], sizes: Mapping[str, int],
    expected: Sequence[Any],
) -> None:  # fmt: skip
    """Compile what leads to the results, run it, and hold it to what is expected.

    Random numbers are others in every program: where some are drawn only shapes and dtypes count.
    """
    leaves = {
        tensor: Tensor(TensorType(array.shape, tensor.dtype)) for tensor, array in known.items()
    }
    made = specialize(results, leaves, sizes)
    is_random = any(step.primitive.name == "random_bits" for step in all_steps(made))
    _check_values(Compiled(list(leaves.values()), made)(*known.values()), expected, is_random)
    first, *others = zip(leaves.values(), known.values(), strict=True) if leaves else [(None, None)]
    given = [] if first[0] is None else [first]
    for cache in (CACHE, 256):
        # Weights may be known beforehand or not, and blocks of all sizes come to the same.
        for variable in (given, [*given, *others]):
            constants = dict([*given, *others][len(variable) :])
            planned = Planned([x for x, _ in variable], constants, made, cache=cache)
            for _ in range(2):
                _check_values(planned(*(array for _, array in variable)), expected, is_random)


def _check_values(got: Sequence[Any], expected: Sequence[Any], is_random: bool) -> None:
    for ours, right in zip(got, expected, strict=True):
        assert ours.dtype == right.dtype
        assert ours.shape == right.shape
        if is_random or not right.size:
            continue
        if right.dtype.kind in "fcV":
            tolerance = TOLERANCE.get(right.dtype.name, 2e-5)
            wide = [np.asarray(x, "complex128") for x in (ours, right)]
            finite = np.abs(wide[1][np.isfinite(wide[1])])
            scale = max(float(finite.max()) if finite.size else 1.0, 1e-30)
            np.testing.assert_allclose(*wide, rtol=tolerance, atol=tolerance * scale)
        else:
            np.testing.assert_array_equal(ours, right)


def all_steps(results: Sequence[Tensor]) -> list[Any]:
    """The steps that lead to the results, those of bodies included."""
    steps = []
    for step in steps_of(results):
        steps.append(step)
        body = step.attributes.get("body")
        if isinstance(body, Body):
            steps += all_steps(body.results)
    return steps
