"""The body of a model or block as the body of a Python function."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from graphc.declare.op import Op
from graphc.declare.registry import snake_case
from graphc.elaborate.values import Template, TensorValue
from graphc.emit.keras.comments import Comments
from graphc.emit.keras.expressions import has_tensor
from graphc.emit.keras.flat import weight_call
from graphc.emit.keras.inputs import input_call
from graphc.emit.keras.naming import Counted, base_of
from graphc.emit.keras.recorder import Call, place
from graphc.emit.keras.sized import Given, needs_layer
from graphc.emit.keras.spelling import identifier
from graphc.emit.keras.stages import Stages
from graphc.emit.keras.tree import Untranslatable, assign, call, constant
from graphc.emit.keras.values import Values, is_size
from graphc.layers.model_layer import ModelLayer
from graphc.syntax import nodes
from graphc.training.initializers import INITIALIZER

if TYPE_CHECKING:
    from graphc.emit.keras.translator import Translator

TEMPORARY = ("y", "z", "h")


class Body(Stages):
    """Writes the statements of one body."""

    def __init__(self, translator: Translator, template: Template) -> None:
        super().__init__(translator, template.file_scope)
        self.template = template
        self.node = template.node
        self.is_block = template.node.kind == "block"
        self.taken: set[str] = set(translator.module.taken)
        self.entries = self.recorder.entries[template]
        self.out: list[ast.stmt] = []
        self.prelude: list[ast.stmt] = []
        self.counters: dict[str, str] = {}
        self.shared: dict[int, str] = {}
        self.temporaries: set[str] = set()
        self.hoists = False
        self.can_hoist = True
        self.outputs: list[tuple[str | None, ast.expr]] = []
        self.output_list: str | None = None
        self.anchor: ast.expr | None = None
        self.uses_name = False
        self.comments = Comments(self.translator.tree_of(template.file_scope))
        self.live = []
        self.input_names: dict[str, str] = {}
        self._declare(template.node)

    # Names

    def _declare(self, node: nodes.Definition) -> None:
        """Give all names that the body binds their identifiers."""
        if self.is_block or node.kind in ("model", "sequential"):
            self.taken.add("name")
        names = [parameter.name for parameter in node.parameters]
        names += _bound_names(node.body)
        for name in names:
            if name not in self.locals:
                self.locals[name] = identifier(name, self.taken)
                self.taken.add(self.locals[name])
        for name in _dim_names(node.body):
            if name not in self.locals and name not in self.scope.values:
                self.locals[name] = identifier(name, self.taken)
                self.taken.add(self.locals[name])

        bound = _bound_names(node.body)
        rebound = [
            each.name
            for each in node.body
            if isinstance(each, nodes.Input) and each.name and bound.count(each.name) > 1
        ]
        for name in rebound if not self.is_block else ():
            own = "inputs" if len(rebound) == 1 else f"{self.locals[name]}_input"
            self.input_names[name] = identifier(own, self.taken)
            self.taken.add(self.input_names[name])

    def fresh(self, *, avoid: frozenset[str] = frozenset()) -> str:
        """A name for what stands between two statements."""
        for each in (*TEMPORARY, *(f"x{number}" for number in range(1, 1000))):
            if each not in avoid and (each in self.temporaries or each not in self.taken):
                self.temporaries.add(each)
                self.taken.add(each)
                return each
        raise Untranslatable("too many steps in one statement")

    # Statements

    def statements(self, body: tuple[nodes.Statement, ...], end: int | None = None) -> None:
        """Write statements, with the comments that stand before them."""
        for number, each in enumerate(body):
            before = self.comments.before(each, is_first=number == 0)
            if isinstance(each, nodes.Require):
                continue  # with what is said of it
            self.out += before
            self.hoists = False
            self._statement(each, is_last=number == len(body) - 1)
        if end is not None:
            self.out += self.comments.until(end)

    def inner(self, body: tuple[nodes.Statement, ...], end: int) -> list[ast.stmt]:
        """The statements of a body inside of this one."""
        outer, self.out = self.out, []
        try:
            self.statements(body, end)
            return self.out or [ast.Pass()]
        finally:
            self.out = outer

    def _statement(self, node: nodes.Statement, *, is_last: bool) -> None:
        if isinstance(node, nodes.Assign):
            self._assign(node)
        elif isinstance(node, nodes.Input):
            self.enter(node)
        elif isinstance(node, nodes.Weight):
            self._weight(node)
        elif isinstance(node, nodes.For):
            self._for(node)
        elif isinstance(node, nodes.If):
            self._if(node)
        elif isinstance(node, nodes.Output):
            self._output(node)
        elif isinstance(node, nodes.Evaluate):
            self.evaluate(node)
        else:
            raise Untranslatable(f"`{node.span.text}` has no counterpart")

    def evaluate(self, node: nodes.Evaluate) -> None:
        """An expression that nothing uses."""
        made = self.value(node.value)
        if not isinstance(made, (ast.Name, ast.Constant)):
            self.out.append(ast.Expr(made))

    def _assign(self, node: nodes.Assign) -> None:
        types = self.recorder.types
        if len(node.targets) == 1 and isinstance(node.targets[0], nodes.Target):
            target = node.targets[0]
            bound = types.get((id(node), target.name), [])
            if bound and all(map(is_size, bound)):
                return
            if any(map(is_size, bound)):
                raise Untranslatable(f"{target.name} is a number in one use, and open in another")
        name = _only_name(node.targets)
        own = None if name is None else self.locals[name]
        if self._adds_up(node, name):
            return
        if isinstance(node.value, nodes.Conditional) and _has_long_pipe(node.value):
            self._choose(node.value, node.targets)
        else:
            value = self.value(node.value, own)
            self.out.append(assign(self.target(node.targets), value))
        for each in nodes.bound_targets(node.targets):
            self._dims(node, each.annotation, ast.Name(self.locals[each.name]), each.name)

    def _adds_up(self, node: nodes.Assign, name: str | None) -> bool:
        """Write `n = n + 1` and `parts = parts + [x]` as people do."""
        value = node.value
        if name is None or not isinstance(value, nodes.Binary) or value.operator != "+":
            return False
        left, right = value.left, value.right
        if not isinstance(left, nodes.Name) or left.id != name:
            return False
        own = ast.Name(self.locals[name])
        if all(type(v) in (int, float) for v in self.values(value)) and self.values(value):
            self.out.append(ast.AugAssign(own, ast.Add(), self.expr(right)))
            return True
        is_item = isinstance(right, nodes.ListDisplay) and len(right.items) == 1
        if not is_item or not self._is_own_list(name):
            return False
        assert isinstance(right, nodes.ListDisplay)
        append = call(ast.Attribute(own, "append"), self.expr(right.items[0]))
        self.out.append(ast.Expr(append))
        return True

    def _is_own_list(self, name: str) -> bool:
        """Whether a list that grows has no other name, and is never held by anything."""
        if any(parameter.name == name for parameter in self.node.parameters):
            return False
        return all(_is_looked_into(each, name) for each in self.node.body)

    def _choose(self, node: nodes.Conditional, targets: tuple[nodes.Targets, ...]) -> None:
        test = self.test(node.test)
        branches = []
        for each in (node.value, node.otherwise):
            outer, self.out = self.out, []
            name = _only_name(targets)
            value = self.value(each, None if name is None else self.locals[name])
            self.out.append(assign(self.target(targets), value))
            branches.append(self.out)
            self.out = outer
        if isinstance(test, bool):
            self.out += branches[0 if test else 1]
        else:
            self.out.append(ast.If(test, branches[0], branches[1]))

    def target(self, targets: tuple[nodes.Targets, ...]) -> ast.expr:
        """Names being bound."""
        made: list[ast.expr] = []
        for each in targets:
            if isinstance(each, nodes.TargetGroup):
                inner = self.target(each.items)
                is_tuple = isinstance(inner, ast.Tuple) or "," not in each.span.text
                made.append(inner if is_tuple else ast.Tuple([inner]))
            else:
                made.append(ast.Name(self.locals[each.name]))
        if len(made) == 1 and not isinstance(targets[0], nodes.TargetGroup):
            return made[0]
        return made[0] if len(made) == 1 else ast.Tuple(made)

    def _dims(
        self, node: nodes.Statement, annotation: nodes.Annotation | None, tensor: ast.expr,
        name: str,
    ) -> None:  # fmt: skip
        """Bind the sizes that an annotation names, where they are numbers."""
        if annotation is None:
            return
        for index, dim in enumerate(annotation.dims):
            if not isinstance(dim, nodes.Name) or dim.id not in self.locals:
                continue
            if dim.id in _bound_names(self.node.body) or any(
                parameter.name == dim.id for parameter in self.node.parameters
            ):
                continue
            bound = self.recorder.types.get((id(node), dim.id), [])
            if not bound or not all(type(value) is int for value in bound):
                continue
            axis = self._axis(node, annotation, index, name)
            shape = ast.Attribute(tensor, "shape")
            self.out.append(assign(self.locals[dim.id], ast.Subscript(shape, constant(axis))))

    def _axis(
        self, node: nodes.Statement, annotation: nodes.Annotation, index: int, name: str
    ) -> int:
        dots = [i for i, d in enumerate(annotation.dims)
                if isinstance(d, nodes.Literal) and d.value is ...]  # fmt: skip
        if dots and dots[0] < index:
            return index - len(annotation.dims)
        if dots:
            return index + 1
        ranks = {
            value.type.rank for value in self.recorder.types.get((id(node), name), [])
            if isinstance(value, TensorValue)
        }  # fmt: skip
        if len(ranks) != 1:
            raise Untranslatable(f"{name} has not always as many dims")
        return index + ranks.pop() - len(annotation.dims)

    # Inputs and weights

    def enter(self, node: nodes.Input) -> None:
        """An input."""
        assert node.name is not None
        own = ast.Name(self.locals[node.name])
        kept = self.input_names.get(node.name)
        if not self.is_block:
            self.out.append(assign(kept or own, self.input_value(node)))
        if kept is not None:
            self.out.append(assign(own, ast.Name(kept)))
        if self.anchor is None:
            self.anchor = own
        self._dims(node, node.annotation, own, node.name)

    def input_value(self, node: nodes.Input) -> ast.Call:
        """`keras.Input(…)`."""
        bound = self.recorder.types.get((id(node), node.name or ""), [])
        types = [v.type for v in bound if isinstance(v, TensorValue)]
        dtypes = {type.dtype for type in types}
        if len(dtypes) != 1:
            raise Untranslatable(f"the input {node.name} has not always the same dtype")
        assert node.annotation is not None
        dims = [type.shape[1:] for type in types]
        sizes: list[ast.expr] = []
        for axis in range(len(dims[0])):
            found = {repr(d[axis]) if not is_size(d[axis]) else "None" for d in dims}
            if len(found) == 1:
                text = found.pop()
                dim = node.annotation.dims[axis] if axis < len(node.annotation.dims) else None
                if text != "None" and dim is not None and not isinstance(dim, nodes.Literal):
                    sizes.append(self._dim(dim, int(text)))
                else:
                    sizes.append(constant(None if text == "None" else int(text)))
            else:
                sizes.append(self._dim(node.annotation.dims[axis], None))
        name = node.layer_name or node.name
        label = constant(name) if isinstance(name, str) else self.text(name)  # type: ignore[arg-type]
        made = input_call(sizes, dtypes.pop(), "")
        if not (isinstance(label, ast.Constant) and not label.value):
            made.keywords.append(ast.keyword("name", label))
        return made

    def _dim(self, dim: nodes.Expression, size: int | None) -> ast.expr:
        try:
            made = self._known_dim(dim)
        except Untranslatable:
            if size is None:
                raise
            return constant(size)
        values = {v for v in self.values(dim) if isinstance(v, int)}
        return constant(size) if size is not None and values and values != {size} else made

    def _known_dim(self, dim: nodes.Expression) -> ast.expr:
        if isinstance(dim, nodes.Name) and self.is_local(dim.id) and not self.values(dim):
            raise Untranslatable(f"the size {dim.id} is known only when the model runs")
        return self.expr(dim)

    def text(self, node: nodes.Expression) -> ast.expr:
        """The name after `as`."""
        return constant(node.id) if isinstance(node, nodes.Name) else self.expr(node)

    def _weight(self, node: nodes.Weight) -> None:
        made = self.recorder.made_at.get(place(node.span), [])
        specs = [m.use.weights[0] for m in made if m.use.weights]
        if not specs or len({s.dtype for s in specs}) > 1:
            raise Untranslatable(f"the weight {node.name} differs from use to use")
        values = Values()
        weight = weight_call(
            self.translator.module, values, specs[0], self.prefixed(constant(node.name))
        )
        self._as_written(weight, node, [(s.shape, s.initializer) for s in specs])
        if self.anchor is None:
            raise Untranslatable(f"the weight {node.name} stands before the inputs")
        self.out.append(assign(self.locals[node.name], call(weight, self.anchor)))

    def _as_written(self, weight: ast.Call, node: nodes.Weight, specs: list[Any]) -> None:
        """The weight's shape and start as the source has them, where they can be."""
        is_same = all(spec == specs[0] for spec in specs)
        try:
            dims = [self._dim(dim, None) for dim in node.annotation.dims]
            weight.args[0] = ast.Tuple(dims)
            if node.value is not None:
                start = self.argument(node.value, INITIALIZER)
                if all(type(v) in (int, float) for v in self.values(node.value) or [""]):
                    start = call("keras.initializers.Constant", start)
                weight.args[1:] = [start]
        except Untranslatable:
            if not is_same:
                raise

    def prefixed(self, name: ast.expr) -> ast.expr:
        """A name under that of the block."""
        if not self.is_block:
            return name
        self.uses_name = True
        parts = name.values if isinstance(name, ast.JoinedStr) else [name]
        dotted: list[ast.expr] = [ast.FormattedValue(ast.Name("name"), -1), ast.Constant(".")]
        for each in parts:
            if isinstance(each, (ast.Constant, ast.FormattedValue)):
                dotted.append(each)
            else:
                dotted.append(ast.FormattedValue(each, -1))
        return ast.JoinedStr(dotted)

    # Loops and choices

    def _for(self, node: nodes.For) -> None:
        iterable = self.expr(node.iterable)
        if isinstance(iterable, ast.List):
            iterable = ast.Tuple(iterable.elts) if len(iterable.elts) > 1 else iterable
        target = self.target(node.targets)
        self.out.append(ast.For(target, iterable, self.inner(node.body, node.span.end), []))

    def _if(self, node: nodes.If) -> None:
        made = self._branches(list(node.branches))
        self.out += made

    def _branches(self, branches: list[nodes.Branch]) -> list[ast.stmt]:
        if not branches:
            return []
        first, *rest = branches
        if first.test is None:
            return self.inner(first.body, first.span.end)
        test = self.test(first.test)
        if isinstance(test, bool):
            return self.inner(first.body, first.span.end) if test else self._branches(rest)
        counters, prelude = dict(self.counters), list(self.prelude)
        try:
            body = self.inner(first.body, first.span.end)
        except Untranslatable:
            if any(self.recorder.bound.get(id(each)) for each in first.body):
                raise
            # Never taken so far, and its names may not exist.
            self.counters, self.prelude = counters, prelude
            return self._branches(rest)
        return [ast.If(test, body, self._branches(rest))]

    # Outputs

    def _output(self, node: nodes.Output) -> None:
        names = [item.name for item in node.items]
        if self.is_top_level(node):
            for item in node.items:
                self.outputs.append((item.name, self._output_value(item, len(node.items))))
            return
        if any(names):
            raise Untranslatable("named outputs in a loop or choice")
        self.output_list = self.output_list or self.fresh(avoid=frozenset(TEMPORARY))
        for item in node.items:
            values = self.values(item.value)
            if any(not isinstance(v, TensorValue) for v in values):
                raise Untranslatable("several outputs at once in a loop or choice")
            append = ast.Attribute(ast.Name(self.output_list), "append")
            self.out.append(ast.Expr(call(append, self.value(item.value))))

    def _output_value(self, item: nodes.OutputItem, count: int) -> ast.expr:
        later = [each for each in self.node.body if isinstance(each, nodes.Output)]
        is_alone = count == 1 and len(later) == 1
        last = None if self.is_block else "outputs"
        if isinstance(item.value, nodes.Conditional) and _has_long_pipe(item.value):
            target = nodes.Target(item.span, "", None)
            self.locals[""] = last if is_alone and last is not None else self.fresh()
            self._choose(item.value, (target,))
            return ast.Name(self.locals.pop(""))
        made = self.value(item.value, last if is_alone and last not in self.locals else None)
        values = self.values(item.value)
        if any(isinstance(v, (list, tuple)) for v in values):
            return ast.Starred(made)
        if isinstance(made, ast.Name) or (self.is_block and is_alone):
            return made
        own = "outputs" if is_alone else self._output_name(item)
        self.out.append(assign(own, made))
        return ast.Name(own)

    def _output_name(self, item: nodes.OutputItem) -> str:
        names = {v.name for v in self.values(item.value) if isinstance(v, TensorValue)}
        base = item.name or (names.pop() if len(names) == 1 else "output")
        own = identifier(base.replace(".", "_"), self.taken)
        self.taken.add(own)
        return own

    def is_top_level(self, node: nodes.Output) -> bool:
        """Whether an output stands in the body itself."""
        return any(each is node for each in self.node.body)

    # What the recorder knows

    def calls(self, node: nodes.Expression) -> list[Call]:
        """The calls of functions on tensors at an expression."""
        found: list[Call] = self.recorder.calls_at.get(place(node.span), [])
        return [each for each in found if isinstance(each.use.layer, Op)]

    def all_fed(self, calls: list[Call]) -> bool:
        """Whether Keras has all of them in its graph."""
        return all(self.translator.is_fed(each.model, each.node) for each in calls)

    def needs_layer(self, call_event: Call) -> bool:
        """Whether sizes are open, or nothing ties what is made to the graph."""
        return needs_layer(call_event.arguments) or self.translator.is_anchored(
            call_event.model, call_event.node
        )

    def sized(self, calls: list[Call], tensors: Mapping[str, ast.expr]) -> ast.expr:
        """The call as one of a small layer."""
        made: dict[str, ast.expr] = {}
        for each in calls:
            arguments = {
                name: self._given(value, tensors.get(name))
                for name, value in each.arguments.items()
            }
            around = [
                Given(ast.Name(self.locals[name]), value.type)
                for name, value in each.names.items()
                if isinstance(value, TensorValue)
                and name in self.locals
                and self.translator.is_fed(each.model, value.node)
            ]
            expression = self.translator.module.sized(each.use.layer, arguments, around)
            made[ast.dump(expression)] = expression
        if len(made) != 1:
            raise Untranslatable("sizes known only when the model runs differ from use to use")
        return next(iter(made.values()))

    def _given(self, value: Any, expression: ast.expr | None) -> Any:
        if isinstance(value, TensorValue):
            if expression is None:
                raise Untranslatable("a tensor among sizes")
            return Given(expression, value.type)
        if isinstance(value, (list, tuple)) and has_tensor(list(value)):
            if not isinstance(expression, (ast.List, ast.Tuple)):
                raise Untranslatable("a list of tensors among sizes")
            return [self._given(v, e) for v, e in zip(value, expression.elts, strict=True)]
        return value

    # Layers and models

    def label(
        self, node: nodes.Call, named: nodes.Named | None, given: nodes.Expression | None
    ) -> ast.expr | None:
        """The name of a layer made here."""
        if named is not None:
            return self.prefixed(self.text(named.name))
        if given is not None:
            return self.prefixed(self.expr(given))
        made = self.recorder.made_at.get(place(node.span), [])
        renamed = {m.use.name[len(m.frame.namer.prefix) :] for m in made if m.use.is_named}
        if renamed:
            if len(renamed) > 1:
                raise Untranslatable("a layer is named where it is not made")
            return self.prefixed(constant(renamed.pop()))
        inner = [
            m for m in made
            if id(m.use) not in self.recorder.called_uses
            and not isinstance(m.use.layer, ModelLayer)
        ]  # fmt: skip
        if made and len(inner) == len(made):
            return None  # it is part of another layer
        bases = {base_of(m.use.layer) for m in made}
        if not bases:
            return self._unmade_label(node)
        if len(bases) > 1:
            raise Untranslatable("a layer's class differs from use to use")
        return self.automatic(node, bases.pop())

    def _unmade_label(self, node: nodes.Call) -> ast.expr | None:
        """A name for what no use of the body has made so far."""
        callee = self.static_callee(node.function)
        base = snake_case(getattr(callee, "cls", type(callee)).__name__)
        return self.prefixed(constant(base)) if self.is_block else None

    def automatic(self, node: nodes.Expression, base: str) -> ast.expr | None:
        """The name that the language gives by itself."""
        label = self.translator.naming.label(self.template, place(node.span), base)
        if label is None:
            return None
        if not isinstance(label, Counted):
            return self.prefixed(constant(label.suffix))
        found = self.counters.get(base)
        if found is None:
            found = self.counters[base] = identifier(f"{base}_names", self.taken)
            self.taken.add(found)
            self.prelude.append(assign(found, call("numbered", self.prefixed(constant(base)))))
        return call("next", ast.Name(found))

    def model_call(
        self, template: Template, node: nodes.Call, named: nodes.Named | None
    ) -> ast.expr:
        """A new instance of a model; of a block, where it is applied."""
        if template.node.kind == "block":
            raise Untranslatable(f"the block {template} is configured before it is used")
        parameters = [parameter.name for parameter in template.node.parameters]
        args = [self.expr(a.value) for a in node.arguments if a.name is None]
        keywords = {a.name: a.value for a in node.arguments if a.name is not None}
        given = None if "name" in parameters else keywords.pop("name", None)
        trainable = None if "trainable" in parameters else keywords.pop("trainable", None)
        label = self.label(node, named, given)
        own = {self.translator.parameter(template, k): self.expr(v) for k, v in keywords.items()}
        graphs = {
            id(m.use.layer.graph): m.use.layer.graph
            for m in self.recorder.made_at.get(place(node.span), [])
        }
        made = self.translator.build_call(template, args, own, list(graphs.values()))
        if label is not None and not _is_text(label, template.node.name):
            made.keywords.append(ast.keyword("name", label))
        if trainable is None or (isinstance(trainable, nodes.Literal) and trainable.value is True):
            return made
        if not self.can_hoist:
            raise Untranslatable("a frozen model in a choice")
        variable = self.fresh()
        self.out.append(assign(variable, made))
        frozen = ast.Attribute(ast.Name(variable), "trainable")
        self.out.append(assign(frozen, self.expr(trainable)))
        return ast.Name(variable)

    def shared_model(self, template: Template) -> ast.Name:
        """The one instance that a model's bare name stands for."""
        found = self.shared.get(id(template))
        if found is None:
            own = identifier(template.node.name, self.taken)
            self.taken.add(own)
            found = self.shared[id(template)] = own
            self.translator.note_shared(template, self.template)
            layer = template.instances.get("layer")
            graph = getattr(layer, "graph", None)
            made = self.translator.build_call(template, [], {}, [graph] if graph else [])
            names = {
                m.use.name for m in self.recorder.all_made
                if m.use.layer is layer and m.frame in [e.frame for e in self.entries]
            }  # fmt: skip
            if names and names != {template.node.name}:
                if len(names) > 1:
                    raise Untranslatable(f"{template} is called by several names")
                made.keywords.append(ast.keyword("name", constant(names.pop())))
            self.prelude.append(assign(own, made))
        return ast.Name(found)


