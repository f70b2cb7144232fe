"""One instance in several places: an archive tells it from copies, `to_json()` does not."""

from __future__ import annotations

import json
import warnings
import zipfile

import pytest

from graphc.analysis.parameters import model_parameters
from graphc.interop.keras_json import import_document
from graphc.interop.keras_json.source import parse_document, read_document
from graphc.model import check_source
from graphc.source import SourceFile
from tests.differential.graphs.keras_side import session
from tests.differential.graphs.rows import facts, keras_facts
from tests.differential.harness import keras
from tests.interop.keras_json.compare import compare, imported

L, Input, Model, Sequential = keras.layers, keras.Input, keras.Model, keras.Sequential


@pytest.fixture(autouse=True)
def _counts():
    with session(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def tail(inner, name="tail"):
    x = Input((4,))
    return Model(x, L.Dense(2)(inner(x)), name=name)


def across_levels():
    shared, x = Sequential([Input((4,)), L.Dense(3)], name="encoder"), Input((4,))
    return Model(x, [tail(shared)(x), shared(x)])


def in_wrappers():
    shared, x, y = Sequential([Input((4,)), L.Dense(3)], name="encoder"), Input((5, 4)), Input((4,))
    wrapped = [L.TimeDistributed(shared)(x), L.TimeDistributed(shared)(x)]
    return Model([x, y], [*wrapped, tail(shared)(y), shared(y)])


def layers():
    shared, x, y = L.Dense(3, name="shared"), Input((5, 4)), Input((4,))
    wrapped = [L.TimeDistributed(shared)(x), L.TimeDistributed(shared)(x)]
    return Model([x, y], [*wrapped, tail(shared)(y), shared(y)])


def layers_in_two_models():
    shared, x = L.Dense(3, activation="relu"), Input((4,))
    return Model(x, [tail(shared, "one")(x), tail(shared, "other")(x), L.Dense(3)(x)])


def models_in_models():
    inner = Sequential([Input((4,)), L.Dense(4)], name="inner")
    outer, x = tail(inner, "outer"), Input((5, 4))
    y = Input((4,))
    return Model([x, y], [L.TimeDistributed(outer)(x), outer(y), inner(y), tail(inner, "other")(y)])


def frozen():
    model = in_wrappers()
    model.get_layer("encoder").trainable = False
    return model


def called_again():
    shared, x = Sequential([Input((4,)), L.Dense(4)], name="encoder"), Input((4,))
    return Model(x, [tail(shared)(x), shared(shared(x))])


def odd_names():
    """A model that is called as a layer of the language is has another name in the file."""
    shared, x = Sequential([Input((4,)), L.Dense(3)], name="flatten"), Input((4,))
    return Model(x, [tail(shared)(x), tail(shared, "other")(x), shared(x)])


def states():
    cell, x = L.LSTMCell(3), Input((5, 4))
    back = L.LSTM(3, go_backwards=True, name="back")
    both = L.Bidirectional(L.LSTM(3), backward_layer=back)
    return Model(x, [L.RNN(cell)(x), L.RNN([cell])(x), both(x), back(x)])


CASES = [
    *(across_levels, in_wrappers, layers, layers_in_two_models, models_in_models),
    *(frozen, called_again, odd_names, states),
]


@pytest.mark.parametrize("build", CASES, ids=lambda build: build.__name__)
def test_archives(build, tmp_path):
    model = build()
    path = tmp_path / "model.keras"
    model.save(path)
    text = import_document(read_document(path))
    report = check_source(SourceFile("model.net", text))
    assert report.is_clean, text
    ours = report.main
    found = model_parameters(ours.model_graph)
    assert found.total == model.count_params(), text
    assert found.trainable == sum(w.value.size for w in model.trainable_weights), text
    compare(text, facts(ours, ordered=True), keras_facts(model, ordered=True))


def test_text(tmp_path):
    path = tmp_path / "model.keras"
    layers().save(path)
    text = import_document(read_document(path))
    assert text.count("Dense(3)") == 1
    assert "const shared_shared = Dense(3) as shared\n" in text
    assert "-> TimeDistributed(shared_shared)" in text


def test_copies(tmp_path):
    """Equal layers that are not one stay apart, in archives too."""
    x = Input((5, 4))
    shared = L.Dense(3, name="inner")
    outputs = [L.TimeDistributed(L.Dense(3, name="inner"))(x), L.TimeDistributed(shared)(x)]
    model = Model(x, [*outputs, L.TimeDistributed(L.Dense(3, name="inner"))(x)])
    path = tmp_path / "model.keras"
    model.save(path)
    text = import_document(read_document(path))
    assert text.count("Dense(3)") == 3


def test_configurations_have_no_copies_told_apart():
    model = across_levels()
    _, ours = imported(model)
    assert ours.count_params() == model.count_params() + 4 * 3 + 3


def test_numbers_that_lie(tmp_path):
    """What has one number and is not the same is not one."""
    path = tmp_path / "model.keras"
    in_wrappers().save(path)
    with zipfile.ZipFile(path) as archive:
        config = json.loads(archive.read("config.json"))

    def numbered(value):
        for item in value.values() if isinstance(value, dict) else value:
            if isinstance(item, (dict, list)):
                numbered(item)
        if isinstance(value, dict) and "class_name" in value:
            value["shared_object_id"] = 7

    numbered(config)
    text = import_document(parse_document(json.dumps(config), "model.json"))
    assert "Dense(3)" in text
    assert "Dense(2)" in text
