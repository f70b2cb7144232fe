"""What statements have in common: one tree with holes where they differ."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from graphc.declare.arg import MISSING, Argument
from graphc.declare.op import OPS
from graphc.interop.keras_json import build
from graphc.interop.keras_json.build import BlockCall, LayerName
from graphc.interop.keras_json.finish import class_of
from graphc.interop.keras_json.known_names import is_known
from graphc.interop.keras_json.spelling import spell
from graphc.record import replace
from graphc.syntax import nodes


class NoMatch(Exception):
    """The trees differ in more than values."""


class Hole(nodes.Expression):
    """What takes the place of values that differ; `hint` is a name for them.

    `is_number` tells those that count in the names of layers.
    """

    values: tuple[nodes.Expression | None, ...]
    hint: str
    is_number: bool = False


SIZE = "extent"
"""A name for a number in a list, where no argument that is that number gives a better one."""

_TRAINED = build.literal(True)

_TOKEN = re.compile(r"\d+|[A-Za-z]+|[^A-Za-z\d]+")


def unify(trees: Sequence[Any], hint: str = "", *, is_value: bool = False) -> Any:
    """The one tree for several. Raises `NoMatch`.

    `is_value` says that whole expressions may be a hole: they hold no tensors.
    """
    first = trees[0]
    if all(tree == first for tree in trees[1:]):
        return first
    if isinstance(first, tuple):
        if any(not isinstance(tree, tuple) or len(tree) != len(first) for tree in trees):
            raise NoMatch
        return tuple(unify(each, hint, is_value=is_value) for each in zip(*trees, strict=True))
    if not isinstance(first, nodes.Node) or isinstance(first, nodes.Input):
        raise NoMatch
    if isinstance(first, nodes.Named):
        return _named(trees)
    if is_value and not _are_alike(trees):
        return Hole(build.SPAN, tuple(map(_static, trees)), hint)
    if any(type(tree) is not type(first) for tree in trees):
        raise NoMatch
    if isinstance(first, nodes.For):
        return _loop(trees)
    if isinstance(first, nodes.Call):
        return _call(trees)
    if isinstance(first, nodes.ListDisplay) and is_value:
        return _listed(trees, hint)
    if isinstance(first, nodes.Literal):
        return Hole(build.SPAN, tuple(trees), hint)
    if isinstance(first, (nodes.Name, nodes.Target)):
        raise NoMatch
    return _fields(trees, hint, is_value=is_value)


def _are_alike(trees: Sequence[Any]) -> bool:
    """Whether values have the same form, so that holes go deeper."""
    first = trees[0]
    if isinstance(first, nodes.ListDisplay):
        return all(
            isinstance(tree, nodes.ListDisplay) and len(tree.items) == len(first.items)
            for tree in trees
        )
    return isinstance(first, nodes.Call) and all(
        isinstance(tree, nodes.Call) and tree.function == first.function for tree in trees
    )


def _listed(trees: Sequence[nodes.ListDisplay], hint: str) -> nodes.Expression:
    """A list with one value that differs, or else a hole for all of it."""
    items = [
        unify(each, SIZE, is_value=True) for each in zip(*(t.items for t in trees), strict=True)
    ]
    if sum(item not in trees[0].items for item in items) == 1:
        return build.listed(items)
    return Hole(build.SPAN, tuple(map(_static, trees)), hint)


def _static(tree: nodes.Expression) -> nodes.Expression:
    """A value that can stand outside of the argument it was written for."""
    if isinstance(tree, nodes.Name):
        if not is_known(tree.id):
            raise NoMatch
        return build.literal(tree.id)
    if isinstance(tree, nodes.ListDisplay):
        return build.listed(map(_static, tree.items))
    if isinstance(tree, nodes.Call):
        cls = class_of(tree)
        if cls is None or cls.family == "layer":
            raise NoMatch
    elif not isinstance(tree, (nodes.Literal, nodes.Binary)):
        raise NoMatch
    return tree


def _fields(trees: Sequence[Any], hint: str, *, is_value: bool) -> Any:
    cls = type(trees[0])
    values = {}
    for field in cls.__fields__:
        each = [getattr(tree, field) for tree in trees]
        is_plain = not isinstance(each[0], (nodes.Node, tuple))
        if is_plain and any(value != each[0] for value in each):
            raise NoMatch
        values[field] = each[0] if is_plain else unify(each, hint, is_value=is_value)
    return cls(**values)


def _loop(trees: Sequence[nodes.For]) -> nodes.For:
    first = trees[0]
    if any(tree.targets != first.targets for tree in trees):
        raise NoMatch
    iterables = [tree.iterable for tree in trees]
    if all(_is_range(each) for each in iterables) and len({_length(i) for i in iterables}) == 1:
        iterable: Any = _call_by_place(iterables)
    else:
        iterable = unify(iterables, "rows", is_value=True)
        if _holds_hole_in_list(iterable):
            iterable = Hole(build.SPAN, tuple(iterables), "rows")
    body = unify([tree.body for tree in trees])
    return nodes.For(build.SPAN, first.targets, iterable, body)


def _holds_hole_in_list(iterable: Any) -> bool:
    return isinstance(iterable, nodes.ListDisplay)


def _is_range(node: Any) -> bool:
    return (
        isinstance(node, nodes.Call)
        and isinstance(node.function, nodes.Name)
        and node.function.id == "range"
    )


def _length(node: Any) -> int:
    return len(node.arguments)


def _call_by_place(trees: Sequence[Any]) -> nodes.Call:
    if len({_length(tree) for tree in trees}) != 1:
        raise NoMatch
    arguments = zip(*(tree.arguments for tree in trees), strict=True)
    hints = ("end",) if len(trees[0].arguments) == 1 else ("start", "end", "step")
    unified = []
    for places, hint in zip(arguments, hints, strict=False):
        value = unify([each.value for each in places], hint, is_value=True)
        if isinstance(value, Hole):  # a loop counts what names count
            value = Hole(build.SPAN, value.values, hint, is_number=True)
        unified.append(build.argument(value))
    return build.call("range", unified)


# Calls


def _call(trees: Sequence[nodes.Call]) -> nodes.Call:
    first = trees[0]
    if any(tree.function != first.function for tree in trees):
        raise NoMatch
    if _is_range(first):
        return _call_by_place(trees)
    if isinstance(first, BlockCall):
        return _block_call(trees)
    cls = class_of(first)
    declared: dict[str, Argument] = {}
    if cls is not None:
        declared = cls.arguments
    elif isinstance(first.function, nodes.Name):
        op = OPS.get(first.function.id)
        declared = {} if op is None else op.arguments
    places = {sum(each.name is None for each in tree.arguments) for tree in trees}
    if len(places) != 1:
        raise NoMatch
    (count,) = places
    by_place = [
        build.argument(unify([tree.arguments[i].value for tree in trees], "value", is_value=False))
        for i in range(count)
    ]
    named = [{a.name: a.value for a in tree.arguments if a.name is not None} for tree in trees]
    order = [n for n in declared if any(n in given for given in named)]
    order += list(dict.fromkeys(n for given in named for n in given if n not in order))
    by_name = []
    for name in order:
        said = [given[name] for given in named if name in given]
        if name == "trainable" and len(said) < len(named) and _TRAINED in said:
            raise NoMatch  # in a frozen model, a layer that does not say so is not trained
        values = [given[name] if name in given else _default(declared.get(name)) for given in named]
        unified = unify(values, name, is_value=cls is not None)
        by_name.append(build.argument(unified, name))
    return nodes.Call(build.SPAN, first.function, (*by_place, *by_name))


def _block_call(trees: Sequence[Any]) -> BlockCall:
    """The use of a block, all arguments of which are there by name."""
    first: BlockCall = trees[0]
    arguments = []
    for places in zip(*(tree.arguments for tree in trees), strict=True):
        name, values = places[0].name, [each.value for each in places]
        if all(value == values[0] for value in values):
            unified = values[0]
        elif name in first.labels:
            unified = _text(values, name)
        else:
            unified = unify(values, name, is_value=True)
            if name in first.counts and isinstance(unified, Hole):
                unified = replace(unified, is_number=True)
        arguments.append(build.argument(unified, name))
    return replace(first, arguments=tuple(arguments))


def _default(argument: Argument | None) -> nodes.Expression:
    if argument is None or argument.default is MISSING:
        raise NoMatch
    value = argument.default
    return build.name(value) if isinstance(value, str) and is_known(value) else spell(value)


# Names


def _named(trees: Sequence[Any]) -> nodes.Named:
    if any(not isinstance(tree, nodes.Named) for tree in trees):
        raise NoMatch
    value = unify([tree.value for tree in trees])
    labels = [tree.name for tree in trees]
    if all(isinstance(each, LayerName) and each.is_automatic for each in labels):
        return nodes.Named(build.SPAN, value, labels[0])
    return nodes.Named(build.SPAN, value, _text(labels))


def _text(labels: Sequence[Any], hint: str = "name") -> Any:
    """The f-string for names that differ in numbers or words; else a hole."""
    tokens = [_tokens(label) for label in labels]
    first = tokens[0]
    if any(len(each) != len(first) for each in tokens):
        if any(not isinstance(label, LayerName) for label in labels):
            raise NoMatch
        whole = tuple(build.literal(label.value) for label in labels)
        return nodes.FString(build.SPAN, (Hole(build.SPAN, whole, hint),))
    parts: list[str | nodes.Expression] = []
    word = ""
    for place in zip(*tokens, strict=True):
        part = _token(place, word)
        if isinstance(part, str):
            word = part if part.isalpha() else word
            if parts and isinstance(parts[-1], str):
                parts[-1] += part
                continue
        parts.append(part)
    return nodes.FString(build.SPAN, tuple(parts))


def _tokens(label: Any) -> list[str | nodes.Expression]:
    parts = label.parts if isinstance(label, nodes.FString) else (str(label.value),)
    return [
        token
        for part in parts
        for token in (_TOKEN.findall(part) if isinstance(part, str) else [part])
    ]


def _token(place: tuple[Any, ...], word: str) -> str | nodes.Expression:
    first = place[0]
    if all(type(each) is type(first) and each == first for each in place):
        result: str | nodes.Expression = first
        return result
    if any(not isinstance(each, str) for each in place):
        raise NoMatch
    if all(each.isdecimal() and str(int(each)) == each for each in place):
        values = tuple(build.literal(int(each)) for each in place)
        return Hole(build.SPAN, values, word.lower(), is_number=True)
    is_letter = all(len(each) == 1 and each.isalpha() for each in place)
    return Hole(build.SPAN, tuple(map(build.literal, place)), "letter" if is_letter else "part")
