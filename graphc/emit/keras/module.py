"""The module that is emitted: what its functions share, and its text."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from graphc.declare.op import Op
from graphc.emit.keras.layout import flat
from graphc.emit.keras.sized import Given, SizedLayer, class_text
from graphc.emit.keras.spec import Sparse, is_place, output_spec
from graphc.emit.keras.spelling import docstring_lines, identifier
from graphc.emit.keras.statements import body_lines, docstring
from graphc.emit.keras.tree import assign, call
from graphc.emit.keras.weight import WEIGHT_CLASS
from graphc.ir.graph import ModelGraph
from graphc.record import Record

NUMBERED = '''def numbered(name):
    """Yield name, name_1, name_2, …: as Keras numbers layers."""
    yield name
    number = 1
    while True:
        yield f"{name}_{number}"
        number += 1
'''

RESERVE = '''def reserve(name, count):
    """Leave names to layers that have them: Keras goes on counting after these."""
    for _ in range(count):
        type(name, (keras.Operation,), {})()
'''

CLOSING = ("distribute", "load_model")
"""Functions that a program may end with."""

HELPERS = {"numbered": NUMBERED, "reserve": RESERVE}


class SizedCall(Record):
    """The call of a small layer, and what makes the tensors that it has for their sizes alone."""

    made: ast.Call
    ties: tuple[int, ...]


class Module:
    """Names, classes and functions, in the making."""

    def __init__(self, title: Sequence[str], graphs: Iterable[ModelGraph]) -> None:
        self.sparse = Sparse(graphs)
        self.title = list(title)
        self.taken: set[str] = {
            *HELPERS,
            "main",
            "train",
            "compile_model",
            "build_model",
            "Weight",
            *CLOSING,
        }
        self.locals: set[str] = set()
        """What functions call their own things."""
        self.constants: dict[str, ast.expr] = {}
        self.remarks: dict[str, list[ast.stmt]] = {}
        """The comments on constants."""
        self.written: set[str] = set()
        self.ending: list[str] = []
        self.classes: dict[str, str] = {}
        self.functions: list[ast.FunctionDef | str] = []
        self._bodies: dict[str, str] = {}

    def claim(self, name: str) -> str:
        """A new name of the module."""
        found = identifier(name, self.taken | self.locals)
        self.taken.add(found)
        return found

    def weight(self) -> str:
        """The name of the class of weights."""
        self.classes.setdefault("Weight", WEIGHT_CLASS)
        return "Weight"

    def sized(
        self, op: Op, arguments: Mapping[str, Any], around: Sequence[Given],
        graph: ModelGraph, node: int, label: ast.expr | None = None,
    ) -> SizedCall:  # fmt: skip
        """A function as a layer, called; `label` is the layer's name."""
        layer = SizedLayer(op, around)
        expression = layer.expression(arguments)
        spec = None
        is_sparse = not self.sparse.of(graph).isdisjoint(layer.nodes)
        if is_sparse or is_place(op, arguments):
            outputs = graph.record(node).outputs or ()
            spec = output_spec(layer.names, layer.types, outputs)
        key = f"{op.name}({layer.names}): {flat(expression)}"
        if spec is not None:
            key = f"{key}: {flat(spec)}"
        found = self._bodies.get(key)
        if found is None:
            base, number = op.class_name, 2
            while base in self.taken | self.locals:
                base, number = f"{op.class_name}{number}", number + 1
            found = self._bodies[key] = self.claim(base)
            self.classes[found] = class_text(found, layer, expression, spec)
        named = {} if label is None else {"name": label}
        return SizedCall(call(call(found, keywords=named), *layer.inputs), tuple(layer.ties))

    def text(self) -> str:
        """The text of the module."""
        parts = [part.rstrip("\n") for part in self.classes.values()]
        for function in self.functions:
            if isinstance(function, str):
                parts.append(function.rstrip("\n"))
            else:
                parts.append("\n".join(body_lines([function], 0)))
        body = "\n\n\n".join([*parts, *self.ending])
        constants = "\n".join(
            body_lines(
                [
                    each
                    for name, value in self.constants.items()
                    for each in (*self.remarks.get(name, ()), assign(name, value))
                ],
                0,
            )
        )
        # Constants may be long tables: their texts are not parsed again.
        trees = [ast.parse(body), *self.constants.values()]
        read = {each.id for tree in trees for each in ast.walk(tree) if isinstance(each, ast.Name)}
        helpers = [text.rstrip("\n") for name, text in HELPERS.items() if name in read]
        title = [line for text in self.title for line in docstring_lines(text)]
        pieces = [docstring(title), _imports(read)]
        if constants:
            pieces.append(constants)
        return "\n\n".join(pieces) + "\n\n\n" + "\n\n\n".join([*helpers, body]) + "\n"


def _imports(read: set[str]) -> str:
    standard = [f"import {each}" for each in ("math", "pathlib", "sys") if each in read]
    others = ["import keras"] + (["import numpy as np"] if "np" in read else [])
    names = [each for each in ("layers", "ops") if each in read]
    if names:
        others.append(f"from keras import {', '.join(names)}")
    groups = [group for group in (standard, others) if group]
    return "\n\n".join("\n".join(group) for group in groups)
