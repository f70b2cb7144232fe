"""The Python interface."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import pytest

import graphc

SAMPLES = Path(__file__).parents[1] / "samples"


def test_load_knows_the_model() -> None:
    model = graphc.load(SAMPLES / "mnist.net")
    assert model.count_params() == 55050
    assert {name: str(type) for name, type in model.inputs.items()} == {"image": "[B, 784]"}
    assert [str(type) for type in model.outputs.values()] == ["[B, 10]"]
    assert repr(model).startswith("<graphc model mnist")


def test_graph_is_a_networkx_graph_with_typed_records() -> None:
    model = graphc.parse(
        "model m {\n    input a: [4]\n    b = a -> Dense(3) as first\n"
        "    output [b, b] -> Add(), b + 1\n}"
    )
    graph = model.graph
    assert isinstance(graph, nx.MultiDiGraph)
    assert nx.is_directed_acyclic_graph(graph)
    records = {node: data["record"] for node, data in graph.nodes(data=True)}
    (first,) = [record for record in records.values() if record.name == "first"]
    assert [weight.shape for weight in first.weights] == [(4, 3), (3,)]
    assert first.span.text == "Dense(3)"
    (add,) = [r for r in records.values() if r.name == "add" and r.layer.kind_text == "a layer"]
    edges = [data["record"] for _, _, data in graph.in_edges(add.id, data=True)]
    assert [(edge.output, edge.argument, edge.place) for edge in edges] == [
        (0, "inputs", (0,)),
        (0, "inputs", (1,)),
    ]


def test_errors_are_raised_with_their_diagnostics() -> None:
    with pytest.raises(graphc.CheckError, match="nothing is named `Dnse`") as caught:
        graphc.parse("model m {\n    input a: [4]\n    output a -> Dnse(3)\n}")
    assert [each.code.id for each in caught.value.diagnostics] == ["E0201"]


def test_settings_and_shapes_are_given_by_name() -> None:
    text = "sequential s(units=3) {\n    Dense(units)\n}"
    assert graphc.parse(text, inputs={"": "[5]"}, settings={"units": 7}).count_params() == 42


def test_a_model_shows_itself_in_notebooks() -> None:
    html = graphc.load(SAMPLES / "mnist.net")._repr_html_()
    assert html.startswith("<table>")
    assert "50,240" in html


def test_names_in_html_are_text() -> None:
    model = graphc.parse('model m {\n    input a: [4]\n    output a -> Dense(3) as "<b>&<i>"\n}')
    assert "&lt;b&gt;&amp;&lt;i&gt;" in model._repr_html_()
