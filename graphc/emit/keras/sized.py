"""Functions on tensors that become small layers: sizes are theirs to know only when they run.

A shape with a size that the graph leaves open cannot be an argument in Keras' functional style,
and what is made of no input at all is no part of a graph. In a layer both work.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from graphc.declare.layer import Layer
from graphc.declare.op import OPS, Op
from graphc.emit.keras.calls import op_call
from graphc.emit.keras.layout import value_lines
from graphc.emit.keras.spelling import identifier
from graphc.emit.keras.tree import Untranslatable, call, constant, sequence, subscript
from graphc.emit.keras.values import dim_expression, holds_size, is_inferable, is_size
from graphc.ir.dims import UNKNOWN, SymbolicDim, linear_in
from graphc.ir.types import TensorType
from graphc.record import Record


class Given(Record):
    """A tensor that can be handed to a layer: how it is spelled, its type, and what makes it."""

    expression: ast.expr
    type: TensorType
    node: int


class Spelled(Record):
    """A number that the source has a name of the module for."""

    expression: ast.expr


class SizedLayer:
    """A layer in the making: what its `call` takes, and what it computes."""

    def __init__(self, op: Op, around: Sequence[Given]) -> None:
        self.op = op
        self.around = around
        self.names: list[str] = []
        self.inputs: list[ast.expr] = []
        self.types: list[TensorType] = []
        self.nodes: list[int] = []
        """What makes the inputs."""
        self.ties: list[int] = []
        """What makes the tensors that are inputs for their sizes alone."""

    def expression(self, arguments: Mapping[str, Any]) -> ast.expr:
        """What `call` computes."""
        for name, value in arguments.items():
            self._take(name, value)
        solved = self._solved(arguments)
        waiting = iter(list(self.names))

        def spell(value: Any) -> ast.expr:
            if isinstance(value, Given):
                return ast.Name(next(waiting))
            if isinstance(value, Spelled):
                return value.expression
            if is_size(value):
                return self._held(value) or dim_expression(str(value), solved)
            if isinstance(value, (list, tuple)):
                return sequence(map(spell, value), is_list=isinstance(value, list))
            return constant(value)

        made = op_call(self.op, arguments, spell, operators=False)
        if not self.names:
            if not self.around:
                raise Untranslatable(f"{self.op.name} has no input to tie it to")
            self._tie("inputs", self.around[0])
        return made

    def _held(self, dim: Any) -> ast.expr | None:
        """A size that an input has as it is."""
        for tensor, type in zip(self.names, self.types, strict=True):
            if dim is not UNKNOWN and dim in type.shape:
                return _size(tensor, type.shape.index(dim))
        return None

    def _take(self, name: str, value: Any) -> None:
        if isinstance(value, Given):
            self._add(name, value)
        elif isinstance(value, (list, tuple)):
            for item in value:
                self._take(name, item)

    def _add(self, name: str, given: Given) -> str:
        own = identifier(name.replace(" ", "_"), self.names)
        self.names.append(own)
        self.inputs.append(given.expression)
        self.types.append(given.type)
        self.nodes.append(given.node)
        return own

    def _tie(self, name: str, given: Given) -> str:
        self.ties.append(given.node)
        return self._add(name, given)

    def _solved(self, arguments: Mapping[str, Any]) -> dict[str, ast.expr]:
        """The sizes that the arguments speak of, in terms of the inputs' shapes."""
        solved: dict[str, ast.expr] = {}
        for name in sorted(set(_variables(list(arguments.values())))):
            for number, type in enumerate(self.types):
                found = _solve(name, type, self.names[number])
                if found is not None:
                    solved[name] = found
                    break
            if name in solved:
                continue
            for given in self.around:
                if _solve(name, given.type, "") is not None:
                    own = self._tie("like", given)
                    found = _solve(name, given.type, own)
                    assert found is not None
                    solved[name] = found
                    break
        return solved


def layer_function(layer: Layer, inputs: TensorType) -> tuple[Op, dict[str, Any]] | None:
    """What a layer is as a function, where it has sizes that Keras' own layer cannot have."""
    made = layer.as_function(inputs) if has_open_sizes(layer) else None
    if made is None:
        return None
    name, arguments = made
    return OPS[name], arguments


def has_open_sizes(layer: Layer) -> bool:
    """Whether a layer is configured with sizes that follow from nothing when Keras makes it."""
    lists = [value for value in layer.all_values().values() if isinstance(value, (list, tuple))]
    return any(holds_size(value) and not is_inferable(value) for value in lists)


def _variables(value: Any) -> list[str]:
    if value is UNKNOWN:
        raise Untranslatable("an unknown size is computed with")
    if isinstance(value, SymbolicDim):
        return list(value.names)
    if isinstance(value, slice):
        return _variables([value.start, value.stop, value.step])
    if isinstance(value, (list, tuple)):
        return [name for item in value for name in _variables(item)]
    return []


def _size(tensor: str, axis: int) -> ast.expr:
    return subscript(call("ops.shape", ast.Name(tensor)), constant(axis))


def _solve(name: str, type: TensorType, tensor: str) -> ast.expr | None:
    """The size of this name, from the shape of a tensor that has it."""
    for axis, dim in enumerate(type.shape):
        factor, rest = linear_in(dim, name) or (0, 0)
        if factor <= 0 or not isinstance(rest, int):
            continue
        size: ast.expr = _size(tensor, axis)
        if rest:
            size = ast.BinOp(size, ast.Sub() if rest > 0 else ast.Add(), constant(abs(rest)))
        return size if factor == 1 else ast.BinOp(size, ast.FloorDiv(), constant(factor))
    return None


def needs_layer(arguments: Mapping[str, Any]) -> bool:
    """Whether a function's arguments hold sizes that are not known."""
    return any(map(holds_size, arguments.values()))


def class_text(name: str, layer: SizedLayer, expression: ast.expr, spec: ast.expr | None) -> str:
    """The class of such a layer, which may have to say what it gives."""
    parameters = ", ".join(["self", *layer.names])
    said = "" if spec is None else (
        f"\n    def compute_output_spec({parameters}):\n{value_lines('return ', spec, '', 8)}\n"
    )  # fmt: skip
    return (
        '@keras.saving.register_keras_serializable(package="graphc")\n'
        f"class {name}(layers.Layer):\n"
        f'    """ops.{layer.op.name}, with sizes that are known only at run time."""\n\n'
        f"    def call({parameters}):\n"
        f"{value_lines('return ', expression, '', 8)}\n{said}"
    )
