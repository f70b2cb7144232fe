"""Primitives made of multiply-accumulates: products of tensors, and convolutions."""

from __future__ import annotations

from graphc.diagnostics.codes import EMPTY_OUTPUT, SHAPE_MISMATCH, UNKNOWN_SIZE
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import Dim, at_least, bound_condition, product
from graphc.ir.primitives.row import Attributes, Cost, Types, primitive
from graphc.ir.shapes import difference_help, difference_text, merge_dims
from graphc.ir.types import TensorType


def _dot_general(
    x: TensorType,
    y: TensorType,
    contracting: tuple[tuple[int, ...], tuple[int, ...]],
    batch: tuple[tuple[int, ...], tuple[int, ...]] = ((), ()),
) -> Types:
    for pairs in (contracting, batch):
        for i, j in zip(*pairs, strict=True):
            if merge_dims(x.shape[i], y.shape[j]) is None:
                raise Fault(
                    SHAPE_MISMATCH,
                    f"needs sizes that agree to multiply {x} and {y}, "
                    f"got {x.shape[i]} and {y.shape[j]}",
                    label=difference_text(x.shape[i], y.shape[j]),
                    help=difference_help(x.shape[i], y.shape[j]),
                )
    shared = tuple(
        merged
        for i, j in zip(*batch, strict=True)
        if (merged := merge_dims(x.shape[i], y.shape[j])) is not None
    )
    left = tuple(
        d for axis, d in enumerate(x.shape) if axis not in contracting[0] and axis not in batch[0]
    )
    right = tuple(
        d for axis, d in enumerate(y.shape) if axis not in contracting[1] and axis not in batch[1]
    )
    return (TensorType(shared + left + right, x.dtype),)


def _dot_cost(operands: Types, results: Types, attributes: Attributes) -> Cost:
    depth = product(operands[0].shape[axis] for axis in attributes["contracting"][0])
    macs = product(results[0].shape) * depth
    return Cost(flops=2 * macs, macs=macs)


def window_size(
    size: Dim, window: int, stride: int, dilation: int, padding: tuple[Dim, Dim]
) -> Dim:
    """How many places a window has over a padded axis; a fault where there are none.

    (size + padding - (dilation * (window - 1) + 1)) // stride + 1
    """
    span = dilation * (window - 1) + 1
    padded = size + padding[0] + padding[1]
    places = (padded - span) // stride + 1
    if at_least(places, 1) is False:
        raise Fault(
            EMPTY_OUTPUT,
            f"needs at least {span} along each axis its window slides over, got {padded}",
            label=f"a window of {span} over {padded}",
        )
    return places


def legal_size(places: Dim) -> str | None:
    """For which sizes a window has a place at all, where that is not all of them."""
    return bound_condition(places, 1)


def _conv(
    x: TensorType,
    kernel: TensorType,
    strides: tuple[int, ...],
    padding: tuple[tuple[Dim, Dim], ...],
    dilation: tuple[int, ...],
    input_dilation: tuple[int, ...],
    groups: int,
) -> Types:
    """Shapes: x [N, *spatial, C], kernel [*window, C // groups, out], result [N, *spatial, out]."""
    spatial = []
    for axis, stride in enumerate(strides):
        size, window = x.shape[axis + 1], kernel.shape[axis]
        if not isinstance(window, int):
            raise Fault(UNKNOWN_SIZE, f"needs a kernel of known sizes, got {kernel}")
        spread = (size - 1) * input_dilation[axis] + 1
        spatial.append(window_size(spread, window, stride, dilation[axis], padding[axis]))
    if merge_dims(x.shape[-1], kernel.shape[-2] * groups) is None:
        raise Fault(
            SHAPE_MISMATCH,
            f"needs {kernel.shape[-2] * groups} channels for its kernel {kernel}, got {x}",
        )
    return (TensorType((x.shape[0], *spatial, kernel.shape[-1]), x.dtype),)


def _conv_cost(operands: Types, results: Types, attributes: Attributes) -> Cost:
    # A spread-out input (a transposed convolution) multiplies mostly zeros, which no one
    # computes: each element of the smaller side meets the whole kernel once.
    kernel = operands[1].shape
    is_transposed = any(step != 1 for step in attributes["input_dilation"])
    sites = product((operands if is_transposed else results)[0].shape[:-1])
    macs = sites * product(kernel)
    return Cost(flops=2 * macs, macs=macs)


DOT_GENERAL = primitive("dot_general", _dot_general, _dot_cost)
"""Result axes: the batch axes, the rest of x, the rest of y."""

CONV = primitive("conv", _conv, _conv_cost)
"""Channels last. `input_dilation` spreads the input for transposed convolutions; no flipping."""
