"""What stands in the box of a layer, line by line, whatever it is drawn with."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator

from graphc.analysis.diagram import Group, Node, Part
from graphc.ir.dims import Dim
from graphc.ir.types import TensorType
from graphc.record import Record
from graphc.render.drawing import Drawing
from graphc.render.summary_text import bytes_text

_LONGEST = 48
_UNITS = ((10**15, "P"), (10**12, "T"), (10**9, "G"), (10**6, "M"))


class Line(Record):
    """A line in a box: its text, and what it is: "shape", "fact", "state", "error", "change"."""

    kind: str
    text: str


def heading(part: Part) -> str:
    """What a box is, in a word: its class, or its block, with how often it is repeated."""
    times = f" ×{part.count}" if part.count > 1 else ""
    if isinstance(part, Group) and part.category == "repeat":
        return f"repeated{times}"
    return f"{part.type}{times}"


def subheading(part: Part, drawing: Drawing, within: str = "") -> str:
    """The name beside it, where that says something more; without that of the group around."""
    if not drawing.show_layer_names or (part.count > 1 and part.category in ("block", "repeat")):
        return ""
    shown = part.name.removeprefix(f"{within}.") if part.name != part.type else ""
    return f"{shown} (call {part.call} of {part.calls})".strip() if part.calls > 1 else shown


def box_lines(node: Node, drawing: Drawing, within: str = "") -> list[Line]:
    """The lines under a box's heading; `within` is the name of the group around it."""
    lines: list[Line] = []
    if drawing.label is not None:
        filled = _filled(node, drawing.label).splitlines()
        lines += [Line("fact", part) for text in filled for part in _wrapped(text)]
    else:
        lines += _shown(node, drawing)
    if node.hidden:
        layers = f"{node.hidden} layers" if node.hidden > 1 else "1 layer"
        lines.append(Line("state", f"{layers} inside"))
    lines += [
        Line("state", f"output {name}") for name in node.results if name not in (node.name, within)
    ]
    lines += [Line("change", part) for text in node.changes for part in _wrapped(text)]
    if node.message is not None:
        lines += [Line("error", part) for part in _wrapped(node.message)]
    return lines


def _wrapped(text: str) -> list[str]:
    """A text in lines that fit into a box."""
    return textwrap.wrap(text, _LONGEST, break_on_hyphens=False)


def _shown(node: Node, drawing: Drawing) -> list[Line]:
    lines = []
    if drawing.show_shapes:
        shapes = _shapes(node, drawing)
        if shapes:
            lines.append(Line("shape", shapes))
    elif drawing.show_dtype:
        dtypes = _listed(tuple(type.dtype for type in node.outputs))
        if dtypes:
            lines.append(Line("shape", dtypes))
    facts = " · ".join(_facts(node, drawing))
    return [*lines, Line("fact", facts)] if facts else lines


def _facts(node: Node, drawing: Drawing) -> Iterator[str]:
    totals = node.totals
    if drawing.show_layer_activations and node.activation is not None:
        yield f"activation: {node.activation}"
    if drawing.show_params and node.weights:
        yield f"{totals.parameters.total:,} params"
    if drawing.show_macs and totals.macs != 0:
        yield f"{count_text(totals.macs)} MACs"
    if drawing.show_bytes and node.weights:
        yield bytes_text(totals.parameters.weight_bytes)
    if drawing.show_trainable and node.is_trainable is not None:
        yield "trainable" if node.is_trainable else "not trainable"


def _shapes(node: Node, drawing: Drawing) -> str:
    given, made = _types(node.inputs, drawing), _types(node.outputs, drawing)
    if not given:
        return made
    return f"{given} → {made or '?'}"


def _types(types: tuple[TensorType, ...], drawing: Drawing) -> str:
    return _listed(tuple(type_text(type, drawing) for type in types))


def _listed(texts: tuple[str, ...]) -> str:
    """Texts with a comma between them; equal ones with their number: "[B, 8] ×3"."""
    shown: list[str] = []
    for text in dict.fromkeys(texts):
        times = texts.count(text)
        shown.append(f"{text} ×{times}" if times > 2 else ", ".join([text] * times))
    return ", ".join(shown)


def type_text(type: TensorType, drawing: Drawing) -> str:
    """A tensor's shape; with its dtype in front if that is asked for, or not float32."""
    return type.full_text if drawing.show_dtype else str(type)


def count_text(count: Dim) -> str:
    """A number in few digits: "3.86 G"; a formula as it is, if it is short."""
    if not isinstance(count, int):
        return shortened(str(count))
    for size, unit in _UNITS:
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return f"{count:,}"


def shortened(text: str) -> str:
    """A text that fits into a box."""
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


FIELDS: dict[str, Callable[[Node], str]] = {
    "name": lambda node: node.name,
    "type": lambda node: node.type,
    "category": lambda node: node.category,
    "input_shape": lambda node: _listed(tuple(str(type) for type in node.inputs)),
    "output_shape": lambda node: _listed(tuple(str(type) for type in node.outputs)),
    "dtype": lambda node: _listed(tuple(type.dtype for type in node.outputs)),
    "config": lambda node: ", ".join(f"{name}={value}" for name, value in node.config),
    "activation": lambda node: node.activation or "linear",
    "trainable": lambda node: "" if node.is_trainable is None else str(node.is_trainable),
    "params": lambda node: f"{node.totals.parameters.total:,}",
    "macs": lambda node: count_text(node.totals.macs),
    "flops": lambda node: count_text(node.totals.flops),
    "bytes": lambda node: bytes_text(node.totals.parameters.weight_bytes),
    "line": lambda node: f"{node.span.file.name}:{node.span.line}",
}
"""What a label's fields stand for."""

_FIELD = re.compile(r"\{(\w+)\}")


def unknown_fields(label: str) -> list[str]:
    """The fields of a label that there are not."""
    return [name for name in _FIELD.findall(label) if name not in FIELDS]


def _filled(node: Node, label: str) -> str:
    text = label.replace("\\n", "\n")
    return _FIELD.sub(lambda field: FIELDS[field[1]](node), text)


def tooltip(part: Part) -> str:
    """All there is to say of a box in a few lines: configuration, costs and source."""
    lines = [f"{part.name}: {part.type}" if part.name else heading(part)]
    if isinstance(part, Node):
        lines += [f"{name}={value}" for name, value in part.config]
        lines += [f"in {type.full_text}" for type in part.inputs]
        lines += [f"out {type.full_text}" for type in part.outputs]
    if part.weights:
        lines.append(f"{part.totals.parameters.total:,} params")
    if part.totals.macs != 0:
        lines.append(
            f"{part.totals.macs} MACs"
            if not isinstance(part.totals.macs, int)
            else f"{part.totals.macs:,} MACs"
        )
    lines.append(source_text(part))
    if isinstance(part, Node) and part.message is not None:
        lines.append(part.message)
    return "\n".join(lines)


def source_text(part: Part) -> str:
    """Where a part stands: "mnist.net:5"."""
    return f"{part.span.file.name}:{part.span.line}"
