"""A recurrent layer that runs in both directions of time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from graphc.declare.arg import Arg
from graphc.declare.layer import Layer
from graphc.declare.needs import Need
from graphc.declare.registry import snake_case
from graphc.declare.rules import REJECTED, OneOf, OnlyNone, Rule
from graphc.declare.scope import Scope
from graphc.diagnostics.codes import CONFLICTING_ARGUMENTS, INPUT_COUNT, SHAPE_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import shape_text
from graphc.ir.primitives import apply
from graphc.ir.primitives.movement import CONCATENATE, REVERSE
from graphc.ir.tensor import Tensor
from graphc.ir.types import TensorType
from graphc.layers.recurrent import LSTM, Recurrent
from graphc.layers.recurrent_cells import TensorTree
from graphc.layers.wrapper import class_hint
from graphc.ops.convert import cast


class IsRecurrent(Rule):
    """A layer that loops over time."""

    @property
    def sentence(self) -> str:
        return "a recurrent layer, such as LSTM(8)"

    def accept(self, value: Any) -> Any:
        return value if isinstance(value, Recurrent) else REJECTED

    def hint(self, value: Any) -> tuple[str | None, str | None]:
        return class_hint(value), None

    @property
    def valid(self) -> tuple[Any, ...]:
        return tuple(LSTM.from_values({"units": 2, "return_sequences": x}) for x in (False, True))

    @property
    def invalid(self) -> tuple[Any, ...]:
        return ("lstm", 3, None)


class Bidirectional(Layer):
    """Two copies of a recurrent layer, one running backwards, and their outputs merged."""

    category = "recurrent"
    layer: Recurrent = Arg(IsRecurrent())
    merge_mode: str | None = Arg(OneOf(("concat", "sum", "mul", "ave")).or_none(), default="concat")
    weights: None = Arg(OnlyNone("weights come from a file of them"), default=None)
    backward_layer: Recurrent | None = Arg(IsRecurrent().or_none(), default=None)

    supports_masking = True
    trains_inside = True

    def help_with_rank(self, rank: int) -> str | None:
        """Without its steps, the output lacks the axis of time."""
        return self.layer.help_with_rank(rank)

    def validate(self) -> None:
        """Both directions have to differ in direction, and in that alone."""
        forward, backward = self.layer, self.backward
        if forward.go_backwards == backward.go_backwards:
            raise Fault(
                CONFLICTING_ARGUMENTS,
                f"needs one layer that goes forwards and one that goes backwards, got "
                f"go_backwards={forward.go_backwards} for both",
                help="leave `go_backwards` to Bidirectional"
                if self.backward_layer is None
                else "give the backward layer go_backwards=True",
                arguments=("layer", "backward_layer"),
            )
        for name in ("stateful", "return_sequences", "return_state"):
            values = getattr(forward, name), getattr(backward, name)
            if values[0] != values[1]:
                raise Fault(
                    CONFLICTING_ARGUMENTS,
                    f"needs the same `{name}` in both directions, got {values[0]} and {values[1]}",
                    arguments=("layer", "backward_layer"),
                )

    @cached_property
    def forward(self) -> Recurrent:
        """The copy that runs with time."""
        return _copy(self.layer, name=_renamed(self.layer, "forward_"))

    @cached_property
    def backward(self) -> Recurrent:
        """The copy that runs against it, or the layer that is given for it."""
        if self.backward_layer is not None:
            return _copy(self.backward_layer)
        return _copy(self.layer, name=_renamed(self.layer, "backward_"), go_backwards=True)

    def attribute_of(self, inner: Layer, label: str) -> str:
        """The two copies have attributes of their own."""
        return "forward_layer" if inner is self.forward else "backward_layer"

    def as_written(self, inputs: Sequence[TensorType]) -> Layer:
        """Without `zero_output_for_mask`, which is set here, and a backward layer like ours."""
        values = self.all_values()
        layer = _copy(self.layer, zero_output_for_mask=False)
        given = self.backward_layer
        if given is not None and given.instance is None:
            given = _copy(given, zero_output_for_mask=False)
            is_own = _copy(given, name=None) == _copy(layer, name=None, go_backwards=True)
            name = _common_name(layer, given)
            if is_own and not layer.go_backwards and name is not None:
                layer, given = _copy(layer, zero_output_for_mask=False, name=name), None
        return type(self).from_values({**values, "layer": layer, "backward_layer": given})

    def input_needs(self) -> Mapping[str, Need]:
        """What the wrapped layer needs."""
        return self.layer.input_needs()

    def call(
        self,
        scope: Scope,
        sequences: Tensor,
        initial_state: TensorTree | None = None,
        mask: Tensor | None = None,
        training: bool = False,
    ) -> Tensor | tuple[Tensor, ...]:
        """[B, T, features] -> the merged outputs, then forward and backward states if asked for."""
        forward_state, backward_state = _halves(initial_state)
        forward = scope.apply(self.forward, sequences, initial_state=forward_state, mask=mask)
        backward = scope.apply(
            self.backward,
            sequences,
            initial_state=backward_state,
            mask=mask,
            stands_for=self.backward_layer,
        )
        y, *states = forward if isinstance(forward, tuple) else (forward,)
        y_back, *states_back = backward if isinstance(backward, tuple) else (backward,)
        _check_alike((y, *states), (y_back, *states_back))
        y, y_back = cast(y, self.compute_dtype), cast(y_back, self.compute_dtype)
        if self.layer.return_sequences:
            y_back = apply(REVERSE, y_back, axes=(1,))
        results = (*self._merge(y, y_back), *states, *states_back)
        return results if len(results) > 1 else results[0]

    @property
    def nests_results(self) -> bool:
        """The states of each direction are as the wrapped layer gives them."""
        return self.layer.nests_results

    def _merge(self, y: Tensor, y_back: Tensor) -> tuple[Tensor, ...]:
        if self.merge_mode == "concat":
            return (apply(CONCATENATE, y, y_back, axis=y.rank - 1),)
        if self.merge_mode == "sum":
            return (y + y_back,)
        if self.merge_mode == "mul":
            return (y * y_back,)
        if self.merge_mode == "ave":
            return ((y + y_back) / 2,)
        return y, y_back

    def compute_mask(self, scope: Scope, inputs: Any, mask: Any) -> Any:
        """The input's mask for sequences; none for single outputs, nor for states."""
        if isinstance(mask, (list, tuple)):
            mask = mask[0]
        of_output = mask if self.layer.return_sequences else None
        return of_output if self.merge_mode else (of_output, of_output)


