"""`keras.ops`: complex numbers, their parts and angles."""

from __future__ import annotations

from graphc.declare.op import op
from graphc.diagnostics.codes import DTYPE_MISMATCH, SHAPE_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.dtypes import COMPLEX, is_float, promote
from graphc.ir.primitives import apply
from graphc.ir.primitives import elementwise as rows
from graphc.ir.primitives.movement import BITCAST, STOP_GRADIENT
from graphc.ir.tensor import Tensor
from graphc.ops.arithmetic import equal, multiply
from graphc.ops.convert import DTypeName, TensorLike, as_float, as_tensor, cast
from graphc.ops.creation import ones_like, zeros_like
from graphc.ops.joining import stack
from graphc.ops.trigonometry import cos, sin


def _real_dtype(dtype: str) -> str:
    return "float64" if dtype == "complex128" else "float32"


@op()
def real(x: TensorLike) -> Tensor:
    """The real part of x."""
    x = as_tensor(x)
    return cast(x, _real_dtype(x.dtype)) if x.dtype in COMPLEX else x


@op()
def imag(x: TensorLike) -> Tensor:
    """The imaginary part of x."""
    x = as_tensor(x)
    if x.dtype not in COMPLEX:
        return zeros_like(x)
    return real(multiply(x, as_tensor(-1j, x.dtype)))


@op()
def conjugate(x: TensorLike) -> Tensor:
    """x with its imaginary part turned round."""
    x = as_tensor(x)
    return _complex(real(x), -imag(x)) if x.dtype in COMPLEX else x


@op(class_name="Conjugate")
def conj(x: TensorLike) -> Tensor:
    """x with its imaginary part turned round."""
    return conjugate(x)


@op()
def isreal(x: TensorLike) -> Tensor:
    """Whether x has no imaginary part."""
    x = as_tensor(x)
    return equal(imag(x), 0) if x.dtype in COMPLEX else ones_like(x, "bool")


@op()
def angle(x: TensorLike) -> Tensor:
    """At which angle x stands in the complex plane: π for negative numbers."""
    x = as_float(x)
    return apply(rows.ATAN2, imag(x), real(x))


@op()
def polar(abs_: TensorLike, angle: TensorLike) -> Tensor:
    """The complex number of a size, at an angle."""
    length, direction = as_float(abs_), as_float(angle)
    return _complex(length * cos(direction), length * sin(direction))


def _complex(first: Tensor, second: Tensor) -> Tensor:
    dtype = promote(first.dtype, second.dtype, "complex64")
    return cast(first, dtype) + cast(second, dtype) * as_tensor(1j, dtype)


@op()
def view_as_complex(x: TensorLike) -> Tensor:
    """Complex numbers of the pairs along the last axis: real and imaginary parts."""
    x = as_tensor(x)
    if x.rank == 0 or x.shape[-1] != 2:
        raise Fault(SHAPE_MISMATCH, f"needs pairs along its last axis, got {x.type}")
    return _complex(x[..., 0], x[..., 1])


@op()
def view_as_real(x: TensorLike) -> Tensor:
    """Pairs along a new last axis: real and imaginary parts."""
    x = as_tensor(x)
    return stack([real(x), imag(x)], -1)


@op()
def view(x: TensorLike, dtype: DTypeName | None = None) -> Tensor:
    """The same bits read as another dtype of the same size."""
    x = as_tensor(x)
    return x if dtype in (None, x.dtype) else apply(BITCAST, x, dtype=dtype)


@op()
def stop_gradient(variable: TensorLike) -> Tensor:
    """The tensor itself, which no gradient goes through."""
    return apply(STOP_GRADIENT, as_tensor(variable))


def need_fractions(*tensors: Tensor) -> None:
    """Raise `Fault` where numbers are not real fractions."""
    for x in tensors:
        if not is_float(x.dtype):
            raise Fault(DTYPE_MISMATCH, f"needs real fractions, got {x.type}")
