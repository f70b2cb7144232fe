"""`keras.ops.image`: images turned, sheared, tilted, scaled and distorted."""

from __future__ import annotations

from typing import Any

from graphc.declare.op import op
from graphc.diagnostics.codes import INVALID_VALUE, RANK_MISMATCH, SHAPE_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import Dim
from graphc.ir.shapes import normalize_axes
from graphc.ir.tensor import Tensor
from graphc.ops.arithmetic import absolute, greater, less, logical_and, maximum, where
from graphc.ops.convert import Integers, ShapeLike, TensorLike, as_float, as_shape, as_tensor, cast
from graphc.ops.creation import iota
from graphc.ops.decomposition import solve
from graphc.ops.image_filter import gaussian_blur
from graphc.ops.image_sampling import need_fill_mode, sampled
from graphc.ops.image_size import image_axes
from graphc.ops.joining import concatenate, stack
from graphc.ops.linear_algebra import tensordot
from graphc.ops.random import normal
from graphc.ops.reduction import sum_
from graphc.ops.shaping import broadcasted, expand_dims, moveaxis, reshape, squeeze
from graphc.ops.trigonometry import sin

_ORDERS = {"nearest": 0, "bilinear": 1}


def _order(interpolation: str) -> int:
    if interpolation not in _ORDERS:
        raise Fault(
            INVALID_VALUE,
            f'needs `interpolation` to be "nearest" or "bilinear", got "{interpolation}"',
            arguments=("interpolation",),
        )
    return _ORDERS[interpolation]


def _channels_first(images: Any, data_format: str | None) -> tuple[Tensor, int]:
    """A batch [batch, channels, height, width], and where the images had their channels."""
    x = as_tensor(images)
    *_, channels = image_axes(x, data_format)
    batch = x if x.rank == 4 else expand_dims(x, 0)
    place = channels + (x.rank == 3)
    return moveaxis(batch, place, 1), place


def _as_before(x: Tensor, channels: int, images: Any) -> Tensor:
    batch = moveaxis(x, 1, channels)
    return batch if as_tensor(images).rank == 4 else squeeze(batch, 0)


@op("image.affine_transform")
def affine_transform(
    images: TensorLike,
    transform: TensorLike,
    interpolation: str = "bilinear",
    fill_mode: str = "constant",
    fill_value: float = 0,
    data_format: str | None = None,
) -> Tensor:
    """Images read at (a0 x + a1 y + a2, b0 x + b1 y + b2) for each place (x, y).

    `transform` is [a0, a1, a2, b0, b1, b2, c0, c1], one for all or one for each; Keras gives
    c0 and c1 another meaning than others do: they shift channel k by k times as much.
    """
    order = _order(interpolation)
    need_fill_mode(fill_mode)
    x, place = _channels_first(images, data_format)
    numbers = as_float(transform)
    if numbers.rank not in (1, 2) or numbers.shape[-1] != 8:
        raise Fault(
            RANK_MISMATCH if numbers.rank not in (1, 2) else SHAPE_MISMATCH,
            f"needs a `transform` of 8 numbers, or one for each image, got {numbers.type}",
            inputs=("transform",),
        )
    a0, a1, a2, b0, b1, b2, c0, c1 = (reshape(numbers[..., i], (-1, 1, 1, 1)) for i in range(8))
    _, channels, height, width = x.shape
    channel = iota((channels, 1, 1), 0, numbers.dtype)
    down, across = iota((height, 1), 0, numbers.dtype), iota((1, width), 1, numbers.dtype)
    rows = down * b1 + across * b0 + channel * c0 + b2
    columns = down * a1 + across * a0 + channel * c1 + a2
    coordinates = [broadcasted(c, x.shape) for c in (rows, columns)]
    found = sampled(x, coordinates, order, fill_mode, fill_value, batch_dims=2)
    return _as_before(found, place, images)


@op("image.perspective_transform")
def perspective_transform(
    images: TensorLike,
    start_points: TensorLike,
    end_points: TensorLike,
    interpolation: str = "bilinear",
    fill_value: float = 0,
    data_format: str | None = None,
) -> Tensor:
    """Images tilted so that four points (x, y) come to stand where four others are."""
    order = _order(interpolation)
    x, place = _channels_first(images, data_format)
    starts, ends = (cast(_four_points(p), "float32") for p in (start_points, end_points))
    if starts.rank != ends.rank:
        raise Fault(
            SHAPE_MISMATCH,
            f"needs as many start points as end points, got {starts.type} and {ends.type}",
            inputs=("start_points", "end_points"),
        )
    numbers = _homography(starts, ends)
    h = [reshape(numbers[..., i], (-1, 1, 1)) for i in range(8)]
    *_, height, width = x.shape
    down, across = iota((height, 1), 0, "float32"), iota((1, width), 1, "float32")
    distance = h[6] * across + h[7] * down + 1
    columns = (h[0] * across + h[1] * down + h[2]) / distance
    rows = (h[3] * across + h[4] * down + h[5]) / distance
    behind = moveaxis(x, 1, -1)
    coordinates = [broadcasted(c, (x.shape[0], height, width)) for c in (rows, columns)]
    found = sampled(behind, coordinates, order, "constant", fill_value, batch_dims=1)
    return _as_before(moveaxis(found, -1, 1), place, images)