def _is_text(node: ast.expr, text: str) -> bool:
    return isinstance(node, ast.Constant) and node.value == text


def _only_name(targets: tuple[nodes.Targets, ...]) -> str | None:
    if len(targets) == 1 and isinstance(targets[0], nodes.Target):
        return targets[0].name
    return None


def _bound_names(body: tuple[nodes.Statement, ...]) -> list[str]:
    """The names that statements bind, sizes apart."""
    names: list[str] = []
    for each in body:
        if isinstance(each, (nodes.Assign, nodes.For)):
            names += [target.name for target in nodes.bound_targets(each.targets)]
        if isinstance(each, (nodes.Input, nodes.Weight)) and each.name:
            names.append(each.name)
        for inner in _inner_bodies(each):
            names += _bound_names(inner)
    return names


def _dim_names(body: tuple[nodes.Statement, ...]) -> Iterator[str]:
    """The names in the shapes that statements state."""
    for each in body:
        annotations: list[nodes.Annotation | None] = []
        if isinstance(each, nodes.Input):
            annotations = [each.annotation]
        elif isinstance(each, nodes.Assign):
            annotations = [t.annotation for t in nodes.bound_targets(each.targets)]
        for annotation in annotations:
            for dim in annotation.dims if annotation is not None else ():
                yield from (n.id for n in _names_in(dim))
        for inner in _inner_bodies(each):
            yield from _dim_names(inner)


