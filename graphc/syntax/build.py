"""Reductions of the grammar to nodes: one method for each action that net.lark names.

An action gets the values of its symbols and its first and last token. The value of a terminal
is its token's index.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from graphc.diagnostics.codes import UNEXPECTED_TEXT
from graphc.record import replace
from graphc.source import SourceFile
from graphc.syntax import nodes
from graphc.syntax.build_expressions import ExpressionBuilder, list_in
from graphc.syntax.depth import is_too_deep
from graphc.syntax.report import Report
from graphc.syntax.tokens import LONG, OUTER_DEPTH, Tokens

N = TypeVar("N", bound=nodes.Node)


class Builder(ExpressionBuilder):
    """Makes nodes from values and tokens."""

    def __init__(self, source: SourceFile, tokens: Tokens, report: Report) -> None:
        super().__init__(source, tokens)
        self.report = report
        self.is_deep = tokens.is_deep
        self.has_nameless_inputs = False

    # Files and items

    def file(self, values: list[Any], first: int, last: int) -> list[nodes.Item]:
        return list_in(values)

    def const(self, values: list[Any], first: int, last: int) -> nodes.Const:
        _, name, _, value = values
        node = nodes.Const(
            self.span(first, last), self.name_text(name), self.span(name, name), value
        )
        return self.checked(node, first, last)

    def import_names(self, values: list[Any], first: int, last: int) -> nodes.Import:
        path = self.string([values[1]], values[1], values[1])
        return nodes.Import(
            self.span(first, last), str(path.value), path.span, tuple(list_in(values))
        )

    def imported_name(self, values: list[Any], first: int, last: int) -> nodes.ImportedName:
        alias = self.name_text(values[2]) if len(values) > 1 else None
        return nodes.ImportedName(self.span(first, last), self.name_text(first), alias)

    def kind(self, values: list[Any], first: int, last: int) -> str:
        return self.tokens.kinds[last].lower()

    def definition(self, values: list[Any], first: int, last: int) -> nodes.Definition:
        kind, name, body = values[0], values[1], values[-1]
        has_parameters = isinstance(values[2], tuple) and len(values) > 3
        label = next((each for each in values if isinstance(each, nodes.Expression)), None)
        if kind == "block" and not has_parameters:
            self.report_missing_parameters(name)
        if label is not None:
            self.check_label(kind, label)
        if self.has_nameless_inputs:
            self.has_nameless_inputs = False
            if kind != "sequential":
                from graphc.syntax.inputs import name_inputs  # few files need it

                body = name_inputs(body, kind, self.report)
        return nodes.Definition(
            self.span(first, last),
            kind,
            self.name_text(name),
            self.span(name, name),
            values[2] if has_parameters else (),
            body,
            self.tokens.kinds[first] == "INLINE",
            self.tokens.kinds[first] == "FROZEN",
            label,  # type: ignore[arg-type]  # a name or string, by the grammar
        )

    def label(self, values: list[Any], first: int, last: int) -> nodes.Expression:
        return values[1]  # type: ignore[no-any-return]  # a name or a string

    def report_missing_parameters(self, name: int) -> None:
        start, end = self.starts[name], self.ends[name]
        text = self.text(name)
        self.report.add(
            UNEXPECTED_TEXT,
            f"`block {text}` needs parentheses for its parameters",
            start,
            end,
            help=f"write `block {text}()`, if there are none",
            edits=(self.report.edit(end, end, "()"),),
        )

    def check_label(self, kind: str, label: nodes.Expression) -> None:
        if kind == "block":
            said = "a block has no name of its own in Keras, which `as` would give it"
            help = "leave it out; where the block is used, `as` names what it makes"
        elif isinstance(label, nodes.Literal) and not label.value:
            said, help = (
                "the name of a model needs some text, got none",
                "write it, or leave it out",
            )
        else:
            return
        self.report.add(UNEXPECTED_TEXT, said, label.span.start, label.span.end, help=help)

    def parameters(self, values: list[Any], first: int, last: int) -> tuple[nodes.Parameter, ...]:
        return tuple(list_in(values))

    def parameter(self, values: list[Any], first: int, last: int) -> nodes.Parameter:
        default = values[2] if len(values) > 1 else None
        node = nodes.Parameter(self.span(first, last), self.name_text(first), default)
        return self.checked(node, first, last)

    def train(self, values: list[Any], first: int, last: int) -> nodes.Train:
        model = values[1]
        entries = list_in(values)
        return nodes.Train(
            self.span(first, last),
            self.name_text(model),
            self.span(model, model),
            tuple(entry for entry in entries if isinstance(entry, nodes.TrainEntry)),
            tuple(
                key for entry in entries if isinstance(entry, nodes.Broken) for key in entry.names
            ),
        )

    def entry(self, values: list[Any], first: int, last: int) -> nodes.TrainEntry:
        node = nodes.TrainEntry(
            self.span(first, last), self.name_text(first), self.span(first, first), values[2]
        )
        return self.checked(node, first, last)

    # Statements

    def checked(self, node: N, first: int, last: int) -> N:
        """The node; remember if it is too deep, as none of a few tokens can be."""
        if last - first > LONG and is_too_deep(node, OUTER_DEPTH):
            self.is_deep = True
        return node

    def body(self, values: list[Any], first: int, last: int) -> tuple[nodes.Statement, ...]:
        return tuple(list_in(values))

    def assign(self, values: list[Any], first: int, last: int) -> nodes.Assign | nodes.Broken:
        targets = tuple(target for value in values[0] for target in as_targets(value))
        wrong = next((each for value in values[0] for each in not_targets(value)), None)
        if wrong is not None:
            self.report.add(
                UNEXPECTED_TEXT,
                f"`=` needs names before it, got `{wrong.span.text}`",
                wrong.span.start,
                wrong.span.end,
                help="only names are bound; tensors and layers do not change",
            )
            names = tuple(target.name for target in nodes.bound_targets(targets))
            return nodes.Broken(self.span(first, last), names)
        node = nodes.Assign(self.span(first, last), targets, values[2])
        return self.checked(node, first, last)

    def target_group(self, values: list[Any], first: int, last: int) -> nodes.TargetGroup:
        return nodes.TargetGroup(self.span(first, last), tuple(list_in(values)))

    def target(self, values: list[Any], first: int, last: int) -> nodes.Target:
        annotation = self.without_batch(values[2]) if len(values) > 1 else None
        return nodes.Target(self.span(first, last), self.name_text(first), annotation)

    def name_target(self, values: list[Any], first: int, last: int) -> nodes.Target:
        return nodes.Target(self.span(first, last), self.name_text(first), None)

    def annotation(self, values: list[Any], first: int, last: int) -> nodes.Annotation:
        dtype = self.name_text(first) if self.tokens.kinds[first] != "LSQB" else None
        dims = list_in(values)
        batches = [dim for dim in dims if isinstance(dim, nodes.Batch)]
        if not batches:
            return nodes.Annotation(self.span(first, last), dtype, tuple(dims))
        batch = batches.pop(0) if dims[0] is batches[0] else None
        for each in batches:
            self.misplaced_batch(each, "the size of the batch stands in front of the dims")
        kept = tuple(dim for dim in dims if not isinstance(dim, nodes.Batch))
        return nodes.Annotation(self.span(first, last), dtype, kept, batch)

    def without_batch(self, annotation: nodes.Annotation) -> nodes.Annotation:
        """The shape of what is no input, which cannot state the batch."""
        if annotation.batch is None:
            return annotation
        self.misplaced_batch(annotation.batch, "the size of the batch is for inputs to state")
        return replace(annotation, batch=None)

    def misplaced_batch(self, batch: nodes.Batch, message: str) -> None:
        """Report a batch where none is stated."""
        start, end = batch.span.start, batch.span.end
        self.report.add(UNEXPECTED_TEXT, message, start, end, help="leave it out")

    def batch(self, values: list[Any], first: int, last: int) -> nodes.Batch:
        return nodes.Batch(self.span(first, last), self.name_text(first), values[-1])

    def unknown_dim(self, values: list[Any], first: int, last: int) -> nodes.UnknownDim:
        return nodes.UnknownDim(self.span(first, last))

    def evaluate(self, values: list[Any], first: int, last: int) -> nodes.Evaluate:
        node = nodes.Evaluate(self.span(first, last), values[0])
        return self.checked(node, first, last)

    def input(self, values: list[Any], first: int, last: int) -> nodes.Input:
        annotation = next((v for v in values if isinstance(v, nodes.Annotation)), None)
        layer_name = values[-1] if isinstance(values[-1], nodes.Expression) else None
        name = None if annotation is values[1] else values[1]
        node = nodes.Input(
            self.span(first, last),
            None if name is None else self.name_text(name),
            None if name is None else self.span(name, name),
            annotation,
            layer_name,  # type: ignore[arg-type]  # a name or string, by the grammar
            True in values,
        )
        self.has_nameless_inputs |= name is None
        return self.checked(node, first, last)

    def input_form(self, values: list[Any], first: int, last: int) -> nodes.InputForm:
        return self.checked(nodes.InputForm(self.span(first, last), values[1]), first, last)

    def left_out(self, values: list[Any], first: int, last: int) -> bool:
        return True

    def layer_name(self, values: list[Any], first: int, last: int) -> nodes.Expression:
        return values[1]  # type: ignore[no-any-return]  # a name or a string

    def output(self, values: list[Any], first: int, last: int) -> nodes.Output:
        node = nodes.Output(self.span(first, last), tuple(values[1]))
        return self.checked(node, first, last)

    def output_item(self, values: list[Any], first: int, last: int) -> nodes.OutputItem:
        name = self.name_text(first) if len(values) > 1 else None
        return nodes.OutputItem(self.span(first, last), name, values[-1])

    def weight(self, values: list[Any], first: int, last: int) -> nodes.Weight:
        is_frozen = self.tokens.kinds[first] == "FROZEN"
        name, _, annotation, *rest = values[2:] if is_frozen else values[1:]
        node = nodes.Weight(
            self.span(first, last),
            self.name_text(name),
            self.span(name, name),
            self.without_batch(annotation),
            rest[1] if rest else None,
            is_frozen,
        )
        return self.checked(node, first, last)

    def require(self, values: list[Any], first: int, last: int) -> nodes.Require:
        node = nodes.Require(self.span(first, last), values[1])
        return self.checked(node, first, last)

    def for_loop(self, values: list[Any], first: int, last: int) -> nodes.For:
        _, targets, _, iterable, body = values
        self.check_head(iterable)
        return nodes.For(self.span(first, last), tuple(targets), iterable, body)

    def branches(self, values: list[Any], first: int, last: int) -> list[nodes.Branch]:
        test, body = values[-2:]
        self.check_head(test)
        branches: list[nodes.Branch] = values[0] if len(values) > 3 else []
        begin = values[-3]
        branches.append(nodes.Branch(self.span(begin, last), test, body))
        return branches

    def if_else(self, values: list[Any], first: int, last: int) -> nodes.If:
        branches: list[nodes.Branch] = values[0]
        if len(values) > 1:
            branches.append(nodes.Branch(self.span(values[1], last), None, values[2]))
        return nodes.If(self.span(first, last), tuple(branches))

    def check_head(self, expression: nodes.Expression) -> None:
        """As `checked`, where the tokens are no longer known: each has at least one letter."""
        self.checked(expression, expression.span.start, expression.span.end)


def as_targets(node: nodes.Node) -> list[nodes.Targets]:
    """Names being bound; what was read as an expression in parentheses, as far as it is names."""
    if isinstance(node, nodes.Target | nodes.TargetGroup):
        return [node]
    if isinstance(node, nodes.Name):
        return [nodes.Target(node.span, node.id, None)]
    if isinstance(node, nodes.TupleDisplay):
        items = tuple(target for item in node.items for target in as_targets(item))
        return [nodes.TargetGroup(node.span, items)]
    return []


def not_targets(node: nodes.Node) -> Iterator[nodes.Node]:
    """What stands before an equal sign and cannot be bound."""
    if isinstance(node, nodes.TupleDisplay) and node.items:
        for item in node.items:
            yield from not_targets(item)
    elif not isinstance(node, nodes.Target | nodes.TargetGroup | nodes.Name):
        yield node
