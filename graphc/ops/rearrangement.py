"""`keras.ops`: axes taken apart and put together by name, and elements of space in depth."""

from __future__ import annotations

import re
from typing import Any

from graphc.declare.op import op
from graphc.diagnostics.codes import INVALID_VALUE, MISSING_ARGUMENT, RANK_MISMATCH, SHAPE_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import Dim, SymbolicDim, at_least, product
from graphc.ir.shapes import difference_help, difference_text, merge_dims
from graphc.ir.tensor import Tensor
from graphc.ops.convert import Static, TensorLike, as_tensor
from graphc.ops.shaping import permuted, to_shape

Group = list[str]


@op()
def rearrange(tensor: TensorLike, pattern: Static, **axes_lengths: Any) -> Tensor:
    """The axes of x in another order, and in other groups: "b (h w) c -> b c h w", h=4.

    A pattern names each axis on the left, and in parentheses those that make it up.
    """
    x = as_tensor(tensor)
    before, after = _parse(pattern)
    if len(before) != x.rank:
        raise Fault(
            RANK_MISMATCH,
            f'needs a rank-{len(before)} tensor for "{pattern}", got {x.type}',
            label=f"rank {x.rank}",
        )
    sizes: dict[str, Dim] = dict(axes_lengths)
    for name, size in sizes.items():
        if not isinstance(size, (int, SymbolicDim)) or at_least(size, 1) is False:
            raise Fault(
                INVALID_VALUE,
                f"needs `{name}` to be a positive whole number, got {size}",
                arguments=(name,),
            )
    for group, dim in zip(before, x.shape, strict=True):
        _measure(group, dim, sizes)
    names = [name for group in before for name in group]
    wanted = [name for group in after for name in group]
    unknown = [name for name in axes_lengths if name not in names]
    if sorted(names) != sorted(wanted) or len(set(names)) != len(names) or unknown:
        raise Fault(
            INVALID_VALUE,
            f'needs each axis once on both sides, got "{pattern}"',
            arguments=("pattern",),
        )
    apart = to_shape(x, tuple(sizes[name] for name in names))
    turned = permuted(apart, tuple(names.index(name) for name in wanted))
    return to_shape(turned, tuple(product(sizes[name] for name in group) for group in after))


def _parse(pattern: Any) -> tuple[list[Group], list[Group]]:
    sides = pattern.split("->") if isinstance(pattern, str) else []
    is_plain = all(re.fullmatch(r"(\s*(\w+|\((\s*\w+)+\s*\))\s*)*", side) for side in sides)
    if len(sides) != 2 or not is_plain:
        raise Fault(
            INVALID_VALUE,
            f'needs a pattern such as "b (h w) -> b h w", got {pattern!r}',
            arguments=("pattern",),
        )
    left, right = ([re.findall(r"\w+", g) for g in re.findall(r"\w+|\(.*?\)", s)] for s in sides)
    return left, right


def _measure(group: Group, dim: Dim, sizes: dict[str, Dim]) -> None:
    """Fill in the sizes of a group of axes that make up one."""
    open_names = [name for name in group if name not in sizes]
    if len(open_names) > 1:
        raise Fault(
            MISSING_ARGUMENT,
            f"needs all sizes but one in ({' '.join(group)}), got {len(open_names)} unknown",
            help=f"give one: {open_names[0]}=…",
        )
    known = product(sizes[name] for name in group if name in sizes)
    if open_names:
        sizes[open_names[0]] = dim if len(group) == 1 else dim // known
    total = product(sizes[name] for name in group)
    if merge_dims(total, dim) is None:
        raise Fault(
            SHAPE_MISMATCH,
            f"needs an axis that ({' '.join(group)}) makes up, got {dim}",
            label=difference_text(total, dim),
            help=difference_help(total, dim),
        )


@op()
def depth_to_space(x: TensorLike, block_size: int, data_format: str = "channels_last") -> Tensor:
    """Channels spread over blocks of space: [n, h, w, c * b²] -> [n, h * b, w * b, c]."""
    x = _image_batch(x, block_size, data_format)
    sizes = {"b": block_size, "d": block_size}
    if data_format == "channels_first":
        return rearrange(x, "n (c b d) h w -> n c (h b) (w d)", **sizes)
    return rearrange(x, "n h w (b d c) -> n (h b) (w d) c", **sizes)


@op()
def space_to_depth(x: TensorLike, block_size: int, data_format: str = "channels_last") -> Tensor:
    """Blocks of space as channels: [n, h * b, w * b, c] -> [n, h, w, c * b²]."""
    x = _image_batch(x, block_size, data_format)
    sizes = {"b": block_size, "d": block_size}
    if data_format == "channels_first":
        return rearrange(x, "n c (h b) (w d) -> n (c b d) h w", **sizes)
    return rearrange(x, "n (h b) (w d) c -> n h w (b d c)", **sizes)


def _image_batch(x: TensorLike, block_size: int, data_format: str) -> Tensor:
    x = as_tensor(x)
    if data_format not in ("channels_last", "channels_first"):
        raise Fault(
            INVALID_VALUE,
            f'needs `data_format` to be "channels_last" or "channels_first", got "{data_format}"',
            arguments=("data_format",),
        )
    if x.rank != 4 or block_size < 1:
        raise Fault(
            RANK_MISMATCH if x.rank != 4 else INVALID_VALUE,
            f"needs a rank-4 tensor and a positive `block_size`, got {x.type} and {block_size}",
        )
    return x
