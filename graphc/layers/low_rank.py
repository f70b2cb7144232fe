"""Low-rank adaptation: a frozen weight, and a trained product of two thin matrices beside it."""

from __future__ import annotations

from typing import Any

from graphc.declare.definition import Definition
from graphc.declare.scope import Scope
from graphc.diagnostics.codes import CONFLICTING_ARGUMENTS
from graphc.diagnostics.fault import Fault
from graphc.ir.tensor import Tensor
from graphc.ops.convert import cast
from graphc.ops.linear_algebra import matmul
from graphc.training.initializers import HeUniform, Zeros

_A_INITIALIZER = HeUniform()
_B_INITIALIZER = Zeros()


def adapted(scope: Scope, name: str, weight: Tensor, rank: int, alpha: float) -> Tensor:
    """Give weight + alpha / rank * a @ b (Hu et al., 2021, https://arxiv.org/abs/2106.09685).

    The weight [..., n] is frozen; `lora_NAME_a` is [..., rank] and `lora_NAME_b` [rank, n].
    """
    scope.freeze(name)
    regularizer = getattr(scope.layer, f"{name}_regularizer", None)
    options: dict[str, Any] = {"dtype": "float32", "regularizer": regularizer}
    a = scope.weight(f"lora_{name}_a", (*weight.shape[:-1], rank), _A_INITIALIZER, **options)
    b = scope.weight(f"lora_{name}_b", (rank, weight.shape[-1]), _B_INITIALIZER, **options)
    scope.adapt(name, f"lora_{name}_a", f"lora_{name}_b", alpha / rank)
    return cast(weight + matmul(a, b) * (alpha / rank), scope.layer.compute_dtype)


def check_adaptable(layer: Definition, constraint_name: str) -> None:
    """Raise `Fault` where a layer has both `lora_rank` and a constraint on what it adapts."""
    values = vars(layer)
    if values["lora_rank"] and values[constraint_name] is not None:
        raise Fault(
            CONFLICTING_ARGUMENTS,
            f"needs `{constraint_name}` to be None where it has a `lora_rank`, "
            f"got {values[constraint_name]}",
            help=f"remove `lora_rank` or `{constraint_name}`",
            arguments=("lora_rank", constraint_name),
        )
