"""Models that Keras 2 wrote: calls as lists, no modules, inputs by `batch_input_shape`."""

from __future__ import annotations

import copy
import json
import warnings
from collections.abc import Callable
from typing import Any

import pytest

from graphc.diagnostics.fault import Fault
from graphc.interop.keras_json import import_document
from graphc.interop.keras_json.source import parse_document
from tests.differential.graphs.rows import facts, keras_facts
from tests.differential.harness import keras
from tests.interop.keras_json.compare import compare, imported
from tests.interop.keras_json.test_fixed_batches import fresh

L, Input, Model = keras.layers, keras.Input, keras.Model


def older(document: Any) -> Any:
    """A document of Keras 3 in the form of Keras 2."""
    document = copy.deepcopy(document)
    own = {each["name"] for each in document["config"].get("layers", ()) if _is_model(each)}
    chains = {each["name"] for each in document["config"].get("layers", ()) if _is_chain(each)}
    _age(document, own)
    for leaf in document["config"].get("output_layers", ()):
        leaf[1] += leaf[0] in chains  # to Keras 3 their calls count from 0
    return {**document, "keras_version": "2.12.0", "backend": "tensorflow"}


def _is_model(entry: Any) -> bool:
    return entry["class_name"] in ("Functional", "Sequential") and "name" in entry


def _is_chain(entry: Any) -> bool:
    return entry["class_name"] == "Sequential" and "name" in entry


def _age(value: Any, own: set[str]) -> None:
    if isinstance(value, list):
        for item in value:
            _age(item, own)
        return
    if not isinstance(value, dict):
        return
    for key in ("module", "registered_name", "build_config", "compile_config"):
        value.pop(key, None)
    dtype = value.get("dtype")
    if isinstance(dtype, dict):
        value["dtype"] = dtype["config"]["name"]
    if "batch_shape" in value:
        value["batch_input_shape"] = value.pop("batch_shape")
        value.pop("optional", None)
    for item in value.values():
        _age(item, own)
    if "inbound_nodes" in value:
        value["inbound_nodes"] = [_aged_call(node, own) for node in value["inbound_nodes"]]
    for key in ("input_layers", "output_layers"):
        leaves = value.get(key)
        if leaves and isinstance(leaves[0], str):
            value[key] = [leaves]


def _aged_call(node: Any, own: set[str]) -> Any:
    (first,) = node["args"]
    kwargs = {name: _aged(each, own) for name, each in node["kwargs"].items() if each is not None}
    return [[*_aged(each, own), kwargs] for each in (first if isinstance(first, list) else [first])]


def _aged(value: Any, own: set[str]) -> Any:
    if isinstance(value, list):
        return [_aged(item, own) for item in value]
    if not isinstance(value, dict):
        return value
    layer, call, output = value["config"]["keras_history"]
    return [layer, call + (layer in own), output]


def chain() -> Any:
    layers = [Input((8, 8, 1)), L.Conv2D(4, 3), L.BatchNormalization(), L.Flatten(), L.Dense(2)]
    return keras.Sequential(layers, name="chain")


def branches() -> Any:
    x, y = Input((4,), name="x"), Input((4,), name="y")
    shared = L.Dense(3, name="shared")
    z = L.Concatenate()([shared(x), shared(y), L.Dense(2)(x)])
    return Model([x, y], [L.Dense(1, name="a")(z), L.Dropout(0.5)(z, training=True)], name="net")


def nested() -> Any:
    a = Input((4,), name="a")
    inner = Model(a, L.Dense(4)(a), name="inner")
    chained = keras.Sequential([Input((4,)), L.Dense(4)], name="chained")
    x = Input((4,), name="x")
    y = L.Add()([inner(x), chained(inner(inner(x)))])
    return Model(x, [chained(y), inner(y)], name="net")


def attention() -> Any:
    q, v = Input((5, 4), name="q"), Input((6, 4), name="v")
    m = Input((5, 6), dtype="bool", name="m")
    y = L.MultiHeadAttention(2, 3)(q, value=v, attention_mask=m)
    h, c = Input((3,), name="h"), Input((3,), name="c")
    z = L.LSTM(3)(y, initial_state=[h, c])
    return Model([q, v, m, h, c], z, name="net")


@pytest.mark.parametrize("make", [chain, branches, nested, attention], ids=lambda m: m.__name__)
def test_the_same_as_of_keras_3(make: Callable[[], Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = fresh(make)
    text, ours = imported(model)
    compare(text, facts(ours), keras_facts(model))
    document = older(json.loads(model.to_json()))
    assert import_document(parse_document(json.dumps(document), "model.json")) == text


def sequence(**config: Any) -> Any:
    """A sequential of Keras 2.2, without a layer for its input."""
    first = {"name": "d", "units": 3, "batch_input_shape": [None, 4], "dtype": "float32"}
    layer = {"class_name": "Dense", "config": {**first, **config}}
    return {"class_name": "Sequential", "config": {"name": "s", "layers": [layer]}}


def outcome(document: Any) -> str:
    document = {**document, "keras_version": "2.2.4"}
    try:
        return import_document(parse_document(json.dumps(document), "model.json"))
    except Fault as fault:
        return f"{fault.code.id} {fault.message}; {fault.help}"


WROTE = "Keras 2.2.4 wrote this: load it with Keras 3, and save it again"


def test_an_input_without_a_layer() -> None:
    assert "    input [4]\n    Dense(3) as d\n" in outcome(sequence())


def test_a_list_of_one_axis() -> None:
    document = sequence()
    normalization = {"name": "n", "axis": [-1], "batch_input_shape": [None, 4]}
    document["config"]["layers"] = [{"class_name": "BatchNormalization", "config": normalization}]
    assert "BatchNormalization() as n" in outcome(document)


def test_the_version_is_named_where_it_may_be_the_reason() -> None:
    assert outcome(sequence(units="x")).endswith(WROTE)
    document = sequence()
    document["config"] = document["config"]["layers"]
    assert outcome(document) == (
        f"E0902 config needs to be an object with the `layers` of the model, got a list; {WROTE}"
    )


def test_flags_of_older_versions() -> None:
    assert "Dense(3)" in outcome(sequence(time_major=False, implementation=1))
    assert "got True" in outcome(sequence(time_major=True))


@pytest.mark.parametrize(
    ("node", "needed"),
    [
        ([["x", 0, 0, {}, 3]], "to be a layer, a call and an output"),
        ([["x", 0]], "to be a layer, a call and an output"),
        ([["inner", 0, 0, {}]], "to be a call of the nested model, counted from 1"),
        ([["x", -1, 0, {}]], "to be a whole number that is not negative"),
        ([["x", 0, 0, 3]], "to be an object"),
        (["x"], "to be a layer, a call and an output"),
        ([], "needs a tensor"),
        ({}, "to be a list"),
    ],
)
def test_malformed_calls(node: Any, needed: str) -> None:
    document = older(json.loads(fresh(nested).to_json()))
    layers = {each["name"]: each for each in document["config"]["layers"]}
    layers["add"]["inbound_nodes"][0] = node
    assert needed in outcome(document)
