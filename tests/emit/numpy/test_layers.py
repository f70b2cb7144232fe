"""Every layer with many configurations, as a program of NumPy."""

from __future__ import annotations

from typing import Any

import pytest

from graphc.diagnostics.fault import Fault
from graphc.emit.numpy import numpy_program
from graphc.emit.numpy.faults import NotInNumPy
from graphc.model import Model, check_source
from graphc.runtime.lookups import OutOfRange
from graphc.source import SourceFile
from tests.emit.layer_cases import argument_cases, table_cases, text_of
from tests.emit.numpy.executed import check_program
from tests.emit.values import drawn_inputs, drawn_weights

NO_SUCH_NUMBERS = "bfloat16"


def models(cases: Any) -> list[Model]:
    """The models of cases that have a text, and whose text is clean."""
    texts = sorted({text_of(case) for case in cases} - {None})
    reports = [check_source(SourceFile("model.net", text)) for text in texts]
    return [report.main for report in reports if report.is_clean and report.main is not None]


def check_model(model: Model) -> bool:
    """Whether a model's sizes allow arrays at all; its program is held to what it computes then."""
    if NO_SUCH_NUMBERS in model.model_graph.span.file.text:
        with pytest.raises(NotInNumPy, match=NO_SUCH_NUMBERS):
            numpy_program(model.model_graph)
        return False
    weights = drawn_weights(model)
    inputs = dict(zip(model.inputs, drawn_inputs(model), strict=True))
    try:
        model.compile(weights).run(inputs)
    except (Fault, OutOfRange):  # these sizes are none for the model
        return False
    check_program(model, weights, inputs)
    return True


def test_some() -> None:
    chosen = models(list(argument_cases())[::200])
    assert sum(map(check_model, chosen)) > 5


@pytest.mark.slow
@pytest.mark.parametrize("cases", [argument_cases, table_cases])
@pytest.mark.parametrize("part", range(4))
def test_all(cases: Any, part: int) -> None:
    chosen = models(cases())[part::4]
    assert sum(map(check_model, chosen)) > 0.9 * len(chosen)
