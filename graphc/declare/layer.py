"""The base class of layers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from graphc.declare.arg import Arg
from graphc.declare.definition import Definition
from graphc.declare.named import named
from graphc.declare.needs import All, Need, Several
from graphc.declare.registry import numbered, snake_case
from graphc.declare.rules import DType, Flag, Optional, Text
from graphc.declare.scope import Scope
from graphc.ir.dtypes import POLICIES, compute_dtype
from graphc.ir.tensor import Tensor
from graphc.ir.types import TensorType


class Layer(Definition, abstract=True):
    """A layer, declared once.

    A subclass declares its arguments, says in `needs` what each tensor of `call` has to be, and
    defines `call(scope, ...)`: its computation in ops on symbolic tensors, asking
    `scope.weight(name, shape)` for its weights in the order in which Keras makes them. Output
    types, parameters and costs all come from tracing `call`.

    The first tensor parameter of `call` is what an arrow carries. A parameter `mask` (or
    `NAME_mask`, where there are several tensors) receives the mask that a tensor carries.
    """

    family: ClassVar[str] = "layer"
    category: ClassVar[str] = "core"
    """The heading that it stands under in Keras' API reference; diagrams colour by it."""
    keras_module: ClassVar[str] = "keras.layers"
    """Where Keras has the class."""
    needs: ClassVar[Mapping[str, Need]] = {}
    """Input rules by parameter of `call`."""
    supports_masking: ClassVar[bool] = False
    """Whether masks go on to the outputs, by `compute_mask`; else they end here."""
    input_dtype: ClassVar[str | None] = None
    """"compute" casts float inputs to the layer's compute dtype; "any" leaves them alone."""
    argument_order: ClassVar[tuple[str, ...] | None] = None
    inner_names: ClassVar[tuple[str, ...]] = ()
    """Names that Keras gives to layers inside this one when it is first called, and counts."""

    trains_inside: ClassVar[bool] = False
    """Whether Keras trains what is inside of one that is made with `trainable=False`: what freezes all
    is to set that later."""
    trains_by_default: ClassVar[bool | None] = None
    """What `training` is to Keras' call where it is not given; None leaves it to the model."""
    written_as: ClassVar[str | None] = None
    """The argument whose value may be given in place of the layer: a list of cells for a stack."""
    instance: ClassVar[Any] = None
    """What an importer writes for one that stands in several places, on that one alone."""
    name_of_inputs: ClassVar[str | None] = None
    """What Keras' call names all inputs together, where each has a name of its own."""
    defaults_to: ClassVar[Mapping[str, str]] = {}
    """Arguments that stand for another one's value where they are None."""

    name: str | None = Arg(Optional(Text()), default=None, kw_only=True)
    trainable: bool = Arg(Flag(), default=True, kw_only=True)
    dtype: str | None = Arg(Optional(DType(policies=True)), default=None, kw_only=True)
    # Without an annotation: to mypy, the layers that take it by place declare it first.
    activity_regularizer = Arg(named("regularizer").or_none(), default=None, kw_only=True)

    kind_text = "a layer"

    @property
    def is_opaque(self) -> bool:
        """Whether what it computes is not known: it can be drawn, and neither run nor written."""
        return any(layer.is_opaque for layer in self.inner_layers)

    @property
    def has_unknown_weights(self) -> bool:
        """Whether it has weights, perhaps, that are not known here."""
        return any(layer.has_unknown_weights for layer in self.inner_layers)

    @property
    def nests_results(self) -> bool:
        """Whether Keras' class gives some of the results together, in lists of their own."""
        return False

    def as_function(self, inputs: TensorType) -> tuple[str, dict[str, Any]] | None:
        """The function on tensors that does the same, and its arguments but the first, if any.

        That can be given sizes that are known only when it runs; Keras' own layers cannot.
        """
        return None

    @property
    def compute_dtype(self) -> str:
        """The dtype that float inputs are cast to."""
        return compute_dtype(self.dtype or "float32")

    @property
    def variable_dtype(self) -> str:
        """The dtype of the weights."""
        return "float32" if self.dtype in POLICIES else self.dtype or "float32"

    @property
    def output_regularizer(self) -> Any:
        """What adds to the loss for each call, by the size of its outputs."""
        return self.activity_regularizer

    @property
    def type_name(self) -> str:
        """The name of the layer's class."""
        return type(self).__name__

    @property
    def subject(self) -> str:
        """What messages call the layer."""
        return self.type_name

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of what `call` takes after the scope, in order."""
        code = type(self).call.__code__
        return code.co_varnames[2 : code.co_argcount + code.co_kwonlyargcount]

    @property
    def named_parameters(self) -> tuple[str, ...]:
        """What a call may give by name."""
        return self.parameters

    @property
    def required_parameters(self) -> tuple[str, ...]:
        """Those of them that have no default."""
        call = type(self).call
        return call.__code__.co_varnames[
            2 : call.__code__.co_argcount - len(call.__defaults__ or ())
        ]

    @property
    def tensor_parameters(self) -> tuple[str, ...]:
        """Those that take a tensor, masks aside: what several inputs in parentheses fill."""
        hints = type(self).call.__annotations__
        return tuple(
            name
            for name in self.parameters
            if "Tensor" in str(hints.get(name, "")) and not name.endswith("mask")
        )

    @property
    def inner_layers(self) -> tuple[Layer, ...]:
        """The layers among the arguments, each once."""
        fields = vars(self)
        found: tuple[Layer, ...] | None = fields.get("_inner_layers")
        if found is None:
            each = {
                id(layer): layer for name in self.arguments for layer in _layers_in(fields[name])
            }
            found = fields["_inner_layers"] = tuple(each.values())
        return found

    def place_of(self, layer: Layer) -> int | None:
        """Where a layer stands in `inner_layers`, if it does."""
        for place, inner in enumerate(self.inner_layers):
            if inner is layer:
                return place
        return None

    def take_name(self, name: str) -> None:
        """Be called as the source calls it: layers around this one name its weights by that."""
        fields = vars(self)
        fields["name"] = name
        fields.pop("_key", None)

    def attribute_of(self, inner: Layer, label: str) -> str:
        """Where Keras' class keeps an inner layer: attributes, and names in lists, as a path.

        `label` is what the scope of the inner layer goes by. Files of weights name layers so.
        """
        for name in self.arguments:
            value = vars(self)[name]
            if value is inner:
                return name
            if isinstance(value, (list, tuple)):
                counts: dict[str, int] = {}
                for item in value:
                    place = numbered(snake_case(getattr(item, "type_name", "")), counts)
                    if item is inner:
                        return f"{name}/{place}"
        return label

    @property
    def key(self) -> tuple[Any, ...]:
        """Type and arguments; layers that stand in several places are told from equal ones."""
        fields = vars(self)
        key: tuple[Any, ...] | None = fields.get("_key")
        if key is None:
            key = super().key
            order = list(_all_layers(self))
            if len(order) > 1:
                first: dict[int, int] = {}
                places = tuple(first.setdefault(id(layer), len(first)) for layer in order)
                key = fields["_key"] = (*key, places)
        return key

    @property
    def takes_list(self) -> bool:
        """Whether the first parameter takes a list of tensors."""
        need = self.needs.get(self.parameters[0])
        rules = need.rules if isinstance(need, All) else (need,)
        return any(isinstance(rule, Several) for rule in rules)

    def input_needs(self) -> Mapping[str, Need]:
        """The input rules of this configuration: `needs`, unless arguments have a say."""
        return self.needs

    def help_with_rank(self, rank: int) -> str | None:
        """What to change in this layer where the one after it needs an input of another rank."""
        return None

    def as_written(self, inputs: Sequence[TensorType]) -> Layer:
        """The layer without what it would fill in by itself for inputs of these types.

        A saved configuration holds that too; a person would not write it.
        """
        return self

    def call(self, scope: Scope, *inputs: Any, **arguments: Any) -> Any:
        """The computation: a tensor, or a tuple of them."""
        raise NotImplementedError(type(self).__name__)

    def compute_mask(self, scope: Scope, inputs: Any, mask: Any) -> Any:
        """The mask of the output, or a tuple with one for each; asked if `supports_masking`."""
        return mask


def _layers_in(value: Any) -> Iterator[Layer]:
    """The layers in an argument, with those that stand there twice."""
    if isinstance(value, Layer):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _layers_in(item)


def _all_layers(layer: Layer) -> Iterator[Layer]:
    """The layers among a layer's arguments, those of theirs, and so on."""
    if not layer.inner_layers:
        return
    for name in layer.arguments:
        for inner in _layers_in(getattr(layer, name)):
            yield inner
            yield from _all_layers(inner)


def first_tensor(inputs: Any) -> Tensor:
    """The tensor, or the first of a list of them."""
    tensor: Tensor = inputs[0] if isinstance(inputs, (list, tuple)) else inputs
    return tensor
