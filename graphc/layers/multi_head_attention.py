"""Multi-head attention (Vaswani et al., 2017, https://arxiv.org/abs/1706.03762)."""

from __future__ import annotations

from functools import lru_cache
from math import sqrt
from string import ascii_lowercase
from typing import Any

from graphc.declare.arg import Arg
from graphc.declare.layer import Layer
from graphc.declare.needs import Rank
from graphc.declare.rules import Each, Flag, Integer, Optional, Positive
from graphc.declare.scope import Scope
from graphc.diagnostics.codes import (
    AXIS_OUT_OF_RANGE,
    CONFLICTING_ARGUMENTS,
    RANK_MISMATCH,
    SHAPE_MISMATCH,
)
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import UNKNOWN, shape_text
from graphc.ir.shapes import difference_help, difference_text, merge_dims
from graphc.ir.tensor import Tensor
from graphc.layers.activation import masked_softmax
from graphc.layers.attention_masks import Masks, aligned
from graphc.layers.einsum_dense import EinsumDense
from graphc.layers.regularization import RATE, SEED
from graphc.ops.attention import dot_product_attention
from graphc.ops.einsum import einsum
from graphc.record import Record
from graphc.training.constraints import CONSTRAINT
from graphc.training.initializers import INITIALIZER
from graphc.training.regularizers import REGULARIZER


class MultiHeadAttention(Layer):
    """Let each step of the query gather values from where its keys point, in several heads."""

    num_heads: int = Arg(Positive())
    key_dim: int = Arg(Positive())
    value_dim: int | None = Arg(Optional(Positive()), default=None)
    dropout: float = Arg(RATE, default=0.0)
    use_bias: bool = Arg(Flag(), default=True)
    output_shape: Any = Arg(Optional(Each(Positive(), or_one=True)), default=None)
    attention_axes: Any = Arg(Optional(Each(Integer(), or_one=True)), default=None)
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
    needs = {name: Rank(at_least=3) for name in ("query", "value", "key")}

    def validate(self) -> None:
        """Check that what flash attention cannot do is not asked of it."""
        check_flash(self.flash_attention, self.dropout)

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
        check_sources(query, value, key)
        # Keras does not look at a `query_mask` that a call gives, only at the query's own.
        masks = Masks(
            query.mask, value_mask, key_mask, attention_mask, use_causal_mask, self.sliding_window
        )
        mask = masks.combined(query.shape[1], value.shape[1])
        axes = self._axes(query.rank + 1)
        q, k, v, gate = self._projected(scope, query, key, value)
        is_explicit = self.dropout > 0 or return_attention_scores
        scores = None
        if is_explicit or q.rank != 4:
            check_scores(self.flash_attention, return_attention_scores)
            outputs, scores = self._attend(q, k, v, mask, axes)
        else:
            outputs = fused_attention(q, k, v, mask, 1 / sqrt(self.key_dim))
        if gate is not None:
            outputs = outputs * gate
        outputs = self._apply(scope, "attention_output", outputs, self._output_sizes(query), 2)
        return (outputs, scores) if return_attention_scores else outputs

    def _projected(
        self, scope: Scope, query: Tensor, key: Tensor, value: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor | None]:
        """Project to [..., heads, size]; the weights come in this order."""
        value_dim = self.value_dim or self.key_dim
        q = self._apply(scope, "query", query, (self.num_heads, self.key_dim))
        k = self._apply(scope, "key", key, (self.num_heads, self.key_dim))
        gate = None
        if self.use_gate:
            gate = self._apply(scope, "gate", query, (self.num_heads, value_dim), 1, "sigmoid")
        v = self._apply(scope, "value", value, (self.num_heads, value_dim))
        return q, k, v, gate

    def _output_sizes(self, query: Tensor) -> tuple[Any, ...]:
        if not self.output_shape:
            return (query.shape[-1],)
        return self.output_shape if isinstance(self.output_shape, tuple) else (self.output_shape,)

    def _apply(
        self,
        scope: Scope,
        name: str,
        x: Tensor,
        sizes: tuple[Any, ...],
        bound: int = 1,
        activation: str | None = None,
    ) -> Tensor:
        """Apply the inner layer of this name: the last `bound` axes become axes of `sizes`."""
        equation, bias_axes = projection(x.rank - bound, bound, len(sizes))
        free = (None,) * (x.rank - bound - 1)
        layer = inner_dense(self, name, equation, (*free, *sizes), bias_axes, activation)
        result: Tensor = scope.apply(layer, x, child_name=name)
        return result

    def _attend(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        mask: Tensor | None,
        axes: tuple[int, ...],
    ) -> tuple[Tensor, Tensor]:
        """Attend along any axes, as sums that the scores can be taken from."""
        sums = attention_sums(query.rank, axes)
        scores = einsum(sums.dot_product, key, query * (1 / sqrt(self.key_dim)))
        if mask is not None:
            mask = aligned(mask, scores.shape, len(axes))
        over = tuple(range(scores.rank - len(axes), scores.rank))
        shares = masked_softmax(scores, mask, over)
        return einsum(sums.combination, shares, value), shares

    def _axes(self, rank: int) -> tuple[int, ...]:
        """Give the attended axes of projected tensors: by default all but batch and heads."""
        given = self.attention_axes
        if given is None:
            return tuple(range(1, rank - 2))
        listed = given if isinstance(given, tuple) else (given,)
        axes = tuple(axis if axis >= 0 else rank - 1 + axis for axis in listed)
        if not axes or len(set(axes)) < len(axes) or not all(0 < axis < rank - 2 for axis in axes):
            raise Fault(
                AXIS_OUT_OF_RANGE,
                f"needs `attention_axes` to be axes between batch and features, each once, "
                f"got {given}",
                label=f"for inputs of rank {rank - 1}",
                arguments=("attention_axes",),
            )
        return axes


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


