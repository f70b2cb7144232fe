"""Grouped-query attention (Ainslie et al., 2023, https://arxiv.org/abs/2305.13245)."""

from __future__ import annotations

from math import sqrt
from typing import Any

from graphc.declare.arg import Arg
from graphc.declare.layer import Layer
from graphc.declare.needs import Rank
from graphc.declare.rules import Flag, Optional, Positive
from graphc.declare.scope import Scope
from graphc.diagnostics.codes import CONFLICTING_ARGUMENTS, SHAPE_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import UNKNOWN
from graphc.ir.shapes import difference_text, merge_dims
from graphc.ir.tensor import Tensor
from graphc.layers.activation import masked_softmax
from graphc.layers.attention_masks import Masks, aligned
from graphc.layers.multi_head_attention import (
    check_flash,
    check_scores,
    check_sources,
    fused_attention,
    inner_dense,
)
from graphc.layers.regularization import RATE, SEED
from graphc.ops.einsum import einsum
from graphc.ops.repetition import repeat
from graphc.training.constraints import CONSTRAINT
from graphc.training.initializers import INITIALIZER
from graphc.training.regularizers import REGULARIZER


class GroupQueryAttention(Layer):
    """Multi-head attention in which groups of query heads share a head of keys and values.

    Keras' class is GroupedQueryAttention, which names its layers, and its public name this one.
    """

    aliases = ("GroupedQueryAttention",)

    head_dim: int = Arg(Positive())
    num_query_heads: int = Arg(Positive())
    num_key_value_heads: int = Arg(Positive())
    dropout: float = Arg(RATE, default=0.0)
    use_bias: bool = Arg(Flag(), default=True)
    sliding_window: int | None = Arg(Optional(Positive()), default=None)
    flash_attention: bool | None = Arg(Optional(Flag()), default=None)
    kernel_initializer: Any = Arg(INITIALIZER, default="glorot_uniform")
    bias_initializer: Any = Arg(INITIALIZER, default="zeros")
    kernel_regularizer: Any = Arg(REGULARIZER, default=None)
    bias_regularizer: Any = Arg(REGULARIZER, default=None)
    activity_regularizer: Any = Arg(REGULARIZER, default=None)
    kernel_constraint: Any = Arg(CONSTRAINT, default=None)
    bias_constraint: Any = Arg(CONSTRAINT, default=None)
    use_gate: bool = Arg(Flag(), default=False)
    seed: int | None = Arg(SEED, default=None)

    supports_masking = True
    needs = {
        name: Rank(exactly=3, axes="batch, steps, features") for name in ("query", "value", "key")
    }

    @property
    def type_name(self) -> str:
        """The name of Keras' class, after which it numbers its layers."""
        return "GroupedQueryAttention"

    @property
    def subject(self) -> str:
        """What messages call the layer: its public name."""
        return "GroupQueryAttention"

    def validate(self) -> None:
        """Check that groups are equally large, and that flash attention need not drop."""
        check_flash(self.flash_attention, self.dropout)
        if self.num_query_heads % self.num_key_value_heads:
            raise Fault(
                CONFLICTING_ARGUMENTS,
                f"needs `num_query_heads` to be a multiple of `num_key_value_heads`, "
                f"got {self.num_query_heads} and {self.num_key_value_heads}",
                arguments=("num_query_heads", "num_key_value_heads"),
            )

    def call(
        self,
        scope: Scope,
        query: Tensor,
        value: Tensor,
        key: Tensor | None = None,
        query_mask: Tensor | None = None,
        value_mask: Tensor | None = None,
        key_mask: Tensor | None = None,
        attention_mask: Tensor | None = None,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:
        """[B, T, features] and [B, S, features] -> [B, T, features], and [B, heads, T, S]."""
        key = value if key is None else key
        check_sources(query, value, key)
        _check_features(query, value)
        masks = Masks(
            query_mask, value_mask, key_mask, attention_mask, use_causal_mask, self.sliding_window
        )
        mask = masks.combined(query.shape[1], value.shape[1])
        q, k, v, gate = self._projected(scope, query, key, value)
        scores = None
        if self.dropout > 0 or return_attention_scores:
            check_scores(self.flash_attention, return_attention_scores)
            outputs, scores = self._attend(q, k, v, mask)
        else:
            outputs = fused_attention(q, k, v, mask, 1 / sqrt(self.head_dim))
        if gate is not None:
            outputs = outputs * gate
        made = inner_dense(self, "attention_output", "bquh,uhm->bqm", (None, query.shape[-1]), "m")
        outputs = scope.apply(made, outputs, child_name="attention_output")
        return (outputs, scores) if return_attention_scores else outputs

    def _projected(
        self, scope: Scope, query: Tensor, key: Tensor, value: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor | None]:
        """Project to [B, steps, query heads, size]; the weights come in this order."""
        heads, groups = self.num_query_heads, self.num_key_value_heads
        q = self._apply(scope, "query", query, heads)
        k = self._apply(scope, "key", key, groups)
        gate = self._apply(scope, "gate", query, heads, "sigmoid") if self.use_gate else None
        v = self._apply(scope, "value", value, groups)
        shared = heads // groups
        return q, repeat(k, shared, axis=2), repeat(v, shared, axis=2), gate

    def _apply(
        self, scope: Scope, name: str, x: Tensor, heads: int, activation: str | None = None
    ) -> Tensor:
        sizes = (None, heads, self.head_dim)
        layer = inner_dense(self, name, "bqm,muh->bquh", sizes, "uh", activation)
        result: Tensor = scope.apply(layer, x, child_name=name)
        return result

    def _attend(
        self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        scores = einsum("bquh,bkuh->buqk", query * (1 / sqrt(self.head_dim)), key)
        shares = masked_softmax(scores, None if mask is None else aligned(mask, scores.shape), -1)
        return einsum("buqk,bkuh->bquh", shares, value), shares


def _check_features(query: Tensor, value: Tensor) -> None:
    one, other = query.shape[-1], value.shape[-1]
    if (one is UNKNOWN) != (other is UNKNOWN) or merge_dims(one, other) is None:
        raise Fault(
            SHAPE_MISMATCH,
            f"needs a query and a value of as many features, got {query.type} and {value.type}",
            label=difference_text(one, other),
            inputs=("query", "value"),
        )
