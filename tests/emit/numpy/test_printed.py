"""Every layer case of the differential tests, masks and training included, as text of NumPy.

`test_layers.py` holds whole models to theirs; here is what no source of a model can say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any

import numpy as np
import pytest

from graphc.declare.trace import trace_layer
from graphc.diagnostics.fault import Fault
from graphc.emit.numpy.faults import NotInNumPy
from graphc.ir.types import TensorType
from graphc.runtime.dtypes import numpy_dtype
from tests.differential.harness import L, T
from tests.differential.values import Given, replaced
from tests.emit.layer_cases import argument_cases, table_cases
from tests.emit.numpy.printed import check_printed
from tests.reference.evaluate import bound
from tests.runtime.programs import all_steps

PARTS = 8


def check_case(layer: L, inputs: Sequence[Any], *, training: bool) -> bool:
    """Whether a layer takes the inputs; its text is held to what it computes then."""
    *inputs, call = inputs if isinstance(inputs[-1], dict) else (*inputs, {})
    random = np.random.default_rng(sum(map(ord, repr((layer, inputs, call)))))
    listed: list[Given] = []

    def given(spec: T) -> Given:
        listed.append(Given(spec, random))
        return listed[-1]

    placed, named = replaced((inputs, call), T, given)
    try:
        made = layer.ours()
        types, others = replaced((placed, named), Given, _type)
        arguments = {**dict(zip(made.parameters, types, strict=False)), **others}
        trace = trace_layer(made, arguments, training=training)
    except Fault:
        return False
    weights = [_weight(spec, random) for spec, _ in trace.weights]
    known = bound(trace, [each.array for each in listed], weights, [each.mask for each in listed])
    masks = [output.mask for output in trace.outputs if output.mask is not None]
    results = [*trace.outputs, *masks, *(tensor for _, tensor in trace.updates)]
    # What is drawn in loops is drawn anew by one, and by the other once.
    if any(step.primitive.name == "random_bits" for step in all_steps(results)):
        return False
    try:
        return check_printed(results, known, {})
    except NotInNumPy as fault:
        assert "bfloat16" in str(fault) or "do not follow" in str(fault)
    except AssertionError as error:
        raise AssertionError(f"{layer!r} on {inputs}: {error}") from None
    return True


def _type(given: Given) -> TensorType:
    mask = None if given.mask is None else given.mask.shape
    return TensorType(given.array.shape, given.type.dtype, mask)


def _weight(spec: Any, random: np.random.Generator) -> Any:
    if "int" in spec.dtype:
        return np.zeros(spec.shape, spec.dtype)
    values = random.normal(size=spec.shape)
    if "var" in spec.path or "stddev" in spec.path:
        values = abs(values) + 0.5
    return values.astype(numpy_dtype(spec.dtype))


def all_cases() -> Iterator[tuple[Any, ...]]:
    """A layer, its inputs, and where there are some the arguments of its call in a dict."""
    for case in chain(table_cases(), argument_cases()):
        if all(isinstance(each, (T, list, tuple, dict)) for each in case[1:]):
            yield case


@pytest.mark.parametrize("training", [False, True])
def test_some(training: bool) -> None:
    chosen = list(islice(all_cases(), 3, None, 250))
    assert sum(check_case(layer, inputs, training=training) for layer, *inputs in chosen) > 4


@pytest.mark.slow
@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("part", range(PARTS))
def test_all(part: int, training: bool) -> None:
    chosen = list(islice(all_cases(), part, None, PARTS))
    checked = sum(check_case(layer, inputs, training=training) for layer, *inputs in chosen)
    assert checked > (0.6 if training else 0.7) * len(chosen)
