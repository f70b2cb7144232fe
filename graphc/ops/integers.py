"""`keras.ops`: divisors, and places in flattened tensors."""

from __future__ import annotations

import math

from graphc.declare.op import op
from graphc.ir.dims import Dim, product
from graphc.ir.dtypes import ITEM_BYTES
from graphc.ir.shapes import broadcast_shapes
from graphc.ir.tensor import Tensor
from graphc.ops.arithmetic import absolute, equal, floor_divide, mod, where
from graphc.ops.convert import ShapeLike, TensorLike, as_shape, as_tensor, together
from graphc.ops.loop import scan_steps
from graphc.ops.rounding import need_whole
from graphc.ops.shaping import broadcasted


@op(static=math.gcd)
def gcd(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The greatest common divisor, by Euclid's algorithm."""
    x, y = together(x1, x2)
    need_whole(x, y)
    shape = broadcast_shapes(x.shape, y.shape)
    started = tuple(broadcasted(absolute(t), shape) for t in (x, y))
    (result, _), _ = scan_steps(_euclid, started, (), length=_longest(x.dtype))
    return result


def _euclid(
    carried: tuple[Tensor, ...], _: tuple[Tensor, ...]
) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
    large, small = carried
    is_done = equal(small, 0)
    left = mod(large, where(is_done, as_tensor(1, small.dtype), small))
    return (where(is_done, large, small), where(is_done, small, left)), ()


def _longest(dtype: str) -> int:
    """How many steps are ever needed: neighbours in Fibonacci's sequence need the most."""
    return math.ceil(8 * ITEM_BYTES[dtype] * math.log(2) / math.log((1 + math.sqrt(5)) / 2)) + 1


@op(static=math.lcm)
def lcm(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The least common multiple."""
    x, y = (absolute(t) for t in together(x1, x2))
    divisor = gcd(x, y)
    safe = where(equal(divisor, 0), as_tensor(1, divisor.dtype), divisor)
    return floor_divide(x, safe) * y


@op()
def unravel_index(indices: TensorLike, shape: ShapeLike) -> tuple[Tensor, ...]:
    """Where in each axis of a shape the elements stand that are counted in its flat form."""
    flat, dims = as_tensor(indices), as_shape(shape)
    need_whole(flat)
    flat = where(flat < 0, flat + _size(product(dims), flat.dtype), flat)
    places = []
    for axis, dim in enumerate(dims):
        rest = _size(product(dims[axis + 1 :]), flat.dtype)
        places.append(mod(floor_divide(flat, rest), _size(dim, flat.dtype)))
    return tuple(places)


def _size(dim: Dim, dtype: str) -> Tensor:
    return as_tensor(dim, dtype)
