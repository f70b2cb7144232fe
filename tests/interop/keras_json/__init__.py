"""Tests of the import of Keras models. The harness comes first: it says which backend Keras has."""

import tests.differential.harness  # noqa: F401
