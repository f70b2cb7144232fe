"""Drawings of characters, read back: every line is followed from box to box."""

from __future__ import annotations

import re

import pytest

from graphc.analysis.diagram import Group, nodes_of
from graphc.diagnostics.glyphs import printable
from graphc.render.drawing import Drawing
from graphc.render.terminal import to_terminal
from tests.render.drawn import HOSTILE_NAMES, SAMPLES, diagram, hostile_source, sample

# The directions in which a character goes on: up, down, left, right.
GOES = {
    "│": "ud", "─": "lr", "╭": "dr", "╮": "dl", "╰": "ur", "╯": "ul",
    "├": "udr", "┤": "udl", "┬": "dlr", "┴": "ulr", "┼": "udlr", "▼": "ud",
}  # fmt: skip
STEPS = {"u": (0, -1), "d": (0, 1), "l": (-1, 0), "r": (1, 0)}
BACK = {"u": "d", "d": "u", "l": "r", "r": "l"}


def boxes(lines):
    """The boxes of layers: their heading, and the rectangle of each."""
    found = []
    for y, line in enumerate(lines):
        for match in re.finditer(r"╭─+╮", line):
            x0, x1 = match.start(), match.end() - 1
            bottom = y + 1
            while bottom < len(lines) and lines[bottom][x0 : x0 + 1] == "│":
                bottom += 1
            end = lines[bottom][x0 : x1 + 1] if bottom < len(lines) else ""
            if bottom > y + 1 and re.fullmatch(r"╰[─┬]+╯", end) and lines[y + 1][x1] == "│":
                found.append((lines[y + 1][x0 + 1 : x1].strip(), (x0, y, x1, bottom)))
    return found


def connections(text):
    """Which box leads to which, by following the lines down from the ┬ of each."""
    lines = text.split("\n")
    width = max(map(len, lines))
    lines = [line.ljust(width) for line in lines]
    all_boxes = boxes(lines)
    inside = {}
    for index, (_, (x0, y0, x1, y1)) in enumerate(all_boxes):
        for y in range(y0, y1 + 1):
            for x in range(x0, x1 + 1):
                inside[x, y] = index
    result = []
    for index, (_, (x0, _, x1, y1)) in enumerate(all_boxes):
        for x in range(x0, x1 + 1):
            if lines[y1][x] == "┬":
                result += [(index, target) for target in follow(lines, inside, x, y1)]
    return [all_boxes[a][0] + " -> " + all_boxes[b][0] for a, b in result]


def follow(lines, inside, x, y):
    targets, waiting, seen = [], [(x, y, "d")], set()
    while waiting:
        x, y, direction = waiting.pop()
        dx, dy = STEPS[direction]
        x, y = x + dx, y + dy
        if (x, y, direction) in seen:
            continue
        seen.add((x, y, direction))
        if (x, y) in inside:
            targets.append(inside[x, y])
            continue
        character = lines[y][x]
        if character in "╌│" and direction == "d":
            # Through the border of a group, or over a line that crosses: straight on.
            waiting.append((x, y, "d"))
            continue
        if character == "│" and direction in "lr":
            waiting.append((x, y, direction))
            continue
        goes = GOES[character]
        assert BACK[direction] in goes or character in "┬┼", (character, direction, x, y)
        waiting += [(x, y, way) for way in goes if way != BACK[direction] and way != "u"]
    return targets


def wanted(drawn):
    """The edges of a diagram by the headings of their ends."""
    names = {}

    def walk(parts, within):
        for part in parts:
            if isinstance(part, Group):
                walk(part.parts, part.name)
            else:
                shown = part.name.removeprefix(f"{within}.")
                names[part.id] = f"{part.type}  {shown}"

    walk(drawn.parts, "")
    return sorted({f"{names[e.source]} -> {names[e.target]}" for e in drawn.edges})


PLAIN = """model m {{
    input x: [4]
    input y: [4]
    {}
}}"""

