"""Attention over lists of a query, a value and perhaps a key, without projections."""

from __future__ import annotations

from typing import Any

from graphc.declare.arg import Arg
from graphc.declare.layer import Layer
from graphc.declare.needs import Several
from graphc.declare.rules import Flag, Number, OneOf
from graphc.declare.scope import Scope
from graphc.diagnostics.codes import INPUT_COUNT, RANK_MISMATCH, SHAPE_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.shapes import difference_help, difference_text, merge_dims
from graphc.ir.tensor import Tensor
from graphc.layers.attention_masks import causal_mask
from graphc.layers.regularization import SEED, dropout
from graphc.ops.activation import tanh
from graphc.ops.arithmetic import logical_and, where
from graphc.ops.convert import TensorList, cast
from graphc.ops.linear_algebra import matmul
from graphc.ops.reduction import sum_
from graphc.ops.shaping import expand_dims, swapaxes
from graphc.ops.softmax import softmax
from graphc.training.initializers import GlorotUniform, Ones

_ONES = Ones()
_GLOROT_UNIFORM = GlorotUniform()


class ListAttention(Layer, abstract=True):
    """Attention with the scores of a subclass."""

    category = "attention"
    trains_by_default = False
    use_scale: bool = Arg(Flag(), default=False)
    dropout: float = Arg(Number(), default=0.0)
    seed: int | None = Arg(SEED, default=None)

    supports_masking = True
    needs = {"inputs": Several(2, 3)}

    def scores(self, scope: Scope, query: Tensor, key: Tensor) -> Tensor:
        """Score each pair of steps: [..., T, features] and [..., S, features] -> [..., T, S]."""
        raise NotImplementedError(type(self).__name__)

    def call(
        self,
        scope: Scope,
        inputs: TensorList,
        mask: TensorList | None = None,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:
        """[B, T, features], [B, S, size] and a key [B, S, features] -> [B, T, size]."""
        query, value = inputs[0], inputs[1]
        key = inputs[2] if len(inputs) > 2 else value
        _check_ranks(query, value, key)
        _check_one_size("as many keys as values", key, value, -2)
        query_mask, value_mask = _masks(mask)
        scores = self.scores(scope, query, key)
        seen = _seen(scores, value_mask, use_causal_mask)
        if seen is not None:
            lowered = scores - (65504.0 if scores.dtype == "float16" else 1e9)
            scores = where(seen, scores, lowered)
        shares = softmax(scores)
        if scope.training and self.dropout > 0:
            shares = dropout(shares, self.dropout, shares.shape, self.seed)
        outputs = matmul(shares, value)
        if query_mask is not None:
            outputs = where(expand_dims(query_mask, -1), outputs, 0)
        outputs = cast(outputs, self.compute_dtype)
        return (outputs, cast(shares, self.compute_dtype)) if return_attention_scores else outputs

    def compute_mask(self, scope: Scope, inputs: Any, mask: Any) -> Any:
        """Give the query's mask."""
        return mask[0] if isinstance(mask, (list, tuple)) else None


class Attention(ListAttention):
    """Score by dot products (Luong et al., 2015, https://arxiv.org/abs/1508.04025)."""

    use_scale: bool = Arg(Flag(), default=False)
    score_mode: str = Arg(OneOf(("dot", "concat")), default="dot")

    argument_order = ("use_scale", "score_mode", "dropout", "seed")

    def scores(self, scope: Scope, query: Tensor, key: Tensor) -> Tensor:
        """Score by query · key, or in mode "concat" by the sum of tanh(query + key)."""
        scale = scope.weight("scale", (), _ONES) if self.use_scale else None
        if self.score_mode == "dot":
            _check_one_size("the queries and keys to be equally wide", query, key, -1)
            scores = matmul(query, swapaxes(key, -2, -1))
            return scores if scale is None else scores * scale
        weight = scope.weight("concat_score_weight", (), _ONES)
        sums = expand_dims(query, -2) + expand_dims(key, -3)
        return weight * sum_(tanh(sums if scale is None else scale * sums), axis=-1)


class AdditiveAttention(ListAttention):
    """Score by the sum of scale * tanh(query + key) (Bahdanau et al., arxiv.org/abs/1409.0473)."""

    use_scale: bool = Arg(Flag(), default=True)
    seed: int | None = Arg(SEED, default=None, kw_only=True)

    def scores(self, scope: Scope, query: Tensor, key: Tensor) -> Tensor:
        """Score with one weight for each feature, where there is a scale."""
        sums = tanh(expand_dims(query, -2) + expand_dims(key, -3))
        if self.use_scale:
            sums = scope.weight("scale", (query.shape[-1],), _GLOROT_UNIFORM) * sums
        return sum_(sums, axis=-1)


def _check_ranks(query: Tensor, value: Tensor, key: Tensor) -> None:
    if query.rank < 2 or not query.rank == value.rank == key.rank:
        raise Fault(
            RANK_MISMATCH,
            f"needs a query, value and key of one rank, and steps in each, "
            f"got {query.type}, {value.type} and {key.type}",
            inputs=("inputs",),
        )


def _check_one_size(what: str, first: Tensor, second: Tensor, axis: int) -> None:
    one, two = first.shape[axis], second.shape[axis]
    if merge_dims(one, two) is None:
        raise Fault(
            SHAPE_MISMATCH,
            f"needs {what}, got {first.type} and {second.type}",
            label=difference_text(one, two),
            help=difference_help(one, two),
            inputs=("inputs",),
        )


def _masks(mask: Any) -> tuple[Tensor | None, Tensor | None]:
    """Give the masks of the query's steps and of the value's."""
    if mask is None:
        return None, None
    if not isinstance(mask, (list, tuple)) or not 2 <= len(mask) <= 3:
        got = len(mask) if isinstance(mask, (list, tuple)) else "a single tensor"
        raise Fault(
            INPUT_COUNT,
            f"needs a list of a query mask and a value mask in `mask`, got {got}",
            inputs=("mask",),
        )
    return mask[0], mask[1]


def _seen(scores: Tensor, value_mask: Tensor | None, is_causal: bool) -> Tensor | None:
    """Give the pairs of steps that count, [B, 1 or T, S]; None where all do."""
    if is_causal:
        earlier = causal_mask(scores.shape[-2], scores.shape[-1])
        if value_mask is None:
            return earlier
        return logical_and(expand_dims(value_mask, -2), earlier)
    if value_mask is None or value_mask.rank != 2:
        return value_mask
    return expand_dims(value_mask, -2)
