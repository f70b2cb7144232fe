"""Where a layer's weights are made while its computation is traced."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from graphc.declare.freezing import Frozen, inside
from graphc.declare.needs import one_tensor
from graphc.declare.registry import snake_case
from graphc.diagnostics.codes import INPUT_COUNT, SHARED_LAYER_MISMATCH, UNKNOWN_SIZE
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import Dim, shape_text
from graphc.ir.dtypes import is_float
from graphc.ir.primitives.elementwise import CAST
from graphc.ir.primitives.row import apply
from graphc.ir.tensor import Tensor
from graphc.ir.types import TensorType
from graphc.record import Record, replace

if TYPE_CHECKING:
    from graphc.declare.layer import Layer


class WeightSpec(Record):
    """A weight: `name` is Keras' own ("kernel"), `path` also has the inner layers' names."""

    name: str
    path: str
    shape: tuple[int, ...]
    dtype: str
    initializer: Any
    is_trainable: bool
    regularizer: Any = None
    constraint: Any = None
    route: tuple[Any, ...] = ()
    """The way from the traced layer to the one among its arguments that owns the weight: places in
    `inner_layers`, and behind a nested model the layer's use in its graph."""
    owner_path: str = ""
    """How `path` begins up to that layer."""

    @property
    def size(self) -> int:
        """The number of parameters."""
        size = 1
        for dim in self.shape:
            size *= dim
        return size


class Adapter(Record):
    """Two weights, by their paths, whose product times a factor is added to a third."""

    a: str
    b: str
    factor: float