def _copy(layer: Recurrent, **changes: Any) -> Recurrent:
    """A layer of its own weights. Masked steps of a sequence give 0, so that halves can be merged."""
    changes.setdefault("zero_output_for_mask", layer.return_sequences)
    return type(layer).from_values({**layer.all_values(), **changes})


def _renamed(layer: Layer, prefix: str) -> str:
    return _prefixed(prefix, layer.name or snake_case(layer.type_name))


def _prefixed(prefix: str, name: str) -> str:
    return prefix + name.removeprefix(prefix)


def _common_name(forward: Layer, backward: Layer) -> str | None:
    """The name of the layer whose copies have the names of these two, if there is one."""
    names = forward.name or "", backward.name or ""
    for name in (names[0].removeprefix("forward_"), names[0]):
        if (_prefixed("forward_", name), _prefixed("backward_", name)) == names:
            return name
    return None


def _check_alike(forward: Sequence[Tensor], backward: Sequence[Tensor]) -> None:
    """Raise `Fault` unless both directions give as many results, of the same shapes."""
    shapes = [[shape_text(tensor.shape) for tensor in side] for side in (forward, backward)]
    if shapes[0] != shapes[1]:
        raise Fault(
            SHAPE_MISMATCH,
            "needs a backward layer with results of the same shapes as the forward one, got "
            f"{', '.join(shapes[0])} forwards and {', '.join(shapes[1])} backwards",
            arguments=("layer", "backward_layer"),
        )


def _halves(states: TensorTree | None) -> tuple[TensorTree | None, TensorTree | None]:
    """The first half of the states is for the forward layer, the rest for the backward one."""
    if states is None:
        return None, None
    listed = [states] if isinstance(states, Tensor) else list(states)
    half = len(listed) // 2
    if len(listed) % 2:
        raise Fault(
            INPUT_COUNT,
            f"needs as many initial states for each direction, got {len(listed)} in all",
            inputs=("initial_state",),
        )
    return listed[:half], listed[half:]
