"""Layers that move elements without computing: flatten, reshape, permute, repeat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphc.declare.arg import Arg
from graphc.declare.layer import Layer
from graphc.declare.needs import Need, Rank
from graphc.declare.rules import REJECTED, Integer, Positive, Rule
from graphc.declare.scope import Scope
from graphc.declare.values import value_text
from graphc.diagnostics.codes import SHAPE_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import Dim, product
from graphc.ir.shapes import difference_help, merge_dims
from graphc.ir.tensor import Tensor
from graphc.ir.types import Shape, TensorType
from graphc.layers.spatial import DATA_FORMAT
from graphc.ops.convert import cast
from graphc.ops.repetition import repeat
from graphc.ops.shaping import expand_dims, permuted, to_shape


class Flatten(Layer):
    """All elements of an example in one axis: [N, ...] -> [N, product]."""

    category = "reshaping"
    data_format: str | None = Arg(DATA_FORMAT, default=None)

    needs = {"inputs": Rank(at_least=1)}

    def call(self, scope: Scope, inputs: Tensor) -> Tensor:
        """Channels go last before they are flattened, so that both formats give one order."""
        x = inputs
        if self.data_format == "channels_first" and x.rank > 1:
            x = permuted(x, (0, *range(2, x.rank), 1))
        return to_shape(x, (x.shape[0], product(x.shape[1:])))

    def help_with_rank(self, rank: int) -> str | None:
        """It was made flat too early."""
        return "leave out Flatten() before it, or flatten after it" if rank > 2 else None


class TargetShape(Rule):
    """A list of sizes, known or named in the source; one of them may be -1, for what is left."""

    @property
    def sentence(self) -> str:
        return "a list of sizes, one of which may be -1"

    def accept(self, value: Any) -> Any:
        if not isinstance(value, (tuple, list)):
            return REJECTED
        # Keras takes None for -1 as well, and checks it less.
        item = Integer(-1, symbolic=True)
        sizes = tuple(-1 if size is None else item.accept(size) for size in value)
        is_right = REJECTED not in sizes and sizes.count(-1) <= 1
        return sizes if is_right else REJECTED

    def hint(self, value: Any) -> tuple[str | None, str | None]:
        if type(value) is int:
            return f"write [{value}]", f"[{value}]"
        return None, None

    @property
    def valid(self) -> tuple[Any, ...]:
        return ((-1,), (2, -1), (3, 4))

    @property
    def invalid(self) -> tuple[Any, ...]:
        return ((-1, -1), (-2,), 12)


class Reshape(Layer):
    """The elements of each example in the same order in another shape: [N, ...] -> [N, *shape]."""

    category = "reshaping"
    target_shape: tuple[Dim, ...] = Arg(TargetShape())

    def call(self, scope: Scope, inputs: Tensor) -> Tensor:
        """-1 is the size of an example divided by the other sizes."""
        size = product(inputs.shape[1:])
        known = product(dim for dim in self.target_shape if dim != -1)
        left = size // known if known != 0 else 0
        held = left * known if self.is_open else known
        if merge_dims(size, held) is None or (self.is_open and known == 0):
            raise self._misfit(inputs, size, known, held)
        target = tuple(left if dim == -1 else dim for dim in self.target_shape)
        return to_shape(inputs, (inputs.shape[0], *target))

    def as_function(self, inputs: TensorType) -> tuple[str, dict[str, Any]] | None:
        """A reshape of the batch."""
        return "reshape", {"newshape": (inputs.shape[0], *self.target_shape)}

    @property
    def is_open(self) -> bool:
        """Whether one size is left open."""
        return -1 in self.target_shape

    def _misfit(self, inputs: Tensor, size: Dim, known: Dim, held: Dim) -> Fault:
        what = f"a multiple of {known}" if self.is_open else str(known)
        return Fault(
            SHAPE_MISMATCH,
            f"needs {what} elements per example for {value_text(self.target_shape)}, "
            f"got {size} in {inputs.type}",
            label=f"{size} is not {what}",
            help=difference_help(held, size) or _nearby(self.target_shape, size),
            arguments=("target_shape",),
            inputs=("inputs",),
        )


def _nearby(target: Shape, size: Dim) -> str | None:
    """The target with its first size replaced by one that fits, if there is one."""
    rest = product(target[1:])
    if not target or not isinstance(size, int) or not isinstance(rest, int):
        return None
    if rest < 1 or size % rest:
        return None
    return f"{value_text((size // rest, *target[1:]))} has {size} elements"


class Permutation(Rule):
    """The numbers from 1 up, each once, in any order: axes without the batch."""

    @property
    def sentence(self) -> str:
        return "a list of the axes from 1 up, each once"

    def accept(self, value: Any) -> Any:
        if not isinstance(value, (tuple, list, range)):
            return REJECTED
        axes = tuple(Integer(1).accept(axis) for axis in value)
        return (
            axes if REJECTED not in axes and set(axes) == {*range(1, len(axes) + 1)} else REJECTED
        )

    @property
    def valid(self) -> tuple[Any, ...]:
        return ((2, 1), (1, 3, 2))

    @property
    def invalid(self) -> tuple[Any, ...]:
        return ((1, 1), (0, 1), (1, 3), 2)


class Permute(Layer):
    """The axes of each example in another order; `dims` counts them from 1."""

    category = "reshaping"
    dims: tuple[int, ...] = Arg(Permutation())

    def input_needs(self) -> Mapping[str, Need]:
        """As many axes as `dims` has, after the batch."""
        count = len(self.dims)
        return {"inputs": Rank(count + 1, f"batch, and the {count} axes of `dims`")}

    def call(self, scope: Scope, inputs: Tensor) -> Tensor:
        """Axis i of the result is axis dims[i - 1] of the input."""
        return permuted(inputs, (0, *self.dims))


class RepeatVector(Layer):
    """The same vector n times: [N, features] -> [N, n, features]."""

    category = "reshaping"
    n: int = Arg(Positive())

    needs = {"inputs": Rank(2, "batch, features")}

    def call(self, scope: Scope, inputs: Tensor) -> Tensor:
        """[N, features] -> [N, n, features]."""
        return repeat(expand_dims(cast(inputs, self.compute_dtype), 1), self.n, 1)
