"""A layer of which only the outside is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from graphc.declare.arg import Arg
from graphc.declare.layer import Layer
from graphc.declare.needs import Need, Several
from graphc.declare.rules import REJECTED, DType, Each, Integer, Optional, Rule, Text
from graphc.declare.scope import Scope
from graphc.diagnostics.codes import CONFLICTING_ARGUMENTS
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import UNKNOWN, Dim
from graphc.ir.primitives import apply_all
from graphc.ir.primitives.opaque import OPAQUE
from graphc.ir.tensor import Tensor
from graphc.ir.types import Shape, TensorType


class Dims(Rule):
    """The sizes of one example; None is a size that is not known."""

    @property
    def sentence(self) -> str:
        return "a list of sizes, None where one is not known"

    def accept(self, value: Any) -> Any:
        if not isinstance(value, (tuple, list)):
            return REJECTED
        size = Integer(1, symbolic=True)
        sizes = tuple(UNKNOWN if dim is None else size.accept(dim) for dim in value)
        return REJECTED if any(dim is REJECTED for dim in sizes) else sizes

    def hint(self, value: Any) -> tuple[str | None, str | None]:
        return (f"write [{value}]", f"[{value}]") if type(value) is int else (None, None)

    @property
    def valid(self) -> tuple[Any, ...]:
        return ((8,), (4, None), ())

    @property
    def invalid(self) -> tuple[Any, ...]:
        return ((0,), ("wide",), 12, None)


class OneOrEach(Rule):
    """What a rule allows, for the one output, or a list of that, with an item for each output."""

    rule: Rule

    @property
    def sentence(self) -> str:
        return f"{self.rule.sentence}; for several outputs, a list with one for each"

    def accept(self, value: Any) -> Any:
        single = self.rule.accept(value)
        return Each(self.rule).accept(value) if single is REJECTED else single

    def hint(self, value: Any) -> tuple[str | None, str | None]:
        return self.rule.hint(value)

    def names(self) -> Mapping[str, Any] | None:
        return self.rule.names()

    @property
    def names_kind(self) -> str:
        return self.rule.names_kind

    @property
    def valid(self) -> tuple[Any, ...]:
        return self.rule.valid

    @property
    def invalid(self) -> tuple[Any, ...]:
        return self.rule.invalid


class WeightShapes(Rule):
    """The shapes of weights by their names."""

    @property
    def sentence(self) -> str:
        return "the shapes of weights by name, such as {'kernel': [4, 8]}"

    def accept(self, value: Any) -> Any:
        if not isinstance(value, dict) or not all(isinstance(name, str) for name in value):
            return REJECTED
        shapes = {name: Each(Integer(1)).accept(shape) for name, shape in value.items()}
        return REJECTED if REJECTED in shapes.values() else shapes

    @property
    def valid(self) -> tuple[Any, ...]:
        return ({"kernel": (4, 8)}, {})

    @property
    def invalid(self) -> tuple[Any, ...]:
        return ({"kernel": 4}, (4, 8))


class AnyInputs(Several):
    """One tensor, or several."""

    @property
    def sentence(self) -> str:
        return "a tensor, or several"

    def check(self, name: str, value: Any) -> None:
        """Anything goes."""


class Opaque(Layer):
    """A layer of a class that is not known here: of it only what comes out is.

    It takes any tensors, and gives what `output_shape` says: the dims of one example, or a list
    with those of each output. Such layers are checked, drawn and summarised; their cost is not
    known, nor are their weights unless `weights` has them, and nothing can run or emit them.
    """

    class_name: str = Arg(Text())
    output_shape: Any = Arg(OneOrEach(Dims()))
    output_dtype: Any = Arg(Optional(OneOrEach(DType())), default=None)
    weights: Any = Arg(Optional(WeightShapes()), default=None)

    needs: ClassVar[Mapping[str, Need]] = {"inputs": AnyInputs(1)}
    input_dtype = "any"
    without_weights: ClassVar[frozenset[str]] = frozenset(
        {
            *("Lambda", "Hashing", "HashedCrossing", "IntegerLookup", "StringLookup"),
            "TextVectorization",
        }
    )
    """The classes of Keras, of those that are not known here, that have no weights."""

    @classmethod
    def standing_for(
        cls, class_name: str, shape: Shape, *, is_own: bool = False, name: str | None = None
    ) -> Opaque:
        """The layer that stands for one of a class; `is_own` says that the class is Keras' own."""
        weights: Any = {} if is_own and class_name in cls.without_weights else None
        return cls.from_values(
            {"class_name": class_name, "output_shape": shape, "weights": weights, "name": name}
        )

    @property
    def type_name(self) -> str:
        """The class's own name, without that of its package."""
        return self.class_name.rpartition(">")[2] or self.class_name

    @property
    def subject(self) -> str:
        """The class that it stands for."""
        return self.type_name

    @property
    def is_opaque(self) -> bool:
        """It is."""
        return True

    @property
    def has_unknown_weights(self) -> bool:
        """Nothing is said of them."""
        return self.weights is None

    @property
    def is_single(self) -> bool:
        """Whether there is one output, and no list of them."""
        return not any(isinstance(dims, tuple) for dims in self.output_shape)

    def validate(self) -> None:
        """Check that there are as many dtypes as outputs."""
        dtypes = self.output_dtype
        shapes = 1 if self.is_single else len(self.output_shape)
        if isinstance(dtypes, tuple) and (self.is_single or len(dtypes) != shapes):
            raise Fault(
                CONFLICTING_ARGUMENTS,
                f"needs a dtype for each output, got {len(dtypes)} for {shapes}",
                arguments=("output_dtype", "output_shape"),
            )

    def call(self, scope: Scope, inputs: list[Tensor]) -> Tensor | tuple[Tensor, ...]:
        """Anything -> [N, *output_shape]."""
        tensors = [inputs] if isinstance(inputs, Tensor) else list(inputs)
        batch = next((tensor.shape[0] for tensor in tensors if tensor.rank), UNKNOWN)
        weights = [scope.weight(name, shape) for name, shape in (self.weights or {}).items()]
        made = apply_all(OPAQUE, *tensors, *weights, results=self._types(batch))
        return made[0] if self.is_single else made

    def _types(self, batch: Dim) -> tuple[TensorType, ...]:
        shapes: tuple[Shape, ...] = (self.output_shape,) if self.is_single else self.output_shape
        dtypes = self.output_dtype or self.compute_dtype
        if isinstance(dtypes, str):
            dtypes = (dtypes,) * len(shapes)
        return tuple(
            TensorType((batch, *dims), dtype) for dims, dtype in zip(shapes, dtypes, strict=True)
        )
