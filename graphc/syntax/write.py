"""A tree as a text that parses to it: for trees that come from elsewhere than from a text.

The text has no more parentheses than it needs, and no layout to speak of: format.py sees to that.
"""

from __future__ import annotations

from math import isinf, isnan

from graphc.syntax import nodes
from graphc.syntax.operators import COMPARISON, MINUS, NOT, POWER, PRECEDENCES
from graphc.syntax.tokens import STATEMENT_WORDS

# What binds less tightly than any operator, and what binds more tightly.
_PIPE, _NAMED, _CHOICE, _CHAIN, _POSTFIX, _ATOM = -3, -2, -1, 0, 20, 21

# The quotes of an f-string by its height: they cannot stand in its expressions, so that strings
# in these have single quotes, and an f-string around f-strings has others than they.
_QUOTES = ("'", '"', '"""', "'''")
_WORDS = {word.lower() for word in STATEMENT_WORDS}


def write(tree: nodes.File) -> str:
    """The text of a file; broken parts are a ValueError, for they have none."""
    return "\n".join(_item(item) for item in tree.items)


def write_expression(expression: nodes.Expression) -> str:
    """The text of an expression."""
    return _Writer(is_inner=False).value(expression)


# Items


def _item(item: nodes.Item) -> str:
    if isinstance(item, nodes.Const):
        return f"const {item.name} = {write_expression(item.value)}\n"
    if isinstance(item, nodes.Import):
        names = [f"{n.name} as {n.alias}" if n.alias else n.name for n in item.names]
        return f"from {_Writer(is_inner=False).string(item.path)} import {', '.join(names)}\n"
    if isinstance(item, nodes.Train):
        entries = [f"    {e.name} = {write_expression(e.value)}\n" for e in item.entries]
        return f"train {item.model} {{\n{''.join(entries)}}}\n"
    if isinstance(item, nodes.Definition):
        parameters = ", ".join(map(_parameter, item.parameters))
        brackets = f"({parameters})" if parameters or item.kind == "block" else ""
        word = "inline " if item.is_inline else "frozen " if item.is_frozen else ""
        label = f" as {write_expression(item.label)}" if item.label else ""
        return f"{word}{item.kind} {item.name}{brackets}{label} {_body(item.body, 0)}\n"
    raise ValueError(f"a {type(item).__name__} has no text")


def _parameter(parameter: nodes.Parameter) -> str:
    if parameter.default is None:
        return parameter.name
    return f"{parameter.name}={write_expression(parameter.default)}"


# Statements


def _body(body: tuple[nodes.Statement, ...], level: int) -> str:
    indent = "    " * (level + 1)
    lines = [f"{indent}{_statement(statement, level + 1)}\n" for statement in body]
    return f"{{\n{''.join(lines)}{'    ' * level}}}"


def _statement(statement: nodes.Statement, level: int) -> str:
    if isinstance(statement, nodes.For):
        head = f"for {_targets(statement.targets)} in {write_expression(statement.iterable)}"
        return f"{head} {_body(statement.body, level)}"
    if isinstance(statement, nodes.If):
        words = ["if", *["elif"] * len(statement.branches)]
        return " ".join(
            (f"{word} {write_expression(branch.test)} " if branch.test else "else ")
            + _body(branch.body, level)
            for word, branch in zip(words, statement.branches, strict=False)
        )
    if isinstance(statement, nodes.Assign):
        return f"{_targets(statement.targets)} = {write_expression(statement.value)}"
    if isinstance(statement, nodes.Evaluate):
        text = write_expression(statement.value)
        first = text.partition(" ")[0].partition("(")[0].partition("[")[0].partition(".")[0]
        return f"({text})" if first in _WORDS else text
    return _declaration(statement)