def _four_points(points: TensorLike) -> Tensor:
    given = as_tensor(points)
    if given.rank not in (2, 3) or given.shape[-2:] != (4, 2):
        raise Fault(SHAPE_MISMATCH, f"needs four points (x, y), got {given.type}")
    return given if given.rank == 3 else expand_dims(given, 0)


def _homography(starts: Tensor, ends: Tensor) -> Tensor:
    """The eight numbers of the projection from end points to start points."""
    start_x, start_y = starts[..., 0], starts[..., 1]
    x, y = ends[..., 0], ends[..., 1]
    zero, one = x * 0, x * 0 + 1
    for_x = stack([x, y, one, zero, zero, zero, -start_x * x, -start_x * y], -1)
    for_y = stack([zero, zero, zero, x, y, one, -start_y * x, -start_y * y], -1)
    target = concatenate([start_x, start_y], -1)
    return squeeze(solve(concatenate([for_x, for_y], 1), expand_dims(target, -1)), -1)


@op("image.elastic_transform")
def elastic_transform(
    images: TensorLike,
    alpha: float = 20.0,
    sigma: float = 5.0,
    interpolation: str = "bilinear",
    fill_mode: str = "reflect",
    fill_value: float = 0.0,
    seed: int | None = None,
    data_format: str | None = None,
) -> Tensor:
    """Images distorted by blurred noise, the same along both axes (Simard et al. 2003)."""
    x, _ = _channels_first(images, data_format)
    batch, _, height, width = x.shape
    noise = normal((batch, height, width, 1), seed) * sigma
    size = int(6 * sigma) | 1
    moved = squeeze(gaussian_blur(noise, (size, size), (sigma, sigma)), -1) * alpha
    return displaced(images, moved, interpolation, fill_mode, fill_value, data_format)


def displaced(
    images: TensorLike, moved: Tensor, interpolation: str, fill_mode: str, fill_value: float,
    data_format: str | None,
) -> Tensor:  # fmt: skip
    """Images read so much further down and to the right: `moved` is [batch, height, width]."""
    order = _order(interpolation)
    need_fill_mode(fill_mode)
    x, place = _channels_first(images, data_format)
    *_, height, width = x.shape
    rows = moved + iota((height, 1), 0, "float32")
    columns = moved + iota((1, width), 1, "float32")
    found = sampled(moveaxis(x, 1, -1), [rows, columns], order, fill_mode, fill_value, 1)
    return _as_before(moveaxis(found, -1, 1), place, images)


@op("image.scale_and_translate")
def scale_and_translate(
    images: TensorLike,
    output_shape: ShapeLike,
    scale: TensorLike,
    translation: TensorLike,
    spatial_dims: Integers,
    method: str,
    antialias: bool = True,
) -> Tensor:
    """Images scaled and moved along axes by as much as tensors say, as jax.image does it."""
    shape, x = as_shape(output_shape), as_float(images)
    if method not in _METHODS:
        raise Fault(
            INVALID_VALUE,
            f'needs `method` to be one of {", ".join(_METHODS)}, got "{method}"',
            arguments=("method",),
        )
    if len(shape) != x.rank:
        raise Fault(
            RANK_MISMATCH,
            f"needs an output shape of rank {x.rank}, got {list(shape)}",
            arguments=("output_shape",),
        )
    factors, moves = as_tensor(scale, x.dtype), as_tensor(translation, x.dtype)
    for i, axis in enumerate(normalize_axes(spatial_dims, x.rank, "spatial_dims")):
        weights = _weights(x.shape[axis], shape[axis], factors[i], moves[i], method, antialias)
        x = moveaxis(tensordot(x, weights, [[axis], [0]]), -1, axis)
    return x


_METHODS = (
    "linear",
    "bilinear",
    "trilinear",
    "cubic",
    "bicubic",
    "tricubic",
    "lanczos3",
    "lanczos5",
)


def _weights(
    before: Dim, after: Dim, scale: Tensor, move: Tensor, method: str, antialias: bool
) -> Tensor:
    """How much each element before counts for each after: [before, after]."""
    inverse = 1 / scale
    centres = (iota((1, after), 1, scale.dtype) + 0.5) * inverse - move * inverse - 0.5
    distance = absolute(centres - iota((before, 1), 0, scale.dtype))
    weights = _filter(distance / maximum(inverse, 1) if antialias else distance, method)
    total = sum_(weights, 0, keepdims=True)
    is_some = greater(absolute(total), 1000 * 2.0**-23)
    weights = where(is_some, weights / where(is_some, total, 1), 0)
    is_inside = logical_and(centres >= -0.5, centres <= as_tensor(before, scale.dtype) - 0.5)
    return where(is_inside, weights, 0)


def _filter(x: Tensor, method: str) -> Tensor:
    """The weight of a neighbour at a distance."""
    if method.endswith("linear"):
        return maximum(1 - x, 0)
    if method.endswith("cubic"):
        near = ((x * 1.5 - 2.5) * x) * x + 1
        far = ((x * -0.5 + 2.5) * x - 4) * x + 2
        return where(x >= 2, 0, where(x >= 1, far, near))
    radius = 3 if method == "lanczos3" else 5
    pi = 3.141592653589793
    waves = sin(x * pi) * sin(x * (pi / radius)) * radius
    is_near = less(x, 1e-3)
    middle = where(is_near, 1, waves / where(is_near, 1, x * x * pi**2))
    return where(greater(x, radius), 0, middle)
