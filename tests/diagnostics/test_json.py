import json

from hypothesis import given, settings

from graphc.diagnostics.codes import MASK_DROPPED, RANK_MISMATCH
from graphc.diagnostics.diagnostic import Diagnostic, Edit, Fix, Label
from graphc.diagnostics.json import to_json
from graphc.source import SourceFile
from tests.diagnostics.places import end_of, span_of
from tests.diagnostics.strategies import diagnostics

MNIST = SourceFile("mnist.net", "input image: [784]\nx = 画像 -> Conv2D(\n32)\n")
BLOCKS = SourceFile("blocks.net", "x\n")


def test_document() -> None:
    found = Diagnostic(
        RANK_MISMATCH,
        "Conv2D needs a rank-4 input",
        span_of(MNIST, "Conv2D(\n32)"),
        "got rank 2",
        (Label(span_of(BLOCKS, "x"), "used here"),),
        "reshape it first",
        Fix("reshape", (Edit(span_of(MNIST, "784"), "28, 28"),)),
    )
    warning = Diagnostic(MASK_DROPPED, "the mask ends here", end_of(BLOCKS))
    assert json.loads(to_json([found, warning])) == {
        "version": 1,
        "diagnostics": [
            {
                "code": "E0301",
                "slug": "rank-mismatch",
                "severity": "error",
                "message": "Conv2D needs a rank-4 input",
                "file": "mnist.net",
                "span": {
                    "start": {"line": 2, "column": 11, "offset": 29},
                    "end": {"line": 3, "column": 4, "offset": 40},
                },
                "label": "got rank 2",
                "related": [
                    {
                        "file": "blocks.net",
                        "span": {
                            "start": {"line": 1, "column": 1, "offset": 0},
                            "end": {"line": 1, "column": 2, "offset": 1},
                        },
                        "text": "used here",
                    }
                ],
                "help": "reshape it first",
                "fix": {
                    "title": "reshape",
                    "edits": [
                        {
                            "file": "mnist.net",
                            "span": {
                                "start": {"line": 1, "column": 15, "offset": 14},
                                "end": {"line": 1, "column": 18, "offset": 17},
                            },
                            "replacement": "28, 28",
                        }
                    ],
                },
            },
            {
                "code": "W0103",
                "slug": "mask-dropped",
                "severity": "warning",
                "message": "the mask ends here",
                "file": "blocks.net",
                "span": {
                    "start": {"line": 2, "column": 1, "offset": 2},
                    "end": {"line": 2, "column": 1, "offset": 2},
                },
                "label": "",
                "related": [],
                "help": None,
                "fix": None,
            },
        ],
        "counts": {"errors": 1, "warnings": 1},
    }


def test_no_diagnostics() -> None:
    assert json.loads(to_json([])) == {
        "version": 1,
        "diagnostics": [],
        "counts": {"errors": 0, "warnings": 0},
    }


@settings(deadline=None)
@given(diagnostics())
def test_any_text_survives_as_plain_ascii(diagnostic: Diagnostic) -> None:
    shown = to_json([diagnostic])
    assert shown.isascii()
    assert {c for c in shown if not c.isprintable()} == {"\n"}
    read = json.loads(shown)["diagnostics"][0]
    assert read["message"] == diagnostic.message
    assert read["file"] == diagnostic.span.file.name
    span = read["span"]
    text = diagnostic.span.file.text[span["start"]["offset"] : span["end"]["offset"]]
    assert text == diagnostic.span.text
