"""Pipes: what is carried, and what it is carried into."""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Sequence
from itertools import chain, repeat
from typing import Any

from graphc.declare.op import Op
from graphc.declare.registry import snake_case
from graphc.declare.scope import TRAINING
from graphc.elaborate.builder import holds_tensor
from graphc.elaborate.values import ClassValue, Configured, LayerValue, Template
from graphc.emit.keras.calls import in_order, layer_call, operand
from graphc.emit.keras.context import UNBOUND
from graphc.emit.keras.expressions import Expressions
from graphc.emit.keras.mentions import inner_pipes, names_in
from graphc.emit.keras.recorder import place
from graphc.emit.keras.tree import Step, Untranslatable, assign, call
from graphc.emit.keras.values import op_of, op_path
from graphc.layers.model_layer import ModelLayer
from graphc.record import Record
from graphc.syntax import nodes


class Piped(Record):
    """What is carried: expressions by place and by name; a list is one expression."""

    args: tuple[ast.expr, ...]
    named: tuple[tuple[str, ast.expr], ...] = ()
    is_list: bool = False
    """Whether the one expression is a list, or a tuple of several outputs."""


class Stages(Expressions):
    """Translates pipes, in a body that they can add statements to."""

    out: list[ast.stmt]
    hoists: bool
    can_hoist: bool

    @abstractmethod
    def fresh(self, *, avoid: frozenset[str] = frozenset()) -> str:
        """A name for what stands between two statements."""

    def value(self, node: nodes.Expression, own: str | None = None) -> ast.expr:
        """The value of a statement: the steps of its pipe become statements before it.

        They are bound to `own`, the name that is bound to the result, where no later stage needs
        what that stands for now.
        """
        self.hoists = any(len(pipe.stages) > 1 for pipe in inner_pipes(node) if pipe is not node)
        if not isinstance(node, nodes.Pipe):
            return self.expr(node)
        return self.steps(node, own)

    def steps(self, node: nodes.Pipe, own: str | None) -> ast.expr:
        """The last step of a pipe, those before it being statements."""
        piped = self.source(node.source, node.stages[0])
        step = own
        if step is None or self._is_read_later(node, own):
            step = None
        for number, stage in enumerate(node.stages):
            made = self.stage(stage, piped)
            if number == len(node.stages) - 1:
                return made
            if step is None:
                read = frozenset(self.locals.get(n.id, n.id) for n in names_in(node))
                step = self.fresh(avoid=read if number == 0 else frozenset())
            self.out.append(Step(step, made, stage.span.end))
            piped = self._after(stage, step)
        raise AssertionError("a pipe has a stage")

    def _is_read_later(self, node: nodes.Pipe, own: str | None) -> bool:
        names = {self.locals.get(n.id) for stage in node.stages[1:] for n in names_in(stage)}
        return own in names

    def _after(self, stage: nodes.Expression, step: str) -> Piped:
        """What a step hands on: one tensor, or several as a tuple."""
        target = stage.value if isinstance(stage, nodes.Named) else stage
        counts = {e.is_single for e in self.recorder.calls_at.get(place(target.span), [])}
        is_several = counts == {False} or self._gives_several(target)
        return Piped((ast.Name(step),), (), is_several)

    def _gives_several(self, target: nodes.Expression) -> bool:
        callee = self.static_callee(target.function if isinstance(target, nodes.Call) else target)
        if isinstance(callee, Template):
            outputs = [e for e in callee.node.body if isinstance(e, nodes.Output)]
            return sum(len(e.items) for e in outputs) > 1
        return False

    def pipe(self, node: nodes.Pipe) -> ast.expr:
        """A pipe within an expression."""
        if self.hoists and self.can_hoist:
            made = self.steps(node, None)
            own = self.fresh(avoid=frozenset(self.live))
            self.live.append(own)
            self.out.append(assign(own, made))
            return ast.Name(own)
        piped = self.source(node.source, node.stages[0])
        for stage in node.stages:
            piped = Piped((self.stage(stage, piped),), (), self._after(stage, "x").is_list)
        return piped.args[0]

    live: list[str]

    # What is carried

    def source(self, node: nodes.Expression, stage: nodes.Expression) -> Piped:
        """What a pipe begins with."""
        self.live = []
        if isinstance(node, nodes.Bundle):
            args = tuple(self.expr(a.value) for a in node.arguments if a.name is None)
            named = tuple((a.name, self._nested(a.value)) for a in node.arguments if a.name)
            return Piped(args, named)
        if isinstance(node, nodes.TupleDisplay):
            return Piped(tuple(self._held(node.items, stage)))
        if isinstance(node, nodes.ListDisplay):
            return Piped((ast.List(self._held(node.items, stage)),), (), True)
        is_list = any(isinstance(v, (list, tuple)) for v in self.values(node))
        made = self.expr(node)
        base = self._base_of(stage)
        is_clash = base is not None and self.can_hoist and base in self._bases_in(node)
        if is_clash and not isinstance(made, ast.Name):
            own = self.fresh(avoid=frozenset(self.live))
            self.live.append(own)
            self.out.append(assign(own, made))
            made = ast.Name(own)
        return Piped((made,), (), is_list)

    def _nested(self, node: nodes.Expression) -> ast.expr:
        """An argument by name; of tensors a list, since Keras tells the states of cells by that."""
        if isinstance(node, (nodes.ListDisplay, nodes.TupleDisplay)) and any(
            map(holds_tensor, self.values(node))
        ):
            return ast.List([self._nested(item) for item in node.items])
        return self.expr(node)

    def _held(self, items: tuple[nodes.Expression, ...], stage: nodes.Expression) -> list[ast.expr]:
        """Items; they are computed first where they make what the stage is numbered with."""
        base = self._base_of(stage)
        pipes = [pipe for item in items for pipe in inner_pipes(item)]
        clashes = base is not None and any(base in self._bases_in(item) for item in items)
        if (pipes or clashes) and clashes and self.can_hoist:
            made: list[ast.expr] = []
            for item in items:
                own = self.fresh(avoid=frozenset(self.live))
                self.live.append(own)
                value = self.steps(item, None) if isinstance(item, nodes.Pipe) else self.expr(item)
                if isinstance(value, ast.Name):
                    made.append(value)
                else:
                    self.out.append(assign(own, value))
                    made.append(ast.Name(own))
            return made
        return [self.expr(item) for item in items]

    def _base_of(self, stage: nodes.Expression) -> str | None:
        stage = stage.value if isinstance(stage, nodes.Named) else stage
        if not isinstance(stage, nodes.Call):
            return None
        callee = self.static_callee(stage.function)
        if isinstance(callee, ClassValue) and callee.cls.family == "layer":
            return snake_case(callee.cls.__name__)
        return None

    def _bases_in(self, node: nodes.Expression) -> set[str]:
        """What is made inside of an expression, as Keras counts it."""
        span = node.span
        return {
            snake_case(m.use.type_name)
            for m in self.recorder.all_made
            if m.use.span.file is span.file and span.start <= m.use.span.start < span.end
        }

    # What it is carried into

    def stage(self, node: nodes.Expression, piped: Piped) -> ast.expr:
        """What is carried, in what it is carried into."""
        named = node if isinstance(node, nodes.Named) else None
        target = named.value if named is not None else node
        function = target.function if isinstance(target, nodes.Call) else target
        callee = self.static_callee(function)
        op = op_of(callee)
        if op is not None:
            return self._op_stage(op, target, piped)
        if isinstance(callee, Template) and callee.node.kind == "block":
            return self._block_stage(callee, target, named, piped)
        if isinstance(callee, Template) and not isinstance(target, nodes.Call):
            layer = callee.instances.get("layer")
            return self._layer(layer, self.shared_model(callee), piped)
        stages = self.recorder.stages.get(id(target), [])
        values = [value for value, _ in stages]
        if any(isinstance(v, Configured) or _is_block(v) for v in values):
            raise Untranslatable("a block is a value here")
        if isinstance(target, nodes.Call) and callee is UNBOUND and self.calls(target):
            return self.given_op(target, self._spread(piped), dict(piped.named))
        sized = None if piped.named else self.sized_layer(target, named, piped.args)
        if sized is not None:
            return sized
        made = self.named(named) if named is not None else self.expr(target)
        ops = [v for v in values if isinstance(v, Op)]
        if ops:
            return call(made, *self._spread(piped), keywords=dict(piped.named))
        layers = [v.use.layer for v in values if isinstance(v, LayerValue)]
        if not layers:
            return call(made, *piped.args, keywords=dict(piped.named))
        results = {ast.dump(self._layer(layer, made, piped)) for layer in layers}
        if len(results) != 1:
            raise Untranslatable("a stage is called in several ways")
        return self._layer(layers[0], made, piped)

    def _spread(self, piped: Piped) -> list[ast.expr]:
        """What is piped, by place: a list item by item where it is a value."""
        return list(piped.args)

    def _op_stage(self, op: Op, target: nodes.Expression, piped: Piped) -> ast.expr:
        rules = map(op.rule_of, chain(op.arguments, repeat("")))
        args = list(map(operand, self._spread(piped), rules))
        if isinstance(target, nodes.Call):
            calls = self.calls(target)
            if calls:
                return self.op(target, calls, args, dict(piped.named))
            names = {a.name: self.argument(a.value, op.rule_of(a.name))
                     for a in target.arguments if a.name}  # fmt: skip
            rest = [self.expr(a.value) for a in target.arguments if a.name is None]
            cut = op.piped_place if op.variadic else 0
            return call(op_path(op), *rest[:cut], *args, *rest[cut:],
                        keywords={**dict(piped.named), **names})  # fmt: skip
        return call(op_path(op), *args, keywords=dict(piped.named))

    def _block_stage(
        self, block: Template, target: nodes.Expression, named: nodes.Named | None, piped: Piped
    ) -> ast.expr:
        function = self.translator.block_function(block)
        inputs = self.translator.block_inputs(block)
        args = list(piped.args)
        if piped.is_list and len(inputs) > 1:
            args = _items(args[0])
        if len(inputs) == 1 and len(args) > 1:
            raise Untranslatable(f"{block} takes several tensors as one")
        keywords = {self.translator.parameter(block, n): v for n, v in piped.named}
        by_place = len(args) == len(inputs) and not keywords
        arguments = target.arguments if isinstance(target, nodes.Call) else ()
        own = [parameter.name for parameter in block.node.parameters]
        for index, argument in enumerate(arguments):
            value = self.expr(argument.value)
            if argument.name is None and by_place:
                args.append(value)
            else:
                name = argument.name or own[index]
                keywords[self.translator.parameter(block, name)] = value
        if function.takes_name:
            if block.node.is_inline:
                keywords["name"] = self.own_name()
            elif named is not None:
                keywords["name"] = self.prefixed(self.text(named.name))
            else:
                label = self.automatic(target, block.node.name)
                assert label is not None
                keywords["name"] = label
        keywords.update(self.handing(block))
        return call(function.name, *args, keywords=keywords)

    @abstractmethod
    def sized_layer(
        self, node: nodes.Expression, named: nodes.Named | None, piped: Sequence[ast.expr]
    ) -> ast.expr | None:
        """A layer as a small one that looks at the sizes which Keras' own would have to know."""

    @abstractmethod
    def handing(self, template: Template) -> dict[str, ast.expr]:
        """What a function is handed by this one."""

    @abstractmethod
    def prefixed(self, name: ast.expr) -> ast.expr:
        """A name under that of the block."""

    @abstractmethod
    def own_name(self) -> ast.expr:
        """The name of the use of the block whose body this is."""

    @abstractmethod
    def text(self, node: nodes.Expression) -> ast.expr:
        """The name after `as`."""

    @abstractmethod
    def automatic(self, node: nodes.Expression, base: str) -> ast.expr | None:
        """The name that the language gives by itself."""

    def _layer(self, layer: Any, callee: ast.expr, piped: Piped) -> ast.expr:
        """A layer applied."""
        named = dict(piped.named)
        if layer is None:
            return call(callee, *piped.args, keywords=named)
        if isinstance(layer, ModelLayer):
            return self._model(layer, callee, piped)
        if layer.takes_list:
            if piped.is_list or (len(piped.args) == 1 and not named):
                return call(callee, *piped.args, keywords=named)
            listed = list(piped.args)
            if len(listed) > 1:
                listed = [ast.List(listed)]
            return call(callee, *listed, keywords=named)
        args = list(piped.args)
        if piped.is_list:
            args = _items(args[0])
            if isinstance(args[0], ast.Starred):
                return call(callee, *args, keywords=named)
        arguments = dict(zip(layer.tensor_parameters, args, strict=False))
        arguments = {**arguments, **named}
        names = dict.fromkeys((*layer.parameters, TRAINING))
        ordered = {name: arguments[name] for name in names if name in arguments}
        return layer_call(layer, callee, ordered, len(args))

    def _model(self, layer: ModelLayer, callee: ast.expr, piped: Piped) -> ast.expr:
        args = list(piped.args)
        if piped.is_list and layer.input_structure is None:
            is_alone = len(layer.parameters) == 1 and not layer.takes_one_in_list
            return in_order(layer, call(callee, *(_items(args[0]) if is_alone else args)))
        named = dict(piped.named)
        listed = args
        if piped.is_list:
            listed = args = _items(args[0])
        elif layer.input_structure is not None and layer.name_of_inputs not in layer.parameters:
            whole = named.pop(layer.name_of_inputs, None)
            listed = args if whole is None else _items(whole)
        if any(isinstance(each, ast.Starred) for each in listed):
            raise Untranslatable("a list of tensors goes into a model that takes a dict")
        arguments = {**dict(zip(layer.parameters, listed, strict=False)), **named}
        return layer_call(layer, callee, arguments, len(args))


def _items(value: ast.expr) -> list[ast.expr]:
    """The items of a list, as arguments."""
    if isinstance(value, (ast.List, ast.Tuple)):
        return list(value.elts)
    return [ast.Starred(value)]


def _is_block(value: Any) -> bool:
    return isinstance(value, Template) and value.node.kind == "block"
