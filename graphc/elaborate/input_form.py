"""The dicts and lists that a model takes its inputs in."""

from __future__ import annotations

from graphc.diagnostics.codes import INPUT_COUNT
from graphc.elaborate.frame import Frame
from graphc.elaborate.values import TensorValue
from graphc.ir.graph import ModelGraph
from graphc.ir.structure import filled, flattened, is_plain, places


def give_form(frame: Frame, model: ModelGraph) -> None:
    """Give a model's inputs the form that it states, if each is in it once."""
    if frame.input_form is None:
        return
    value, node = frame.input_form
    tensors = [each for _, each in flattened(value)]
    found = [tensor.node for tensor in tensors]
    names = {id: model.record(id).name for id in model.inputs}
    wrong = _misfit(tensors, found, names)
    if wrong is not None:
        frame.report(
            INPUT_COUNT,
            f"the form of the inputs of {model.name} needs each input once: {wrong}",
            node.value.span,
        )
        model.is_complete = False
        return
    structure = filled(places(value), [model.inputs.index(node) for node in found])
    is_usual = is_plain(structure) and structure in (0, [*range(len(found))])
    model.input_structure = None if is_usual else structure


def _misfit(tensors: list[TensorValue], found: list[int], names: dict[int, str]) -> str | None:
    for tensor in tensors:
        if tensor.node not in names:
            return f"`{tensor.name}` is none"
        if found.count(tensor.node) > 1:
            return f"`{names[tensor.node]}` is in it {found.count(tensor.node)} times"
    missing = [f"`{name}`" for id, name in names.items() if id not in found]
    return f"it lacks {' and '.join(missing)}" if missing else None
