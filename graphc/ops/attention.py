"""`keras.ops.dot_product_attention`."""

from __future__ import annotations

from math import sqrt

from graphc.declare.op import op
from graphc.diagnostics.codes import INVALID_VALUE, RANK_MISMATCH, SHAPE_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import Dim
from graphc.ir.dtypes import promote
from graphc.ir.tensor import Tensor
from graphc.ops.arithmetic import logical_and, where
from graphc.ops.comparison import LARGEST
from graphc.ops.convert import TensorLike, as_tensor, cast, together
from graphc.ops.creation import lower_triangle
from graphc.ops.einsum import einsum
from graphc.ops.elementary import rsqrt
from graphc.ops.shaping import reshape
from graphc.ops.softmax import softmax


@op()
def dot_product_attention(
    query: TensorLike,
    key: TensorLike,
    value: TensorLike,
    bias: TensorLike | None = None,
    mask: TensorLike | None = None,
    scale: float | None = None,
    is_causal: bool = False,
    flash_attention: bool | None = None,
    attn_logits_soft_cap: float | None = None,
) -> Tensor:
    """softmax(query · keyᵀ * scale + bias) · value (https://arxiv.org/abs/1706.03762).

    Shapes: query [B, T, N, H], key and value [B, S, K, H], where K divides N: heads in groups
    share a key (https://arxiv.org/abs/2305.13245). bias and mask broadcast to [B, N, T, S].
    """
    del flash_attention  # how it is computed, not what
    if attn_logits_soft_cap is not None:
        raise Fault(
            INVALID_VALUE,
            f"needs `attn_logits_soft_cap` to be None, got {attn_logits_soft_cap}",
            arguments=("attn_logits_soft_cap",),
        )
    q, k, v = together(query, key, value)
    heads, groups = _heads(q, k, v)
    width, is_grouped = q.shape[3], heads != groups
    if is_grouped:
        q = reshape(q, (*q.shape[:2], groups, heads // groups, width))
    wide = promote(q.dtype, "float32")
    letters = "kg" if is_grouped else "k"
    logits = einsum(f"bt{letters}h,bskh->b{letters}ts", cast(q, wide), cast(k, wide))
    logits = logits * (_one_over_root(width, wide) if scale is None else scale)
    if bias is not None:
        logits = logits + cast(_grouped(as_tensor(bias, q.dtype), groups, is_grouped), wide)
    is_seen = _is_seen(logits, mask, is_causal, groups, is_grouped)
    if is_seen is not None:
        logits = where(is_seen, logits, -0.7 * LARGEST[wide])
    shares = cast(softmax(cast(logits, "float32")), k.dtype)
    result = einsum(f"b{letters}ts,bskh->bt{letters}h", shares, v)
    return reshape(result, (*q.shape[:2], heads, v.shape[3])) if is_grouped else result


def _heads(q: Tensor, k: Tensor, v: Tensor) -> tuple[Dim, Dim]:
    """How many heads ask, and how many answer."""
    for name, tensor in (("query", q), ("key", k), ("value", v)):
        if tensor.rank != 4:
            raise Fault(
                RANK_MISMATCH,
                f"needs a rank-4 `{name}` (batch, length, heads, features), got {tensor.type}",
                inputs=(name,),
            )
    heads, groups = q.shape[2], k.shape[2]
    if isinstance(heads, int) and isinstance(groups, int) and (groups == 0 or heads % groups):
        raise Fault(
            SHAPE_MISMATCH,
            f"needs a number of heads in `query` that those of `key` divide, got {heads} "
            f"and {groups}",
            inputs=("query", "key"),
        )
    return heads, groups


def _one_over_root(width: Dim, dtype: str) -> Tensor | float:
    return 1 / sqrt(width) if isinstance(width, int) else rsqrt(as_tensor(width, dtype))


def _is_seen(
    logits: Tensor, mask: TensorLike | None, is_causal: bool, groups: Dim, is_grouped: bool
) -> Tensor | None:
    """Where a query may look: nowhere but where the mask holds, nor at what comes later."""
    seen = None
    if mask is not None:
        seen = _grouped(as_tensor(mask, "bool"), groups, is_grouped)
    if is_causal:
        earlier = lower_triangle(logits.shape[-2], logits.shape[-1])
        seen = earlier if seen is None else logical_and(seen, earlier)
    return seen


def _grouped(x: Tensor, groups: Dim, is_grouped: bool) -> Tensor:
    """A tensor [B, N, T, S], or one that broadcasts to it, with the heads of a group apart."""
    if not is_grouped or x.rank < 3:
        return x
    heads = x.shape[-3]
    apart = (1, 1) if heads == 1 else (groups, heads // groups)
    return reshape(x, (*x.shape[:-3], *apart, *x.shape[-2:]))
