"""The layers whose values are compared with Keras', once more for their gradients."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.differential import (
    test_activation,
    test_attention,
    test_convolution_values,
    test_core,
    test_merging,
    test_normalization,
    test_pooling,
    test_preprocessing,
    test_recurrent_values,
    test_reshaping,
    values,
)
from tests.differential.gradients import check_gradients

TESTS = [
    test_activation.test_values,
    test_attention.test_values,
    test_convolution_values.test_values,
    test_core.test_values,
    test_merging.test_values,
    test_normalization.test_values,
    test_pooling.test_values,
    test_preprocessing.test_values,
    test_recurrent_values.test_values,
    test_recurrent_values.test_values_under_a_mask,
    test_recurrent_values.test_values_over_images,
    test_reshaping.test_values,
]


def _cases() -> Iterator[Any]:
    """Each case of these tests, as pytest would call them."""
    for test in TESTS:
        for mark in test.pytestmark:
            if mark.name == "parametrize":
                names, found = mark.args[:2]
                for each in found:
                    values = each.values if hasattr(each, "marks") else each
                    is_one = isinstance(names, str) and "," not in names
                    case = (each,) if is_one and not hasattr(each, "marks") else tuple(values)
                    yield pytest.param(test, case, id=f"{test.__module__.split('.')[-1]}-{case!r}")


@pytest.mark.slow
@pytest.mark.parametrize(("test", "case"), list(_cases()))
def test_gradients(test: Any, case: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(values, "more_checks", check_gradients)
    test(*case)
