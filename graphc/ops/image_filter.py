"""`keras.ops.image`: images as their neighbourhoods make them: blurred, edges, likeness."""

from __future__ import annotations

from typing import Any

from graphc.declare.op import op
from graphc.diagnostics.codes import INVALID_VALUE, RANK_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import Dim
from graphc.ir.tensor import Tensor
from graphc.ops.arithmetic import absolute, where
from graphc.ops.convert import Integers, Static, TensorLike, as_float, as_tensor, cast
from graphc.ops.convolution import conv
from graphc.ops.creation import iota
from graphc.ops.elementary import exp
from graphc.ops.image_size import image_axes
from graphc.ops.joining import stack
from graphc.ops.reduction import mean, sum_
from graphc.ops.shaping import expand_dims, moveaxis, reshape, squeeze


def single_channels(x: Tensor, channels: int) -> Tensor:
    """Each channel of a batch of images as an image of its own: [batch * channels, h, w, 1]."""
    front = moveaxis(x, channels, 1)
    return reshape(front, (-1, *front.shape[2:], 1))


def joined_channels(x: Tensor, like: Tensor, channels: int) -> Tensor:
    """The images of single channels put together again."""
    front = moveaxis(like, channels, 1)
    return moveaxis(reshape(x, front.shape), 1, channels)


def gaussian(size: int, sigma: Any, dtype: str, reach: Tensor | None = None) -> Tensor:
    """A bell of so many numbers, that add up to 1: zeros where they stand beyond its reach."""
    place = iota((size,), 0, dtype) - (size - 1) / 2
    ratio = place / as_tensor(sigma, dtype)
    bell = exp(ratio * ratio * -0.5)
    if reach is not None:
        bell = where(absolute(place) <= reach, bell, 0)
    return bell / sum_(bell)


def smoothed(x: Tensor, down: Tensor, along: Tensor) -> Tensor:
    """Images of one channel, blurred by a bell for their height and one for their width."""
    x = conv(x, reshape(down, (-1, 1, 1, 1)), padding="same")
    return conv(x, reshape(along, (1, -1, 1, 1)), padding="same")


@op("image.gaussian_blur")
def gaussian_blur(
    images: TensorLike,
    kernel_size: Integers = (3, 3),
    sigma: Static = (1.0, 1.0),
    data_format: str | None = None,
) -> Tensor:
    """Images blurred by a bell along the width, its size and breadth first, and the height."""
    x = as_tensor(images)
    *_, channels = image_axes(x, data_format)
    sizes = tuple(kernel_size) if isinstance(kernel_size, (tuple, list)) else (kernel_size,) * 2
    if len(sizes) != 2 or any(size < 1 for size in sizes):
        raise Fault(
            INVALID_VALUE,
            f"needs `kernel_size` to be two positive whole numbers, got {kernel_size}",
            arguments=("kernel_size",),
        )
    breadths = as_tensor(sigma, as_float(x).dtype)
    along, down = (gaussian(sizes[i], breadths[i], breadths.dtype) for i in range(2))
    batch = as_float(x if x.rank == 4 else expand_dims(x, 0))
    place = channels % x.rank + (x.rank == 3)
    planes = smoothed(single_channels(batch, place), down, along)
    blurred = cast(joined_channels(planes, batch, place), x.dtype)
    return blurred if x.rank == 4 else squeeze(blurred, 0)


@op("image.sobel_edges")
def sobel_edges(images: TensorLike, data_format: str | None = None) -> Tensor:
    """How steeply each channel changes downwards and to the right: [..., 2] (Sobel, 1968)."""
    x = as_tensor(images)
    *_, channels = image_axes(x, data_format)
    if x.rank != 4:
        raise Fault(RANK_MISMATCH, f"needs a batch of images, got {x.type}", inputs=("images",))
    planes = single_channels(x, channels)
    down = [[-1, -2, -1], [0, 0, 0], [1, 2, 1]]
    across = [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]
    kernels = (reshape(as_tensor(k, x.dtype), (3, 3, 1, 1)) for k in (down, across))
    edges = (joined_channels(conv(planes, k, padding="same"), x, channels) for k in kernels)
    return stack(list(edges), -1)


@op("image.ssim", class_name="SSIM")
def ssim(
    image1: TensorLike,
    image2: TensorLike,
    max_val: float = 1.0,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
    data_format: str | None = None,
) -> Tensor:
    """How alike images are in brightness, contrast and structure, 1 for equal ones.

    The mean over windows of (2μ₁μ₂ + c₁)(2σ₁₂ + c₂) / ((μ₁² + μ₂² + c₁)(σ₁² + σ₂² + c₂))
    (Wang et al. 2004, https://doi.org/10.1109/TIP.2003.819861).
    """
    first, second = as_tensor(image1), as_tensor(image2)
    (*_, channels), _ = image_axes(first, data_format), image_axes(second, data_format)
    bell = gaussian(filter_size, filter_sigma, as_float(first).dtype)
    kernels = reshape(bell, (-1, 1, 1, 1)), reshape(bell, (1, -1, 1, 1))
    x, y = (_planes(t, channels) for t in (first, second))

    def averaged(planes: Tensor) -> Tensor:
        return conv(conv(planes, kernels[0]), kernels[1])

    mean_x, mean_y = averaged(x), averaged(y)
    var_x = averaged(x * x) - mean_x * mean_x
    var_y = averaged(y * y) - mean_y * mean_y
    covariance = averaged(x * y) - mean_x * mean_y
    c1, c2 = (k1 * max_val) ** 2, (k2 * max_val) ** 2
    likeness = (mean_x * mean_y * 2 + c1) * (covariance * 2 + c2)
    likeness = likeness / ((mean_x * mean_x + mean_y * mean_y + c1) * (var_x + var_y + c2))
    count: Dim = first.shape[channels]
    each = mean(reshape(mean(likeness, (1, 2, 3)), (-1, count)), -1)
    return cast(each if first.rank == 4 else squeeze(each, 0), first.dtype)


def _planes(x: Tensor, channels: int) -> Tensor:
    batch = as_float(x if x.rank == 4 else expand_dims(x, 0))
    return single_channels(batch, channels + (x.rank == 3))
