"""The syntax tree: frozen records, each with the span it came from."""

from __future__ import annotations

from collections.abc import Iterator
from types import EllipsisType

from graphc.record import Record
from graphc.source import Span


class Node(Record):
    """Anything that stands in a file."""

    span: Span


# Expressions


class Expression(Node):
    """Anything that has a value."""


class Name(Expression):
    """A name used for its value."""

    id: str


class Literal(Expression):
    """A number, string, truth value, ``None`` or ``...``; its spelling is the span's text."""

    value: int | float | str | bool | EllipsisType | None


class FString(Expression):
    """An f-string: its literal pieces and the expressions between them."""

    parts: tuple[str | Expression, ...]


class UnknownDim(Expression):
    """The dim ``?``."""


class ListDisplay(Expression):
    """``[a, b]``."""

    items: tuple[Expression, ...]


class TupleDisplay(Expression):
    """``(a, b)``; also a bare ``a, b`` on the right of an assignment."""

    items: tuple[Expression, ...]


class DictDisplay(Expression):
    """``{"a": 1}``."""

    items: tuple[tuple[Expression, Expression], ...]


class Bundle(Expression):
    """``(query=x, value=y)``: tensors piped by name."""

    arguments: tuple[Argument, ...]


class Unary(Expression):
    """``-a`` or ``not a``; `operator` is the text."""

    operator: str
    operand: Expression


class Binary(Expression):
    """An arithmetic, ``and`` or ``or`` operation; `operator` is the text."""

    operator: str
    left: Expression
    right: Expression


class Comparison(Expression):
    """``a < b <= c``: one more operand than operators; ``in`` and ``not in`` count."""

    operands: tuple[Expression, ...]
    operators: tuple[str, ...]


class Conditional(Expression):
    """``value if test else otherwise``."""

    value: Expression
    test: Expression
    otherwise: Expression


class Attribute(Expression):
    """``value.name``."""

    value: Expression
    name: str
    name_span: Span


class Slice(Expression):
    """``lower:upper:step`` between index brackets."""

    lower: Expression | None
    upper: Expression | None
    step: Expression | None


class Index(Expression):
    """``value[items]``; `is_tuple` tells ``x[0,]`` from ``x[0]``."""

    value: Expression
    items: tuple[Expression, ...]
    is_tuple: bool


class Argument(Node):
    """An argument of a call or a bundle, with its name where one is given."""

    value: Expression
    name: str | None
    name_span: Span | None


class Call(Expression):
    """``function(arguments)``: parentheses configure."""

    function: Expression
    arguments: tuple[Argument, ...]


class Named(Expression):
    """``value as name``; the name is a `Name`, a string `Literal` or an `FString`."""

    value: Expression
    name: Name | Literal | FString


class Pipe(Expression):
    """``source -> stage -> stage``: arrows carry tensors. At least one stage."""

    source: Expression
    stages: tuple[Expression, ...]


# Statements


class Statement(Node):
    """A line of a body."""


class Annotation(Node):
    """``dtype[dims]``; a dim is an expression, `UnknownDim`, or the literal ``...``.

    An input may state its batch in front of its dims: ``[B=32, 10]``.
    """

    dtype: str | None
    dims: tuple[Expression, ...]
    batch: Batch | None = None


class Batch(Expression):
    """``B=size``."""

    name: str
    size: Expression


class Target(Node):
    """A name being bound, with the shape asserted of it."""

    name: str
    annotation: Annotation | None


class TargetGroup(Node):
    """``(a, b)`` among names being bound: they share one value."""

    items: tuple[Targets, ...]


Targets = Target | TargetGroup


def bound_targets(targets: tuple[Targets, ...]) -> Iterator[Target]:
    """The names in targets, those in parentheses too."""
    for target in targets:
        if isinstance(target, TargetGroup):
            yield from bound_targets(target.items)
        else:
            yield target


class Assign(Statement):
    """``a, (b, c) = value``."""

    targets: tuple[Targets, ...]
    value: Expression


class Evaluate(Statement):
    """An expression standing alone: a layer of a sequential, or a value that is dropped."""

    value: Expression


class Input(Statement):
    """``input name: dtype[dims] = None as "layer-name"``; only a sequential's may lack the name.

    With ``= None`` it is one that may be left out in Keras.
    """

    name: str | None
    name_span: Span | None
    annotation: Annotation | None
    layer_name: Name | Literal | FString | None
    is_optional: bool = False


class InputForm(Statement):
    """``input {"a": a, "rest": [b, c]}``: the dicts and lists that a model takes its inputs in."""

    value: Expression


class OutputItem(Node):
    """One value of an ``output`` statement, with its name where one is given."""

    name: str | None
    value: Expression


class Output(Statement):
    """``output a, b`` or ``output mask = a``."""

    items: tuple[OutputItem, ...]


class Weight(Statement):
    """``frozen weight name: dtype[dims] = value``."""

    name: str
    name_span: Span
    annotation: Annotation
    value: Expression | None
    is_frozen: bool


class Require(Statement):
    """``require condition``."""

    condition: Expression


class For(Statement):
    """``for a, (b, c) in iterable { body }``."""

    targets: tuple[Targets, ...]
    iterable: Expression
    body: tuple[Statement, ...]


class Branch(Node):
    """One ``if`` or ``elif`` with its body; the ``else`` branch has no test."""

    test: Expression | None
    body: tuple[Statement, ...]


class If(Statement):
    """``if … { } elif … { } else { }``."""

    branches: tuple[Branch, ...]


class Broken(Statement):
    """A statement that did not parse; the names that it seems to bind are unknown, silently."""

    names: tuple[str, ...]


# Items


class Item(Node):
    """What stands at the top level of a file."""


class Const(Item):
    """``const name = value``."""

    name: str
    name_span: Span
    value: Expression


class ImportedName(Node):
    """A name in an import, and the name it goes by here."""

    name: str
    alias: str | None


class Import(Item):
    """``from "path" import a, b``."""

    path: str
    path_span: Span
    names: tuple[ImportedName, ...]


class Parameter(Node):
    """``name=default`` in the head of a model or block."""

    name: str
    default: Expression | None


class Definition(Item):
    """A ``model``, ``sequential`` or ``block``; `kind` is that word.

    An ``inline`` block leaves no trace in the names of its layers; nothing in a ``frozen`` model is
    trained. A model may have another `label` in Keras than its name.
    """

    kind: str
    name: str
    name_span: Span
    parameters: tuple[Parameter, ...]
    body: tuple[Statement, ...]
    is_inline: bool = False
    is_frozen: bool = False
    label: Name | Literal | None = None

    @property
    def own_name(self) -> str:
        """What Keras calls the model."""
        if self.label is None:
            return self.name
        return self.label.id if isinstance(self.label, Name) else str(self.label.value)


class TrainEntry(Node):
    """``key = value`` in a train block."""

    name: str
    name_span: Span
    value: Expression


class Train(Item):
    """``train model { … }``; of the keys in `broken`, the values did not parse."""

    model: str
    model_span: Span
    entries: tuple[TrainEntry, ...]
    broken: tuple[str, ...] = ()


class BrokenItem(Item):
    """An item that did not parse; the names that it seems to define are unknown, silently."""

    names: tuple[str, ...]


class Comment(Node):
    """``# text`` to the end of its line."""


class File(Node):
    """A whole file; `comments` in order of place, for the formatter."""

    items: tuple[Item, ...]
    comments: tuple[Comment, ...]
