"""Attention in several heads: what the layers share that project queries, keys and values."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from math import sqrt
from typing import Any, ClassVar

from graphc.declare.arg import Arg
from graphc.declare.layer import Layer
from graphc.declare.rules import Flag, Optional, Positive
from graphc.declare.scope import Scope
from graphc.diagnostics.codes import CONFLICTING_ARGUMENTS, RANK_MISMATCH, SHAPE_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import UNKNOWN, shape_text
from graphc.ir.shapes import difference_help, difference_text, merge_dims
from graphc.ir.tensor import Tensor
from graphc.layers.attention_masks import Masks, aligned
from graphc.layers.einsum_dense import EinsumDense
from graphc.layers.kernel_arguments import KERNEL_AND_BIAS, KernelArguments
from graphc.layers.regularization import RATE, SEED, dropout
from graphc.ops.attention import dot_product_attention
from graphc.record import Record

HEAD_ARGUMENTS = ("sliding_window", "flash_attention", *KERNEL_AND_BIAS, "use_gate", "seed")
"""The end of Keras' orders of arguments."""


class Projected(Record):
    """A query, key and value as heads: [..., heads, size]; maybe a gate for the outputs."""

    query: Tensor
    key: Tensor
    value: Tensor
    gate: Tensor | None


class AttentionHeads(KernelArguments, abstract=True):
    """Attend in several heads, each to its own projections of the query, key and value.

    A subclass says how to project, to attend, and to put the heads together again.
    """

    category = "attention"
    dropout: float = Arg(RATE, default=0.0, kw_only=True)
    use_bias: bool = Arg(Flag(), default=True, kw_only=True)
    sliding_window: int | None = Arg(Optional(Positive()), default=None, kw_only=True)
    flash_attention: bool | None = Arg(Optional(Flag()), default=None, kw_only=True)
    use_gate: bool = Arg(Flag(), default=False, kw_only=True)
    seed: int | None = Arg(SEED, default=None, kw_only=True)

    supports_masking = True
    trains_inside = True
    inner_names = ("softmax", "dropout")
    attributes: ClassVar[Mapping[str, str]] = {}
    """What Keras' class keeps the dense layers inside in, by their names."""
    takes_masks_away: ClassVar[bool] = False
    """Whether what it is applied to has no mask for the calls after this one."""

    def validate(self) -> None:
        """Check that flash attention is not to drop scores."""
        if self.flash_attention and self.dropout > 0:
            raise Fault(
                CONFLICTING_ARGUMENTS,
                f"needs `dropout` to be 0 with `flash_attention`, got {self.dropout}",
                arguments=("dropout", "flash_attention"),
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
        """[B, T, features] and [B, S, ...] -> [B, T, features], and the scores [B, heads, T, S]."""
        key = value if key is None else key
        self.check_inputs(query, value, key)
        masks = Masks(
            self.mask_of_query(query, query_mask),
            *(value_mask, key_mask, attention_mask, use_causal_mask, self.sliding_window),
        )
        mask = masks.combined(query.shape[1], value.shape[1])
        if self.takes_masks_away:
            for each in (query, value, key):
                each.lose_mask()
        heads = self.projected(scope, query, key, value)
        scores = None
        if self.dropout > 0 or return_attention_scores or heads.query.rank != 4:
            self._check_scores(return_attention_scores)
            outputs, scores = self.attended(scope, heads, mask)
        else:
            outputs = self._fused(heads, mask)
        if heads.gate is not None:
            outputs = outputs * heads.gate
        outputs = self.joined(scope, outputs, query)
        return (outputs, scores) if return_attention_scores else outputs

    def attribute_of(self, inner: Layer, label: str) -> str:
        """The dense layers inside have attributes of their own."""
        return self.attributes[label]

    @property
    def scale(self) -> float:
        """The factor of the scores: one over the root of the size of a key."""
        return 1 / sqrt(self.key_size)

    @property
    def key_size(self) -> int:
        """The size of a query or key in one head."""
        raise NotImplementedError(type(self).__name__)

    def check_inputs(self, query: Tensor, value: Tensor, key: Tensor) -> None:
        """Raise `Fault` where ranks differ, or a key's steps are not those of its value."""
        need_sources(query, value, key)

    def mask_of_query(self, query: Tensor, query_mask: Tensor | None) -> Tensor | None:
        """The mask of the query that counts."""
        return query_mask

    def projected(self, scope: Scope, query: Tensor, key: Tensor, value: Tensor) -> Projected:
        """Project to heads; the weights come in this order."""
        raise NotImplementedError(type(self).__name__)

    def attended(
        self, scope: Scope, heads: Projected, mask: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Attend by sums that the scores can be taken from: the outputs, and the scores."""
        raise NotImplementedError(type(self).__name__)

    def dropped(self, scope: Scope, shares: Tensor) -> Tensor:
        """The shares that values are summed by: in training some of them are left out."""
        return dropout(shares, self.dropout, shares.shape, self.seed) if scope.training else shares

    def joined(self, scope: Scope, outputs: Tensor, query: Tensor) -> Tensor:
        """Project all heads together, by default to the features of the query."""
        raise NotImplementedError(type(self).__name__)

    def _check_scores(self, return_attention_scores: bool) -> None:
        if self.flash_attention and return_attention_scores:
            raise Fault(
                CONFLICTING_ARGUMENTS,
                "needs `return_attention_scores` to be False with `flash_attention`, got True",
                arguments=("return_attention_scores", "flash_attention"),
            )

    def _fused(self, heads: Projected, mask: Tensor | None) -> Tensor:
        """Attend along the steps of [B, T, heads, size], without giving the scores."""
        query, key = heads.query, heads.key
        if mask is not None:
            shape = (query.shape[0], query.shape[2], query.shape[1], key.shape[1])
            mask = aligned(mask, shape)
        return dot_product_attention(query, key, heads.value, mask=mask, scale=self.scale)


@lru_cache(maxsize=256)
def inner_dense(
    layer: Layer,
    name: str,
    equation: str,
    output_shape: tuple[Any, ...],
    bias_axes: str,
    activation: str | None = None,
) -> EinsumDense:
    """Make one of the dense layers inside an attention layer, which decides on the rest."""
    options = vars(layer)
    return EinsumDense(
        equation,
        output_shape,
        activation=activation,
        bias_axes=bias_axes if options["use_bias"] else None,
        kernel_initializer=options["kernel_initializer"],
        bias_initializer=options["bias_initializer"],
        kernel_regularizer=options["kernel_regularizer"],
        bias_regularizer=options["bias_regularizer"],
        activity_regularizer=options["activity_regularizer"],
        kernel_constraint=options["kernel_constraint"],
        bias_constraint=options["bias_constraint"],
        name=name,
        dtype=options["dtype"],
    )


def need_sources(query: Tensor, value: Tensor, key: Tensor) -> None:
    """Raise `Fault` where ranks differ, or a key's steps are not those of its value."""
    if not query.rank == value.rank == key.rank:
        raise Fault(
            RANK_MISMATCH,
            f"needs a query, value and key of one rank, "
            f"got {query.type}, {value.type} and {key.type}",
            inputs=("query", "value", "key"),
        )
    for one, other in zip(value.shape[1:-1], key.shape[1:-1], strict=True):
        is_known = (one is UNKNOWN) == (other is UNKNOWN)
        if not is_known or merge_dims(one, other) is None:
            raise Fault(
                SHAPE_MISMATCH,
                f"needs a value and a key of the same steps, "
                f"got {shape_text(value.shape)} and {shape_text(key.shape)}",
                label=difference_text(one, other),
                help=difference_help(one, other),
                inputs=("value", "key"),
            )
