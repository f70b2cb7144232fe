"""What keeps a model from being written with NumPy alone."""

from __future__ import annotations


class NotInNumPy(Exception):
    """A model that NumPy alone cannot compute for any input: the message says why."""
