"""Layer names given as arguments, written with `as` instead."""

from __future__ import annotations

from collections.abc import Iterator

from graphc.syntax import nodes
from graphc.syntax.compare import name_argument
from graphc.syntax.tokens import HARD_WORDS, SOFT_WORDS

_KEYWORDS = {word.lower() for word in HARD_WORDS | SOFT_WORDS} | {"True", "False", "None"}


def names_to_as(text: str, tree: nodes.File) -> str:
    """The text with `name="…"` in layers' calls written as `as …`."""
    edits: list[tuple[int, int, str]] = []
    for call in _layer_calls(tree):
        argument = name_argument(call)
        if argument is not None:
            edits += _edits(text, call, argument)
    pieces: list[str] = []
    position = 0
    for start, end, replacement in sorted(edits):
        pieces += [text[position:start], replacement]
        position = end
    return "".join([*pieces, text[position:]])


def _layer_calls(tree: nodes.File) -> Iterator[nodes.Call]:
    """Yield the calls that stand where a layer is applied, bound or listed."""
    taken = {
        item.name
        for item in tree.items
        if isinstance(item, nodes.Definition) and any(p.name == "name" for p in item.parameters)
    }
    waiting: list[tuple[object, bool]] = [(item, False) for item in tree.items]
    while waiting:
        node, is_sequential = waiting.pop()
        if isinstance(node, tuple):
            waiting += [(item, is_sequential) for item in node]
        if not isinstance(node, nodes.Node):
            continue
        if isinstance(node, nodes.Definition):
            is_sequential = node.kind == "sequential"
        waiting += [(getattr(node, f), is_sequential) for f in type(node).__fields__[1:]]
        candidates: tuple[nodes.Expression, ...] = ()
        if isinstance(node, nodes.Pipe):
            candidates = node.stages
        elif isinstance(node, nodes.Assign) or (isinstance(node, nodes.Evaluate) and is_sequential):
            candidates = (node.value,)
        for call in candidates:
            # A block of this file with a parameter `name` means something else by it.
            if isinstance(call, nodes.Call) and not (
                isinstance(call.function, nodes.Name) and call.function.id in taken
            ):
                yield call


def _edits(text: str, call: nodes.Call, argument: nodes.Argument) -> Iterator[tuple[int, int, str]]:
    """Yield what deletes an argument with a comma, and puts its value behind the call."""
    index = call.arguments.index(argument)
    start, end = argument.span.start, argument.span.end
    comma = _next_sign(text, end)
    if text[comma] != "," and index > 0:
        comma = _next_sign(text, call.arguments[index - 1].span.end)
    if text[comma] == ",":
        yield comma, comma + 1, ""
    yield start, end, ""
    yield call.span.end, call.span.end, f" as {_name(argument.value)}"


def _next_sign(text: str, position: int) -> int:
    """Where the next token begins."""
    while text[position].isspace() or text[position] == "#":
        if text[position] == "#":
            while text[position] not in "\r\n":
                position += 1
        position += 1
    return position


def _name(value: nodes.Expression) -> str:
    if isinstance(value, nodes.Literal) and isinstance(value.value, str):
        name = value.value
        if name.isidentifier() and name.isascii() and name not in _KEYWORDS:
            return name
    return value.span.text
