"""What layers over sequences, images and volumes share: rank, and where their channels are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from graphc.declare.arg import Arg
from graphc.declare.definition import registry
from graphc.declare.layer import Layer
from graphc.declare.needs import Need, Rank
from graphc.declare.rules import OneOf, Optional, Sizes
from graphc.declare.values import value_text
from graphc.diagnostics.codes import EMPTY_OUTPUT
from graphc.diagnostics.fault import CALL, Fault
from graphc.ir.dims import product
from graphc.ir.tensor import Tensor
from graphc.ir.types import Shape
from graphc.ops.convert import cast
from graphc.ops.shaping import permuted

DATA_FORMAT = OneOf(("channels_last", "channels_first"), ignore_case=True).or_none()
_DEFAULT_FORMAT: Any = None
AXES = {1: "steps", 2: "height, width", 3: "depth, height, width"}


class PerAxis(Sizes):
    """A number for each spatial axis: `Sizes` of as many as the layer has that takes them."""


class Grid(Rank):
    """A batch of sequences, images or volumes; a help line says how to make one."""

    is_channels_first: bool = False
    layer: str = ""

    def help(self, dims: Shape) -> str | None:
        """The layer of this kind for such an input, or the grid that it could be reshaped to."""
        spatial_rank = (self.exactly or 0) - 2
        if len(dims) == spatial_rank + 2:
            each = f"apply it to each step: TimeDistributed({CALL})"
            sibling = self.layer.replace(f"{spatial_rank}D", f"{spatial_rank + 1}D")
            is_there = sibling != self.layer and sibling in registry("layer")
            return f"use {sibling}, or {each}" if is_there else each
        shape = grid_shape(dims, spatial_rank)
        if shape is None:
            return None
        if self.is_channels_first:
            shape = (shape[-1], *shape[:-1])
        return f"reshape it first: Reshape({value_text(shape)}) -> {CALL}"


def grid(spatial_rank: int, layer: str = "", *, is_channels_first: bool = False) -> Grid:
    """The rule for a batch with so many spatial axes."""
    axes = AXES[spatial_rank]
    order = f"channels, {axes}" if is_channels_first else f"{axes}, channels"
    return Grid(
        spatial_rank + 2, f"batch, {order}", is_channels_first=is_channels_first, layer=layer
    )


def grid_shape(dims: Shape, spatial_rank: int) -> tuple[int, ...] | None:
    """Spatial sizes and channels that one example could be reshaped to, channels last."""
    sizes = tuple(dim if isinstance(dim, int) else -1 for dim in dims)
    if sizes.count(-1) > 1:
        return None
    if len(sizes) == spatial_rank:
        return (*sizes, 1)
    if spatial_rank == 1 and len(sizes) > 2:
        steps = product(sizes[:-1])
        assert isinstance(steps, int)
        return (steps if steps > 0 else -1, sizes[-1]) if sizes[-1] > 0 else None
    if len(sizes) != 1 or sizes[0] < 1:
        return None
    for channels in (1, 3):
        side = round((sizes[0] // channels) ** (1 / spatial_rank))
        if side**spatial_rank * channels == sizes[0]:
            return (*(side,) * spatial_rank, channels)
    return None


class SpatialLayer(Layer, abstract=True):
    """A layer over a batch of sequences, images or volumes.

    `spatial_rank` is given with the class, and then each rule `PerAxis` is one for so many axes.
    Families that take `data_format` declare it at its place among their arguments; in the others
    channels are last.
    """

    spatial_rank: ClassVar[int]
    data_format = _DEFAULT_FORMAT

    def __init_subclass__(cls, *, abstract: bool = False, spatial_rank: int = 0) -> None:
        if spatial_rank:
            cls.spatial_rank = spatial_rank
            cls.needs = {"inputs": grid(spatial_rank, cls.__name__)}
            cls._count_axes(spatial_rank)
        super().__init_subclass__(abstract=abstract)

    @classmethod
    def _count_axes(cls, spatial_rank: int) -> None:
        """Declare what is `PerAxis` in the bases again, with the number of axes."""
        for name, argument in cls.arguments.items():
            is_optional = isinstance(argument.rule, Optional)
            rule = argument.rule.rule if isinstance(argument.rule, Optional) else argument.rule
            if isinstance(rule, PerAxis) and name not in vars(cls):
                sizes = Sizes(spatial_rank, rule.at_least)
                declared = Arg(
                    sizes.or_none() if is_optional else sizes,
                    default=argument.default,
                    kw_only=argument.is_keyword_only,
                )
                setattr(cls, name, declared)

    def input_needs(self) -> Mapping[str, Need]:
        """The rank, with the axes named in the order of the layer's data format."""
        if not self.is_channels_first:
            return self.needs
        return {"inputs": grid(self.spatial_rank, self.type_name, is_channels_first=True)}

    @property
    def is_channels_first(self) -> bool:
        """Whether channels come before the spatial axes rather than after them."""
        return bool(self.data_format == "channels_first")

    @property
    def format_name(self) -> str:
        """The data format with its default filled in."""
        return self.data_format or "channels_last"

    @property
    def spatial_axes(self) -> tuple[int, ...]:
        """The axes that are neither batch nor channels."""
        first = 2 if self.is_channels_first else 1
        return tuple(range(first, first + self.spatial_rank))

    def computed(self, inputs: Tensor) -> Tensor:
        """The inputs in the compute dtype: Keras gives what it makes of integers that dtype."""
        return cast(inputs, self.compute_dtype)

    def to_channels_last(self, x: Tensor) -> Tensor:
        """[N, C, *spatial] -> [N, *spatial, C] where channels are first."""
        return permuted(x, (0, *range(2, x.rank), 1)) if self.is_channels_first else x

    def from_channels_last(self, x: Tensor) -> Tensor:
        """[N, *spatial, C] -> [N, C, *spatial] where channels are first."""
        return permuted(x, (0, x.rank - 1, *range(1, x.rank - 1))) if self.is_channels_first else x


def too_small(
    fault: Fault, argument: str, window: Sequence[int], inputs: Tensor, is_dilated: bool = False
) -> Fault:
    """A window's fault E0304 in the words of the layer it belongs to; other faults unchanged."""
    if fault.code is not EMPTY_OUTPUT:
        return fault
    size = " × ".join(map(str, window))
    dilated, smaller = ("dilated ", " or dilation_rate") if is_dilated else ("", "")
    return Fault(
        EMPTY_OUTPUT,
        f"needs an input at least as large as its {dilated}window of {size}, got {inputs.type}",
        label=fault.label,
        help=f'give it padding="same", or a smaller {argument}{smaller}',
        arguments=(argument,),
        inputs=("inputs",),
    )
