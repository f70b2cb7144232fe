"""The samples as Keras programs."""

from __future__ import annotations

import pytest

from tests.emit.built import check, emitted_file
from tests.samples.rows import SAMPLES

FILES = sorted(SAMPLES.glob("*.net"))
by_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


@by_file
@pytest.mark.parametrize("flat", [False, True])
def test_builds_the_model(path, flat):
    check(*emitted_file(path, flat=flat))
