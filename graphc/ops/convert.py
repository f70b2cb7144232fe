"""Numbers and tensors brought to one dtype."""

from __future__ import annotations

from typing import Any, TypeAlias

from graphc.declare.op import op
from graphc.declare.values import kind_text
from graphc.diagnostics.codes import DTYPE_MISMATCH, INVALID_VALUE, NOT_A_TENSOR
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import UNKNOWN, Dim, SymbolicDim, shape_text
from graphc.ir.dtypes import INTEGERS, promote, to_float, weak_dtype
from graphc.ir.primitives import apply
from graphc.ir.primitives.elementwise import CAST
from graphc.ir.primitives.movement import CONSTANT, DIM_SIZE
from graphc.ir.tensor import Tensor
from graphc.ir.types import Shape

TensorLike: TypeAlias = "Tensor | complex"
TensorOrLists: TypeAlias = TensorLike
TensorList: TypeAlias = "list[Tensor] | tuple[Tensor, ...]"
Static: TypeAlias = Any
Places: TypeAlias = Any
Anything: TypeAlias = Any
Widths: TypeAlias = Any
AxisPair: TypeAlias = Any
Limits: TypeAlias = Any
Axes: TypeAlias = "int | tuple[int, ...]"
Integers: TypeAlias = "int | tuple[int, ...]"
ShapeLike: TypeAlias = "Dim | tuple[Dim, ...]"
DTypeName: TypeAlias = str


def dtype_of(value: Any) -> str:
    """A tensor's dtype, or the weak dtype of a number."""
    if isinstance(value, Tensor):
        return value.dtype
    if isinstance(value, (int, float, complex)):
        return weak_dtype(value)
    if isinstance(value, SymbolicDim) or value is UNKNOWN:
        return "int"
    if isinstance(value, (tuple, list, range)) and value:
        return promote(*(dtype_of(item) for item in value))
    raise Fault(NOT_A_TENSOR, f"needs a tensor or a number, got {kind_text(value)}")


def as_tensor(value: Any, dtype: str | None = None) -> Tensor:
    """A tensor of the dtype, made of a tensor, a number, or nested lists of numbers."""
    wanted = dtype or promote(dtype_of(value))
    if isinstance(value, Tensor):
        return cast(value, wanted)
    if isinstance(value, SymbolicDim) or value is UNKNOWN:
        return apply(DIM_SIZE, dim=value, dtype=wanted)
    shape = _nested_shape(value)
    return apply(CONSTANT, value=_frozen(value), shape=shape, dtype=wanted)


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, (tuple, list, range)) else value


def as_shape(value: Any) -> Shape:
    """A shape, of which one dim may stand by itself."""
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


def _nested_shape(value: Any) -> tuple[int, ...]:
    if not isinstance(value, (tuple, list, range)):
        if not isinstance(value, (int, float, complex)):
            raise Fault(NOT_A_TENSOR, f"needs numbers, got {kind_text(value)}")
        return ()
    inner = {_nested_shape(item) for item in value}
    if len(inner) > 1:
        raise Fault(NOT_A_TENSOR, "needs nested lists of one shape, got lists of different lengths")
    return (len(value), *(inner.pop() if inner else ()))


def need_sizes(shape: Shape, *arguments: str) -> Shape:
    """The shape; a fault where one of its dims is negative."""
    if any(isinstance(dim, int) and dim < 0 for dim in shape):
        raise Fault(
            INVALID_VALUE,
            f"needs sizes that are not negative, got {shape_text(shape)}",
            arguments=arguments,
        )
    return shape


def as_integers(value: int | tuple[int, ...] | list[int]) -> tuple[int, ...]:
    """Whole numbers, of which one may stand by itself."""
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


@op()
def cast(x: TensorLike, dtype: DTypeName) -> Tensor:
    """x in another dtype: fractions are cut off, and what is not 0 is true."""
    tensor = x if isinstance(x, Tensor) else as_tensor(x)
    return tensor if tensor.dtype == dtype else apply(CAST, tensor, dtype=dtype)


def to_real(dtype: str) -> str:
    """A float dtype itself; whole numbers and truth values become float32, int64 with them."""
    return dtype if dtype not in ("bool", *INTEGERS) else "float32"


def as_float(x: Any) -> Tensor:
    """A tensor whose elements are fractions: integers become float32."""
    return as_tensor(x, to_float(promote(dtype_of(x))))


def together(*values: Any) -> list[Tensor]:
    """Tensors and numbers brought to the dtype that they promote to."""
    dtype = promote(*(dtype_of(value) for value in values))
    return [as_tensor(value, dtype) for value in values]


def counted(*values: Any) -> list[Tensor]:
    """Tensors and numbers brought together, truth values as the whole numbers 0 and 1."""
    return [cast(x, "int32") if x.dtype == "bool" else x for x in together(*values)]


def require_numbers(*tensors: Tensor) -> None:
    """Raise `Fault` for truth values, which have no sign."""
    for x in tensors:
        if x.dtype == "bool":
            raise Fault(
                DTYPE_MISMATCH,
                f"needs numbers, got {x.type.full_text}",
                help='make 0 and 1 of them first: … -> cast("int32")',
            )


def require_integer(x: Tensor, what: str) -> None:
    """Raise `Fault` where indices are fractions."""
    if not x.dtype.startswith(("int", "uint")):
        raise Fault(
            DTYPE_MISMATCH,
            f"needs {what} that are whole numbers, got {x.type.full_text}",
            help='state the dtype of the input, int32[…], or convert it: … -> cast("int32")',
            inputs=(what,),
        )