def _names_in(node: nodes.Node) -> Iterator[nodes.Name]:
    if isinstance(node, nodes.Name):
        yield node
    for field in type(node).__fields__:
        value = getattr(node, field)
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, nodes.Node):
                yield from _names_in(each)


def _inner_bodies(node: nodes.Statement) -> list[tuple[nodes.Statement, ...]]:
    if isinstance(node, nodes.For):
        return [node.body]
    if isinstance(node, nodes.If):
        return [branch.body for branch in node.branches]
    return []


def _is_looked_into(node: Any, name: str) -> bool:
    """Whether a name stands only where a list is indexed, piped, measured or walked through."""
    if isinstance(node, nodes.Name):
        return node.id != name
    if isinstance(node, nodes.Assign) and isinstance(node.value, nodes.Binary):
        left = node.value.left
        is_growth = isinstance(left, nodes.Name) and left.id == name
        if is_growth and _only_name(node.targets) == name:
            return _is_looked_into(node.value.right, name)
    skipped: nodes.Node | None = None
    if isinstance(node, nodes.Index):
        skipped = node.value
    elif isinstance(node, nodes.Pipe):
        skipped = node.source
    elif isinstance(node, nodes.For):
        skipped = node.iterable
    elif _is_call_of(node, "len", "reversed", "enumerate") and len(node.arguments) == 1:
        skipped = node.arguments[0].value
    if not isinstance(skipped, nodes.Name):
        skipped = None
    if isinstance(node, tuple):
        return all(_is_looked_into(each, name) for each in node)
    if not isinstance(node, nodes.Node):
        return True
    return all(
        getattr(node, field) is skipped
        or (isinstance(node, nodes.Call) and field == "arguments" and skipped is not None)
        or _is_looked_into(getattr(node, field), name)
        for field in type(node).__fields__
        if field != "span"
    )


def _is_call_of(node: Any, *names: str) -> bool:
    function = node.function if isinstance(node, nodes.Call) else None
    return isinstance(function, nodes.Name) and function.id in names


def _has_long_pipe(node: nodes.Node) -> bool:
    """Whether a pipe of several stages stands in a choice."""
    if isinstance(node, nodes.Pipe) and len(node.stages) > 1:
        return True
    for field in type(node).__fields__:
        value = getattr(node, field)
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, nodes.Node) and _has_long_pipe(each):
                return True
    return False
