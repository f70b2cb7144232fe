"""Layers as a model has them: made, named, described, called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphc.declare.layer import Layer
from graphc.declare.registry import snake_case
from graphc.declare.trace import Signature
from graphc.diagnostics.codes import REPEATED_LAYER_NAME, SLASH_IN_NAME
from graphc.diagnostics.diagnostic import Edit, Fix, Label
from graphc.diagnostics.fault import Fault
from graphc.elaborate.frame import Frame
from graphc.elaborate.report import report_fault
from graphc.elaborate.values import LayerValue, TensorValue
from graphc.ir.graph import LayerUse
from graphc.source import Span
from graphc.syntax import nodes

Name = tuple[str, Span]


def describe(value: LayerValue) -> str:
    """A layer as messages call it: its type, and its name where the source gives one.

    A model is known by its own name.
    """
    use = value.use
    kind: str = use.layer.subject if isinstance(use.layer, Layer) else use.type_name
    name = use.name if use.is_named else value.shown
    return f"{kind} `{name}`" if name and name != kind else kind


def own_use(frame: Frame, layer: Any, span: Span, name: Name | None) -> LayerUse | None:
    """A layer with weights, new or that of an earlier use of its block; None after a report.

    `name` is claimed here, where the layer is new.
    """
    if frame.replay is not None:
        try:
            found = frame.replay.next(layer)
        except Fault as fault:
            report_fault(frame, fault, layer.type_name, span)
            return None
        if found is None:
            return None
        use = found
    else:
        if name is not None and not claim(frame, name):
            name = None
        use = make_use(frame, layer, span, name)
    for tape in frame.tapes:
        tape.uses.append(use)
    return use


def claim(frame: Frame, name: Name) -> bool:
    """Take a layer's name for this model; report where it is taken, or no name for a layer."""
    if "/" in name[0]:
        report_slash(frame, "layer", name)
        return False
    earlier = frame.namer.claim(*name)
    if earlier is None:
        return True
    frame.report(
        REPEATED_LAYER_NAME,
        f"two layers are named `{frame.namer.prefix}{name[0]}`",
        name[1],
        "this name is taken",
        others=(Label(earlier, "taken here"),) if earlier != name[1] else (),
        help=_numbered(frame, name[0]),
    )
    return False


def claimed(frame: Frame, name: Name | None) -> Name | None:
    """A name that is taken now for a new layer; None where there is none, or it is taken."""
    if name is None or frame.replay is not None:
        return None
    return name if claim(frame, name) else None


def report_slash(frame: Frame, kind: str, given: Name) -> None:
    """Keras takes no slash, which parts the names of layers and weights in files of weights."""
    name, span = given
    better = name.replace("/", "_")
    is_literal = span.text in (f'"{name}"', f"'{name}'")  # and no expression that makes it
    edit = Edit(span, span.text.replace("/", "_"))
    frame.report(
        SLASH_IN_NAME,
        f"a {kind}'s name has no `/`, got `{name}`",
        span,
        help=f"a slash parts the {kind} from its weights: `dense/kernel`",
        fix=Fix(f"write {better}", (edit,)) if is_literal else None,
    )


def _numbered(frame: Frame, name: str) -> str | None:
    """How the names of a loop's layers are made to differ."""
    if not frame.loops:
        return None
    counter = f"{{{next(nodes.bound_targets(frame.loops[-1][0])).name}}}"
    if counter in name:
        return f'a name with braces begins with f: as f"{name}"'
    return f'number them: as f"{name}_{counter}"'


def make_use(frame: Frame, layer: Any, span: Span, name: Name | None) -> LayerUse:
    """A new layer of the model, named by the source or as Keras would."""
    if name is not None:
        full = frame.namer.prefix + name[0]
    else:
        base = getattr(layer, "base_name", None) or snake_case(layer.type_name)
        full = frame.namer.automatic(base, span)
    use = LayerUse(layer, full, span, frame.path, is_named=name is not None)
    if frame.run.observer is not None:
        frame.run.observer.made(use, frame)
    return use


def add_call(
    frame: Frame, use: LayerUse, arguments: Mapping[str, Any], signature: Signature, span: Span,
    *, by_place: int = 1,
) -> Any:  # fmt: skip
    """Add a call of a layer to the graph: its output, or a tuple of them."""
    assert frame.builder is not None
    node = frame.builder.call(
        use, span, frame.path, arguments, signature.outputs,
        is_single=signature.is_single, by_place=by_place,
    )  # fmt: skip
    if frame.run.observer is not None:
        frame.run.observer.called(node, arguments, frame)
    values = tuple(
        TensorValue(node, index, type, span, use.name, use.name if use.is_named else None)
        for index, type in enumerate(signature.outputs)
    )
    return values[0] if signature.is_single else values
