"""Multi-head attention (Vaswani et al., 2017, https://arxiv.org/abs/1706.03762)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from string import ascii_lowercase
from typing import Any

from graphc.declare.arg import Arg
from graphc.declare.layer import Layer
from graphc.declare.needs import Rank
from graphc.declare.rules import Each, Integer, Optional, Positive
from graphc.declare.scope import Scope
from graphc.diagnostics.codes import AXIS_OUT_OF_RANGE
from graphc.diagnostics.fault import Fault
from graphc.ir.tensor import Tensor
from graphc.ir.types import TensorType
from graphc.layers.activation import masked_softmax
from graphc.layers.attention_heads import HEAD_ARGUMENTS, AttentionHeads, Projected, inner_dense
from graphc.layers.attention_masks import aligned
from graphc.ops.einsum import einsum
from graphc.record import Record


class MultiHeadAttention(AttentionHeads):
    """Let each step of the query gather values from where its keys point, in several heads."""

    argument_order = (
        *("num_heads", "key_dim", "value_dim", "dropout", "use_bias", "output_shape"),
        *("attention_axes", *HEAD_ARGUMENTS),
    )

    defaults_to = {"value_dim": "key_dim"}

    num_heads: int = Arg(Positive())
    key_dim: int = Arg(Positive())
    value_dim: int | None = Arg(Optional(Positive()), default=None)
    output_shape: Any = Arg(Optional(Each(Positive(), or_one=True)), default=None, kw_only=True)
    attention_axes: Any = Arg(Optional(Each(Integer(), or_one=True)), default=None, kw_only=True)

    attributes = {
        "query": "query_dense",
        "key": "key_dense",
        "value": "value_dense",
        "gate": "_gate_dense",
        "attention_output": "output_dense",
    }
    needs = {name: Rank(at_least=3) for name in ("query", "value", "key")}

    @property
    def output_regularizer(self) -> None:
        """Its projections have the one that it is given."""
        return None

    def as_written(self, inputs: Sequence[TensorType]) -> Layer:
        """Without the axes that are attended where none are given."""
        if not inputs or self.attention_axes != tuple(range(1, inputs[0].rank - 1)):
            return self
        return type(self).from_values({**self.all_values(), "attention_axes": None})

    @property
    def key_size(self) -> int:
        """The `key_dim`."""
        return self.key_dim

    def check_inputs(self, query: Tensor, value: Tensor, key: Tensor) -> None:
        """Check the attended axes too."""
        super().check_inputs(query, value, key)
        self._axes(query.rank + 1)

    takes_masks_away = True

    def mask_of_query(self, query: Tensor, query_mask: Tensor | None) -> Tensor | None:
        """The query's own: Keras does not look at one that a call gives."""
        return query.mask

    def projected(self, scope: Scope, query: Tensor, key: Tensor, value: Tensor) -> Projected:
        """Project to [..., heads, size]; the weights come in this order."""
        value_dim = self.value_dim or self.key_dim
        q = self._apply(scope, "query", query, (self.num_heads, self.key_dim))
        k = self._apply(scope, "key", key, (self.num_heads, self.key_dim))
        gate = None
        if self.use_gate:
            gate = self._apply(scope, "gate", query, (self.num_heads, value_dim), 1, "sigmoid")
        v = self._apply(scope, "value", value, (self.num_heads, value_dim))
        return Projected(q, k, v, gate)

    def joined(self, scope: Scope, outputs: Tensor, query: Tensor) -> Tensor:
        """Project all heads together to `output_shape`."""
        return self._apply(scope, "attention_output", outputs, self._output_sizes(query), 2)

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

    def attended(
        self, scope: Scope, heads: Projected, mask: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Attend along any axes."""
        axes = self._axes(heads.query.rank)
        sums = attention_sums(heads.query.rank, axes)
        scores = einsum(sums.dot_product, heads.key, heads.query * self.scale)
        if mask is not None:
            mask = aligned(mask, scores.shape, len(axes))
        over = tuple(range(scores.rank - len(axes), scores.rank))
        shares = masked_softmax(scores, mask, over)
        return einsum(sums.combination, self.dropped(scope, shares), heads.value), shares

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
