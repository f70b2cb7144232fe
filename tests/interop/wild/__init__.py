"""Keras models of the kinds that other projects build and test with, grouped by subject."""
