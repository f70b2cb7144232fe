"""How kernels and biases start, and what keeps them small: arguments that many layers take.

Layers say in `argument_order` at which places.
"""

from __future__ import annotations

from typing import Any

from graphc.declare.arg import Arg
from graphc.declare.layer import Layer
from graphc.training.constraints import CONSTRAINT
from graphc.training.initializers import INITIALIZER
from graphc.training.regularizers import REGULARIZER

KERNEL_AND_BIAS = (
    *("kernel_initializer", "bias_initializer"),
    *("kernel_regularizer", "bias_regularizer", "activity_regularizer"),
    *("kernel_constraint", "bias_constraint"),
)
"""Their usual order."""


class BiasArguments(Layer, abstract=True):
    """What layers with a bias are configured by."""

    bias_initializer: Any = Arg(INITIALIZER, default="zeros", kw_only=True)
    bias_regularizer: Any = Arg(REGULARIZER, default=None, kw_only=True)
    activity_regularizer: Any = Arg(REGULARIZER, default=None, kw_only=True)
    bias_constraint: Any = Arg(CONSTRAINT, default=None, kw_only=True)


class KernelArguments(BiasArguments, abstract=True):
    """What layers with a kernel and a bias are configured by."""

    kernel_initializer: Any = Arg(INITIALIZER, default="glorot_uniform", kw_only=True)
    kernel_regularizer: Any = Arg(REGULARIZER, default=None, kw_only=True)
    kernel_constraint: Any = Arg(CONSTRAINT, default=None, kw_only=True)
