"""Layers that look vectors up in a table."""

from __future__ import annotations

from typing import Any

from graphc.declare.arg import Arg
from graphc.declare.layer import Layer
from graphc.declare.rules import (
    DType,
    Flag,
    NonNegative,
    Number,
    OnlyNone,
    Optional,
    Positive,
    Rule,
)
from graphc.declare.scope import Scope
from graphc.diagnostics.codes import CONFLICTING_ARGUMENTS, SHAPE_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.shapes import difference_text, merge_dims
from graphc.ir.tensor import Tensor
from graphc.layers.dense import QUANTIZATION
from graphc.layers.low_rank import adapted, check_adaptable
from graphc.ops.activation import tanh
from graphc.ops.arithmetic import not_equal
from graphc.ops.convert import cast
from graphc.ops.gathering import looked_up
from graphc.ops.linear_algebra import matmul
from graphc.ops.shaping import transpose
from graphc.training.constraints import CONSTRAINT
from graphc.training.initializers import INITIALIZER
from graphc.training.regularizers import REGULARIZER

_WEIGHTS = OnlyNone("starting values come from a weight file")


class Embedding(Layer):
    """Turn token ids into vectors: the rows of a table."""

    input_dim: int = Arg(Positive())
    output_dim: int = Arg(Positive())
    embeddings_initializer: Any = Arg(INITIALIZER, default="uniform")
    embeddings_regularizer: Any = Arg(REGULARIZER, default=None)
    embeddings_constraint: Any = Arg(CONSTRAINT, default=None)
    mask_zero: bool = Arg(Flag(), default=False)
    weights: None = Arg(_WEIGHTS, default=None)
    lora_rank: int | None = Arg(Optional(NonNegative()), default=None)
    lora_alpha: float | None = Arg(Optional(Number()), default=None)
    quantization_config: None = Arg(QUANTIZATION, default=None)
    # Deprecated, and without effect, in Keras too.
    input_length: Any = Arg(Optional(Rule()), default=None, kw_only=True)

    supports_masking = True
    input_dtype = "any"

    def validate(self) -> None:
        """Check that what `lora_rank` adapts has no constraint."""
        check_adaptable(self, "embeddings_constraint")

    def call(self, scope: Scope, inputs: Tensor) -> Tensor:
        """[...] -> [..., output_dim]."""
        ids = inputs if inputs.dtype in ("int32", "int64") else cast(inputs, "int32")
        return cast(looked_up(self.table(scope), ids), self.compute_dtype)

    def table(self, scope: Scope) -> Tensor:
        """Make the table [input_dim, output_dim], adapted where there is a `lora_rank`."""
        embeddings = scope.weight("embeddings", (self.input_dim, self.output_dim))
        if self.lora_rank:
            # As in Dense, Keras drops `lora_alpha`.
            return adapted(scope, "embeddings", embeddings, self.lora_rank, self.lora_rank)
        return embeddings

    def compute_mask(self, scope: Scope, inputs: Any, mask: Any) -> Any:
        """Take id 0 for padding where `mask_zero` says so; the input's own mask ends here."""
        return not_equal(inputs, 0) if self.mask_zero else None


class ReversibleEmbedding(Embedding):
    """Turn token ids into vectors, or with `reverse` vectors into a score for each id."""

    tie_weights: bool = Arg(Flag(), default=True)
    weights: None = Arg(_WEIGHTS, default=None, kw_only=True)
    lora_rank: int | None = Arg(Optional(NonNegative()), default=None, kw_only=True)
    lora_alpha: float | None = Arg(Optional(Number()), default=None, kw_only=True)
    quantization_config: None = Arg(QUANTIZATION, default=None, kw_only=True)
    reverse_dtype: str | None = Arg(Optional(DType()), default=None)
    logit_soft_cap: float | None = Arg(Optional(Number()), default=None)

    argument_order = (
        "input_dim",
        "output_dim",
        "tie_weights",
        "embeddings_initializer",
        "embeddings_regularizer",
        "embeddings_constraint",
        "mask_zero",
        "reverse_dtype",
        "logit_soft_cap",
    )

    def validate(self) -> None:
        """Check that `lora_rank` has one table to adapt, without a constraint."""
        super().validate()
        if self.lora_rank and not self.tie_weights:
            raise Fault(
                CONFLICTING_ARGUMENTS,
                "needs `tie_weights` to be True where it has a `lora_rank`, got False",
                arguments=("lora_rank", "tie_weights"),
            )

    def call(self, scope: Scope, inputs: Tensor, reverse: bool = False) -> Tensor:
        """[...] -> [..., output_dim], or [..., output_dim] -> [..., input_dim]."""
        kernel = self._reverse_kernel(scope)
        if reverse:
            return self._scores(inputs, kernel)
        outputs = super().call(scope, inputs)
        outputs.mask = super().compute_mask(scope, inputs, None)
        return outputs

    def compute_mask(self, scope: Scope, inputs: Any, mask: Any) -> Any:
        """Leave the mask to `call`, which knows the direction."""
        return None

    def _reverse_kernel(self, scope: Scope) -> Tensor:
        table = self.table(scope)
        if self.tie_weights:
            return transpose(table)
        shape = (self.output_dim, self.input_dim)
        return scope.weight("reverse_embeddings", shape, self.embeddings_initializer)

    def _scores(self, inputs: Tensor, kernel: Tensor) -> Tensor:
        width = inputs.shape[-1]
        if merge_dims(width, self.output_dim) is None:
            raise Fault(
                SHAPE_MISMATCH,
                f"needs {self.output_dim} features to turn back into ids, got {inputs.type}",
                label=difference_text(width, self.output_dim),
                inputs=("inputs",),
            )
        if self.reverse_dtype is not None:
            inputs, kernel = cast(inputs, self.reverse_dtype), cast(kernel, self.reverse_dtype)
        scores = matmul(inputs, kernel)
        cap = self.logit_soft_cap
        return scores if cap is None else tanh(scores / cap) * cap