BODIES = {
    "chain": "output x + y -> Dense(3) -> ReLU()",
    "skip": "a = x -> Dense(4)\n output a + (a -> Dense(4) -> Dense(4)) + y",
    "twice": "output [x, x] -> Add()\n output y -> ReLU()",
    "crossing": "a = x -> Dense(1)\n b = y -> Dense(2)\n output [b, a] -> Concatenate(), [a, b] -> Concatenate()",
    "fan": "output [x -> Dense(1), x -> Dense(2), x -> Dense(3), y] -> Concatenate()",
    "long": "a = x -> Dense(4)\n b = a -> Dense(4)\n c = b -> Dense(4)\n output a + c, x + b, y + c",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=list(BODIES))
def test_lines_lead_where_tensors_go(body):
    drawn = diagram(PLAIN.format(body))
    assert sorted(set(connections(to_terminal(drawn, Drawing(show_shapes=False))))) == wanted(drawn)


@pytest.mark.parametrize(
    "name",
    ["mnist", "siamese", "two_inputs", "unet", "resnet50", "lstm_classifier", "stepwise_cnn"],
)
def test_samples_lead_where_tensors_go(name):
    drawn = sample(name, depth=0)
    text = to_terminal(drawn, Drawing(show_shapes=False))
    got = sorted(
        {
            re.sub(r" {2}\(call \d of \d\)| \(call \d of \d\)", "", each)
            for each in connections(text)
        }
    )
    assert len(got) == len(wanted(drawn))


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.net")), ids=lambda p: p.stem)
def test_every_layer_of_a_sample_has_a_box(path):
    drawn = sample(path.stem, fold=True)
    text = to_terminal(drawn, Drawing())
    assert len(boxes([line.ljust(400) for line in text.split("\n")])) == len(
        list(nodes_of(drawn.parts))
    )
    assert text == to_terminal(drawn, Drawing())


SMALL = """
block unit(n) {
    input x: [D]
    output x + (x -> Dense(n))
}
model m {
    input x: [4]
    output x -> unit(4) -> Dense(2) as logits
}"""

SMALL_DRAWN = """\
              ╭───────────────╮
              │ InputLayer  x │
              │    [B, 4]     │
              ╰───────┬───────╯
                      ▼
┌╌ unit ╌╌╌╌╌╌╌╌╌╌╌╌╌╌┼╌╌╌╌╌╌╌╌╌╌┐
┆           ╭─────────┴─╮        ┆
┆           ▼           │        ┆
┆ ╭─────────────────╮   │        ┆
┆ │  Dense  dense   │   │        ┆
┆ │ [B, 4] → [B, 4] │   │        ┆
┆ ╰─────────┬───────╯   │        ┆
┆           ╰─╮        ╭╯        ┆
┆             ▼        ▼         ┆
┆    ╭─────────────────────────╮ ┆
┆    │        Add  add         │ ┆
┆    │ [B, 4], [B, 4] → [B, 4] │ ┆
┆    ╰─────────────┬───────────╯ ┆
┆                  │             ┆
└╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌┬╌╌╌╌╌╌╌╌╌╌╌╌╌┘
                   ▼
         ╭─────────────────╮
         │  Dense  logits  │
         │ [B, 4] → [B, 2] │
         ╰─────────────────╯
"""


def test_a_small_drawing_as_a_whole():
    assert to_terminal(diagram(SMALL), Drawing()) == SMALL_DRAWN


def test_hostile_names_are_text():
    text = to_terminal(diagram(hostile_source()), Drawing())
    for name in HOSTILE_NAMES:
        assert printable(name) in text
    assert not any(ord(c) < 32 and c != "\n" for c in text)


def test_wide_characters_keep_the_borders_straight():
    text = to_terminal(
        diagram('model m {\n input x: [4]\n output x -> Dense(2) as "日本語の層"\n}'), Drawing()
    )
    from graphc.diagnostics.glyphs import columns

    widths = {
        columns(line)
        for line in text.split("\n")
        if line.strip().startswith("│ Dense") or "╰──" in line
    }
    assert len({columns(line.rstrip()) for line in text.split("\n")[-6:-1]}) <= 2, widths


def test_colour_only_where_it_is_asked_for():
    drawn = sample("mnist")
    plain, colored = to_terminal(drawn, Drawing()), to_terminal(drawn, Drawing(), color=True)
    assert "\x1b[" not in plain
    assert re.sub(r"\x1b\[[\d;]*m", "", colored) == plain
