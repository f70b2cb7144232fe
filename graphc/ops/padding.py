"""`keras.ops.pad`, and how much padding a sliding window gets."""

from __future__ import annotations

from graphc.declare.op import op
from graphc.diagnostics.codes import INVALID_VALUE
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import Dim, at_least, ceil_div, dim_max
from graphc.ir.primitives import apply
from graphc.ir.primitives.movement import PAD
from graphc.ir.tensor import Tensor
from graphc.ops.convert import Static, TensorLike, Widths, as_tensor

PAD_MODES = [
    "constant",
    "edge",
    "reflect",
    "symmetric",
    "wrap",
    "linear_ramp",
    "maximum",
    "mean",
    "median",
    "minimum",
    "empty",
]


@op()
def pad(
    x: TensorLike,
    pad_width: Widths,
    mode: str = "constant",
    constant_values: float | None = None,
) -> Tensor:
    """x with so many elements more before and after each axis; `mode` as in NumPy."""
    x = as_tensor(x)
    if mode not in PAD_MODES:
        raise Fault(
            INVALID_VALUE,
            f'needs `mode` to be one of {", ".join(PAD_MODES)}, got "{mode}"',
            arguments=("mode",),
        )
    if constant_values is not None and mode != "constant":
        raise Fault(
            INVALID_VALUE,
            f'takes `constant_values` with mode="constant" alone, got "{mode}"',
            arguments=("constant_values", "mode"),
        )
    widths = _widths(pad_width, x)
    if all(width == (0, 0) for width in widths):
        return x
    return apply(PAD, x, widths=widths, mode=mode, value=constant_values or 0)


def _widths(given: Static, x: Tensor) -> tuple[tuple[Dim, Dim], ...]:
    pairs = given if isinstance(given, (tuple, list)) else (given,)
    if pairs and not isinstance(pairs[0], (tuple, list)):
        pairs = (pairs,)
    listed = tuple(_pair(pair) for pair in pairs)
    if len(listed) == 1:
        listed *= x.rank
    if len(listed) != x.rank:
        raise Fault(
            INVALID_VALUE,
            f"needs `pad_width` for each of {x.rank} axes, got {len(listed)} for {x.type}",
            arguments=("pad_width",),
        )
    return listed


def _pair(given: Static) -> tuple[Dim, Dim]:
    pair = tuple(given) if isinstance(given, (tuple, list)) else (given,)
    pair = pair * 2 if len(pair) == 1 else pair
    if len(pair) != 2 or any(at_least(width, 0) is False for width in pair):
        raise Fault(
            INVALID_VALUE,
            f"needs how many to add before and after an axis, got {list(pair)}",
            arguments=("pad_width",),
        )
    return pair


def same_padding(size: Dim, span: int, stride: int) -> tuple[Dim, Dim]:
    """The padding with which a window has ceil(size / stride) places, the odd one at the end.

    `span` is how far the window reaches, dilation included. This is TensorFlow's rule
    (https://www.tensorflow.org/api_docs/python/tf/nn#notes_on_padding_2).
    """
    missing = (ceil_div(size, stride) - 1) * stride + span - size
    total = dim_max(missing, 0)
    before = total // 2
    # Where the last window ends before the axis does, the rest is cut off: for sizes that are
    # not known this keeps the number of places the plain ceil(size / stride).
    after = (total if isinstance(total, int) else missing) - before
    return before, after
