"""Python expressions and statements in lines of 88 columns, broken where ruff breaks them.

Expressions are nodes of `ast`. A number may have a `spelling`, which is how the source writes it.
Everything in brackets is a group that is on one line or broken at all of its commas. Operators
are broken only inside brackets: around an expression that needs it, `(` and `)` are put, unless
it can do with breaking its own first or last brackets.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from graphc.emit.keras.brackets import can_do_without
from graphc.emit.keras.precedence import (
    ATOM,
    NOT,
    OPERATORS,
    OR,
    SIGN,
    SUM,
    TEST,
    constant_text,
    group_of,
    tightness,
)
from graphc.emit.keras.spelling import escaped
from graphc.syntax.document import (
    Break,
    Document,
    IfBroken,
    Nest,
    group,
    render,
)

WIDTH = 88
INDENT = 4

_CHAIN = Break(" ")


class _Layout:
    """Makes documents of expressions, whose operators are broken `in_brackets` alone."""

    def of(self, node: ast.expr, least: int, *, in_brackets: bool) -> Document:
        """The document of a node, in parentheses if it binds less tightly than it must."""
        if tightness(node) < least:
            inner = self.bare(node, in_brackets=True)
            return group(("(", Nest((Break(""), group(inner))), Break(""), ")"))
        return self.bare(node, in_brackets=in_brackets)

    def bare(self, node: ast.expr, *, in_brackets: bool) -> Document:
        """The document of a node without parentheses of its own."""
        if isinstance(node, ast.Name):
            return node.id
        if isinstance(node, ast.Constant):
            return constant_text(node)
        if isinstance(node, ast.JoinedStr):
            return fstring(node)
        if isinstance(node, ast.Attribute):
            return self.of(node.value, ATOM, in_brackets=in_brackets), f".{node.attr}"
        if isinstance(node, ast.Call):
            if len(node.args) == 1 and not node.keywords and _is_generator(node.args[0]):
                function = self.of(node.func, ATOM, in_brackets=in_brackets)
                return function, self.bare(node.args[0], in_brackets=True)
            arguments = [self.item(each) for each in node.args]
            arguments += [self.keyword(each) for each in node.keywords]
            function = self.of(node.func, ATOM, in_brackets=in_brackets)
            return function, self.arguments(arguments)
        if isinstance(node, ast.Subscript):
            return self.subscript(node, in_brackets=in_brackets)
        if isinstance(node, ast.Starred):
            return "*", self.of(node.value, SUM, in_brackets=in_brackets)
        if isinstance(node, (ast.ListComp, ast.GeneratorExp)):
            return self.comprehension(node)
        return self.display(node) or self.operation(node, in_brackets=in_brackets)

    def comprehension(self, node: ast.ListComp | ast.GeneratorExp) -> Document:
        """`[item for name in items if test]`: on one line, or each part on one of its own."""
        parts: list[Document] = [self.item(node.elt)]
        for each in node.generators:
            target = flat(each.target)
            target = target[1:-1] if isinstance(each.target, ast.Tuple) else target
            parts += [Break(" "), f"for {target} in ", self.of(each.iter, OR, in_brackets=True)]
            for test in each.ifs:
                parts += [Break(" "), "if ", group(self.of(test, OR, in_brackets=True))]
        left, right = "[]" if isinstance(node, ast.ListComp) else "()"
        return group((left, Nest((Break(""), group(tuple(parts)))), Break(""), right))

    def arguments(self, items: Sequence[Document], brackets: str = "()") -> Document:
        """Arguments: all on a line of their own, if they fit there, or one a line."""
        if not items:
            return brackets
        inner: list[Document] = []
        for number, each in enumerate(items):
            inner += [each] if number == 0 else [",", Break(" "), each]
        if len(items) > 1:
            inner.append(IfBroken(","))
        listed = group(tuple(inner))
        return group((brackets[0], Nest((Break(""), listed)), Break(""), brackets[1]))

    def subscript(self, node: ast.Subscript, *, in_brackets: bool) -> Document:
        """`value[index]`."""
        index = node.slice
        items = index.elts if isinstance(index, ast.Tuple) and index.elts else [index]
        listed = [self.item(each) for each in items]
        value = self.of(node.value, ATOM, in_brackets=in_brackets)
        is_single = isinstance(index, ast.Tuple) and len(items) == 1
        if is_single:
            return value, self.brackets("[", listed, "]", is_single=True)
        return value, self.arguments(listed, "[]")

    def item(self, node: ast.expr) -> Document:
        """An item between brackets."""
        if isinstance(node, ast.Slice):
            return self.slice(node)
        document = self.of(node, TEST, in_brackets=True)
        return group(document) if group_of(node) < ATOM else document

    def keyword(self, node: ast.keyword) -> Document:
        """`name=value`."""
        if node.arg is None:
            return "**", self.of(node.value, SUM, in_brackets=True)
        return f"{node.arg}=", group(self.of(node.value, TEST, in_brackets=True))

    def brackets(
        self, left: str, items: Sequence[Document], right: str, *, is_single: bool = False
    ) -> Document:
        """Items in brackets, with a trailing comma where they are broken."""
        if not items:
            return left + right
        inner: list[Document] = [Break("")]
        for number, each in enumerate(items):
            inner += [each] if number == 0 else [",", Break(" "), each]
        if is_single or len(items) > 1:
            inner.append("," if is_single else IfBroken(","))
        return group((left, Nest(tuple(inner)), Break(""), right))

    def slice(self, node: ast.Slice) -> Document:
        """`lower:upper:step`, with spaces where a bound is no simple one."""
        bounds = [node.lower, node.upper, *([node.step] if node.step else [])]
        is_simple = all(each is None or _is_simple_bound(each) for each in bounds)
        made: list[Document] = []
        for number, bound in enumerate(bounds):
            if number:
                before = bounds[number - 1]
                made.append(" :" if not is_simple and before is not None else ":")
            if bound is not None:
                if number and not is_simple:
                    made.append(" ")
                made.append(self.of(bound, TEST, in_brackets=True))
        return tuple(made)

    def display(self, node: ast.expr) -> Document | None:
        """A list, tuple or dict."""
        if isinstance(node, ast.List):
            return self.brackets("[", [self.item(each) for each in node.elts], "]")
        if isinstance(node, ast.Tuple):
            items = [self.item(each) for each in node.elts]
            return self.brackets("(", items, ")", is_single=len(items) == 1)
        if isinstance(node, ast.Dict):
            pairs: list[Document] = [
                (self.of(key, TEST, in_brackets=True), ": ", self.dict_value(value))
                for key, value in zip(node.keys, node.values, strict=True)
                if key is not None
            ]
            return self.brackets("{", pairs, "}")
        return None

    def dict_value(self, node: ast.expr) -> Document:
        """A value of a dict."""
        return self.of(node, TEST, in_brackets=True)

    def operation(self, node: ast.expr, *, in_brackets: bool) -> Document:
        """Operands and operators."""
        if isinstance(node, ast.UnaryOp):
            symbol = OPERATORS[type(node.op)]
            least = NOT if isinstance(node.op, ast.Not) else SIGN
            return symbol, self.of(node.operand, least, in_brackets=in_brackets)
        space: Document = _CHAIN if in_brackets else " "
        if isinstance(node, ast.IfExp):
            return (
                self.operand(node.body, node, OR, in_brackets=in_brackets),
                *(space, "if "),
                self.operand(node.test, node, OR, in_brackets=in_brackets),
                *(space, "else "),
                self.operand(node.orelse, node, TEST, in_brackets=in_brackets),
            )
        if isinstance(node, ast.BoolOp):
            own = tightness(node)
            made: list[Document] = []
            for number, each in enumerate(node.values):
                if number:
                    made += [space, f"{OPERATORS[type(node.op)]} "]
                made.append(self.operand(each, node, own + 1, in_brackets=in_brackets))
            return tuple(made)
        if isinstance(node, ast.Compare):
            made = [self.operand(node.left, node, SUM, in_brackets=in_brackets)]
            for operator, each in zip(node.ops, node.comparators, strict=True):
                made += [space, f"{OPERATORS[type(operator)]} "]
                made.append(self.operand(each, node, SUM, in_brackets=in_brackets))
            return tuple(made)
        assert isinstance(node, ast.BinOp), type(node).__name__
        symbol, own = OPERATORS[type(node.op)], tightness(node)
        if isinstance(node.op, ast.Pow):
            left = self.of(node.left, ATOM, in_brackets=in_brackets)
            right = self.of(node.right, SIGN, in_brackets=in_brackets)
            is_simple = _is_simple_operand(node.left) and _is_simple_operand(node.right)
            return (left, symbol, right) if is_simple else (left, space, f"{symbol} ", right)
        return (
            self.operand(node.left, node, own, in_brackets=in_brackets),
            *(space, f"{symbol} "),
            self.operand(node.right, node, own + 1, in_brackets=in_brackets),
        )

    def operand(
        self, node: ast.expr, around: ast.expr, least: int, *, in_brackets: bool
    ) -> Document:
        """An operand: one whose operators bind tighter is broken by itself."""
        document = self.of(node, least, in_brackets=in_brackets)
        is_own = group_of(node) != group_of(around) or tightness(node) < least
        return group(document) if is_own and group_of(node) < ATOM else document


def _in_parentheses(content: Document) -> Document:
    return group((IfBroken("("), Nest((Break(""), group(content))), Break(""), IfBroken(")")))


def _is_generator(node: ast.expr) -> bool:
    return isinstance(node, ast.GeneratorExp)


def _is_simple_bound(node: ast.expr) -> bool:
    """Whether a bound of a slice has no space around the colon."""
    if isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.Not):
        return _is_simple_bound(node.operand)
    return isinstance(node, (ast.Name, ast.Constant))


def _is_simple_operand(node: ast.expr) -> bool:
    """Whether `**` has no space beside it."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return _is_simple_operand(node.operand) and not isinstance(node.operand, ast.UnaryOp)
    if isinstance(node, ast.Constant):
        return not isinstance(node.value, str)
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def fstring(node: ast.JoinedStr) -> str:
    """An f-string: the strings in its expressions have other quotes than it has."""
    text = "".join(str(p.value) for p in node.values if isinstance(p, ast.Constant))
    outer, inner = ("'", '"') if text.count('"') > text.count("'") else ('"', "'")
    pieces = []
    for part in node.values:
        if isinstance(part, ast.Constant):
            pieces.append(escaped(str(part.value), outer).replace("{", "{{").replace("}", "}}"))
        else:
            assert isinstance(part, ast.FormattedValue)
            value = flat(part.value).replace(outer, inner)
            pieces.append("{" + (f" {value} " if value.startswith("{") else value) + "}")
    return f"f{outer}{''.join(pieces)}{outer}"