def _declaration(statement: nodes.Statement) -> str:
    if isinstance(statement, nodes.Input):
        shape = _annotation(statement.annotation)
        text = f"input {statement.name}{shape}" if statement.name else f"input {shape[2:]}"
        if statement.is_optional:
            text = f"{text} = None"
        name = statement.layer_name
        return f"{text} as {write_expression(name)}" if name else text
    if isinstance(statement, nodes.InputForm):
        return f"input {write_expression(statement.value)}"
    if isinstance(statement, nodes.Output):
        items = [
            (f"{item.name} = " if item.name else "") + write_expression(item.value)
            for item in statement.items
        ]
        return f"output {', '.join(items)}"
    if isinstance(statement, nodes.Weight):
        word = "frozen weight" if statement.is_frozen else "weight"
        text = f"{word} {statement.name}{_annotation(statement.annotation)}"
        return f"{text} = {write_expression(statement.value)}" if statement.value else text
    if isinstance(statement, nodes.Require):
        return f"require {write_expression(statement.condition)}"
    raise ValueError(f"a {type(statement).__name__} has no text")


def _targets(targets: tuple[nodes.Targets, ...]) -> str:
    return ", ".join(map(_target, targets))


def _target(target: nodes.Targets) -> str:
    if isinstance(target, nodes.Target):
        return target.name + _annotation(target.annotation)
    comma = "," if len(target.items) == 1 else ""
    return f"({_targets(target.items)}{comma})"


def _annotation(annotation: nodes.Annotation | None) -> str:
    if annotation is None:
        return ""
    dims = list(map(write_expression, annotation.dims))
    batch = annotation.batch
    if batch is not None:
        dims.insert(0, f"{batch.name}={write_expression(batch.size)}")
    return f": {annotation.dtype or ''}[{', '.join(dims)}]"


# Expressions


class _Writer:
    """Writes expressions; those in an f-string are `is_inner`."""

    def __init__(self, *, is_inner: bool) -> None:
        self.is_inner = is_inner

    def value(self, node: nodes.Expression, least: int = _PIPE) -> str:
        """The text, in parentheses if the node binds less tightly than it must."""
        text = self.text(node)
        return f"({text})" if _tightness(node) < least else text

    def text(self, node: nodes.Expression) -> str:
        """The text of a node without parentheses of its own."""
        value = self.value
        if isinstance(node, nodes.Name):
            return node.id
        if isinstance(node, nodes.Literal):
            return self.literal(node)
        if isinstance(node, nodes.Call):
            return f"{self.base(node.function)}({', '.join(map(self.argument, node.arguments))})"
        if isinstance(node, nodes.Pipe):
            return " -> ".join(value(n, _NAMED) for n in (node.source, *node.stages))
        if isinstance(node, nodes.Named):
            return f"{value(node.value, _CHOICE)} as {value(node.name)}"
        if isinstance(node, nodes.Attribute):
            return f"{self.base(node.value)}.{node.name}"
        if isinstance(node, nodes.Index):
            items = ", ".join(map(value, node.items))
            comma = "," if node.is_tuple and len(node.items) == 1 else ""
            return f"{self.base(node.value)}[{items}{comma}]"
        if isinstance(node, nodes.Slice):
            return self.slice(node)
        if isinstance(node, nodes.FString):
            return self.fstring(node)
        return self.display(node) or self.operation(node)

    def display(self, node: nodes.Expression) -> str:
        """The text of what has brackets of its own."""
        if isinstance(node, nodes.ListDisplay):
            return f"[{', '.join(map(self.value, node.items))}]"
        if isinstance(node, nodes.TupleDisplay):
            comma = "," if len(node.items) == 1 else ""
            return f"({', '.join(map(self.value, node.items))}{comma})"
        if isinstance(node, nodes.DictDisplay):
            pairs = [f"{self.value(key)}: {self.value(item)}" for key, item in node.items]
            return f"{{{', '.join(pairs)}}}"
        if isinstance(node, nodes.Bundle):
            return f"({', '.join(map(self.argument, node.arguments))})"
        return "?" if isinstance(node, nodes.UnknownDim) else ""

    def operation(self, node: nodes.Expression) -> str:
        """The text of operands and the operators between them."""
        value, least = self.value, _tightness(node)
        if isinstance(node, nodes.Unary):
            blank = " " if node.operator == "not" else ""
            return f"{node.operator}{blank}{value(node.operand, least)}"
        if isinstance(node, nodes.Binary):
            is_power = least == POWER
            left = value(node.left, POWER + 1 if is_power else least)
            right = value(node.right, MINUS if is_power else least + 1)
            return f"{left} {node.operator} {right}"
        if isinstance(node, nodes.Comparison):
            first, *others = (value(operand, COMPARISON + 1) for operand in node.operands)
            pairs = zip(node.operators, others, strict=True)
            return " ".join([first, *(f"{operator} {other}" for operator, other in pairs)])
        if isinstance(node, nodes.Conditional):
            chosen, test = value(node.value, _CHAIN), value(node.test, _CHAIN)
            return f"{chosen} if {test} else {value(node.otherwise, _CHOICE)}"
        raise ValueError(f"a {type(node).__name__} has no text")

    def base(self, node: nodes.Expression) -> str:
        """The text of what is called, indexed or asked for an attribute."""
        is_bare = isinstance(node, nodes.Literal) and not isinstance(node.value, str)
        return f"({self.text(node)})" if is_bare else self.value(node, _POSTFIX)

    def argument(self, argument: nodes.Argument) -> str:
        """The text of an argument of a call or bundle."""
        text = self.value(argument.value)
        return f"{argument.name}={text}" if argument.name else text

    def slice(self, node: nodes.Slice) -> str:
        """The text of a slice."""
        bounds = [node.lower, node.upper, *([node.step] if node.step else [])]
        return ":".join(self.value(bound) if bound else "" for bound in bounds)

    def literal(self, node: nodes.Literal) -> str:
        """The text of a number, string or constant."""
        value = node.value
        if isinstance(value, str):
            return self.string(value)
        if isinstance(value, float) and (isinf(value) or isnan(value)):
            number = "1e999" if isinf(value) else 'float("nan")'
            return f"-{number}" if value < 0 else number
        return "..." if value is ... else repr(value)

    def string(self, value: str) -> str:
        """The text of a string."""
        quotes = _QUOTES[0] if self.is_inner else _QUOTES[1]
        return f"{quotes}{self.escaped(value, quotes)}{quotes}"

    def escaped(self, value: str, quotes: str) -> str:
        """A text as it stands between quotes, its own or those of f-strings around it."""
        forbidden = "\"'" if self.is_inner else quotes
        return "".join(_escape(letter, forbidden) for letter in value)

    def fstring(self, node: nodes.FString) -> str:
        """The text of an f-string; three of them may stand in each other."""
        height = _height(node)
        if height >= len(_QUOTES):
            raise ValueError("f-strings stand too deep in each other to be written")
        quotes = _QUOTES[height]
        inner = _Writer(is_inner=True)
        pieces: list[str] = []
        for part in node.parts:
            if isinstance(part, str):
                pieces.append(self.escaped(part, quotes).replace("{", "{{").replace("}", "}}"))
            else:
                text = inner.value(part)
                pieces.append(f"{{ {text} }}" if text.startswith("{") else f"{{{text}}}")
        return f"f{quotes}{''.join(pieces)}{quotes}"


