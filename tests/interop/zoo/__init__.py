"""Keras models as people write them, grouped by subject."""
