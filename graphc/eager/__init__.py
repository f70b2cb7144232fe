"""Tensors with values, tensor functions that are run at once, and tapes that differentiate them."""

from graphc.eager import dispatch
from graphc.eager.tape import GradientTape
from graphc.eager.tensor import EagerTensor
from graphc.eager.variable import Variable

__all__ = ["EagerTensor", "GradientTape", "Variable", "dispatch"]