class Scope:
    """The weights of one layer, by path, as its `call` asks for them.

    Asked twice for one name (a layer called twice, a cell in a loop) it gives the same weight.
    """

    def __init__(
        self, layer: Layer, *, training: bool | None = None, around: Frozen = Frozen.NO
    ) -> None:
        self.layer = layer
        self.training = training
        """Whether layers do what they do in training; None leaves it to each call, as False does
        where that says nothing."""
        self.path = ""
        self.route: tuple[Any, ...] = ()
        self.owner_path = ""
        self.frozen = inside(layer, around)
        """How the layer's weights, and what is inside of it, are frozen."""
        self.specs: dict[str, WeightSpec] = {}
        self.tensors: dict[str, Tensor] = {}
        self.children: dict[str, Scope] = {}
        self.dropped_masks: list[tuple[Any, ...]] = []
        """Calls inside of nested models that drop a mask, each with the calls of the models."""
        self.updates: dict[str, Tensor] = {}
        """What a step of training makes of weights that no gradient changes, by their paths."""
        self.penalties: list[tuple[Layer, Tensor]] = []
        """What is added to the loss for outputs of layers, with the layers."""
        self.calls: list[tuple[Any, Tensor]] = []
        """The calls inside of models, in their order, with what each gives."""
        self.adapters: dict[str, Adapter] = {}
        """What is added to weights that are adapted, by their paths."""
        self.drawn: dict[str, list[Tensor]] = {}
        """What this layer has drawn at random to use more than once, by what it is for."""
        self._own: dict[str, bool] = {}  # whether it was made as a trainable one, by path

    @property
    def is_trainable(self) -> bool:
        """Whether the layer is trained."""
        return self.frozen is Frozen.NO

    @property
    def ordered_specs(self) -> list[WeightSpec]:
        """The weights in Keras' order: own ones, trainable first, then each inner layer's.

        Trainable is here what the weight was made as: `trainable=False` on the layer, and a
        weight frozen later, leave the order alone.
        """
        return [self.specs[path] for path in dict.fromkeys(self.ordered_paths())]

    @property
    def own_paths(self) -> list[str]:
        """The paths of what the layer itself keeps hold of, in Keras' order."""
        return sorted(self._own, key=lambda path: not self._own[path])

    def ordered_paths(self) -> list[str]:
        """Where `ordered_specs` are found, some perhaps twice."""
        ordered = self.own_paths
        for child in self.children.values():
            ordered += child.ordered_paths()
        return ordered

    def weight(
        self,
        name: str,
        shape: tuple[Dim, ...] | list[Dim],
        initializer: Any = None,
        *,
        dtype: str | None = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
    ) -> Tensor:
        """The weight of this name, in the layer's compute dtype, or as it is without `autocast`.

        Initializer, regularizer and constraint are the layer's own arguments `NAME_initializer`,
        …, where it has them. Raises `Fault` where the shape is not known, or not what it was.
        """
        layer = self.layer
        path = f"{self.path}{name}"
        found = self.specs.get(path)
        if found is None:
            found = WeightSpec(
                name,
                path,
                _static_shape(name, shape),
                dtype or layer.variable_dtype,
                initializer or getattr(layer, f"{name}_initializer", None),
                trainable and self.is_trainable,
                regularizer or getattr(layer, f"{name}_regularizer", None),
                constraint or getattr(layer, f"{name}_constraint", None),
                self.route,
                self.owner_path,
            )
            _check_start(found)
            self.specs[path] = found
            self._own[path] = trainable
            self.tensors[path] = Tensor(TensorType(found.shape, found.dtype))
        elif tuple(shape) != found.shape:
            raise Fault(
                SHARED_LAYER_MISMATCH,
                f"has a weight `{name}` of shape {shape_text(found.shape)} from its first use, "
                f"and needs {shape_text(tuple(shape))} for this input",
            )
        tensor = self.updates.get(path, self.tensors[path])
        compute = layer.compute_dtype
        if autocast and is_float(found.dtype) and is_float(compute) and found.dtype != compute:
            return apply(CAST, tensor, dtype=compute)
        return tensor

    def update(self, name: str, value: Tensor) -> None:
        """Give a weight a new value, which a later call of the layer finds."""
        path = f"{self.path}{name}"
        self.updates[path] = apply(CAST, value, dtype=self.specs[path].dtype)

    def freeze(self, name: str) -> None:
        """Stop training a weight. It keeps its place among the trainable ones."""
        path = f"{self.path}{name}"
        self.specs[path] = replace(self.specs[path], is_trainable=False)

    def adapt(self, name: str, a: str, b: str, factor: float) -> None:
        """Say that factor * a @ b is added to a weight wherever it is used."""
        adapter = Adapter(f"{self.path}{a}", f"{self.path}{b}", factor)
        self.adapters[f"{self.path}{name}"] = adapter

    def adopt(self, child: Scope, name: str) -> None:
        """List an inner layer's weight among the own ones, where Keras keeps hold of it."""
        path = f"{child.path}{name}"
        self._own.setdefault(path, child._own[path])

    def child(self, layer: Layer, name: str | None = None, step: Any = None) -> Scope:
        """The scope of an inner layer, under a name of its own; the same one when asked again.

        `step` leads to it where it is not itself among the arguments of this scope's layer.
        """
        label = name or layer.name or snake_case(layer.type_name)
        number = 0
        base = label
        while (found := self.children.get(label)) is not None:
            if found.layer is layer:
                found.training = self.training  # another call may say otherwise
                return found
            number += 1
            label = f"{base}_{number}"
        made = Scope(layer, training=self.training, around=self.frozen)
        made.path = f"{self.path}{label}/"
        made.specs, made.tensors = self.specs, self.tensors
        made.dropped_masks, made.adapters = self.dropped_masks, self.adapters
        made.updates, made.penalties, made.calls = self.updates, self.penalties, self.calls
        made.route, made.owner_path = self.route, self.owner_path
        if step is None:
            step = self.layer.place_of(layer)
        # What a layer makes for itself is its own, and what that has too.
        if step is not None and self.path == self.owner_path:
            made.route, made.owner_path = (*self.route, step), made.path
        self.children[label] = made
        return made

    def apply(
        self,
        layer: Layer,
        *inputs: Any,
        child_name: str | None = None,
        stands_for: Layer | None = None,
        **kwargs: Any,
    ) -> Any:
        """Apply an inner layer as Keras' `__call__` does: input casts, needs, masks.

        `stands_for` is the argument whose weights the layer has, where it is a copy of one.
        """
        names = layer.parameters
        arguments = {**dict(zip(names, inputs, strict=False)), **kwargs}
        step = None if stands_for is None else self.layer.place_of(stands_for)
        return apply_layer(layer, self.child(layer, child_name, step), arguments)

    def activate(self, activation: Any, x: Tensor) -> Tensor:
        """Apply the value of an `activation` argument: nothing, a tensor function, or a layer."""
        if activation is None:
            return x
        from graphc.declare.layer import Layer  # it imports this module

        result: Tensor = (
            self.apply(activation, x) if isinstance(activation, Layer) else activation(x)
        )
        return result


