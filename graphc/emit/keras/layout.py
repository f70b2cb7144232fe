"""Python expressions and statements in lines of 88 columns, broken where ruff breaks them.

Expressions are nodes of `ast`. A number may have a `spelling`, which is how the source writes it.
Everything in brackets is a group that is on one line or broken at all of its commas. Operators
are broken only inside brackets: around an expression that needs it, `(` and `)` are put, unless
it can do with breaking its own first or last brackets.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from graphc.emit.keras.spelling import escaped, string
from graphc.emit.keras.tree import Number
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

_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%",
    ast.Pow: "**", ast.MatMult: "@", ast.And: "and", ast.Or: "or", ast.Eq: "==",
    ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.In: "in",
    ast.NotIn: "not in", ast.Is: "is", ast.IsNot: "is not", ast.Not: "not ", ast.USub: "-",
}  # fmt: skip

# How tightly expressions bind.
_TEST, _OR, _AND, _NOT, _COMPARE, _SUM, _PRODUCT, _SIGN, _POWER, _ATOM = range(10)

_CHAIN = Break(" ")
_COMPREHENSIONS = (ast.ListComp, ast.GeneratorExp)


def _tightness(node: ast.expr) -> int:
    if isinstance(node, ast.IfExp):
        return _TEST
    if isinstance(node, ast.BoolOp):
        return _OR if isinstance(node.op, ast.Or) else _AND
    if isinstance(node, ast.UnaryOp):
        return _NOT if isinstance(node.op, ast.Not) else _SIGN
    if isinstance(node, ast.Compare):
        return _COMPARE
    if isinstance(node, ast.BinOp):
        if isinstance(node.op, (ast.Add, ast.Sub)):
            return _SUM
        return _POWER if isinstance(node.op, ast.Pow) else _PRODUCT
    if isinstance(node, ast.Constant) and _is_negative(node):
        return _SIGN
    return _ATOM


def _is_negative(node: ast.Constant) -> bool:
    return isinstance(node.value, (int, float)) and constant_text(node).startswith("-")


def _group_of(node: ast.expr) -> int:
    """What breaks together: `and` and `or` do, and so do comparisons."""
    tightness = _tightness(node)
    return _OR if tightness == _AND else tightness


def constant_text(node: ast.Constant) -> str:
    """A literal."""
    value = node.value
    if isinstance(value, str):
        return string(value)
    if isinstance(node, Number):
        return node.spelling
    if isinstance(value, float) and (value != value or value in (float("inf"), -float("inf"))):  # noqa: PLR0124 - not a number
        return f'float("{value}")'
    if value is ...:
        return "..."
    return repr(value)


class _Layout:
    """Makes documents of expressions, whose operators are broken `in_brackets` alone."""

    def of(self, node: ast.expr, least: int, *, in_brackets: bool) -> Document:
        """The document of a node, in parentheses if it binds less tightly than it must."""
        if _tightness(node) < least:
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
            return self.of(node.value, _ATOM, in_brackets=in_brackets), f".{node.attr}"
        if isinstance(node, ast.Call):
            if len(node.args) == 1 and not node.keywords and _is_generator(node.args[0]):
                function = self.of(node.func, _ATOM, in_brackets=in_brackets)
                return function, self.bare(node.args[0], in_brackets=True)
            arguments = [self.item(each) for each in node.args]
            arguments += [self.keyword(each) for each in node.keywords]
            function = self.of(node.func, _ATOM, in_brackets=in_brackets)
            return function, self.arguments(arguments)
        if isinstance(node, ast.Subscript):
            return self.subscript(node, in_brackets=in_brackets)
        if isinstance(node, ast.Starred):
            return "*", self.of(node.value, _SUM, in_brackets=in_brackets)
        if isinstance(node, (ast.ListComp, ast.GeneratorExp)):
            return self.comprehension(node)
        return self.display(node) or self.operation(node, in_brackets=in_brackets)

    def comprehension(self, node: ast.ListComp | ast.GeneratorExp) -> Document:
        """`[item for name in items if test]`: on one line, or each part on one of its own."""
        parts: list[Document] = [self.item(node.elt)]
        for each in node.generators:
            target = flat(each.target)
            target = target[1:-1] if isinstance(each.target, ast.Tuple) else target
            parts += [Break(" "), f"for {target} in ", self.of(each.iter, _OR, in_brackets=True)]
            for test in each.ifs:
                parts += [Break(" "), "if ", group(self.of(test, _OR, in_brackets=True))]
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
        value = self.of(node.value, _ATOM, in_brackets=in_brackets)
        is_single = isinstance(index, ast.Tuple) and len(items) == 1
        if is_single:
            return value, self.brackets("[", listed, "]", is_single=True)
        return value, self.arguments(listed, "[]")

    def item(self, node: ast.expr) -> Document:
        """An item between brackets."""
        if isinstance(node, ast.Slice):
            return self.slice(node)
        document = self.of(node, _TEST, in_brackets=True)
        return group(document) if _group_of(node) < _ATOM else document

    def keyword(self, node: ast.keyword) -> Document:
        """`name=value`."""
        if node.arg is None:
            return "**", self.of(node.value, _SUM, in_brackets=True)
        return f"{node.arg}=", group(self.of(node.value, _TEST, in_brackets=True))

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
                made.append(self.of(bound, _TEST, in_brackets=True))
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
                (self.of(key, _TEST, in_brackets=True), ": ", self.dict_value(value))
                for key, value in zip(node.keys, node.values, strict=True)
                if key is not None
            ]
            return self.brackets("{", pairs, "}")
        return None

    def dict_value(self, node: ast.expr) -> Document:
        """A value of a dict."""
        return self.of(node, _TEST, in_brackets=True)

    def operation(self, node: ast.expr, *, in_brackets: bool) -> Document:
        """Operands and operators."""
        if isinstance(node, ast.UnaryOp):
            symbol = _OPERATORS[type(node.op)]
            least = _NOT if isinstance(node.op, ast.Not) else _SIGN
            return symbol, self.of(node.operand, least, in_brackets=in_brackets)
        space: Document = _CHAIN if in_brackets else " "
        if isinstance(node, ast.IfExp):
            return (
                self.operand(node.body, node, _OR, in_brackets=in_brackets),
                *(space, "if "),
                self.operand(node.test, node, _OR, in_brackets=in_brackets),
                *(space, "else "),
                self.operand(node.orelse, node, _TEST, in_brackets=in_brackets),
            )
        if isinstance(node, ast.BoolOp):
            own = _tightness(node)
            made: list[Document] = []
            for number, each in enumerate(node.values):
                if number:
                    made += [space, f"{_OPERATORS[type(node.op)]} "]
                made.append(self.operand(each, node, own + 1, in_brackets=in_brackets))
            return tuple(made)
        if isinstance(node, ast.Compare):
            made = [self.operand(node.left, node, _SUM, in_brackets=in_brackets)]
            for operator, each in zip(node.ops, node.comparators, strict=True):
                made += [space, f"{_OPERATORS[type(operator)]} "]
                made.append(self.operand(each, node, _SUM, in_brackets=in_brackets))
            return tuple(made)
        assert isinstance(node, ast.BinOp), type(node).__name__
        symbol, own = _OPERATORS[type(node.op)], _tightness(node)
        if isinstance(node.op, ast.Pow):
            left = self.of(node.left, _ATOM, in_brackets=in_brackets)
            right = self.of(node.right, _SIGN, in_brackets=in_brackets)
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
        is_own = _group_of(node) != _group_of(around) or _tightness(node) < least
        return group(document) if is_own and _group_of(node) < _ATOM else document


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
    return render(group(_Layout().of(node, _TEST, in_brackets=True)), 0, 1 << 30)


def value_lines(before: str, node: ast.expr, after: str, indent: int) -> str:
    """`before`, an expression, and `after`: a statement that has one expression at its end."""
    layout = _Layout()
    prefix = " " * indent + before
    line = prefix + flat(node) + after
    if len(line) <= WIDTH:
        return line
    if _tightness(node) == _ATOM and isinstance(node, (ast.Name, ast.Constant, ast.JoinedStr)):
        fits = indent + INDENT + len(flat(node)) <= WIDTH
        if not fits or not before.rstrip().endswith("="):
            return line
    elif isinstance(node, (ast.List, ast.Tuple, ast.Dict, ast.ListComp)) or _can_do_without(node):
        text = _rendered(prefix, layout.of(node, _TEST, in_brackets=False), after, indent)
        if len(text.partition("\n")[0]) <= WIDTH:
            return text
    document = _in_parentheses(layout.of(node, _TEST, in_brackets=True))
    return _rendered(prefix, document, after, indent)


def keyword_lines(node: ast.keyword, indent: int) -> str:
    """`name=value,` on lines of its own."""
    return _rendered(" " * indent, _Layout().keyword(node), ",", indent)


def _rendered(prefix: str, document: Document, after: str, indent: int) -> str:
    text = render((prefix[indent:], document, after), indent, WIDTH)
    return " " * indent + text


def _can_do_without(node: ast.expr) -> bool:
    """Whether an expression is broken in its own brackets rather than in new ones around it."""
    counts = _operators(node)
    if not _has_brackets(node) or _TEST in counts:
        return False
    if not counts:
        return True
    return counts.count(min(counts)) == 1 and (_ends_in_brackets(node) or _begins_in_them(node))


def _operators(node: ast.expr) -> list[int]:
    """The operators outside of brackets, by how tightly they bind."""
    if isinstance(node, (ast.Call, ast.Attribute, ast.Subscript)):
        return _operators(node.func if isinstance(node, ast.Call) else node.value)
    if isinstance(node, ast.UnaryOp):
        return [*([_NOT] if isinstance(node.op, ast.Not) else []), *_operators(node.operand)]
    if isinstance(node, ast.IfExp):
        parts = [node.body, node.test, node.orelse]
        return [_TEST, *(each for part in parts for each in _inner(part, _OR))]
    if isinstance(node, ast.BoolOp):
        own = [_OR] * (len(node.values) - 1)
        return own + [e for part in node.values for e in _inner(part, _tightness(node) + 1)]
    if isinstance(node, ast.Compare):
        own = [_COMPARE] * len(node.ops)
        parts = [node.left, *node.comparators]
        return own + [each for part in parts for each in _inner(part, _SUM)]
    if isinstance(node, ast.BinOp):
        own_tightness = _tightness(node)
        if isinstance(node.op, ast.Pow):
            return [_POWER, *_inner(node.left, _ATOM), *_inner(node.right, _SIGN)]
        left = _inner(node.left, own_tightness)
        return [own_tightness, *left, *_inner(node.right, own_tightness + 1)]
    return []


def _inner(node: ast.expr, least: int) -> list[int]:
    return [] if _tightness(node) < least else _operators(node)


def _has_brackets(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        return bool(node.args or node.keywords) or _has_brackets(node.func)
    if isinstance(node, (ast.Subscript, ast.List, ast.Tuple, ast.Dict, *_COMPREHENSIONS)):
        return True
    return any(
        _has_brackets(each) for each in ast.iter_child_nodes(node) if isinstance(each, ast.expr)
    )


def _is_bracketed(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        return bool(node.args or node.keywords)
    if isinstance(node, (ast.List, ast.Tuple)):
        return bool(node.elts)
    return isinstance(node, (ast.Dict, *_COMPREHENSIONS))


def _ends_in_brackets(node: ast.expr) -> bool:
    least = _tightness(node)
    if isinstance(node, ast.UnaryOp):
        last, least = node.operand, least - 1
    elif isinstance(node, ast.BinOp):
        last = node.right
        least = _SIGN - 1 if isinstance(node.op, ast.Pow) else least
    elif isinstance(node, ast.BoolOp):
        last = node.values[-1]
    elif isinstance(node, ast.Compare):
        last = node.comparators[-1]
    else:
        return _is_bracketed(node)
    return _tightness(last) <= least or _ends_in_brackets(last)


def _begins_in_them(node: ast.expr) -> bool:
    least = _tightness(node) - 1
    if isinstance(node, ast.BinOp):
        first = node.left
        least = _POWER if isinstance(node.op, ast.Pow) else least
    elif isinstance(node, ast.BoolOp):
        first, least = node.values[0], least + 1
    elif isinstance(node, ast.Compare):
        first, least = node.left, least + 1
    else:
        return isinstance(node, (ast.List, ast.Tuple, ast.Dict)) and _is_bracketed(node)
    return _tightness(first) <= least or _begins_in_them(first)
