"""Whatever is wrong with a program, what is known of it is drawn."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from graphc.analysis.diagram import nodes_of
from graphc.model import check_file
from graphc.render.drawing import Drawing
from graphc.render.picture import picture

GOLDEN = Path(__file__).parents[1] / "golden"
PROGRAMS = sorted(GOLDEN.glob("E03*/*.net")) + sorted(GOLDEN.glob("E0[124-7]*/*.net"))
VIEWS = ({}, {"fold": True}, {"depth": 0})


@pytest.mark.parametrize("code", sorted({path.parent.name for path in PROGRAMS}))
def test_faulty_programs_are_drawn(code):
    for path in (path for path in PROGRAMS if path.parent.name == code):
        for model in check_file(path).models:
            diagram = model.diagram()
            for options in VIEWS if diagram.parts else ():
                for form in ("text", "mmd", "dot"):
                    drawn = picture(diagram, form, Drawing(show_macs=True), **options)
                    assert drawn.decode().count("\n") > 0


def test_errors_of_tensors_stand_in_the_drawing():
    """A program of E03 without parse errors shows each of its models' messages in a red box."""
    shown = total = 0
    for path in (path for path in PROGRAMS if path.parent.name.startswith("E03")):
        report = check_file(path)
        errors = [each.message for each in report.diagnostics if each.is_error]
        messages = {
            node.message
            for model in report.models
            for node in nodes_of(model.diagram().parts)
            if node.message is not None
        }
        total += len(errors)
        shown += sum(re.sub(r"\s+", " ", error) in messages for error in errors)
    # The rest is of annotations, conditions and outputs, which are no layers.
    assert shown / total > 0.6, (shown, total)
