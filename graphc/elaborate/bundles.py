"""Tensors piped by name, those by place before them: `(x, initial_state=[h, c])`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphc.declare.layer import Layer
from graphc.diagnostics.codes import INPUT_COUNT, REPEATED_ARGUMENT
from graphc.diagnostics.diagnostic import Label
from graphc.elaborate.frame import Frame, evaluate, evaluates
from graphc.elaborate.report import inputs_text
from graphc.elaborate.values import UNKNOWN_VALUE, BundleValue
from graphc.layers.model_layer import ModelLayer
from graphc.source import Span
from graphc.syntax import nodes


@evaluates(nodes.Bundle)
def _bundle(node: nodes.Bundle, frame: Frame) -> Any:
    by_place: list[tuple[Any, Span]] = []
    by_name: dict[str, tuple[Any, Span]] = {}
    fits = True
    for argument in node.arguments:
        value = evaluate(argument.value, frame)
        name = argument.name
        if name is None:
            if by_name and fits:
                frame.report(
                    REPEATED_ARGUMENT,
                    "tensors by place stand before those by name",
                    argument.span,
                    help=f"move `{argument.span.text}` to the front, or name it",
                )
                fits = False
            by_place.append((value, argument.span))
        elif name in by_name:
            frame.report(
                REPEATED_ARGUMENT,
                f"`{name}` is given twice",
                argument.span,
                others=(Label(by_name[name][1], "given first here"),),
            )
            fits = False
        else:
            by_name[name] = (value, argument.span)
    if not fits:
        return UNKNOWN_VALUE
    return BundleValue(
        tuple((name, value, span) for name, (value, span) in by_name.items()), tuple(by_place)
    )


def placed(
    piped: BundleValue, names: Sequence[str], subject: str, frame: Frame, span: Span
) -> BundleValue | None:
    """The tensors by place under the names of the inputs that they fill; None after a report."""
    if not piped.by_place:
        return piped
    if len(piped.by_place) > len(names):
        frame.report(
            INPUT_COUNT,
            f"{subject} needs {inputs_text(names)}, got {len(piped.by_place)}",
            span,
        )
        return None
    by_place = tuple(
        (name, value, place) for name, (value, place) in zip(names, piped.by_place, strict=False)
    )
    places = {name: place for name, _, place in by_place}
    for name, _, place in piped.values:
        if name in places:
            frame.report(
                REPEATED_ARGUMENT,
                f"{subject} got `{name}` twice",
                place,
                others=(Label(places[name], "given first here, by its place"),),
            )
            return None
    return BundleValue((*by_place, *piped.values), ())


def spread(piped: BundleValue, layer: Layer, subject: str, frame: Frame) -> BundleValue | None:
    """All inputs of a model, given together as `inputs`, one by one; None after a report."""
    whole = next((each for each in piped.values if each[0] == layer.name_of_inputs), None)
    names = layer.tensor_parameters
    if whole is None or whole[0] in names:
        return piped
    name, value, span = whole
    others = [place for other, _, place in piped.values if other in names]
    others += [place for _, place in piped.by_place]
    if others:
        frame.report(
            REPEATED_ARGUMENT,
            f"{subject} got `{name}`, which are all of its inputs, and one of them besides",
            span,
            others=(Label(others[0], "given here, too"),),
        )
        return None
    is_one = isinstance(layer, ModelLayer) and layer.takes_one_in_list
    items = list(value) if isinstance(value, (list, tuple)) and not is_one else [value]
    if len(items) > len(names):
        frame.report(INPUT_COUNT, f"{subject} needs {inputs_text(names)}, got {len(items)}", span)
        return None
    rest = [each for each in piped.values if each is not whole]
    inputs = [(name, item, span) for name, item in zip(names, items, strict=False)]
    return BundleValue((*inputs, *rest), ())


def listed(piped: BundleValue, layer: Layer) -> BundleValue:
    """Several tensors by place, for a layer that takes a list, as that list."""
    if len(piped.by_place) < 2 or not layer.takes_list:
        return piped
    values = [value for value, _ in piped.by_place]
    whole = piped.by_place[0][1].to(piped.by_place[-1][1])
    return BundleValue(piped.values, ((values, whole),))
