"""Mermaid, read by a grammar of what graphc writes of it."""

from __future__ import annotations

import html
import re

import lark
import pytest

from graphc.diagnostics.glyphs import printable
from graphc.render.drawing import Drawing
from graphc.render.mermaid import mermaid_text, to_mermaid
from tests.render.drawn import HOSTILE_NAMES, SAMPLES, diagram, hostile_source, sample

# From the syntax of flowcharts at mermaid.js.org: quoted labels hold anything but a quote.
GRAMMAR = r"""
start: front? "flowchart" DIRECTION _NL statement+
front: "---" _NL "title:" STRING _NL "---" _NL
?statement: node | subgraph | edge | shared | classdef | member
node: ID "[" STRING "]" _NL
subgraph: "subgraph" ID "[" STRING "]" _NL direction? statement* "end" _NL
direction: "direction" DIRECTION _NL
edge: ID ("-->" | "--" STRING "-->") ID _NL
shared: ID "-." WORDS ".-" ID _NL
classdef: "classDef" CLASS STYLE _NL
member: "class" IDS CLASS _NL
DIRECTION: "TB" | "LR" | "BT" | "RL"
ID: /[ng]\d+/
IDS: /[ng]\d+(,[ng]\d+)*/
CLASS: /[a-z]+/
WORDS: "same weights"
STYLE: /fill:#\w{6},stroke:#\w{6},color:#\w{6}(,stroke-[\w:-]+)*/
STRING: /"(\\.|[^"\n])*"/
_NL: /\n\s*/
%ignore " "
"""
LALR = lark.Lark(GRAMMAR, parser="lalr", lexer="contextual")


def labels(source):
    tree = LALR.parse(source)
    found = []
    for node in tree.find_data("node"):
        found += [shown(line) for line in node.children[1][1:-1].split("<br>")]
    return found


def shown(line):
    """A line as Mermaid shows it: its numbered characters decoded, its own tags gone."""
    line = re.sub(r"</?b>", "", line)
    assert not re.search(r"[<>\"`]", line), line
    return html.unescape(re.sub(r"#(\d+);", r"&#\1;", line)).replace("\xa0", " ")


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.net")), ids=lambda p: p.stem)
def test_samples_are_mermaid(path):
    for options in ({}, {"depth": 0}, {"fold": True}):
        source = to_mermaid(sample(path.stem, **options), Drawing(title="t", show_edge_shapes=True))
        LALR.parse(source)
        assert source == to_mermaid(
            sample(path.stem, **options), Drawing(title="t", show_edge_shapes=True)
        )


def test_what_boxes_say():
    assert labels(to_mermaid(sample("mnist"), Drawing(show_params=True)))[2:5] == [
        "Dense dense",
        "[B, 784] → [B, 64]",
        "50,240 params",
    ]


def test_groups_and_sharing():
    source = to_mermaid(sample("siamese", expand_nested=True), Drawing())
    assert source.count("subgraph") == 2
    assert source.count("-. same weights .-") == 1


@pytest.mark.parametrize("rankdir", ["TB", "LR"])
def test_hostile_names_are_text(rankdir):
    source = to_mermaid(diagram(hostile_source()), Drawing(rankdir=rankdir, title=HOSTILE_NAMES[3]))
    found = labels(source)
    for name in HOSTILE_NAMES:
        assert any(printable(name) in line for line in found), name


def test_plain_text_stays_readable():
    assert (
        mermaid_text("Conv2D conv1_pad [B, 8] → [B, 2*H]")
        == "Conv2D conv1_pad [B, 8] → [B, 2#42;H]"
    )
