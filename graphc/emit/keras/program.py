"""A checked file as the text of a Keras program."""

from __future__ import annotations

import ast
from pathlib import PurePath

from graphc.analysis.opaque import opaque_uses
from graphc.elaborate.program import Program
from graphc.emit.keras.recorder import Recorder
from graphc.emit.keras.training import closing_functions
from graphc.emit.keras.translator import Translator
from graphc.emit.keras.tree import Untranslatable
from graphc.keras_format.inexpressible import Inexpressible, opaque_text


class NotEmitted(Exception):
    """The file says something that has no counterpart in Keras; the message says what."""


def keras_program(
    program: Program,
    recorder: Recorder,
    *,
    is_flat: bool = False,
    weights: str | None = None,
    distribute: ast.FunctionDef | None = None,
) -> str:
    """The program of a checked file, which `recorder` has observed being elaborated.

    Each model and block becomes a function. What has no direct translation is written out call
    by call, as `is_flat` has all of it. `weights` is the name of a file beside the program that
    it loads; `distribute` a function of `graphc.emit.keras.distribution`, called first.

    Raises `NotEmitted`, and `Inexpressible` where what a layer computes is not known.
    """
    for model in program.models.values():
        for use in opaque_uses(model):
            raise Inexpressible(opaque_text(use.layer, use.name), use.span)
    failed: dict[int, str] = {}
    if is_flat:
        failed = {id(template): "" for template in recorder.entries}
    try:
        while True:
            translator = Translator(program, recorder, _title(program), failed, is_flat=is_flat)
            more = {id(template): reason for template, reason in translator.write()}
            if not more:
                break
            failed = {**failed, **more}
    except Untranslatable as reason:
        raise NotEmitted(str(reason)) from None
    closing_functions(translator, weights=weights, distribute=distribute)
    return translator.module.text()


def _title(program: Program) -> list[str]:
    """The comment that the file begins with."""
    lines: list[str] = []
    text, end = program.file.text, 0
    for each in program.tree.comments:
        if text[end : each.span.start].strip() or text[end : each.span.start].count("\n") > 1:
            break
        lines.append(each.span.text.lstrip("#").strip())
        end = each.span.end
    return lines or [f"The models of {PurePath(program.file.name).name}."]
