"""Grouped-query attention (Ainslie et al., 2023, https://arxiv.org/abs/2305.13245)."""

from __future__ import annotations

from graphc.declare.arg import Arg
from graphc.declare.needs import Rank
from graphc.declare.rules import Positive
from graphc.declare.scope import Scope
from graphc.diagnostics.codes import CONFLICTING_ARGUMENTS, SHAPE_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import UNKNOWN
from graphc.ir.shapes import difference_text, merge_dims
from graphc.ir.tensor import Tensor
from graphc.layers.activation import masked_softmax
from graphc.layers.attention_heads import HEAD_ARGUMENTS, AttentionHeads, Projected, inner_dense
from graphc.layers.attention_masks import aligned
from graphc.ops.einsum import einsum
from graphc.ops.repetition import repeat


class GroupQueryAttention(AttentionHeads):
    """Multi-head attention in which groups of query heads share a head of keys and values.

    Keras' class is GroupedQueryAttention, which names its layers, and its public name this one.
    """

    aliases = ("GroupedQueryAttention",)

    argument_order = (
        *("head_dim", "num_query_heads", "num_key_value_heads", "dropout", "use_bias"),
        *HEAD_ARGUMENTS,
    )

    head_dim: int = Arg(Positive())
    num_query_heads: int = Arg(Positive())
    num_key_value_heads: int = Arg(Positive())

    attributes = {
        "query": "_query_dense",
        "key": "_key_dense",
        "value": "_value_dense",
        "gate": "_gate_dense",
        "attention_output": "_output_dense",
    }
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
        super().validate()
        if self.num_query_heads % self.num_key_value_heads:
            raise Fault(
                CONFLICTING_ARGUMENTS,
                f"needs `num_query_heads` to be a multiple of `num_key_value_heads`, "
                f"got {self.num_query_heads} and {self.num_key_value_heads}",
                arguments=("num_query_heads", "num_key_value_heads"),
            )

    @property
    def key_size(self) -> int:
        """The `head_dim`."""
        return self.head_dim

    def check_inputs(self, query: Tensor, value: Tensor, key: Tensor) -> None:
        """Check that query and value have as many features, too."""
        super().check_inputs(query, value, key)
        _check_features(query, value)

    def projected(self, scope: Scope, query: Tensor, key: Tensor, value: Tensor) -> Projected:
        """Project to [B, steps, query heads, size]; the weights come in this order."""
        heads, groups = self.num_query_heads, self.num_key_value_heads
        q = self._apply(scope, "query", query, heads)
        k = self._apply(scope, "key", key, groups)
        gate = self._apply(scope, "gate", query, heads, "sigmoid") if self.use_gate else None
        v = self._apply(scope, "value", value, groups)
        shared = heads // groups
        return Projected(q, repeat(k, shared, axis=2), repeat(v, shared, axis=2), gate)

    def joined(self, scope: Scope, outputs: Tensor, query: Tensor) -> Tensor:
        """Project all heads together to the features of the query."""
        layer = inner_dense(self, "attention_output", "bquh,uhm->bqm", (None, query.shape[-1]), "m")
        result: Tensor = scope.apply(layer, outputs, child_name="attention_output")
        return result

    def _apply(
        self, scope: Scope, name: str, x: Tensor, heads: int, activation: str | None = None
    ) -> Tensor:
        sizes = (None, heads, self.head_dim)
        layer = inner_dense(self, name, "bqm,muh->bquh", sizes, "uh", activation)
        result: Tensor = scope.apply(layer, x, child_name=name)
        return result

    def attended(
        self, scope: Scope, heads: Projected, mask: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Attend along the steps."""
        scores = einsum("bquh,bkuh->buqk", heads.query * self.scale, heads.key)
        shares = masked_softmax(scores, None if mask is None else aligned(mask, scores.shape), -1)
        return einsum("buqk,bkuh->bquh", self.dropped(scope, shares), heads.value), shares


def _check_features(query: Tensor, value: Tensor) -> None:
    one, other = query.shape[-1], value.shape[-1]
    if (one is UNKNOWN) != (other is UNKNOWN) or merge_dims(one, other) is None:
        raise Fault(
            SHAPE_MISMATCH,
            f"needs a query and a value of as many features, got {query.type} and {value.type}",
            label=difference_text(one, other),
            inputs=("query", "value"),
        )
