"""What regularizers add to a model's loss."""

from __future__ import annotations

from functools import reduce
from operator import add

from graphc.analysis.weight_keys import keyed_weights
from graphc.ir.dtypes import is_float
from graphc.ir.graph import ModelGraph
from graphc.ir.tensor import Tensor
from graphc.ops.convert import cast
from graphc.runtime.lower import Lowered


def penalty(model: ModelGraph, lowered: Lowered) -> Tensor | None:
    """The sum over outputs and trainable weights, a scalar; None where nothing is regularized.

    A weight counts once, however often it is used, and with the value that the outputs had of it.
    """
    leaves = dict(reversed(lowered.weights))
    leaves |= lowered.updates
    found = list(lowered.penalties)
    for key, weight in keyed_weights(model).items():
        regularizer = weight.spec.regularizer
        if regularizer is not None and weight.is_trainable and key in leaves:
            found.append(regularizer.penalty(leaves[key]))
    whole = [x if is_float(x.dtype) else cast(x, "float32") for x in found]
    return reduce(add, whole) if whole else None