def _static_shape(name: str, shape: tuple[Dim, ...] | list[Dim]) -> tuple[int, ...]:
    known = tuple(dim for dim in shape if isinstance(dim, int))
    if len(known) != len(shape):
        raise Fault(
            UNKNOWN_SIZE,
            f"needs known sizes for its weight `{name}`, got {shape_text(tuple(shape))}",
            label=f"the shape of `{name}` is not known",
            help="weights cannot depend on the size of an input: give that axis a number",
        )
    return known


_ONE_TENSOR = ("Tensor", "Tensor | None")
"""What parameters of `call` are annotated with that take one tensor, and no list."""


def _check_start(spec: WeightSpec) -> None:
    """Raise `Fault` where the initializer makes no weights of this shape."""
    if spec.initializer is None:
        return
    try:
        spec.initializer.check_shape(spec.shape)
    except Fault as fault:
        name = type(spec.initializer).__name__
        message = f"cannot start its weight `{spec.name}`: {name} {fault.message}"
        raise Fault(fault.code, message, arguments=(f"{spec.name}_initializer",)) from None


TRAINING = "training"
"""The argument that each call of a layer may have, whether the layer has a use for it or not."""


def says_training(layer: Layer, name: str) -> bool:
    """Whether an argument is that one, and not an input that a model calls so."""
    return name == TRAINING and name not in layer.tensor_parameters


def apply_layer(layer: Layer, scope: Scope, arguments: Mapping[str, Any]) -> Any:
    """Apply a layer to tensors as `keras.Layer.__call__` does; a tensor or a tuple of them.

    Casts float inputs to the compute dtype, checks `needs`, hands masks to the parameters that
    take them, and sets the outputs' masks.
    """
    values = {name: _cast_inputs(layer, value) for name, value in arguments.items()}
    is_told = TRAINING in values and says_training(layer, TRAINING)
    given = values[TRAINING] if is_told else None
    if TRAINING not in layer.parameters:
        values.pop(TRAINING, None)
    for name in layer.required_parameters:
        if values.get(name) is None:
            raise _missing_input(layer, name)
    for name, need in layer.input_needs().items():
        if values.get(name) is not None:
            need.check(name, values[name])
    hints = type(layer).call.__annotations__
    for name, value in values.items():
        if value is not None and hints.get(name) in _ONE_TENSOR:
            one_tensor(name, value)
    _fill_masks(layer, values)
    first = next((values[name] for name in layer.parameters if name in values), None)
    previous = values.get("mask")
    if previous is None:
        previous = _masks_of(first)
    around = scope.training
    scope.training = around if given is None else bool(given)
    outputs = layer.call(scope, **values)
    scope.training = around
    if layer.output_regularizer is not None:
        listed = outputs if isinstance(outputs, (list, tuple)) else (outputs,)
        regularizer = layer.output_regularizer
        scope.penalties += [(layer, regularizer.penalty_per_example(each)) for each in listed]
    if layer.supports_masking:
        _set_masks(layer, scope, first, outputs, previous)
        if _has_written_mask(first):
            _set_written_masks(layer, scope, first, outputs)
        return outputs
    return _without_masks(outputs)


