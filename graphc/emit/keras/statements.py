"""Statements of Python as text, and the module around them."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator, Sequence

from graphc.emit.keras.layout import INDENT, WIDTH, flat, keyword_lines, value_lines
from graphc.emit.keras.spelling import comment
from graphc.emit.keras.tree import Aside, Comment, CommentedCall, CommentedReturn, Doc


def body_lines(body: Sequence[ast.stmt], indent: int) -> Iterator[str]:
    """The lines of a body; comments that are too wide for it are filled anew."""
    waiting: list[str] = []
    aside, is_blank = "", True
    for each in body:
        if isinstance(each, Aside):
            aside = comment(each.text)
            continue
        if isinstance(each, Comment) and each.text:
            waiting.append(comment(each.text))
            continue
        lines = [] if isinstance(each, Comment) else "\n".join(_statement(each, indent)).split("\n")
        if aside and len(lines) == 1 and len(lines[0]) + 2 + len(aside) <= WIDTH:
            lines = [f"{lines[0]}  {aside}"]
        elif aside:
            waiting.append(aside)
        aside = ""
        yield from _comments(waiting, indent)
        if isinstance(each, Comment):
            if waiting or not is_blank:
                yield ""
            is_blank = True
        else:
            yield from lines
            is_blank = isinstance(each, Doc)
        waiting = []
    yield from _comments(waiting, indent)


def _commented_return(node: CommentedReturn, indent: int) -> Iterator[str]:
    """A list with comments, which keep it on lines of its own."""
    called = node.value
    assert isinstance(called, ast.Call)
    listed, outer, inner = called.args[0], indent + INDENT, indent + 2 * INDENT
    assert isinstance(listed, ast.List)
    use = "return" if node.name is None else f"{node.name} ="
    yield f"{' ' * indent}{use} {flat(called.func)}("
    yield " " * outer + "["
    for item, remarks in zip(listed.elts, node.remarks, strict=False):
        yield from _with_remarks(value_lines("", item, ",", inner), remarks, inner)
    yield from _comments([comment(each.text) for each in node.remarks[-1]], inner)
    yield " " * outer + "],"
    for keyword in called.keywords:
        yield f"{' ' * outer}{keyword.arg}={flat(keyword.value)},"
    yield " " * indent + ")"


def _commented_call(node: CommentedCall, indent: int) -> Iterator[str]:
    """A call with comments, which keep each argument on lines of its own."""
    inner = indent + INDENT
    yield f"{' ' * indent}{'return ' if node.is_returned else ''}{flat(node.value.func)}("
    for argument in node.value.args:
        yield value_lines("", argument, ",", inner)
    for keyword in node.value.keywords:
        remarks = node.remarks.get(keyword.arg or "", [])
        yield from _with_remarks(keyword_lines(keyword, inner), remarks, inner)
    yield from _comments([comment(each.text) for each in node.last], inner)
    yield " " * indent + ")"


def _with_remarks(text: str, remarks: Sequence[Comment], indent: int) -> Iterator[str]:
    """An item between brackets, below its comments; an `Aside` is on its line if it has room."""
    above = [comment(each.text) for each in remarks if not isinstance(each, Aside)]
    for each in remarks:
        if isinstance(each, Aside):
            aside = comment(each.text)
            if "\n" not in text and len(text) + 2 + len(aside) <= WIDTH:
                text = f"{text}  {aside}"
            else:
                above.append(aside)
    yield from _comments(above, indent)
    yield text


def _comments(lines: list[str], indent: int) -> list[str]:
    return [" " * indent + line for line in filled(lines, WIDTH - indent, "# ")]


def filled(lines: Sequence[str], width: int, prefix: str = "") -> list[str]:
    """Lines as they are, or filled anew where one is too wide."""
    if all(len(line) <= width for line in lines):
        return list(lines)
    text = " ".join(line.removeprefix("#").strip() for line in lines)
    return textwrap.wrap(
        text, width, initial_indent=prefix, subsequent_indent=prefix,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def _statement(node: ast.stmt, indent: int) -> Iterator[str]:
    space = " " * indent
    if isinstance(node, Comment):
        yield space + comment(node.text)
    elif isinstance(node, CommentedReturn):
        yield from _commented_return(node, indent)
    elif isinstance(node, CommentedCall):
        yield from _commented_call(node, indent)
    elif isinstance(node, Doc):
        yield docstring(node.lines, space)
    elif isinstance(node, ast.Assign):
        (target,) = node.targets
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            yield _bare_tuple(f"{_target(target)} = ", node.value, indent)
            return
        yield value_lines(f"{_target(target)} = ", node.value, "", indent)
    elif isinstance(node, ast.AugAssign):
        yield value_lines(f"{flat(node.target)} += ", node.value, "", indent)
    elif isinstance(node, ast.Return):
        if isinstance(node.value, ast.Tuple):
            yield _bare_tuple("return ", node.value, indent)
        else:
            assert node.value is not None
            yield value_lines("return ", node.value, "", indent)
    elif isinstance(node, ast.Expr):
        yield value_lines("", node.value, "", indent)
    elif isinstance(node, ast.For):
        yield value_lines(f"for {_target(node.target)} in ", node.iter, ":", indent)
        yield from body_lines(node.body, indent + INDENT)
    elif isinstance(node, ast.If):
        yield from _if(node, "if", indent)
    elif isinstance(node, ast.FunctionDef):
        yield from _function(node, indent)
    elif isinstance(node, ast.Delete):
        line = f"{space}del {', '.join(map(flat, node.targets))}"
        fits = len(line) <= WIDTH
        yield line if fits else value_lines("del ", ast.Tuple(node.targets), "", indent)
    elif isinstance(node, ast.Pass):
        yield f"{space}pass"
    else:
        raise TypeError(type(node).__name__)


def docstring(lines: Sequence[str], space: str = "") -> str:
    """A docstring of one line or several, which are spelled already."""
    width = WIDTH - len(space)
    if len(lines) > 1 or len(lines[0]) > width - 6:
        first = filled([f'"""{lines[0]}', *lines[1:]], width)
        if len(first) == 1:
            first = filled([lines[0]], width - 6)
            first[0] = f'"""{first[0]}'
        if len(first) == 1:  # one word, which stays on its line whatever its length
            closing = ' """' if first[0].endswith('"') else '"""'
            return f"{space}{first[0]}{closing}"
        return "\n".join(f"{space}{line}".rstrip() for line in [*first, '"""'])
    closing = ' """' if lines[0].endswith('"') else '"""'
    return f'{space}"""{lines[0]}{closing}'


