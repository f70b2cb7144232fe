"""The text of kernels, for programs that do without graphc.

A kernel stands in a program as it does in graphc, with the functions and constants it uses, but
for type annotations and decorators, and in lines as long as ruff would have them.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from types import FunctionType, ModuleType
from typing import Any

from graphc.emit.keras.layout import WIDTH, flat, value_lines
from graphc.emit.keras.statements import head_lines
from graphc.record import Record, replace

_OWN = __name__.partition(".")[0]
_WIDENED = "widened"
"""What small floats go through, which is nothing where a program has none."""


class Piece(Record):
    """A definition at the top of a program, and what it reads."""

    name: str
    text: str
    reads: tuple[Any, ...]
    """Other definitions of graphc's: (module, name)."""
    imports: frozenset[str]
    """Lines that import the rest."""


class Library:
    """The definitions that a program needs, each after those that it reads."""

    def __init__(self, *, has_small_floats: bool) -> None:
        self.has_small_floats = has_small_floats
        self.pieces: dict[tuple[str, str], Piece] = {}
        self.names: dict[str, tuple[str, str]] = {}
        self.calls: dict[tuple[str, str], list[ast.Call]] = {}

    def need(self, function: FunctionType) -> str:
        """Have a kernel in the program; its name there."""
        self._add(function.__module__, function.__name__)
        return function.__name__

    def _add(self, module: str, name: str) -> None:
        place = (module, name)
        if place in self.pieces:
            return
        found = _piece(module, name, self.has_small_floats)
        other = self.names.setdefault(name, place)
        assert other == place, f"two definitions of {name}"
        for each in found.reads:
            self._add(*each)
        self.pieces[place] = found

    def called(self, function: FunctionType, call: ast.Call) -> None:
        """Remember a call, whose usual arguments `settle` may leave out."""
        self.calls.setdefault((function.__module__, function.__name__), []).append(call)

    def settle(self) -> None:
        """Make the arguments that change nothing defaults of their functions, where they are last."""
        for place, calls in self.calls.items():
            piece = self.pieces[place]
            node = ast.parse(piece.text).body[0]
            assert isinstance(node, ast.FunctionDef)
            usual = _usual(node, calls)
            if not usual:
                continue
            before = head_lines(node, 0)
            node.args.defaults = list(usual.values())
            for call in calls:
                call.keywords = [
                    each
                    for each in call.keywords
                    if each.arg not in usual or flat(each.value) != flat(usual[each.arg])
                ]
            assert piece.text.startswith(before)
            text = head_lines(node, 0) + piece.text.removeprefix(before)
            self.pieces[place] = replace(piece, text=text)

    @property
    def imports(self) -> set[str]:
        """What the definitions import."""
        return {line for piece in self.pieces.values() for line in piece.imports}

    @property
    def texts(self) -> list[str]:
        """The definitions, in an order in which each is there when it is needed."""
        return [piece.text for piece in self.pieces.values()]


def _usual(node: ast.FunctionDef, calls: Sequence[ast.Call]) -> dict[str, ast.expr]:
    """The arguments at the end that have defaults, or that change nothing in most calls."""
    if node.args.vararg is not None or node.args.kwonlyargs:
        return {}
    given = [{each.arg: each.value for each in call.keywords} for call in calls]
    found: dict[str, ast.expr] = {}
    own = dict(
        zip(
            [each.arg for each in reversed(node.args.args)],
            reversed(node.args.defaults),
            strict=False,
        )
    )
    for argument in reversed(node.args.args):
        if argument.arg in own:  # other kernels rely on it
            found[argument.arg] = own[argument.arg]
            continue
        values = [each[argument.arg] for each in given if argument.arg in each]
        neutral = [value for value in values if _is_neutral(value)]
        if not neutral:
            break
        (common, _), *_ = Counter(map(flat, neutral)).most_common(1)
        found[argument.arg] = next(value for value in neutral if flat(value) == common)
    return dict(reversed(found.items()))


def _is_neutral(value: ast.expr) -> bool:
    """Whether an argument is all zeros or all ones."""
    numbers = {each.value for each in ast.walk(value) if isinstance(each, ast.Constant)}
    is_number = all(
        isinstance(each, (ast.Constant, ast.Tuple)) for each in ast.iter_child_nodes(value)
    )
    names = any(isinstance(each, ast.Name) for each in ast.walk(value))
    return is_number and not names and numbers in ({0}, {1})


@cache
def _piece(module_name: str, name: str, has_small_floats: bool) -> Piece:
    module = sys.modules[module_name]
    source = inspect.getsource(module)
    if not has_small_floats:
        source = _without_calls(source, _WIDENED)
    text = _text(_definition(ast.parse(source), name), source.splitlines())
    reads, imports = [], set()
    for each in dict.fromkeys(_loaded(ast.parse(text))):
        if each == name or each not in vars(module):
            continue
        home, line = _home(module, each)
        if line is None:
            reads.append((home, each))
        else:
            imports.add(line)
    return Piece(name, text, tuple(reads), frozenset(imports))


def _definition(tree: ast.Module, name: str) -> ast.stmt:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return node
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign):
            targets = [node.target]
        if any(isinstance(each, ast.Name) and each.id == name for each in targets):
            return node
    raise KeyError(name)


def _home(module: ModuleType, name: str) -> tuple[str, str | None]:
    """The module of graphc's that defines a name, or the line that imports it from elsewhere."""
    value = vars(module)[name]
    if isinstance(value, ModuleType):
        alias = "" if value.__name__ == name else f" as {name}"
        return "", f"import {value.__name__}{alias}"
    home = getattr(value, "__module__", None) or ""
    if isinstance(value, FunctionType) and home.partition(".")[0] == _OWN:
        return home, None
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, ast.ImportFrom) and any(alias.name == name for alias in node.names):
            if (node.module or "").partition(".")[0] == _OWN:
                return _home(sys.modules[node.module or ""], name)
            return "", f"from {node.module} import {name}"
    return module.__name__, None