def _missing_input(layer: Layer, name: str) -> Fault:
    given = ", ".join(f"{each}=…" for each in layer.required_parameters)
    return Fault(
        INPUT_COUNT,
        f"needs a tensor for `{name}`, got none",
        help=f"pipe them by name: ({given}) -> {type(layer).__name__}(…)",
    )


def _cast_inputs(layer: Layer, value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return type(value)(_cast_inputs(layer, item) for item in value)
    if not isinstance(value, Tensor) or layer.input_dtype == "any":
        return value
    compute = layer.compute_dtype
    if is_float(value.dtype) and is_float(compute) and value.dtype != compute:
        cast = apply(CAST, value, dtype=compute)
        cast.mask, cast.written_mask = value.mask, value.written_mask
        return cast
    return value


def _fill_masks(layer: Layer, values: dict[str, Any]) -> None:
    parameters = layer.parameters
    tensors = [name for name, value in values.items() if _holds_tensor(value)]
    if len(tensors) == 1:
        if "mask" in parameters and values.get("mask") is None:
            only = values[tensors[0]]
            is_alone = isinstance(only, Tensor) and all(
                value is None for value in values.values() if value is not only
            )
            masks = _masks_of(only, written=is_alone)
            if masks is not None:
                values["mask"] = masks
        return
    for name in tensors:
        expected = f"{name}_mask"
        if expected in parameters and values.get(expected) is None:
            masks = _masks_of(values[name])
            if masks is not None:
                values[expected] = masks


def _holds_tensor(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(_holds_tensor(item) for item in value)
    return isinstance(value, Tensor)


def _masks_of(value: Any, *, written: bool = False) -> Any:
    """A tensor's mask, or the list of them for a list of tensors; None where there is none.

    `written` asks for those that Keras has written down.
    """
    if isinstance(value, (list, tuple)):
        masks = [_masks_of(item, written=written) for item in value]
        return masks if any(mask is not None for mask in masks) else None
    if not isinstance(value, Tensor):
        return None
    return value.written_mask if written and value.written_mask is not None else value.mask


def _set_masks(layer: Layer, scope: Scope, inputs: Any, outputs: Any, previous: Any) -> None:
    listed = outputs if isinstance(outputs, (list, tuple)) else (outputs,)
    if all(output.mask is not None for output in listed):
        return
    masks = layer.compute_mask(scope, inputs, previous)
    if masks is None:
        return
    for output, mask in zip(
        listed, masks if isinstance(masks, (list, tuple)) else (masks,), strict=False
    ):
        if output.mask is None:
            output.mask = mask


def _has_written_mask(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(map(_has_written_mask, value))
    return isinstance(value, Tensor) and value.written_mask is not None


def _set_written_masks(layer: Layer, scope: Scope, inputs: Any, outputs: Any) -> None:
    """Give outputs the masks that they would have, had no input lost its own."""
    listed = outputs if isinstance(outputs, (list, tuple)) else (outputs,)
    masks = layer.compute_mask(scope, inputs, _masks_of(inputs, written=True))
    for output, mask in zip(
        listed, masks if isinstance(masks, (list, tuple)) else (masks,), strict=False
    ):
        output.written_mask = mask


def _without_masks(outputs: Any) -> Any:
    """Give outputs that carry a mask, an input's or an inner layer's, an identity without it."""
    if isinstance(outputs, (list, tuple)):
        return type(outputs)(_without_masks(output) for output in outputs)
    is_bare = outputs.mask is None and outputs.written_mask is None
    return outputs if is_bare else apply(CAST, outputs, dtype=outputs.dtype)
