"""Reference kernels of products and convolutions: one output place after the other."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.reference.kernel import kernel, widened
from tests.reference.movement import pad_or_crop


@kernel("dot_general")
def dot_general(x: Any, y: Any, contracting: Any, batch: Any = ((), ())) -> Any:
    letters = iter("abcdefghijklmnopqrstuvwxyz")
    left = [next(letters) for _ in range(x.ndim)]
    right = [next(letters) for _ in range(y.ndim)]
    for i, j in [*zip(*contracting, strict=True), *zip(*batch, strict=True)]:
        right[j] = left[i]
    used = [*contracting[0], *batch[0]], [*contracting[1], *batch[1]]
    result = [left[i] for i in batch[0]]
    result += [left[i] for i in range(x.ndim) if i not in used[0]]
    result += [right[j] for j in range(y.ndim) if j not in used[1]]
    subscripts = f"{''.join(left)},{''.join(right)}->{''.join(result)}"
    return np.einsum(subscripts, widened(x), widened(y)).astype(x.dtype)


@kernel("conv")
def conv(
    x: Any,
    weights: Any,
    strides: Any,
    padding: Any,
    dilation: Any,
    input_dilation: Any,
    groups: int,
) -> Any:
    """x [N, *spatial, C], weights [*window, C // groups, out]."""
    spatial = range(len(strides))
    padded = _padded(widened(x), padding, input_dilation)
    window = weights.shape[:-2]
    spans = [dilation[i] * (window[i] - 1) + 1 for i in spatial]
    places = [(padded.shape[i + 1] - spans[i]) // strides[i] + 1 for i in spatial]
    result = np.zeros((x.shape[0], *places, weights.shape[-1]), padded.dtype)
    into, out = weights.shape[-2], weights.shape[-1] // groups
    for place in np.ndindex(*places):
        starts = [place[i] * strides[i] for i in spatial]
        cut = tuple(slice(s, s + n, d) for s, n, d in zip(starts, spans, dilation, strict=True))
        patch = padded[(slice(None), *cut)]
        for group in range(groups):
            taken = patch[..., group * into : (group + 1) * into].reshape(x.shape[0], -1)
            filters = slice(group * out, (group + 1) * out)
            kernel_matrix = widened(weights)[..., filters].reshape(-1, out)
            result[(slice(None), *place, filters)] = taken @ kernel_matrix
    return result.astype(x.dtype)


def _padded(x: Any, padding: Any, input_dilation: Any) -> Any:
    spread_shape = [(n - 1) * d + 1 for n, d in zip(x.shape[1:-1], input_dilation, strict=True)]
    spread = np.zeros((x.shape[0], *spread_shape, x.shape[-1]), x.dtype)
    spread[(slice(None), *(slice(None, None, d) for d in input_dilation))] = x
    return pad_or_crop(spread, ((0, 0), *padding, (0, 0)), "constant")
