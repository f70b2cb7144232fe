"""DOT as Graphviz reads it, and SVG as a browser does."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from html import unescape

import pytest
from pygraphviz import AGraph

from graphc.analysis.diagram import nodes_of
from graphc.diagnostics.glyphs import printable
from graphc.render.dot import to_dot
from graphc.render.drawing import Drawing
from graphc.render.picture import picture
from tests.render.drawn import HOSTILE_NAMES, SAMPLES, diagram, hostile_source, sample

SVG = "{http://www.w3.org/2000/svg}"
XLINK = "{http://www.w3.org/1999/xlink}"


def svg(drawn, **options):
    return ET.fromstring(picture(drawn, "svg", Drawing(**options)))


def texts(tree):
    """The lines of text, with the blanks that keep them off the border taken away."""
    lines = [(each.text or "").replace("\xa0", " ").strip() for each in tree.iter(f"{SVG}text")]
    return [line for line in lines if line]


def titles(tree):
    return [each.attrib[f"{XLINK}title"] for each in tree.iter(f"{SVG}a")]


def test_every_node_and_edge_is_there():
    drawn = sample("resnet50")
    graph = AGraph(string=to_dot(drawn, Drawing(wrap=0)))
    drawn_nodes = [node for node in graph.nodes() if re.fullmatch(r"n\d+", node)]
    assert len(drawn_nodes) == 177
    assert len(graph.edges()) == len(drawn.edges) == 192


def test_columns_lose_nothing():
    drawn = sample("resnet50")
    graph = AGraph(string=to_dot(drawn, Drawing()))
    real = [e for e in graph.edges() if e.attr["style"] != "invis"]
    between = [e for e in real if e[0].startswith("n") and e[1].startswith("n")]
    marks = {e[1] for e in real if e[1].startswith("to")}
    assert len(marks) >= 3
    arriving = [e for e in real if e[0].startswith("from")]
    assert len(between) + len(arriving) == 192
    assert {re.sub(r"from([A-Z]+)\d+", r"to\1", e[0]) for e in arriving} == marks


def test_shapes_and_names_as_asked_for():
    drawn = sample("mnist")
    assert texts(svg(drawn, legend=False)) == [
        "InputLayer", "image", "[B, 784]", "Dense", "dense", "[B, 784] → [B, 64]",
        "Dense", "dense_1", "[B, 64] → [B, 64]", "Dense", "logits", "[B, 64] → [B, 10]",
    ]  # fmt: skip
    bare = texts(svg(drawn, legend=False, show_shapes=False, show_layer_names=False))
    assert bare == ["InputLayer", "Dense", "Dense", "Dense"]


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"show_dtype": True}, "float32[B, 784] → float32[B, 64]"),
        ({"show_dtype": True, "show_shapes": False}, "float32"),
        ({"show_layer_activations": True}, "activation: relu"),
        ({"show_params": True}, "50,240 params"),
        ({"show_params": True, "show_macs": True}, "50,240 params · 50,176 MACs"),
        ({"show_bytes": True}, "196.25 KiB"),
        ({"show_trainable": True}, "trainable"),
        ({"show_edge_shapes": True}, "[B, 784]"),
        ({"title": "A title"}, "A title"),
        ({"label": "{name} has {params}\\n{config}"}, "units=64, activation=relu"),
        ({"legend": True}, "core"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_options(options, line):
    assert line in texts(svg(sample("mnist"), **options))


def test_frozen_layers_say_so():
    text = "model m {\n input x: [4]\n output x -> Dense(2, trainable=False)\n}"
    assert "not trainable" in texts(svg(diagram(text), show_trainable=True))


def test_groups_have_titles():
    shown = texts(svg(sample("autoencoder_models", expand_nested=True)))
    assert "encoder" in shown
    assert "decoder" in shown
    assert "layer ×12" in texts(svg(sample("gpt2_small", fold=True)))
    assert "layer ×12" in texts(svg(sample("gpt2_small", depth=0)))


def test_calls_of_one_layer_are_joined():
    assert texts(svg(sample("siamese"))).count("same weights") == 1
    assert "(call 2 of 2)" in texts(svg(sample("siamese")))
    assert texts(svg(sample("siamese", expand_nested=True))).count("same weights") == 1


def test_a_fault_is_red_with_its_message():
    text = "model m {\n input x: [4]\n output x -> Conv2D(2, 3)\n}"
    source = to_dot(diagram(text), Drawing())
    assert "#b42318" in source
    shown = " ".join(texts(svg(diagram(text))))
    assert "Conv2D needs a rank-4 input (batch, height, width, channels), got [B, 4]" in shown


def test_boxes_link_to_their_lines():
    tree = svg(diagram("model m {\n input x: [4]\n output x -> Dense(2)\n}"))
    links = [each.attrib.get(f"{XLINK}href") for each in tree.iter(f"{SVG}a")]
    assert [link for link in links if link] == ["t.net#L2", "t.net#L3"]
    assert any("units=2" in title and "t.net:3" in title for title in titles(tree))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("rankdir", ["TB", "LR", "BT", "RL"])
def test_hostile_names_are_text(theme, rankdir):
    tree = svg(diagram(hostile_source()), theme=theme, rankdir=rankdir, title=HOSTILE_NAMES[2])
    shown = texts(tree)
    for name in HOSTILE_NAMES:
        assert printable(name).strip() in shown
    assert {each.tag.removeprefix(SVG) for each in tree.iter()} <= {
        "svg", "g", "title", "polygon", "path", "text", "a", "polyline", "ellipse",
    }  # fmt: skip
    assert not any(name.lower().startswith("on") for each in tree.iter() for name in each.attrib)


def test_tooltips_of_hostile_names_are_text():
    shown = titles(svg(diagram(hostile_source())))
    for name in HOSTILE_NAMES:
        lines = "\n".join(map(printable, name.split("\n")))
        assert any(title.startswith(f"{lines}: ") for title in shown), name


def test_a_hostile_file_name_is_one_link():
    from graphc.model import check_source
    from graphc.source import SourceFile

    name = 'a b"<c>&#?.net'
    main = check_source(SourceFile(name, "model m {\n input x: [4]\n output x -> ReLU()\n}")).main
    tree = svg(main.diagram())
    links = {each.attrib.get(f"{XLINK}href") for each in tree.iter(f"{SVG}a")} - {None}
    assert links == {"a%20b%22%3Cc%3E%26%23%3F.net#L2", "a%20b%22%3Cc%3E%26%23%3F.net#L3"}


def test_the_same_text_every_time():
    for path in sorted(SAMPLES.glob("*.net")):
        assert to_dot(sample(path.stem), Drawing()) == to_dot(sample(path.stem), Drawing())


def test_labels_are_well_formed():
    for path in sorted(SAMPLES.glob("*.net")):
        for label in re.findall(
            r"label=<(<table.*?</table>)>", to_dot(sample(path.stem), Drawing())
        ):
            ET.fromstring(label.replace("&nbsp;", " "))


def test_graphviz_reads_back_each_name():
    source = to_dot(diagram(hostile_source()), Drawing())
    graph = AGraph(string=source)
    labels = [unescape(graph.get_node(node).attr["label"]) for node in graph.nodes()]
    for name in HOSTILE_NAMES:
        wanted = printable(name).replace("\\", "\\\\")
        assert any(wanted in label for label in labels), name


def test_many_nodes_have_ids_of_their_own():
    drawn = sample("seq2seq_attention", expand_nested=True)
    source = to_dot(drawn, Drawing())
    assert len(set(re.findall(r"^\t*(n\d+) \[label", source, re.MULTILINE))) == len(
        list(nodes_of(drawn.parts))
    )
