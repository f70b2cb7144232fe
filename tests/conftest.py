"""Options of the test run."""

import os
import sys
from collections.abc import Iterator

import pytest

# Before anyone imports Keras, in whatever order tests are run.
os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_PLATFORMS", "cpu")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--bless", action="store_true", help="Rewrite the texts kept beside the golden programs."
    )


@pytest.fixture(autouse=True)
def no_waiting_variables() -> Iterator[None]:
    """Forget the weights that a test had Keras make without values.

    Keras gives them values in the next scope that ends, in whatever test that is, and fails there
    where their dtype has no such initializer.
    """
    yield
    if "keras" in sys.modules:
        state = sys.modules["keras"].src.backend.common.global_state
        state.set_global_attribute("uninitialized_variables", [])
