"""What differs in what goes into a model and comes out of it, and in how it is trained."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphc.analysis.build_diagram import OPTIONAL
from graphc.analysis.details import full_text
from graphc.analysis.diagram import Node, Result
from graphc.analysis.diff_context import paired_results
from graphc.analysis.diff_delta import Delta
from graphc.analysis.diff_match import Matching
from graphc.analysis.diff_outline import Outline
from graphc.declare.definition import Definition, default_value
from graphc.declare.values import value_text

_NONE = "none"
_USUAL = "one by one"


def interface(matching: Matching) -> Iterator[Delta]:
    """Inputs and outputs: those that are new or gone, their order, names, types and form.

    Before them, whether the model is frozen as a whole.
    """
    diagrams = matching.before.diagram, matching.after.diagram
    mine, theirs = (str(diagram.is_trainable) for diagram in diagrams)
    if mine != theirs:
        yield Delta("trainable", mine, theirs)
    yield from _inputs(matching)
    yield from _form("inputs", diagrams[0].input_form, diagrams[1].input_form)
    yield from _outputs(matching)
    yield from _form("outputs", diagrams[0].output_form, diagrams[1].output_form)


def _form(what: str, mine: str, theirs: str) -> Iterator[Delta]:
    if mine != theirs:
        yield Delta(f"form of {what}", mine or _USUAL, theirs or _USUAL)


def _inputs(matching: Matching) -> Iterator[Delta]:
    mine, theirs = matching.before.inputs(), matching.after.inputs()
    for node in mine:
        type = _input_type(node)
        other = matching.forward.get(node.id)
        if other is None:
            yield Delta(f"input {node.name}", type, _NONE)
            continue
        found = matching.after.nodes[other]
        other_type = _input_type(found)
        if node.name != found.name:
            yield Delta(f"input {node.name}", node.name, found.name)
        if type != other_type:
            yield Delta(f"input {found.name}", type, other_type)
    for node in theirs:
        if node.id not in matching.backward:
            yield Delta(f"input {node.name}", _NONE, _input_type(node))
    order = [node.name for node in theirs if node.id in matching.backward]
    kept = [matching.after.nodes[b].name for b in (matching.forward.get(n.id) for n in mine) if b]
    if order != kept:
        yield Delta("order of inputs", ", ".join(kept), ", ".join(order))


def _input_type(node: Node) -> str:
    """What an input takes, and whether it may be left out, as the language says it."""
    if not node.outputs:
        return "?"
    return f"{node.outputs[0]} = None" if OPTIONAL in node.config else str(node.outputs[0])


def _outputs(matching: Matching) -> Iterator[Delta]:
    before, after = matching.before, matching.after
    mine, theirs = before.diagram.results, after.diagram.results
    pairs = dict(paired_results(before, after))
    for place, result in enumerate(mine):
        if place not in pairs:
            yield Delta(f"output {result.name}", _type(before, result), _NONE)
            continue
        other = theirs[pairs[place]]
        is_numbered = _is_numbered(before, result) and _is_numbered(after, other)
        if result.name != other.name and not is_numbered:
            yield Delta(f"output {result.name}", result.name, other.name)
        if _type(before, result) != _type(after, other):
            yield Delta(f"output {other.name}", _type(before, result), _type(after, other))
    images = set(pairs.values())
    for place, result in enumerate(theirs):
        if place not in images:
            yield Delta(f"output {result.name}", _NONE, _type(after, result))
    order = list(pairs.values())
    kept = [pairs[place] for place in sorted(pairs)]
    if kept != sorted(order):
        names = [theirs[place].name for place in kept], [theirs[p].name for p in sorted(order)]
        yield Delta("order of outputs", ", ".join(names[0]), ", ".join(names[1]))


def _type(outline: Outline, result: Result) -> str:
    outputs = outline.nodes[result.source].outputs
    return str(outputs[result.output]) if result.output < len(outputs) else "?"


def _is_numbered(outline: Outline, result: Result) -> bool:
    """Whether an output has its name from its layer, and that from its place."""
    name = outline.nodes[result.source].name
    return result.name.startswith(name) and not outline.explicit_name(result.source)


def retargeted(matching: Matching, moved_parts: set[str]) -> Iterator[Delta]:
    """Outputs that come from another layer, which was there before."""
    before, after = matching.before, matching.after
    mine, theirs = before.diagram.results, after.diagram.results
    for place, other_place in paired_results(before, after):
        result, other = mine[place], theirs[other_place]
        image = matching.forward.get(result.source)
        is_new = other.source not in matching.backward
        if image is None or is_new or (image, result.output) == (other.source, other.output):
            continue
        if result.source in moved_parts or matching.backward[other.source] in moved_parts:
            continue
        yield Delta(
            f"output {other.name}", f"from {before.nodes[result.source].name}",
            f"from {after.nodes[other.source].name}",
        )  # fmt: skip


def training(before: Definition | None, after: Definition | None) -> Iterator[Delta]:
    """What differs between two train blocks, of which there may be none."""
    mine = {} if before is None else before.changed_values()
    theirs = {} if after is None else after.changed_values()
    if before is None or after is None:
        if before is not after:
            described = ["none" if each is None else "given" for each in (before, after)]
            yield Delta("train", *described)
        return
    for name in {**mine, **theirs}:
        yield from _argument(f"train {name}", _value(before, name), _value(after, name))


def _argument(what: str, mine: Any, theirs: Any) -> Iterator[Delta]:
    """One argument of two definitions; what it is configured with, where it is of one class."""
    if full_text(mine) == full_text(theirs):
        return
    if isinstance(mine, Definition) and type(mine) is type(theirs):
        for name in {**mine.changed_values(), **theirs.changed_values()}:
            yield from _argument(f"{what} {name}", _value(mine, name), _value(theirs, name))
        return
    yield Delta(what, value_text(mine), value_text(theirs))


def _value(config: Definition, name: str) -> Any:
    values = config.changed_values()
    if name in values:
        return values[name]
    argument = type(config).arguments[name]
    return _NONE if argument.is_required else default_value(argument)
