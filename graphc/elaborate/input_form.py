"""The dicts and lists that a model takes its inputs in."""

from __future__ import annotations

from typing import Any

from graphc.diagnostics.codes import INPUT_COUNT, NOT_A_TENSOR
from graphc.diagnostics.suggest import did_you_mean
from graphc.elaborate.frame import Frame
from graphc.elaborate.report import names_text, source_text
from graphc.elaborate.values import UNKNOWN_VALUE
from graphc.ir.graph import ModelGraph
from graphc.ir.structure import filled, flattened, is_plain, places
from graphc.syntax import nodes


def give_form(frame: Frame, model: ModelGraph) -> bool:
    """Give a model's inputs the form that it states, if each is in it once; else False."""
    node = frame.input_form
    if node is None or UNKNOWN_VALUE in frame.inputs.values():
        return True
    form = _names(node.value, frame)
    if form is None:
        return False
    found = [name for _, name in flattened(form)]
    known = list(frame.inputs)
    missing = [name for name in known if name not in found]
    repeated = next((name for name in found if found.count(name) > 1), None)
    if missing or repeated is not None:
        if repeated is None:
            wrong = f"it lacks {names_text(missing)}"
        else:
            wrong = f"`{repeated}` is in it {found.count(repeated)} times"
        message = f"the form of the inputs of {model.name} needs each of them once: {wrong}"
        frame.report(INPUT_COUNT, message, node.value.span)
        return False
    structure = filled(places(form), [known.index(name) for name in found])
    is_usual = is_plain(structure) and structure in (0, [*range(len(found))])
    model.input_structure = None if is_usual else structure
    return True


def _names(node: nodes.Expression, frame: Frame) -> Any:
    """The names of inputs in the dicts and lists that they stand in; None after a report."""
    if isinstance(node, nodes.DictDisplay) and node.items:
        keys = [key.value if isinstance(key, nodes.Literal) else None for key, _ in node.items]
        items = [_names(item, frame) for _, item in node.items]
        if all(isinstance(key, str) for key in keys):
            return None if None in items else dict(zip(keys, items, strict=True))
    elif isinstance(node, (nodes.ListDisplay, nodes.TupleDisplay)) and node.items:
        items = [_names(item, frame) for item in node.items]
        return None if None in items else items
    elif isinstance(node, nodes.Name):
        if node.id in frame.inputs:
            return node.id
        frame.report(
            INPUT_COUNT,
            f"the form of the inputs needs inputs alone, and `{node.id}` is none",
            node.span,
            help=did_you_mean(node.id, list(frame.inputs)),
        )
        return None
    frame.report(
        NOT_A_TENSOR,
        f"the form of the inputs needs dicts and lists of inputs, got {source_text(node.span)}",
        node.span,
        help='as in `input {"image": image, "sizes": [width, height]}`',
    )
    return None