def projection(free: int, bound: int, made: int) -> tuple[str, str]:
    """Spell the einsum that turns `bound` last axes into `made` ones, and name the latter."""
    kept = ascii_lowercase[:free]
    summed = ascii_lowercase[free : free + bound]
    new = ascii_lowercase[free + bound : free + bound + made]
    return f"{kept}{summed},{summed}{new}->{kept}{new}", new


class Sums(Record):
    """The two sums of attention, as einsum equations."""

    dot_product: str
    combination: str


@lru_cache(maxsize=64)
def attention_sums(rank: int, axes: tuple[int, ...]) -> Sums:
    """Spell attention of tensors [batch, ..., heads, size] along axes.

    Scores have the other axes, heads among them, then the query's attended ones, then the keys'.
    """
    query = ascii_lowercase[:rank]
    others = iter(ascii_lowercase[rank:])
    key = "".join(next(others) if axis in axes else query[axis] for axis in range(rank))
    shared = "".join(query[axis] for axis in range(rank - 1) if axis not in axes)
    scores = shared + "".join(query[a] for a in axes) + "".join(key[a] for a in axes)
    return Sums(f"{key},{query}->{scores}", f"{scores},{key}->{query}")


def fused_attention(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, scale: float
) -> Tensor:
    """Attend along the steps of [B, T, heads, size], without giving the scores."""
    if mask is not None:
        shape = (query.shape[0], query.shape[2], query.shape[1], key.shape[1])
        mask = aligned(mask, shape)
    return dot_product_attention(query, key, value, mask=mask, scale=scale)


def check_sources(query: Tensor, value: Tensor, key: Tensor) -> None:
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


def check_flash(flash_attention: bool | None, dropout: float) -> None:
    """Raise `Fault` where flash attention is to drop scores."""
    if flash_attention and dropout > 0:
        raise Fault(
            CONFLICTING_ARGUMENTS,
            f"needs `dropout` to be 0 with `flash_attention`, got {dropout}",
            arguments=("dropout", "flash_attention"),
        )


def check_scores(flash_attention: bool | None, return_attention_scores: bool) -> None:
    """Raise `Fault` where flash attention is to give scores, which it never has."""
    if flash_attention and return_attention_scores:
        raise Fault(
            CONFLICTING_ARGUMENTS,
            "needs `return_attention_scores` to be False with `flash_attention`, got True",
            arguments=("return_attention_scores", "flash_attention"),
        )