# Whole statements


def flat(node: ast.expr) -> str:
    """An expression on one line."""
    return render(group(_Layout().of(node, TEST, in_brackets=True)), 0, 1 << 30)


def value_lines(before: str, node: ast.expr, after: str, indent: int) -> str:
    """`before`, an expression, and `after`: a statement that has one expression at its end."""
    layout = _Layout()
    prefix = " " * indent + before
    line = prefix + flat(node) + after
    if len(line) <= WIDTH:
        return line
    if tightness(node) == ATOM and isinstance(node, (ast.Name, ast.Constant, ast.JoinedStr)):
        fits = indent + INDENT + len(flat(node)) <= WIDTH
        if not fits or not before.rstrip().endswith("="):
            return line
    elif isinstance(node, (ast.List, ast.Tuple, ast.Dict, ast.ListComp)) or can_do_without(node):
        text = _rendered(prefix, layout.of(node, TEST, in_brackets=False), after, indent)
        if len(text.partition("\n")[0]) <= WIDTH:
            return text
    document = _in_parentheses(layout.of(node, TEST, in_brackets=True))
    return _rendered(prefix, document, after, indent)


def keyword_lines(node: ast.keyword, indent: int) -> str:
    """`name=value,` on lines of its own."""
    return _rendered(" " * indent, _Layout().keyword(node), ",", indent)


def _rendered(prefix: str, document: Document, after: str, indent: int) -> str:
    text = render((prefix[indent:], document, after), indent, WIDTH)
    return " " * indent + text
