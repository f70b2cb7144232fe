"""A serialised model to the text of a .net file, checked before anyone gets to see it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from graphc.declare.layer import Layer
from graphc.diagnostics.codes import IMPORT_CHECK
from graphc.diagnostics.diagnostic import Diagnostic, Sink
from graphc.diagnostics.fault import Fault
from graphc.elaborate.program import Program, elaborate_tree
from graphc.interop.keras_json.build import LayerName
from graphc.interop.keras_json.constants import with_constants
from graphc.interop.keras_json.cursor import Cursor
from graphc.interop.keras_json.file import FileBuilder
from graphc.interop.keras_json.finish import finished, finished_value
from graphc.interop.keras_json.folding import shortened
from graphc.interop.keras_json.known_names import is_known
from graphc.interop.keras_json.names import marked, names_in
from graphc.interop.keras_json.parse_network import parse_model
from graphc.interop.keras_json.rewriting import rewritten
from graphc.interop.keras_json.tables import with_tables
from graphc.interop.keras_json.training import WITHOUT_TRAINING, train_block
from graphc.interop.keras_json.unknown import Unknown
from graphc.ir.graph import ModelGraph
from graphc.layers.model_layer import ModelLayer
from graphc.record import replace
from graphc.source import SourceFile, Span
from graphc.syntax import nodes
from graphc.syntax.format import format_source
from graphc.syntax.parse import parse
from graphc.syntax.write import write

LONGEST_MESSAGE = 500
MOST_WAYS = 3
"""How many ways to fold a model are written down, to see which is read best."""
LINE_COST = 6
"""How much a line counts to read, beside what stands in it."""


def import_document(
    document: Cursor,
    *,
    fold: bool = True,
    train: bool = True,
    unknown: Unknown | None = None,
    left_out: list[str] | None = None,
) -> str:
    """The text for a model's configuration. Raises `Fault` where it cannot be expressed.

    `unknown` says that layers of unknown classes are kept, and how. `left_out` collects what is in
    the model and not in the text, in words.

    Repeated statements become loops where the text with them makes the same model as the flat
    one, to every name, shape and connection.
    """
    file = FileBuilder(document, unknown, left_out)
    try:
        return _imported(document, file, fold=fold, train=train)
    except RecursionError:
        raise document.fault("to be nested less deep") from None
    except Fault as fault:
        # Messages quote names from the file, which may hold anything.
        fault.message = shown(fault.message)
        fault.help = fault.help or _older_help(document)
        raise


def _older_help(document: Cursor) -> str | None:
    """What to do where an earlier version of Keras wrote the document, which may be the reason."""
    version = document.mapping().get("keras_version")
    if not isinstance(version, str) or re.match(r"[012]\.[\w.-]{1,20}$", version) is None:
        return None
    return f"Keras {version} wrote this: load it with Keras 3, and save it again"


def shown(message: str) -> str:
    """A message without what does not print, and cut where it is long."""
    text = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in message)
    return text if len(text) <= LONGEST_MESSAGE else text[: LONGEST_MESSAGE - 1] + "…"


def _imported(document: Cursor, file: FileBuilder, *, fold: bool, train: bool) -> str:
    name = file.add(parse_model(document))
    items = [_marked(item, file.layer_names) for item in file.items]
    block = train_block(document, name, file) if train else None
    if block is not None:
        items.append(block)
    tables, items = with_tables(items, file.free)
    # Long tables are written and parsed once, and stand before whatever is checked.
    tree = parsed(tables) if tables else None
    head: tuple[nodes.Item, ...] = () if tree is None else tree.items
    flat = text_of(items)
    program = _checked(head, flat)
    if not _has_names(program, items):
        items = [_explicit(item) for item in items]
        flat = text_of(items)
        program = _checked(head, flat)
    text = _shorter(items, head, flat, program, file) if fold else flat
    return text if tree is None else f"{_formatted(tree)}\n{text}"


def _shorter(
    items: list[nodes.Item],
    head: tuple[nodes.Item, ...],
    flat: str,
    program: Program,
    file: FileBuilder,
) -> str:
    ways = shortened(items, file.taken)[:MOST_WAYS]
    weighed = []
    for way in ways:
        text = text_of(list(way.items))
        weighed.append((way.weight + LINE_COST * text.count("\n"), text))
    for _, text in sorted(weighed, key=lambda each: each[0]):
        if text == flat or _is_same(program, head, text):
            return text
    return flat


def _marked(item: nodes.Item, taken: set[str]) -> nodes.Item:
    if isinstance(item, nodes.Definition):
        return replace(item, body=tuple(marked(item.body, taken)))
    return item


def _has_names(program: Program, items: list[nodes.Item]) -> bool:
    """Whether the layers of each model have the names that they are to have."""
    for item in items:
        if isinstance(item, nodes.Definition) and item.name in program.models:
            wanted = {label.value for label in names_in(item) if label.base and not label.is_inner}
            uses = (*program.models[item.name].uses(), *program.models[item.name].unbuilt)
            if not wanted <= {use.name for use in uses}:
                return False
    return True


def _explicit(item: nodes.Item) -> nodes.Item:
    """An item with the names of all layers, but of those inside others, written out."""
    changed: nodes.Item = rewritten(
        item,
        lambda node: (
            replace(node, is_automatic=node.is_inner and node.is_automatic)
            if isinstance(node, LayerName)
            else node
        ),
    )
    return changed


def text_of(items: list[nodes.Item]) -> str:
    """The formatted text of items as they were collected."""
    return _formatted(parsed(items))


def _formatted(tree: nodes.File) -> str:
    return format_source(tree.span.file, tree)


def parsed(items: list[nodes.Item]) -> nodes.File:
    """Items as they were collected, written down and read again."""
    written = [_finished(item) for item in items]
    written = with_constants(written, is_known)
    file = SourceFile("imported.net", write(nodes.File(written[0].span, tuple(written), ())))
    sink = Sink()
    tree = parse(file, sink)
    if sink.diagnostics:
        raise _check_fault(sink.diagnostics[0])
    return tree


def _finished(item: nodes.Item) -> nodes.Item:
    if isinstance(item, nodes.Definition):
        return replace(item, body=finished(item.body))
    if isinstance(item, nodes.Const):
        return replace(item, value=finished_value(item.value))
    return item


def _checked(head: tuple[nodes.Item, ...], text: str) -> Program:
    """What the checker makes of a text behind a head. Raises `Fault` where it finds an error."""
    sink, program = checked(head, text)
    errors = [each for each in sink.diagnostics if each.is_error]
    if errors:
        fault = _check_fault(errors[0])
        trains = [item for item in program.tree.items if isinstance(item, nodes.Train)]
        if any(_holds(item, errors[0].span) for item in trains):
            fault.help = WITHOUT_TRAINING
        raise fault
    return program


def _is_same(flat: Program, head: tuple[nodes.Item, ...], text: str) -> bool:
    """Whether a text behind a head makes the same models."""
    sink, program = checked(head, text)
    if any(each.is_error for each in sink.diagnostics):
        return False
    return all(_facts(program.models[name]) == _facts(model) for name, model in flat.models.items())


def _facts(model: ModelGraph) -> list[Any]:
    """All that tells a model from another but for the places in the text."""
    calls = [
        (
            record.name,
            _key(record.layer),
            record.use.is_thawed,
            record.arguments,
            record.by_place,
            record.outputs,
            # Their routes lead through layers of other models, which are told apart by identity.
            tuple(replace(weight, route=()) for weight in record.weights),
        )
        for record in model.records()
    ]
    # One output is called as its variable is, which a loop has and a pipe has not.
    is_single = len(model.outputs) == 1
    outputs = [("" if is_single else output.name, output.ref) for output in model.outputs]
    return [calls, outputs, model.output_structure, model.inputs, model.input_structure]


def _key(layer: Any) -> Any:
    """What a layer is: a nested model is compared where it is defined."""
    if isinstance(layer, ModelLayer):
        return (layer.base_name, layer.trainable)
    return layer.key if isinstance(layer, Layer) else layer


def checked(head: tuple[nodes.Item, ...], text: str) -> tuple[Sink, Program]:
    """What the checker says of a text behind a head, and makes of it."""
    sink, file = Sink(), SourceFile("imported.net", text)
    tree = parse(file, sink)
    return sink, elaborate_tree(file, replace(tree, items=(*head, *tree.items)), sink)


def _check_fault(error: Diagnostic) -> Fault:
    return Fault(
        IMPORT_CHECK,
        f"the model needs what does not check here: {error.message} ({error.code.id}), "
        f"in {_around(error.span)}",
    )


def _around(span: Span) -> str:
    """The text of the layer or function that a place stands in, with its name if it has one."""
    calls = list(_calls(parse(span.file, Sink()), span))
    text = " ".join((calls[-1].span if calls else span).text.split())
    if calls and isinstance(calls[-1], nodes.Named):
        name = f" as {calls[-1].name.span.text}"
        return text.removesuffix(name)[:60] + name
    return text[:60]


def _holds(node: nodes.Node, span: Span) -> bool:
    return node.span.start <= span.start and span.end <= node.span.end


def _calls(node: Any, span: Span) -> Iterator[nodes.Expression]:
    """The calls that a place belongs to, the outermost first; those with a name with it."""
    if isinstance(node, tuple):
        for item in node:
            yield from _calls(item, span)
    elif isinstance(node, nodes.Node):
        is_around = _holds(node, span)
        if is_around and isinstance(node, nodes.Named):
            yield node
            inner = node.value
            arguments = inner.arguments if isinstance(inner, nodes.Call) else inner
            yield from _calls(arguments, span)
            return
        if is_around and isinstance(node, nodes.Call):
            yield node
        if isinstance(node, nodes.Pipe) and _holds(node.source, span):
            yield node.stages[0]  # which is given what is wrong
        for field in type(node).__fields__:
            yield from _calls(getattr(node, field), span)
