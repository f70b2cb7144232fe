"""Options of the test run."""

import os

import pytest

# Before anyone imports Keras, in whatever order tests are run.
os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_PLATFORMS", "cpu")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--bless", action="store_true", help="Rewrite the texts kept beside the golden programs."
    )