def _height(value: object) -> int:
    """How many f-strings stand in each other."""
    if isinstance(value, nodes.Node):
        inner = max((_height(getattr(value, f)) for f in type(value).__fields__), default=0)
        return inner + isinstance(value, nodes.FString)
    return max(map(_height, value), default=0) if isinstance(value, tuple) else 0


def _tightness(node: nodes.Expression) -> int:
    """How tightly a node binds, as operators.py counts."""
    if isinstance(node, nodes.Binary):
        return PRECEDENCES[node.operator]
    if isinstance(node, nodes.Unary):
        return NOT if node.operator == "not" else MINUS
    if isinstance(node, nodes.Literal):
        is_negative = isinstance(node.value, int | float) and node.value < 0
        return MINUS if is_negative else _ATOM
    return _TIGHTNESS.get(type(node), _ATOM)


_TIGHTNESS: dict[type[nodes.Expression], int] = {
    nodes.Pipe: _PIPE,
    nodes.Named: _NAMED,
    nodes.Conditional: _CHOICE,
    nodes.Comparison: COMPARISON,
    nodes.Call: _POSTFIX,
    nodes.Index: _POSTFIX,
    nodes.Attribute: _POSTFIX,
}


_LETTERS = {"\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def _escape(letter: str, forbidden: str) -> str:
    code = ord(letter)
    if letter in _LETTERS:
        return _LETTERS[letter]
    if letter.isprintable() and letter not in forbidden:
        return letter
    if letter == forbidden:
        return "\\" + letter
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