def _bare_tuple(before: str, node: ast.Tuple, indent: int) -> str:
    text = " " * indent + before + flat(node)[1:-1]
    if len(node.elts) > 1 and len(text) <= WIDTH:
        return text
    return value_lines(before, node, "", indent)


def _target(node: ast.expr) -> str:
    return flat(node)[1:-1] if isinstance(node, ast.Tuple) else flat(node)


def _if(node: ast.If, word: str, indent: int) -> Iterator[str]:
    yield value_lines(f"{word} ", node.test, ":", indent)
    yield from body_lines(node.body, indent + INDENT)
    if not node.orelse:
        return
    if len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
        yield from _if(node.orelse[0], "elif", indent)
        return
    yield f"{' ' * indent}else:"
    yield from body_lines(node.orelse, indent + INDENT)


def _function(node: ast.FunctionDef, indent: int) -> Iterator[str]:
    yield head_lines(node, indent)
    yield from body_lines(node.body, indent + INDENT)


def head_lines(node: ast.FunctionDef, indent: int) -> str:
    """`def name(parameters):`."""
    arguments = node.args
    items: list[str] = []
    defaults = [None] * (len(arguments.args) - len(arguments.defaults)) + list(arguments.defaults)
    for each, default in zip(arguments.args, defaults, strict=True):
        items.append(each.arg if default is None else f"{each.arg}={flat(default)}")
    if arguments.kwonlyargs:
        items.append("*")
        items += [each.arg for each in arguments.kwonlyargs]
    if arguments.kwarg:
        items.append(f"**{arguments.kwarg.arg}")
    space = " " * indent
    line = f"{space}def {node.name}({', '.join(items)}):"
    if len(line) <= WIDTH:
        return line
    inner = " " * (indent + INDENT)
    joined = inner + ", ".join(items)
    if len(joined) <= WIDTH:
        return f"{space}def {node.name}(\n{joined}\n{space}):"
    # ruff puts no comma behind `**kwargs` but after all else.
    lines = "".join(f"{inner}{each},\n" for each in items)
    return f"{space}def {node.name}(\n{lines}{space}):"
