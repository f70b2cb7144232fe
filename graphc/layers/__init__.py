"""Keras' layers, each declared once. Importing the package fills the registry."""

import graphc.ops  # noqa: F401 - the tensor functions and operators that layers are made of
from graphc.layers import dense

__all__ = ["dense"]