def _loaded(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id


# Text


def _text(node: ast.stmt, lines: list[str]) -> str:
    """A definition without annotations and decorators."""
    if not isinstance(node, ast.FunctionDef):
        return "\n".join(_plain_lines(node, lines))
    return "\n".join(_function_lines(node, lines))


def _function_lines(node: ast.FunctionDef, lines: list[str]) -> Iterator[str]:
    arguments = node.args
    if arguments.vararg is None and not any(arguments.kw_defaults):
        yield head_lines(node, node.col_offset)
    else:
        yield " " * node.col_offset + f"def {node.name}({_bare(arguments)}):"
    yield from _body_lines(node.body, lines, node.body[0].lineno)


def _bare(arguments: ast.arguments) -> str:
    bare = ast.parse(f"def f({ast.unparse(arguments)}): pass").body[0]
    assert isinstance(bare, ast.FunctionDef)
    for each in ast.walk(bare.args):
        if isinstance(each, ast.arg):
            each.annotation = None
    return ast.unparse(bare.args)


def _body_lines(body: list[ast.stmt], lines: list[str], first: int) -> Iterator[str]:
    """The lines of statements, with the comments and empty lines between them."""
    at = first
    for node in body:
        decorators = getattr(node, "decorator_list", [])
        start = min([node.lineno, *(each.lineno for each in decorators)])
        yield from lines[at - 1 : start - 1]
        yield from _statement_lines(node, lines)
        at = (node.end_lineno or node.lineno) + 1


def _statement_lines(node: ast.stmt, lines: list[str]) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef):
        yield from _function_lines(node, lines)
        return
    inner = _blocks(node)
    if not inner:
        yield from _plain_lines(node, lines)
        return
    at = node.lineno
    for body in inner:
        head = lines[at - 1 : body[0].lineno - 1]
        yield from _fitting_head(node, head) if at == node.lineno else head
        yield from _body_lines(body, lines, body[0].lineno)
        at = (body[-1].end_lineno or 0) + 1


def _blocks(node: ast.stmt) -> list[list[ast.stmt]]:
    handlers = [each.body for each in getattr(node, "handlers", [])]
    parts = [getattr(node, "body", []), *handlers, getattr(node, "orelse", [])]
    return [part for part in parts if part]


def _fitting_head(node: ast.stmt, head: list[str]) -> list[str]:
    if isinstance(node, ast.For) and any(len(line) > WIDTH for line in head):
        target = flat(node.target)
        target = target[1:-1] if isinstance(node.target, ast.Tuple) else target
        return [value_lines(f"for {target} in ", node.iter, ":", node.col_offset)]
    return head


def _plain_lines(node: ast.stmt, lines: list[str]) -> list[str]:
    """A simple statement: as it stands, or laid out anew where that is other without its type."""
    own = lines[node.lineno - 1 : node.end_lineno]
    if isinstance(node, ast.AnnAssign):
        head = flat_target(node.target)
        typed = re.escape(head) + r": .*? = "
        own = [re.sub(typed, f"{head} = ", own[0], count=1), *own[1:]]
    is_kept = len(own) == 1 and len(own[0]) <= WIDTH
    if is_kept or any("#" in line for line in own[:-1]) or own[-1].endswith("# fmt: skip"):
        return own
    before = _beginning(node)
    value = getattr(node, "value", None)
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return own  # a docstring may be as wide as it is
    if before is None or not isinstance(value, ast.expr):
        return own
    remark = re.search(r"  # .*$", own[-1])
    text = value_lines(before, value, "", node.col_offset)
    if remark is None:
        return [text]
    return [" " * node.col_offset + remark[0].strip(), text]


def _beginning(node: ast.stmt) -> str | None:
    if isinstance(node, ast.Return):
        return "return "
    if isinstance(node, ast.AnnAssign):
        return f"{flat_target(node.target)} = "
    if isinstance(node, ast.Assign):
        return f"{flat_target(node.targets[0])} = "
    return "" if isinstance(node, ast.Expr) else None


def flat_target(node: ast.expr) -> str:
    """What is assigned to."""
    return flat(node)[1:-1] if isinstance(node, ast.Tuple) else flat(node)


def _without_calls(text: str, name: str) -> str:
    """A text with `name(x)` as x."""
    lines = text.split("\n")
    found = [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
    ]
    cuts: list[tuple[int, int, int]] = []
    for node in found:
        (argument,) = node.args
        cuts.append((node.lineno, node.col_offset, argument.col_offset))
        ends = (node.end_lineno, argument.end_col_offset, node.end_col_offset)
        cuts.append((ends[0] or 0, ends[1] or 0, ends[2] or 0))
    for line, start, end in sorted(cuts, reverse=True):
        row = lines[line - 1].encode()
        lines[line - 1] = (row[:start] + row[end:]).decode()
    return "\n".join(lines)


def raw_kernel(run: Any) -> tuple[FunctionType, bool] | None:
    """The function behind a kernel, and whether its result is yet to be cast to its operands'.

    None for what is a NumPy function wrapped.
    """
    if not isinstance(run, FunctionType):
        return None
    inner: Mapping[str, Any] = inspect.getclosurevars(run).nonlocals
    function = inner.get("function", run if not inner else None)
    return (function, function is not run) if isinstance(function, FunctionType) else None
